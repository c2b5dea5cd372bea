import type ts from 'typescript';
import { ConfigObject } from '../../graph';
import type { Machine } from '../machine';
import { placeOf } from '../syntax';
import { computed } from './computed';
import { makeTensor } from './made';
import { assignVariable, callKnownOp } from './ops';
import {
  ArrayValue,
  FunctionValue,
  Gradients,
  isTracked,
  NativeFunction,
  ObjectValue,
  TensorValue,
  type Value,
} from '../values';

/** Ops with several outputs or with callbacks: their results are not followed, but where all is known of the call. */
const opaque = new Set(['split', 'unstack', 'topk', 'unique', 'moments', 'booleanMask', 'meshgrid', 'map']);
/** Methods that read a tensor's data. */
export const READING: ReadonlySet<string> = new Set([
  'dataSync',
  'data',
  'array',
  'arraySync',
  'bytes',
  'buffer',
  'bufferSync',
  'toString',
]);
/** Methods that neither read nor make a tensor. */
export const INERT: ReadonlySet<string> = new Set(['dispose', 'print', 'throwIfDisposed', 'summary']);

/** `tf.op(...)`, or `args[0].op(...)` for a method: one application, or data where no tensor goes in. */
export function callOp(
  m: Machine,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
  method = false,
): Value {
  if (name === 'print') return undefined;
  const gradients = args.find((arg) => arg instanceof Gradients);
  if (gradients) return gradients;
  const result = resultOf(m, name, args, node, method);
  return result instanceof TensorValue && !isTracked(result) ? computed(m, name, args, result, method) : result;
}

function resultOf(
  m: Machine,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
  method: boolean,
): Value {
  const known = (method ? null : makeTensor(m, name, args, node)) ?? callKnownOp(m, name, args, node, method);
  if (known !== null) return known;
  const inputs = tensorsIn(args);
  if (opaque.has(name) || args.some((arg) => arg instanceof FunctionValue)) {
    for (const input of inputs) m.escape(input, `handed to \`tf.${name}\`, whose results are not followed`, node);
    return m.unknown(`the result of \`tf.${name}\``, node);
  }
  if (!inputs.some(isTracked)) return new TensorValue(m.builder.input(null), false);
  const [output] = m.builder.apply(
    { type: 'op', name, attributes: ConfigObject.empty, roles: [], call: null },
    inputs.map((input) => input.tensor),
    { mode: 'stored', place: placeOf(node) },
  );
  m.events++;
  return new TensorValue(output!, false);
}

function tensorsIn(args: readonly Value[], depth = 2): TensorValue[] {
  return args.flatMap((arg) => {
    if (arg instanceof TensorValue) return [arg];
    if (depth > 0 && arg instanceof ArrayValue) return tensorsIn(arg.items, depth - 1);
    if (depth > 0 && arg instanceof ObjectValue && !arg.classValue)
      return tensorsIn([...arg.properties.values()], depth - 1);
    return [];
  });
}

/** `x.op(...)`. */
export function callTensorMethod(
  m: Machine,
  value: TensorValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  if (INERT.has(name)) return undefined;
  if (name === 'clone') return value;
  if (name === 'assign') {
    assignVariable(m, value, args[0], node);
    return undefined;
  }
  if (READING.has(name)) {
    m.escape(value, 'its data is read', node);
    return m.unknown('the data of a tensor', node);
  }
  return callOp(m, name, [value, ...args], node, true);
}

export function tensorProperty(m: Machine, value: TensorValue, name: string, node: ts.Node): Value {
  const { shape } = value.tensor;
  if (name === 'shape' && shape) {
    return new ArrayValue(
      shape.map(
        (dim, axis) =>
          dim ?? m.derived('a size that is decided at run time', `tensor${value.tensor.id}.shape.${axis}`, node),
      ),
    );
  }
  if (name === 'rank' && shape) return shape.length;
  // By its name, code finds the gradient of a variable.
  if (name === 'name' && value.tensor.made?.as === 'variable') m.escape(value, 'its name is read', node);
  if (name === 'size' || name === 'shape' || name === 'rank' || name === 'dtype' || name === 'name' || name === 'id')
    return m.derived(`\`${name}\` of a tensor`, `tensor${value.tensor.id}.${name}`, node);
  if (name === 'sourceLayer' || name === 'inputs') {
    m.escape(value, `\`${name}\` is read`, node);
    return m.unknown(`\`${name}\` of a tensor`, node);
  }
  return new NativeFunction(name, (args, context) =>
    context.node
      ? callOp(m, name, [value, ...args], context.node as ts.CallExpression, true)
      : m.unknown('a tensor', node),
  );
}
