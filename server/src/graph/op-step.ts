import { sampleState, wholeState, type Operand } from './op';
import { isBatchNormOp } from './op-signatures';
import { ops } from './ops';
import type { Application, Shape, Tensor } from './model';
import { FREE, shiftOf, unsure, type State, type Value } from './row';
import { Settings } from './settings';
import type { Sources } from './shift';

/** Past this many terms the walk ends, as it does for layers. */
const MOST_TERMS = 64;

/**
 * What one call of an op makes of the states of its inputs, at least one of which is not free.
 *
 * @param top whether the tensors of the graph have one value each; false inside a nested model, which runs several times
 */
export function opStates(
  { target, inputs: tensors }: Application,
  inputs: readonly Value[],
  shapes: readonly (Shape | null)[],
  sources: Sources,
  top: boolean,
): readonly State[] {
  if (target.type !== 'op') return [];
  const { name, attributes, roles } = target;
  const kind = ops.get(name);
  if (kind === undefined || roles.length !== inputs.length) return [unsure(`\`tf.${name}\` is not analysed`)];
  const any = inputs.map(({ state }) => state).filter((state) => state.kind === 'any');
  if (any.length > 0) {
    const state = any.find(({ certain }) => !certain) ?? any[0]!;
    return shapes.map(() => (forgets(name) ? FREE : state));
  }
  if (shapes[0] === null && inputs.every(({ shape }) => shape !== null && !shape.includes(null))) {
    return [unsure(`\`tf.${name}\` does not take inputs of these shapes, as far as they are known`)];
  }
  const operands: Operand[] = [];
  for (const [index, { shape, state }] of inputs.entries()) {
    const whole = wholeState(state, shape, sources);
    if (whole === null) return [unsure(`\`tf.${name}\` runs for each time step`)];
    const tensor = tensors[index]!;
    const lasting = top || (tensor.producer === null && tensor.made !== null);
    const identity = lasting ? `tensor ${tensor.id}` : sources.fresh();
    operands.push({ role: roles[index]!, shape, state: whole, identity });
  }
  const settings = new Settings({ config: attributes });
  const known = inputs.map(({ shape }) => shape);
  const states = [kind.row({ name, settings, inputs: known, roles, operands, outputs: shapes, sources })].flat();
  return states.map((state) => {
    return shiftOf(state).length > MOST_TERMS
      ? unsure('too many paths lead from the bias to here')
      : sampleState(state as State);
  });
}

function forgets(name: string): boolean {
  return name === 'zerosLike' || name === 'onesLike';
}

/** Whether an op takes the mean of its input, or what is a multiple of it. */
export function takesMean(name: string): boolean {
  return name === 'mean' || name === 'moments' || name === 'sum';
}

/**
 * Whether this stores a value in a variable that may show it later on. The running mean of a batch norm does not: it is
 * subtracted from what has the same shift.
 */
export function keepsValue({ target, inputs }: Application): boolean {
  if (target.type !== 'op' || target.name !== 'assign') return false;
  // What becomes of a trainable variable is not followed everywhere.
  return inputs[0]!.made?.trainable !== false || !isStatistic(inputs[0]!, new Set());
}

/**
 * Whether this normalises by statistics that are no moments of its input: batch norm, or the subtraction of a variable
 * that no optimizer changes.
 */
export function normalisesByStored({ target, inputs }: Application): boolean {
  if (target.type !== 'op') return false;
  if (isBatchNormOp(target.name)) return true;
  const subtracted = inputs[target.roles.indexOf('b')];
  if (target.name !== 'sub' || subtracted?.made?.as !== 'variable') return false;
  const assigned = subtracted.uses.some((use) => use.target.type === 'op' && use.target.name === 'assign');
  return assigned || subtracted.made.trainable !== true;
}

/** What leads to the next value of a statistic. */
const UPDATING = /^(add|sub|mul|div|neg|clone|movingAverage)$/;

function isStatistic(tensor: Tensor, seen: Set<Tensor>): boolean {
  if (seen.has(tensor)) return true;
  seen.add(tensor);
  if (tensor.escapes.length > 0) return false;
  return tensor.uses.every(({ target, inputs, outputs }) => {
    if (target.type !== 'op') return false;
    if (isBatchNormOp(target.name)) {
      return inputs.every((input, at) => input !== tensor || /^(mean|variance)$/.test(target.roles[at] ?? ''));
    }
    if (target.name === 'assign') return inputs[0] === tensor || isStatistic(inputs[0]!, seen);
    return UPDATING.test(target.name) && outputs.every((output) => isStatistic(output, seen));
  });
}
