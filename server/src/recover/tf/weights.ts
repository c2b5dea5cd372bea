import ts from 'typescript';
import { isModel, isUnknown, placeKey, variableCount, type Layer, type Model } from '../../graph';
import { call } from '../call';
import type { Machine } from '../machine';
import { byTree, placeOf, textOf, unwrap } from '../syntax';
import {
  ArrayValue,
  Deferred,
  FunctionValue,
  isUnchanged,
  ItemsByCondition,
  someWeights,
  TensorValue,
  WeightList,
  type Value,
  type WeightFacts,
} from '../values';
import { isPlainNow } from './computed';
import { callOp, callTensorMethod, INERT, READING } from './tensors';

/** Weights of layers and models: reading them, computing with them, setting them. */

/** More of them than this are not told apart. */
const MOST = 200;

/** `getWeights()`, and `weights`, which can be set. */
export function allWeights(owner: Layer | Model, settable: boolean, built = true): Value {
  return listOf(owner, built ? variableCount(owner).all : null, { whole: true, settable });
}

/** The weights of `trainableWeights`: those of the layers that are not frozen now. */
export function trainableWeights(owner: Layer | Model, built = true): Value {
  const layers = leaves(owner, isFrozen);
  const { trainable } = built && !isTouched(owner) ? variableCount(owner) : { trainable: null };
  return listOf(owner, trainable, { whole: !mayBeFrozen(owner), layers, settable: true });
}

function listOf(owner: Layer | Model, count: number | null, facts: Partial<WeightFacts>): ArrayValue | WeightList {
  if (count === null || count > MOST) return new WeightList([owner], facts);
  const one = (at: number): WeightList => new WeightList([owner], { ...facts, single: true, at, of: count });
  return new ArrayValue(Array.from({ length: count }, (_, at) => one(at)));
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
      setWeights(m, list.owners, args[0], node, list);
      return undefined;
    }
    if (INERT.has(name) || READING.has(name))
      return callTensorMethod(m, new TensorValue(m.builder.input(null), false), name, args, node);
    return callOp(m, name, [list, ...args], node, true);
  }
  const at = m.unknown('the place in a list of weights', node);
  switch (name) {
    case 'map': {
      const [fn] = args;
      if (!(fn instanceof FunctionValue)) break;
      const result = call(m, fn, undefined, [list.as({ single: true }), at], node);
      if (result instanceof WeightList && isUnchanged(result)) return list.as({});
      // Tensors computed from the weights; numbers, names and shapes are no weights any more.
      if (result instanceof WeightList) return result.as({ whole: false });
      return result instanceof TensorValue ? list.as({ whole: false }) : m.unknown('made from weights', node);
    }
    case 'forEach':
      if (args[0] instanceof FunctionValue) call(m, args[0], undefined, [list.as({ single: true }), at], node);
      return undefined;
    case 'concat': {
      const others = args.filter((arg) => arg instanceof WeightList);
      if (others.length === args.length) return joinedLists([list, ...others]);
      const items = args.flatMap((arg) => (arg instanceof ArrayValue ? [...arg.items] : [arg]));
      if (items.every((item) => item instanceof WeightList)) return new ArrayValue([list, ...items]);
      break;
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
  const settable = lists.some((part) => part.settable);
  return new WeightList(owners, { whole, layers: lists.some((part) => part.layers) ? layers : null, settable });
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

/** Whether code has frozen something in it, or may have: then tfjs counts by rules of its own. */
function isTouched(part: Layer | Model): boolean {
  if (part.trainable !== true) return true;
  if (isModel(part)) return part.members.some(isTouched);
  return (part.config.get('trainable') ?? true) !== true || (part.inner !== null && isTouched(part.inner));
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
  return list.as({ single: true }).picked;
}

/** An element of a list that code picks out by its place: where that is a list of weights, it may be a bias. */
export function pickedWeight(m: Machine, list: readonly Value[], item: Value, node: ts.Node): Value {
  if (!(item instanceof WeightList) || item.at === null || !someWeights(list) || isCounted(node)) return item;
  if (item.at > 0) for (const owner of item.owners) weightsRead(m, owner, node);
  return item.picked;
}

/** Whether an element is picked by an index that goes through a whole list: by `i` of a loop, or of a callback of `map`. */
const isCounted = byTree((node: ts.Node): boolean => {
  const at = ts.isElementAccessExpression(node) ? unwrap(node.argumentExpression) : null;
  if (!at || !ts.isIdentifier(at)) return false;
  for (let around: ts.Node = node.parent; !ts.isSourceFile(around); around = around.parent) {
    if (ts.isForStatement(around) && declares(around.initializer, at.text))
      return /\.length$/.test(around.condition ? textOf(around.condition) : '');
    if (!ts.isFunctionLike(around)) continue;
    const place = around.parameters.findIndex((parameter) => parameter.name.getText() === at.text);
    if (place < 0) continue;
    const method = ts.isCallExpression(around.parent) ? unwrap(around.parent.expression) : null;
    return (
      place === 1 &&
      method !== null &&
      ts.isPropertyAccessExpression(method) &&
      /^(map|forEach)$/.test(method.name.text)
    );
  }
  return false;
});

function declares(initializer: ts.ForInitializer | undefined, name: string): boolean {
  return (
    initializer !== undefined &&
    ts.isVariableDeclarationList(initializer) &&
    initializer.declarations.some((declaration) => declaration.name.getText() === name)
  );
}

/** One of the weights is read by code of the author's: what it does with a bias is not followed. */
export function weightsRead(m: Machine, owner: Layer | Model, node: ts.Node, reason = 'its weights are read'): void {
  if (isModel(owner)) for (const member of owner.members) weightsRead(m, member, node, reason);
  else if (owner.kind !== 'batchNormalization') {
    m.builder.escape(owner, { reason, place: placeOf(node) });
    m.events++;
  }
}

/**
 * Weights of these layers and models are set to `value`.
 *
 * @param one which of them, where that is a single one
 */
export function setWeights(
  m: Machine,
  owners: readonly (Layer | Model)[],
  value: Value,
  node: ts.Node,
  one: WeightList | null = null,
): void {
  const made = madeOf(m, value);
  const within = new Set(owners.flatMap((owner) => leaves(owner)));
  const isOther = (owner: Layer | Model): boolean =>
    !owners.includes(owner) && leaves(owner).some((layer) => !within.has(layer));
  const other = made?.weights.flatMap((weight) => weight.owners).find(isOther);
  // A list of which it is not known how long it is may have been changed since it was read.
  const some = made !== null && (made.weights.length > 0 || made.plain);
  const moved = made?.moved || (one && made?.weights.some(({ at }) => at !== null && at !== one.at));
  const own =
    some && made.fresh && !moved && made.weights.every(({ single, content }) => single && content !== 'mixed');
  const changed = made === null || made.plain || !made.weights.every(isUnchanged);
  const from = other !== undefined && isModel(other) ? other : null;
  const place = placeOf(node);
  for (const owner of owners) {
    // Whoever changes the weights of a batch norm, or one by its name, may be writing its statistics by hand.
    const byHand = changed && (one?.content === 'picked' || (!isModel(owner) && owner.kind === 'batchNormalization'));
    const kind = other !== undefined ? 'copied' : own && !byHand ? 'own' : 'set';
    const again = owner.weights.some(
      (source) => source.kind === kind && source.from === from && placeKey(source.place) === placeKey(place),
    );
    if (!again) m.builder.weighted(owner, { kind, place, from });
    // A bias of which training makes nothing is something where other code changes it.
    if (kind === 'own' && changed) weightsRead(m, owner, node, 'its weights are changed by code');
  }
  m.events++;
}

interface Made {
  readonly weights: readonly WeightList[];
  /** Whether plain numbers stand among them: zeros, noise. */
  readonly plain: boolean;
  /** Whether this segment has read them: what an earlier one has kept, others may have replaced by then. */
  readonly fresh: boolean;
  /** Whether a weight has come to another place. */
  readonly moved: boolean;
}

/** The weights that a value is made of, on all sides of conditions; null where there is something else among them. */
function madeOf(m: Machine, value: Value): Made | null {
  if (value instanceof WeightList) return { weights: [value], plain: false, fresh: value.made > m.began, moved: false };
  if (value instanceof TensorValue)
    return isPlainNow(m, value) ? { weights: [], plain: true, fresh: true, moved: false } : null;
  const parts =
    value instanceof ArrayValue
      ? value.items
      : value instanceof ItemsByCondition
        ? value.all
        : value instanceof Deferred
          ? [value.whenTrue, value.whenFalse]
          : null;
  const made = parts?.map((part) => madeOf(m, part));
  if (!made || made.includes(null)) return null;
  return {
    weights: made.flatMap((one) => one!.weights),
    plain: made.some((one) => one!.plain),
    fresh: made.every((one) => one!.fresh) && (!(value instanceof ArrayValue) || value.made > m.began),
    moved:
      made.some((one) => one!.moved) || (value instanceof ArrayValue && value.closed && !value.items.every(isInPlace)),
  };
}

/** Whether a weight, or what is computed of it, stands in a list where it has stood: one model may have another one in it. */
function isInPlace(item: Value, index: number): boolean {
  if (item instanceof Deferred) return isInPlace(item.whenTrue, index) && isInPlace(item.whenFalse, index);
  return !(item instanceof WeightList) || item.at === null || item.at === index;
}

/** What a varList trains: null where that is not known. */
export function ownersOf(value: Value): WeightList['owners'] | null {
  if (value instanceof WeightList) return value.whole && !value.single ? (value.layers ?? value.owners) : null;
  if (!(value instanceof ArrayValue)) return null;
  const owners: WeightList['owners'][number][] = [];
  const lists = new Map<string, { readonly one: WeightList; readonly found: Set<number> }>();
  for (const item of value.items) {
    if (item instanceof TensorValue) continue;
    if (!(item instanceof WeightList) || !item.whole || !isUnchanged(item)) return null;
    if (!item.single) owners.push(...(item.layers ?? item.owners));
    // One weight alone may or may not be a gamma.
    else if (item.at === null) return null;
    else {
      const key = `${item.of} ${(item.layers ?? item.owners).map(({ id }) => id).join()} ${String(item.layers !== null)}`;
      const list = lists.get(key) ?? { one: item, found: new Set<number>() };
      list.found.add(item.at);
      lists.set(key, list);
    }
  }
  for (const { one, found } of lists.values()) {
    if (found.size < one.of!) return null;
    owners.push(...(one.layers ?? one.owners));
  }
  return owners;
}
