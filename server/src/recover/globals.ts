import ts from 'typescript';
import { Unknown } from '../graph';
import { callArrayMethod } from './arrays';
import { callUnknown } from './call';
import { collection } from './collections';
import { Binding } from './environment';
import { copyProperties, defer, membersOf, overSides, settleActing, spreadItems } from './evaluate';
import { idOf, isPrimitive } from './operators';
import { callFunction } from './functions';
import { GeneratorValue } from './generators';
import { actingItems, settleItems } from './items';
import type { Machine } from './machine';
import { ThrowSignal } from './signals';
import { setProperty } from './properties';
import {
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  Gradients,
  NativeFunction,
  ObjectValue,
  UnknownItems,
  type NativeCall,
  type UnknownValue,
  type Value,
} from './values';

/** How `Symbol.iterator` is written as a key here. */
export const ITERATOR = '@@iterator';

/** The value of a name that no scope declares. */
export function globalValue(m: Machine, name: string, node: ts.Node): Value {
  switch (name) {
    case 'undefined':
      return undefined;
    case 'NaN':
      return NaN;
    case 'Infinity':
      return Infinity;
    case 'tf':
    case 'tfl':
      return m.modules.tf;
    case 'tfvis':
      return m.derived('`tfvis` is not in the workspace', 'global:tfvis', node);
    case 'JSON':
    case 'structuredClone':
    case 'Symbol':
    case 'Math':
    case 'Object':
    case 'Array':
    case 'Promise':
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'parseInt':
    case 'parseFloat':
    case 'Map':
    case 'Set':
    case 'WeakMap':
    case 'WeakSet':
      return builtin(m, name);
  }
  return m.derived(`\`${name}\` is not in the workspace`, `global:${name}`, node);
}

function builtin(m: Machine, name: string): Value {
  if (!m.builtins.has(name)) m.builtins.set(name, make(m, name));
  return m.builtins.get(name);
}

function namespace(members: Record<string, NativeCall>): ObjectValue {
  const object = new ObjectValue();
  for (const [key, fn] of Object.entries(members)) object.properties.set(key, new NativeFunction(key, fn));
  object.open = true;
  return object;
}

/** A native function with members, `Object.keys`; functions carry properties only where they are the author's. */
function make(m: Machine, name: string): Value {
  switch (name) {
    case 'Math':
      return mathNamespace(m);
    case 'JSON':
      return jsonNamespace(m);
    case 'structuredClone':
      return new NativeFunction(name, ([value], { node }) => copyOf(m, value, node));
    case 'Symbol': {
      const symbol = namespace({});
      symbol.properties.set('iterator', ITERATOR);
      symbol.properties.set('asyncIterator', ITERATOR);
      return symbol;
    }
    case 'Object':
      return objectNamespace(m);
    case 'Array':
      return arrayNamespace(m);
    case 'Promise':
      return promiseNamespace(m);
    case 'Map':
    case 'Set':
    case 'WeakMap':
    case 'WeakSet':
      return new NativeFunction(name, (args, { node }) =>
        collection(m, name.replace('Weak', '') as 'Map' | 'Set', args[0], node!),
      );
    default:
      return new NativeFunction(name, ([value], { node }) => convert(m, name, value, node));
  }
}

function convert(m: Machine, name: string, value: Value, node: ts.Node | null, depth = 4): Value {
  if (isPrimitive(value)) {
    if (name === 'String') return String(value);
    if (name === 'Boolean') return Boolean(value);
    return name === 'parseInt' ? parseInt(String(value), 10) : Number(value);
  }
  if (name === 'Boolean') return truthOf(m, value, node);
  if (value instanceof Deferred && depth > 0)
    return overSides(m, value, (side) => convert(m, name, side, node, depth - 1));
  return m.derived('not known', `${name}(${idOf(value)})`, node);
}

/** `Boolean(x)`: decided together with x. */
function truthOf(m: Machine, value: Value, call: ts.Node | null): Value {
  const node = call && ts.isCallExpression(call) ? (call.arguments[0] ?? call) : call;
  if (node === null || m.truth(value) === null) return node === null ? value : defer(m, value, node, true, false);
  return m.decide(value, node);
}

function mathNamespace(m: Machine): ObjectValue {
  const object = new ObjectValue();
  object.open = true;
  for (const key of Object.getOwnPropertyNames(Math)) {
    const member = (Math as unknown as Record<string, unknown>)[key];
    if (typeof member === 'number') object.properties.set(key, member);
    else if (typeof member === 'function' && key !== 'random') {
      object.properties.set(
        key,
        new NativeFunction(key, (args, { node }) =>
          args.every((arg) => typeof arg === 'number')
            ? ((member as (...numbers: number[]) => number)(...(args as number[])) as Value)
            : m.derived('not known', `Math.${key}(${args.map(idOf).join()})`, node),
        ),
      );
    }
  }
  return object;
}

/** What `JSON.stringify` was given, by the text that it gave: `JSON.parse(JSON.stringify(x))` is a deep copy. */
const written = new WeakMap<Unknown, Value>();

function jsonNamespace(m: Machine): ObjectValue {
  return namespace({
    stringify: ([value], { node }) => {
      const text = m.unknown('a text that is not known', node);
      written.set(text, copyOf(m, value, node));
      return text;
    },
    parse: ([text], { node }) => {
      const source = text instanceof Unknown ? written.get(text) : undefined;
      if (source !== undefined) return copyOf(m, source, node);
      if (typeof text !== 'string') return m.unknown('read from a text that is not known', node);
      try {
        return valueOf(JSON.parse(text));
      } catch {
        return m.unknown('read from a text that is no JSON', node);
      }
    },
  });
}

function valueOf(data: unknown): Value {
  if (Array.isArray(data)) return new ArrayValue(data.map(valueOf));
  if (data === null || typeof data !== 'object') return data as Value;
  const object = new ObjectValue();
  for (const [key, item] of Object.entries(data)) object.properties.set(key, valueOf(item));
  return object;
}

/** A deep copy of plain data; what else is in it is not known in the copy. */
function copyOf(m: Machine, value: Value, node: ts.Node | null, depth = 12): Value {
  if (value instanceof Unknown || isPrimitive(value)) return value;
  if (value instanceof Deferred) return overSides(m, value, (side) => copyOf(m, side, node, depth - 1));
  if (value instanceof ArrayValue && depth > 0)
    return new ArrayValue(actingItems(m, value, node!).map((item) => copyOf(m, item, node, depth - 1)));
  if (value instanceof ObjectValue && !value.classValue && !value.tag && depth > 0) {
    const copy = new ObjectValue();
    for (const [key, item] of value.properties) {
      const presence = value.properties.presence(key);
      copy.properties.setState(key, { value: copyOf(m, item, node, depth - 1), presence });
    }
    copy.open = value.open || value.accessors.size > 0;
    return copy;
  }
  return m.unknown('a copy of something that is no plain data', node);
}

function objectNamespace(m: Machine): ObjectValue {
  const list = (pick: (key: string, value: Value) => Value): NativeCall => {
    return ([given], { node }) => {
      const value = settleActing(m, given);
      if (value instanceof ArrayValue) settleItems(m, value, false);
      if (value instanceof ObjectValue && !value.open) return new ArrayValue(membersOf(m, value, node!, pick));
      if (value instanceof ArrayValue && value.closed)
        return new ArrayValue(value.items.map((item, index) => pick(String(index), item)));
      if (value instanceof Gradients) return value;
      m.escape(value, 'listed without being known', node);
      return m.unknown('the members of a value that is not known', node);
    };
  };
  return namespace({
    hasOwn: ([object, key], { node }) =>
      object instanceof ObjectValue && !object.open && !object.tag && isPrimitive(key)
        ? object.properties.presence(String(key))
        : m.unknown('whether the property is there', node),
    keys: list((key) => key),
    values: list((_, value) => value),
    entries: list((key, value) => new ArrayValue([key, value])),
    create: ([prototype], { node }) => {
      if (prototype === null) return new ObjectValue();
      if (prototype instanceof ObjectValue && !prototype.tag) return new ObjectValue(prototype.classValue, prototype);
      return m.unknown('made from a prototype that is not known', node);
    },
    defineProperty: ([target, key, descriptor], { node }) => {
      const known =
        target instanceof ObjectValue && !target.tag && isPrimitive(key) && descriptor instanceof ObjectValue;
      if (known && !descriptor.open) {
        const get = descriptor.properties.get('get');
        const set = descriptor.properties.get('set');
        if (get instanceof FunctionValue || set instanceof FunctionValue) {
          target.accessors.set(String(key), {
            ...(get instanceof FunctionValue ? { get } : {}),
            ...(set instanceof FunctionValue ? { set } : {}),
          });
          m.accessors.add(String(key));
        } else target.properties.set(String(key), descriptor.properties.get('value'));
      } else if (target instanceof ObjectValue)
        copyProperties(m, target, m.unknown('defined in a way that is not known', node), node!);
      return target;
    },
    freeze: ([value]) => value,
    seal: ([value]) => value,
    assign: ([given, ...sources], { node }) => {
      const target = settleActing(m, given);
      for (const source of sources) {
        if (target instanceof ObjectValue) copyProperties(m, target, source, node!);
        else if (source instanceof ObjectValue)
          for (const [key, value] of source.properties) setProperty(m, target, key, value, node!);
      }
      return target;
    },
    fromEntries: ([value], { node }) => {
      if (value instanceof Gradients) return value;
      const object = new ObjectValue();
      if (!(value instanceof Unknown)) {
        for (const each of actingItems(m, value, node!)) {
          const item = settleActing(m, each);
          const key = item instanceof ArrayValue ? item.items[0] : undefined;
          if (item instanceof ArrayValue && isPrimitive(key)) object.properties.set(String(key), item.items[1]);
          else object.open = true;
        }
        return object;
      }
      return m.unknown('made from entries that are not known', node);
    },
  });
}

function arrayNamespace(m: Machine): NativeFunction | ObjectValue {
  const ofLength = (length: Value, node: ts.Node | null): ArrayValue => {
    if (typeof length === 'number' && length >= 0 && length <= 4096)
      return new ArrayValue(Array.from({ length }, () => undefined));
    const unknown = m.unknown('a list whose length is not known', node);
    return new ArrayValue([new UnknownItems(unknown.reason, unknown.id, unknown.place)]);
  };
  const object = namespace({
    isArray: ([given], { node }) => {
      const value = settleActing(m, given);
      return value instanceof Unknown
        ? m.derived('whether it is a list', `isArray(${idOf(value)})`, node)
        : value instanceof ArrayValue;
    },
    of: (args) => new ArrayValue([...args]),
    from: ([given, fn], { node }) => {
      const source = settleActing(m, given);
      let array: ArrayValue;
      if (source instanceof ObjectValue && !source.tag) array = ofLength(source.properties.get('length'), node);
      else array = new ArrayValue(spreadItems(m, source, node!));
      return fn instanceof FunctionValue ? callArrayMethod(m, array, 'map', [fn], node as ts.CallExpression) : array;
    },
  });
  const prototype = new ObjectValue();
  prototype.open = true;
  for (const name of ['push', 'unshift', 'concat', 'slice', 'splice', 'map', 'forEach', 'filter', 'reduce'])
    prototype.properties.set(name, arrayMethod(m, name));
  object.properties.set('prototype', prototype);
  // `Array(3)` and `new Array(3)`: the namespace object is callable through its hidden member.
  object.properties.set(
    '()',
    new NativeFunction('Array', (args, { node }) =>
      args.length === 1 && typeof args[0] !== 'string' ? ofLength(args[0], node) : new ArrayValue([...args]),
    ),
  );
  return object;
}

/** `Array.prototype.push`, to be called on a list by `call` or `apply`. */
function arrayMethod(m: Machine, name: string): NativeFunction {
  return new NativeFunction(name, (args, { node, self }) =>
    self instanceof ArrayValue
      ? callArrayMethod(m, self, name, [...args], node as ts.CallExpression)
      : callUnknown(m, self, name, args, node as ts.CallExpression),
  );
}

function promiseNamespace(m: Machine): ObjectValue {
  const object = namespace({
    resolve: ([value]) => value,
    reject: ([reason]) => {
      throw new ThrowSignal(reason);
    },
    all: ([value], { node }) =>
      value instanceof GeneratorValue ? new ArrayValue(spreadItems(m, value, node!)) : value,
    allSettled: (_, { node }) => m.unknown('settled promises', node),
  });
  object.properties.set(
    '()',
    new NativeFunction('Promise', ([executor], { node }) => {
      const open = m.unknown('what a promise is resolved with', node);
      const settled = new Binding(open, null);
      const rejected = new Binding(false, null);
      const isSettled = new Binding(false, null);
      if (executor instanceof FunctionValue) {
        // The first call settles it.
        const resolve = new NativeFunction('resolve', ([value]) => {
          settled.value = defer(m, isSettled.value, node!, settled.value, value);
          return void (isSettled.value = true);
        });
        const reject = new NativeFunction('reject', () => {
          rejected.value = defer(m, isSettled.value, node!, rejected.value, true);
          return void (isSettled.value = true);
        });
        callFunction(m, executor, undefined, [resolve, reject], node);
      }
      if (m.truth(rejected.value) === true) throw new ThrowSignal(m.unknown('why a promise is rejected', node));
      if (m.truth(rejected.value) === null && m.catches() && m.decide(rejected.value, node!))
        throw new ThrowSignal(m.unknown('why a promise is rejected', node));
      return whereResolved(m, settled.value, open, node!);
    }),
  );
  return object;
}

/** What a promise is resolved with: where it stays `open`, nobody comes to see a value. */
function whereResolved(m: Machine, value: Value, open: UnknownValue, node: ts.Node): Value {
  if (!(value instanceof Deferred)) return value;
  const { condition, conditionNode } = value;
  const [on, off] = [value.whenTrue, value.whenFalse].map((side) => whereResolved(m, side, open, node));
  if (on === open) return off;
  if (off === open) return on;
  return defer(m, condition, conditionNode, on, off);
}

/** Builtins that are called or constructed as well as read from. */
export function callable(value: Value): Value {
  return value instanceof ObjectValue && value.properties.get('()') instanceof NativeFunction
    ? value.properties.get('()')
    : value;
}

export function callStringMethod(
  m: Machine,
  text: string,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const method = (text as unknown as Record<string, unknown>)[name];
  const plain = new Set([
    'toUpperCase',
    'toLowerCase',
    'trim',
    'includes',
    'startsWith',
    'endsWith',
    'split',
    'slice',
    'substring',
    'indexOf',
    'replace',
    'concat',
    'padStart',
    'charAt',
    'repeat',
    'toString',
  ]);
  if (
    typeof method === 'function' &&
    plain.has(name) &&
    args.every((arg) => isPrimitive(arg) && !(typeof arg === 'number' && arg > 10_000))
  ) {
    const result: unknown = method.apply(text, args);
    return Array.isArray(result) ? new ArrayValue(result as Value[]) : (result as Value);
  }
  if (args.some((arg) => arg instanceof FunctionValue || arg instanceof ClassValue))
    return callUnknown(m, text, name, args, node);
  return m.unknown(`\`${name}\` of a text`, node);
}
