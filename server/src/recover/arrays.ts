import type ts from 'typescript';
import { call, callUnknown, iterateUnknown } from './call';
import { unknownElement } from './evaluate';
import { equality, isPrimitive } from './operators';
import { unknownArguments } from './functions';
import type { Machine } from './machine';
import { repeatUnknown } from './statements';
import { callWeightListMethod } from './tf/tensors';
import { ArrayValue, FunctionValue, knownTruth, NativeFunction, UnknownItems, WeightList, type Value } from './values';

const iterations = new Set([
  'forEach', 'map', 'filter', 'reduce', 'reduceRight', 'some', 'every', 'find', 'findIndex', 'flatMap', 'sort', 'findLast',
]); // prettier-ignore

/** Methods that run their callback on every element of a list, now. */
export function isIteration(name: string): boolean {
  return iterations.has(name);
}

/** Calls a method of a list. */
export function callArrayMethod(
  m: Machine,
  array: ArrayValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const { items } = array;
  switch (name) {
    case 'push':
      array.push(...args);
      return array.length;
    case 'unshift':
      array.edit().unshift(...args);
      return array.length;
    case 'pop':
    case 'shift': {
      const end = name === 'pop' ? items.length - 1 : 0;
      if (items[end] instanceof UnknownItems) return unknownElement(m, array, node);
      return name === 'pop' ? array.edit().pop() : array.edit().shift();
    }
    case 'concat':
      return new ArrayValue([...items, ...args.flatMap((arg) => (arg instanceof ArrayValue ? arg.items : [arg]))]);
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
      return new ArrayValue(items.flatMap((item) => (item instanceof ArrayValue ? item.items : [item])));
    case 'slice':
    case 'splice':
    case 'at':
    case 'fill':
    case 'join':
    case 'includes':
    case 'indexOf':
      return closedMethod(m, array, name, args, node);
  }
  if (isIteration(name)) return iterate(m, array, name, args, node);
  return m.unknown(`\`${name}\` of a list`, node);
}

function closedMethod(m: Machine, array: ArrayValue, name: string, args: Value[], node: ts.CallExpression): Value {
  const { items } = array;
  const numbers = args.every((arg) => typeof arg === 'number' || arg === undefined);
  if (!array.closed || (!numbers && (name === 'slice' || name === 'splice' || name === 'at'))) {
    if (name === 'splice') array.push(new UnknownItems('changed by splice', m.unknown('changed by splice', node).id));
    if (name !== 'join' && name !== 'includes' && name !== 'indexOf') return unknownElement(m, array, node);
    return m.unknown('of a list that is not known', node);
  }
  const [from, to] = args as (number | undefined)[];
  switch (name) {
    case 'slice':
      return new ArrayValue(items.slice(from, to));
    case 'splice':
      return new ArrayValue(
        array.edit().splice(from ?? 0, (args[1] as number | undefined) ?? items.length, ...args.slice(2)),
      );
    case 'at':
      return items.at(from ?? 0);
    case 'fill':
      array.edit().fill(args[0]);
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
  if (name === 'sort') {
    if (
      array.closed &&
      array.items.every((item) => typeof item === 'string' || typeof item === 'number') &&
      args.length === 0
    ) {
      array.edit().sort();
      return array;
    }
    return unknownElement(m, array, node);
  }
  if (array.items.length === 1 && array.items[0] instanceof WeightList && (name === 'map' || name === 'forEach')) {
    return callWeightListMethod(m, array.items[0], name, args, node);
  }
  if (!(fn instanceof FunctionValue || fn instanceof NativeFunction)) {
    return callUnknown(m, fn, name, [array], node);
  }
  const one = (item: Value, index: Value, state?: Value[]): Value =>
    call(m, fn, undefined, state ? [state[0], item, index, array] : [item, index, array], node);
  if (name === 'reduce' || name === 'reduceRight') {
    const items = name === 'reduce' ? [...array.items] : [...array.items].reverse();
    let state = args.length > 1 ? args[1] : items.shift();
    for (const [index, item] of items.entries()) {
      if (item instanceof UnknownItems) {
        if (fn instanceof FunctionValue) state = iterateUnknown(m, fn, name, [fn, state], node);
      } else state = one(item, index, [state]);
    }
    return state;
  }
  const results: Value[] = [];
  const inputs: Value[] = [];
  for (const [index, item] of [...array.items].entries()) {
    if (item instanceof UnknownItems) {
      repeatUnknown(m, node, () => {
        const result =
          fn instanceof FunctionValue ? one(unknownArguments(m, fn.node)[0], index) : m.unknown('an element', node);
        inputs.push(item);
        results.push(result);
        return 'next';
      });
      results.push(item);
      inputs.push(item);
      continue;
    }
    const result = one(item, index);
    results.push(result);
    inputs.push(item);
    const stopped = name === 'some' || name === 'find' || name === 'findIndex';
    if (stopped && knownTruth(result) === true) break;
  }
  return collect(m, name, inputs, results, node);
}

function collect(m: Machine, name: string, inputs: readonly Value[], results: readonly Value[], node: ts.Node): Value {
  const truths = results.map((result) => m.truth(result));
  const certain = truths.every((truth) => truth !== null);
  switch (name) {
    case 'forEach':
      return undefined;
    case 'map':
      return new ArrayValue([...results]);
    case 'flatMap':
      return new ArrayValue(results.flatMap((result) => (result instanceof ArrayValue ? result.items : [result])));
    case 'filter':
      if (certain) return new ArrayValue(inputs.filter((_, index) => truths[index]));
      break;
    case 'find':
      if (certain) return inputs[truths.indexOf(true)];
      break;
    case 'findIndex':
      if (certain) return truths.indexOf(true);
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
  m.escape(new ArrayValue([...inputs]), `picked by \`${name}\` under a condition that is not known`, node);
  return m.unknown(`\`${name}\` under a condition that is not known`, node);
}
