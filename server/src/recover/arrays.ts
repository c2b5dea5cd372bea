import type ts from 'typescript';
import { Unknown } from '../graph';
import { call, callUnknown, iterateUnknown } from './call';
import { settle, spreadItems, unknownElement } from './evaluate';
import { anyItems, elementsOf, oneOf } from './elements';
import { isByCondition, mergeItems, overItems, settleItems } from './items';
import { mergeSides } from './changes';
import { equality, isPrimitive } from './operators';
import { unknownArguments } from './functions';
import type { Machine } from './machine';
import { getProperty } from './properties';
import { anyTime, repeatUnknown } from './statements';
import { functionMatters } from './touch';
import { callWeightListMethod, pickedWeight } from './tf/weights';
import { Changes } from './trail';
import {
  ArrayValue,
  FunctionValue,
  holdsGraphValue,
  knownTruth,
  NativeFunction,
  someWeights,
  UnknownItems,
  WeightList,
  type Value,
} from './values';

const iterations = new Set([
  'forEach', 'map', 'filter', 'reduce', 'reduceRight', 'some', 'every', 'find', 'findIndex', 'flatMap', 'findLast',
]); // prettier-ignore

/** Methods that run their callback on every element of a list, now. */
export function isIteration(name: string): boolean {
  return iterations.has(name);
}

/** Methods that act on none of the elements, those under conditions included. */
const growing = new Set(['push', 'unshift', 'concat', 'values']);

/** Calls a method of a list. */
export function callArrayMethod(
  m: Machine,
  array: ArrayValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const [fn] = args;
  if (!growing.has(name)) settleItems(m, array, fn instanceof FunctionValue && functionMatters(m, fn));
  const { items } = array;
  switch (name) {
    case 'push':
      array.push(...args);
      return getProperty(m, array, 'length', node);
    case 'unshift':
      array.edit().unshift(...args);
      return getProperty(m, array, 'length', node);
    case 'pop':
    case 'shift': {
      const end = name === 'pop' ? items.length - 1 : 0;
      if (items[end] instanceof UnknownItems) return unknownElement(m, array, node);
      return pickedWeight(m, [...items], name === 'pop' ? array.edit().pop() : array.edit().shift(), node);
    }
    case 'concat':
      return new ArrayValue([...items, ...args.flatMap((arg) => flatItems(m, arg, 1, node))]);
    case 'reverse':
      array.edit().reverse();
      return array;
    case 'keys':
      if (array.closed) return new ArrayValue(items.map((_, index) => index));
      break;
    case 'values':
      return array;
    case 'entries':
      if (array.closed) return new ArrayValue(items.map((item, index) => new ArrayValue([index, item])));
      break;
    case 'flat':
      if (args.length > 0 && typeof args[0] !== 'number') break;
      return flattened(m, items, args.length > 0 ? Number(args[0]) : 1, node);
    case 'toReversed':
      return new ArrayValue([...items].reverse());
    case 'toSorted': {
      const copy = new ArrayValue(items);
      return sort(m, copy, args[0], node);
    }
    case 'with':
      if (array.closed && typeof args[0] === 'number') return new ArrayValue(items.with(args[0], args[1]));
      break;
    case 'sort':
      return sort(m, array, args[0], node);
    case 'slice':
    case 'splice':
    case 'fill':
      return closedMethod(m, array, name, args, node);
    case 'at':
    case 'join':
    case 'includes':
    case 'indexOf':
      return overItems(m, items, (all) => closedMethod(m, new ArrayValue(all), name, args, node));
  }
  if (isIteration(name)) return iterate(m, array, name, args, node);
  if (name === 'copyWithin') anyItems(m, array, 'moved within a list', node);
  m.escape(array, `\`${name}\` of a list is not followed`, node);
  for (const arg of args) m.escape(arg, `handed to \`${name}\` of a list`, node);
  return m.unknown(`\`${name}\` of a list`, node);
}

/** The elements of a list within a list, or the thing itself; what is not known may be a list. */
function flatItems(m: Machine, value: Value, depth: number, node: ts.Node): readonly Value[] {
  const item = settle(m, value);
  if (item instanceof ArrayValue && depth > 0)
    return item.items.flatMap((inner) => flatItems(m, inner, depth - 1, node));
  if (!(item instanceof Unknown) || depth === 0) return [item];
  return item instanceof UnknownItems ? [item] : spreadItems(m, item, node);
}

function flattened(m: Machine, items: readonly Value[], depth: number, node: ts.Node): ArrayValue {
  return new ArrayValue(items.flatMap((item) => flatItems(m, item, Math.min(depth, 16), node)));
}

/** Insertion sort by the program's own comparison; the order is not known where that does not give numbers. */
function sort(m: Machine, array: ArrayValue, compare: Value, node: ts.CallExpression): Value {
  if (!array.closed || array.length > 64) return unsorted(m, array, node);
  const sorted: Value[] = [];
  const before = (a: Value, b: Value): boolean | null => {
    if (compare instanceof FunctionValue) {
      const order = call(m, compare, undefined, [a, b], node);
      return typeof order === 'number' ? order < 0 : null;
    }
    return isPrimitive(a) && isPrimitive(b) && compare === undefined ? String(a) < String(b) : null;
  };
  for (const item of array.items) {
    let at = sorted.length;
    for (; at > 0; at--) {
      const smaller = before(item, sorted[at - 1]);
      if (smaller === null) return unsorted(m, array, node);
      if (!smaller) break;
    }
    sorted.splice(at, 0, item);
  }
  array.edit().splice(0, sorted.length, ...sorted);
  return array;
}

function unsorted(m: Machine, array: ArrayValue, node: ts.CallExpression): Value {
  const unknown = m.unknown('the order of a list', node);
  if (holdsGraphValue(array)) m.escape(array, 'sorted in an order that is not known', node);
  array.edit().splice(0, array.length, new UnknownItems(unknown.reason, unknown.id, unknown.place));
  return array;
}

function closedMethod(m: Machine, array: ArrayValue, name: string, args: Value[], node: ts.CallExpression): Value {
  const { items } = array;
  const bounds = name === 'splice' ? args.slice(0, 2) : name === 'fill' ? args.slice(1) : args;
  const numbers = bounds.every((arg) => typeof arg === 'number' || arg === undefined);
  if (!array.closed || (!numbers && (name === 'slice' || name === 'splice' || name === 'at' || name === 'fill'))) {
    if (name === 'splice') for (const arg of args) m.escape(arg, 'put into a list that is not known', node);
    if (name === 'splice' || name === 'fill') {
      const taken = unknownElement(m, array, node);
      anyItems(m, array, `changed by ${name}`, node);
      return name === 'fill' ? array : taken;
    }
    if (name !== 'join' && name !== 'includes' && name !== 'indexOf') return unknownElement(m, array, node);
    return m.unknown('of a list that is not known', node);
  }
  const [from, to] = args as (number | undefined)[];
  switch (name) {
    case 'slice':
      return new ArrayValue(items.slice(from, to));
    case 'splice':
      return new ArrayValue(
        array.edit().splice(from ?? 0, args.length < 2 ? items.length : (to ?? 0), ...args.slice(2)),
      );
    case 'at':
      return pickedWeight(m, items, items.at(from ?? 0), node);
    case 'fill':
      array.edit().fill(args[0], to, args[2] as number | undefined);
      return array;
    case 'join':
      if (items.every(isPrimitive))
        return items.map((item) => item ?? '').join(typeof args[0] === 'string' ? args[0] : ',');
      return m.unknown('a text that is not known', node);
    default: {
      const found = items.map((item) => equality(m, item, args[0], false, node));
      const index = found.indexOf(true);
      if (index >= 0 || found.every((same) => same === false)) return name === 'includes' ? index >= 0 : index;
      return m.unknown('whether the list holds it', node);
    }
  }
}

function iterate(m: Machine, array: ArrayValue, name: string, args: Value[], node: ts.CallExpression): Value {
  const fn = args[0];
  if (!(fn instanceof FunctionValue || fn instanceof NativeFunction)) {
    return callUnknown(m, fn, name, [array], node);
  }
  const open = array.items.findIndex((item) => item instanceof UnknownItems);
  const one = (item: Value, index: number, state?: Value[]): Value => {
    const known = open < 0 || index < open;
    const at = known ? index : m.unknown('an index behind elements of which the number is not known', node);
    return call(m, fn, undefined, state ? [state[0], item, at, array] : [item, at, array], node);
  };
  if (name === 'reduce' || name === 'reduceRight') {
    const items = [...array.items.entries()];
    if (name === 'reduceRight') items.reverse();
    let state = args.length > 1 ? args[1] : items.shift()?.[1];
    for (const [index, item] of items) {
      if (item instanceof UnknownItems) {
        if (fn instanceof FunctionValue) state = iterateUnknown(m, fn, name, [fn, state], node);
      } else state = one(item, index, [state]);
    }
    return state;
  }
  const results: Value[] = [];
  const inputs: Value[] = [];
  const overWeights = name === 'map' || name === 'forEach' || name === 'flatMap';
  const elements = [...array.items.entries()];
  if (name.startsWith('findLast')) elements.reverse();
  for (const [index, item] of elements) {
    if (isByCondition(item) && name === 'map' && fn instanceof FunctionValue && !functionMatters(m, fn)) {
      const { condition, conditionNode, whenTrue, whenFalse } = item;
      const [on, off] = mergeSides(m, condition, conditionNode, (side) =>
        (side ? whenTrue : whenFalse).map((each) => one(each, index)),
      );
      results.push(...mergeItems(m, condition, conditionNode, on, off));
      continue;
    }
    if (item instanceof UnknownItems) {
      const turn = (): 'next' => {
        const result =
          fn instanceof FunctionValue ? one(unknownArguments(m, fn.node)[0], index) : m.unknown('an element', node);
        inputs.push(item);
        results.push(result);
        return 'next';
      };
      const [code, env] =
        fn instanceof FunctionValue ? [fn.node.body ?? fn.node, fn.environment] : [node, m.environment ?? m.globals];
      const reason = 'set for each element of a list that is not known';
      anyTime(m, new Changes(), code, env, reason, () => repeatUnknown(m, node, turn));
      results.push(item);
      inputs.push(item);
      continue;
    }
    const weights = item instanceof WeightList && !item.single && overWeights;
    const result = weights ? callWeightListMethod(m, item, 'map', args, node) : one(item, index);
    results.push(result);
    inputs.push(item);
    const stopped = name === 'some' || name.startsWith('find');
    if (stopped && knownTruth(result) === true) break;
  }
  return collect(m, name, inputs, results, node, open < 0);
}

/** @param closed whether the places of the results are those of the elements */
function collect(
  m: Machine,
  name: string,
  inputs: readonly Value[],
  results: readonly Value[],
  node: ts.Node,
  closed: boolean,
): Value {
  const truths = results.map((result) => m.truth(result));
  const certain = truths.every((truth) => truth !== null);
  switch (name) {
    case 'forEach':
      return undefined;
    case 'map':
      return new ArrayValue([...results]);
    case 'flatMap':
      return flattened(m, results, 1, node);
    case 'filter':
      if (certain) return new ArrayValue(inputs.filter((_, index) => truths[index]));
      break;
    case 'find':
    case 'findLast':
      if (certain) return inputs[truths.indexOf(true)];
      break;
    case 'findIndex':
      if (certain && closed) return truths.indexOf(true);
      // A number at most: it picks nothing out.
      if (!closed) return m.unknown('an index in a list of which the length is not known', node);
      break;
    case 'some':
      if (truths.includes(true)) return true;
      if (certain) return false;
      break;
    case 'every':
      if (truths.includes(false)) return false;
      if (certain) return true;
      break;
  }
  const weights = someWeights(inputs);
  if (weights && name === 'filter') return weights;
  if (weights && name.startsWith('find')) return weights.as({ single: true }).picked;
  m.escape(new ArrayValue([...inputs]), `picked by \`${name}\` under a condition that is not known`, node);
  return oneOf(m.unknown(`\`${name}\` under a condition that is not known`, node), elementsOf(new ArrayValue(inputs)));
}
