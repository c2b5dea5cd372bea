import type ts from 'typescript';
import { Unknown } from '../graph';
import { callArrayMethod } from './arrays';
import { call, callUnknown } from './call';
import { copyProperties, spreadItems } from './evaluate';
import { idOf, isPrimitive } from './operators';
import { callFunction, unknownArguments } from './functions';
import type { Machine } from './machine';
import {
  ArrayValue,
  ClassValue,
  FunctionValue,
  NativeFunction,
  ObjectValue,
  UnknownItems,
  type NativeCall,
  type Value,
} from './values';

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
    case 'Object':
      return objectNamespace(m);
    case 'Array':
      return arrayNamespace(m);
    case 'Promise':
      return promiseNamespace(m);
    case 'Map':
    case 'Set':
      return new NativeFunction(name, (args, { node }) => collection(m, name as 'Map' | 'Set', args[0], node));
    default:
      return new NativeFunction(name, ([value], { node }) => convert(m, name, value, node));
  }
}

function convert(m: Machine, name: string, value: Value, node: ts.Node | null): Value {
  if (isPrimitive(value)) {
    if (name === 'String') return String(value);
    if (name === 'Boolean') return Boolean(value);
    return name === 'parseInt' ? parseInt(String(value), 10) : Number(value);
  }
  if (name === 'Boolean') return m.truth(value) ?? value;
  return m.derived('not known', `${name}(${idOf(value)})`, node);
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

function objectNamespace(m: Machine): ObjectValue {
  const list = (pick: (key: string, value: Value) => Value): NativeCall => {
    return ([value], { node }) => {
      if (value instanceof ObjectValue && !value.open)
        return new ArrayValue([...value.properties].map(([key, item]) => pick(key, item)));
      if (value instanceof ArrayValue && value.closed)
        return new ArrayValue(value.items.map((item, index) => pick(String(index), item)));
      m.escape(value, 'listed without being known', node);
      return m.unknown('the members of a value that is not known', node);
    };
  };
  return namespace({
    keys: list((key) => key),
    values: list((_, value) => value),
    entries: list((key, value) => new ArrayValue([key, value])),
    freeze: ([value]) => value,
    seal: ([value]) => value,
    assign: ([target, ...sources]) => {
      if (target instanceof ObjectValue) for (const source of sources) copyProperties(m, target, source);
      return target;
    },
    fromEntries: ([value], { node }) => {
      const object = new ObjectValue();
      if (value instanceof ArrayValue) {
        for (const item of value.items) {
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
    isArray: ([value], { node }) =>
      value instanceof Unknown
        ? m.derived('whether it is a list', `isArray(${idOf(value)})`, node)
        : value instanceof ArrayValue,
    of: (args) => new ArrayValue([...args]),
    from: ([source, fn], { node }) => {
      let array: ArrayValue;
      if (source instanceof ObjectValue && !source.tag) array = ofLength(source.properties.get('length'), node);
      else array = new ArrayValue(spreadItems(m, source, node!));
      return fn instanceof FunctionValue ? callArrayMethod(m, array, 'map', [fn], node as ts.CallExpression) : array;
    },
  });
  // `Array(3)` and `new Array(3)`: the namespace object is callable through its hidden member.
  object.properties.set(
    '()',
    new NativeFunction('Array', (args, { node }) =>
      args.length === 1 && typeof args[0] !== 'string' ? ofLength(args[0], node) : new ArrayValue([...args]),
    ),
  );
  return object;
}

function promiseNamespace(m: Machine): ObjectValue {
  const object = namespace({
    resolve: ([value]) => value,
    all: ([value]) => value,
    allSettled: (_, { node }) => m.unknown('settled promises', node),
  });
  object.properties.set(
    '()',
    new NativeFunction('Promise', ([executor], { node }) => {
      let settled: Value = m.unknown('what a promise is resolved with', node);
      if (executor instanceof FunctionValue) {
        const resolve = new NativeFunction('resolve', ([value]) => void (settled = value));
        callFunction(m, executor, undefined, [resolve, ...unknownArguments(m, executor.node).slice(1)], node);
      }
      return settled;
    }),
  );
  return object;
}

/** Builtins that are called or constructed as well as read from. */
export function callable(value: Value): Value {
  return value instanceof ObjectValue && value.properties.get('()') instanceof NativeFunction
    ? value.properties.get('()')
    : value;
}

function collection(m: Machine, tag: 'Map' | 'Set', source: Value, node: ts.Node | null): ObjectValue {
  const object = new ObjectValue();
  object.tag = tag;
  if (source === undefined || source === null) return object;
  for (const item of source instanceof ArrayValue ? source.items : [m.unknown('the contents of a collection', node)]) {
    const key = tag === 'Set' ? item : item instanceof ArrayValue ? item.items[0] : undefined;
    if (item instanceof Unknown || (tag === 'Map' && !(item instanceof ArrayValue))) object.open = true;
    else object.properties.set(idOf(key), tag === 'Set' ? item : (item as ArrayValue).items[1]);
  }
  return object;
}

export function callCollectionMethod(
  m: Machine,
  object: ObjectValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const [key, value] = args;
  const sure = !(key instanceof Unknown) && !object.open;
  switch (name) {
    case 'set':
    case 'add':
      if (key instanceof Unknown) {
        m.escape(value ?? key, 'stored under a key that is not known', node);
        object.open = true;
      } else object.properties.set(idOf(key), name === 'set' ? value : key);
      return object;
    case 'get':
      if (object.properties.has(idOf(key)) && !(key instanceof Unknown)) return object.properties.get(idOf(key));
      if (sure) return undefined;
      for (const item of object.properties.values()) m.escape(item, 'picked by a key that is not known', node);
      return m.unknown('picked by a key that is not known', node);
    case 'has':
      return object.properties.has(idOf(key)) || (sure ? false : m.unknown('whether it is there', node));
    case 'delete':
      if (!(key instanceof Unknown)) return object.properties.delete(idOf(key));
      object.open = true;
      return m.unknown('whether it was there', node);
    case 'clear':
      object.properties.clear();
      return undefined;
    case 'values':
      if (!object.open) return new ArrayValue([...object.properties.values()]);
      break;
    case 'forEach':
      if (!object.open && args[0] instanceof FunctionValue) {
        for (const item of object.properties.values())
          call(m, args[0], undefined, [item, m.unknown('a key', node)], node);
        return undefined;
      }
  }
  for (const item of object.properties.values()) m.escape(item, 'in a collection that is not followed', node);
  return m.unknown(`\`${name}\` of a collection`, node);
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
