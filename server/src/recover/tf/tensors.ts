import type ts from 'typescript';
import { ConfigObject, isModel, isUnknown, type Layer, type Model } from '../../graph';
import { call } from '../call';
import type { Machine } from '../machine';
import { placeOf } from '../syntax';
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
  WeightList,
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

/** Methods of `model.trainableWeights`, `getWeights()` and of single weights. */
export function callWeightListMethod(
  m: Machine,
  list: WeightList,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  if (list.single) {
    if (name === 'read' || name === 'clone') return list;
    if (name === 'assign' || name === 'write') {
      setWeights(m, list.owners, args[0], node);
      return undefined;
    }
    return callTensorMethod(m, new TensorValue(m.builder.input(null), false), name, args, node);
  }
  const at = m.unknown('the place in a list of weights', node);
  switch (name) {
    case 'map': {
      const [fn] = args;
      if (!(fn instanceof FunctionValue)) break;
      const result = call(m, fn, undefined, [list.as({ single: true }), at], node);
      if (result instanceof WeightList) return list.as({});
      // Tensors computed from the weights; numbers, names and shapes are no weights any more.
      return result instanceof TensorValue ? list.as({ whole: false }) : m.unknown('made from weights', node);
    }
    case 'forEach':
      if (args[0] instanceof FunctionValue) call(m, args[0], undefined, [list.as({ single: true }), at], node);
      return undefined;
    case 'concat': {
      const others = args.filter((arg) => arg instanceof WeightList);
      if (others.length !== args.length) break;
      return joinedLists([list, ...others]);
    }
    case 'slice':
      return args.length === 0 ? list : list.as({ whole: false });
    case 'filter':
      return list.as({ whole: false });
  }
  return m.unknown(`\`${name}\` of a list of weights`, node);
}

function joinedLists(lists: readonly WeightList[]): WeightList {
  const owners = lists.flatMap((part) => part.owners);
  const layers = lists.flatMap((part) => part.layers ?? part.owners.flatMap((owner) => leaves(owner)));
  const whole = lists.every((part) => part.whole);
  return new WeightList(owners, whole, false, lists.some((part) => part.layers) ? layers : null);
}

/** The weights of `trainableWeights`: those of the layers that are not frozen now. */
export function trainableWeights(owner: Layer | Model): WeightList {
  return new WeightList([owner], !mayBeFrozen(owner), false, leaves(owner, isFrozen));
}

/** Whether it is not known of something in it whether it is frozen. */
function mayBeFrozen(owner: Layer | Model): boolean {
  if (isFrozen(owner)) return false;
  const inner = isModel(owner) ? owner.members.some(mayBeFrozen) : isUnknown(owner.config.get('trainable'));
  return inner || isUnknown(owner.trainable);
}

function isFrozen({ trainable, ...part }: Layer | Model): boolean {
  return trainable === false || ('config' in part && part.config.get('trainable') === false && trainable === true);
}

/** The layers in something, each once; with all that is in what is left out, it is left out. */
function leaves(owner: Layer | Model, isLeftOut: (part: Layer | Model) => boolean = () => false): readonly Layer[] {
  if (isLeftOut(owner)) return [];
  return isModel(owner) ? [...new Set(owner.members.flatMap((member) => leaves(member, isLeftOut)))] : [owner];
}

/** `weights[0]`, `.val` of one weight. */
export function weightProperty(m: Machine, list: WeightList, name: string, node: ts.Node): Value {
  if (list.single) return name === 'val' ? list : m.unknown(`\`${name}\` of a weight`, node);
  const index = Number(name);
  if (!Number.isInteger(index)) return m.unknown(`\`${name}\` of a list of weights`, node);
  // The first weight is never a bias; where one is left out, those behind it have other places.
  if (index > 0) for (const owner of list.owners) weightsRead(m, owner, node);
  return list.as({ single: true });
}

/** One of the weights is read by code of the author's: what it does with a bias is not followed. */
export function weightsRead(m: Machine, owner: Layer | Model, node: ts.Node): void {
  if (isModel(owner)) for (const member of owner.members) weightsRead(m, member, node);
  else if (owner.kind !== 'batchNormalization') {
    m.builder.escape(owner, { reason: 'its weights are read', place: placeOf(node) });
    m.events++;
  }
}

/** Weights of these layers and models are set to `value`. */
export function setWeights(m: Machine, owners: readonly (Layer | Model)[], value: Value, node: ts.Node): void {
  const other = value instanceof WeightList ? value.owners.find((owner) => !owners.includes(owner)) : undefined;
  for (const owner of owners) {
    const from = other !== undefined && isModel(other) ? other : null;
    m.builder.weighted(owner, { kind: other === undefined ? 'set' : 'copied', place: placeOf(node), from });
  }
  m.events++;
}

/** What a varList trains: null where that is not known. */
export function ownersOf(value: Value): WeightList['owners'] | null {
  if (value instanceof WeightList) return value.whole && !value.single ? (value.layers ?? value.owners) : null;
  if (value instanceof ArrayValue) {
    const owners: WeightList['owners'][number][] = [];
    for (const item of value.items) {
      if (item instanceof TensorValue) continue;
      // One weight alone may or may not be a gamma.
      if (!(item instanceof WeightList) || item.single || !item.whole) return null;
      owners.push(...(item.layers ?? item.owners));
    }
    return owners;
  }
  return null;
}
