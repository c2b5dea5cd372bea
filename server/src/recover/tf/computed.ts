import { opName, opSignature, type OpSignature } from '../../graph';
import type { Machine } from '../machine';
import { ArrayValue, Deferred, TensorValue, WeightList, type Value } from '../values';

/** What data that ops make is made of: of weights, of plain numbers, or of something else. */

/** Ops that give what they are given. */
const SAME = new Set(['clone', 'identity']);

interface Inputs {
  readonly weights: WeightList[];
  /** How many tensors of plain numbers there are. */
  plain: number;
  /** Whether there is anything else. */
  other: boolean;
}

/**
 * The result of an op with what is known of where its numbers come from.
 *
 * @param result the data that it gives
 */
export function computed(
  m: Machine,
  called: string,
  args: readonly Value[],
  result: TensorValue,
  method: boolean,
): TensorValue | WeightList {
  if (result.tensor.made !== null) return result;
  const inputs = inputsOf(m, called, args, method);
  const { weights, plain, other } = inputs;
  if (weights.length === 0) return plain > 0 && !other ? new TensorValue(result.tensor, false, true) : result;
  const owners = [...new Set(weights.flatMap((weight) => weight.owners))];
  const [first] = weights;
  if (SAME.has(called) && first!.single) return first!;
  const { at, of } = first!;
  const mixed = other || weights.some((weight) => weight.content === 'mixed' || weight.content === 'picked');
  const moved = weights.some((weight) => weight.at !== at || weight.of !== of);
  return new WeightList(owners, { single: true, content: mixed || moved ? 'mixed' : 'computed', at, of });
}

function inputsOf(m: Machine, called: string, args: readonly Value[], method: boolean): Inputs {
  const inputs: Inputs = { weights: [], plain: 0, other: false };
  const signature = opSignature(opName(called));
  args.forEach((arg, index) => {
    if (!signature || takesTensors(signature, index, method)) take(m, inputs, arg);
  });
  return inputs;
}

/** Whether an argument may be a tensor; `x.concat(y, axis)` has its list in two. */
function takesTensors({ parameters, object }: OpSignature, index: number, method: boolean): boolean {
  if (object) return true;
  const shift = method && index > 0 && parameters[0]?.takes === 'tensors' ? 1 : 0;
  return parameters[index - shift]?.takes !== 'plain';
}

function take(m: Machine, inputs: Inputs, value: Value): void {
  if (value instanceof WeightList) {
    inputs.weights.push(value);
    // A list may have been changed since it was read.
    if (!value.single || value.made < m.began) inputs.other = true;
  } else if (value instanceof TensorValue) {
    if (isPlainNow(m, value)) inputs.plain++;
    else inputs.other = true;
  } else if (
    value instanceof ArrayValue &&
    value.items.some((item) => item instanceof WeightList || item instanceof TensorValue)
  )
    for (const item of value.items) take(m, inputs, item);
  else if (value instanceof Deferred) {
    take(m, inputs, value.whenTrue);
    take(m, inputs, value.whenFalse);
  } else if (!['number', 'boolean', 'string'].includes(typeof value)) inputs.other = true;
}

/**
 * Whether a tensor is of plain numbers. What an earlier segment has stored somewhere, another one may have replaced by
 * the time that the code runs; of a single number nothing comes that is a weight of anything.
 */
export function isPlainNow(m: Machine, { plain, made, tensor }: TensorValue): boolean {
  return plain && (made > m.began || tensor.shape?.length === 0);
}
