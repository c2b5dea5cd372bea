import type ts from 'typescript';
import { Unknown } from '../graph';
import { call } from './call';
import { settle } from './evaluate';
import { actingItems } from './items';
import type { Machine } from './machine';
import { getProperty } from './properties';
import { idOf } from './operators';
import { ArrayValue, Deferred, FunctionValue, holdsGraphValue, ObjectValue, UnknownItems, type Value } from './values';

/** `new Map(entries)`, `new Set(items)`. Their contents are properties by the identity of the key. */
export function collection(m: Machine, tag: 'Map' | 'Set', source: Value, node: ts.Node): ObjectValue {
  const object = new ObjectValue();
  object.tag = tag;
  if (source === undefined || source === null) return object;
  for (const item of actingItems(m, source, node)) {
    const entry = settle(m, item);
    if (entry instanceof Unknown) object.open = true;
    else if (tag === 'Set') put(m, object, entry, entry, node);
    else put(m, object, entryPart(m, entry, 0, node), entryPart(m, entry, 1, node), node);
  }
  return object;
}

function entryPart(m: Machine, entry: Value, index: 0 | 1, node: ts.Node): Value {
  return entry instanceof ArrayValue ? entry.items[index] : getProperty(m, entry, String(index), node);
}

function put(m: Machine, object: ObjectValue, key: Value, value: Value, node: ts.Node): void {
  const known = settle(m, key);
  if (known instanceof Unknown) {
    m.escape(value, 'stored under a key that is not known', node);
    object.open = true;
    return;
  }
  if (object.tag === 'Map' && holdsGraphValue(known)) m.escape(known, 'used as the key of a collection', node);
  const id = idOf(known);
  if (!object.properties.has(id)) object.keys.set(id, known);
  object.properties.set(id, value);
}

/** What iterating over a collection gives: entries of a map, items of a set. */
export function collectionItems(
  m: Machine,
  object: ObjectValue,
  part: 'keys' | 'values' | 'entries',
  node: ts.Node,
): Value[] {
  const items = [...object.properties].map(([id, value]) => {
    const key = object.keys.get(id);
    return part === 'keys' ? key : part === 'values' ? value : new ArrayValue([key, value]);
  });
  if (!object.open) return items;
  const unknown = m.unknown('the contents of a collection', node);
  return [...items, new UnknownItems(unknown.reason, unknown.id, unknown.place)];
}

/** Calls a method of a map or a set. */
export function callCollectionMethod(
  m: Machine,
  object: ObjectValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const [first, value] = args;
  const key = settle(m, first);
  const id = key instanceof Unknown || key instanceof Deferred ? null : idOf(key);
  switch (name) {
    case 'set':
    case 'add':
      put(m, object, key, name === 'set' ? value : key, node);
      return object;
    case 'get':
      if (id !== null && object.properties.has(id)) return object.properties.get(id);
      if (id !== null && !object.open) return undefined;
      for (const item of object.properties.values()) m.escape(item, 'picked by a key that is not known', node);
      return m.unknown('picked by a key that is not known', node);
    case 'has':
      if (id !== null && (object.properties.has(id) || !object.open)) return object.properties.has(id);
      return m.unknown('whether it is there', node);
    case 'delete':
      if (id !== null) {
        object.keys.delete(id);
        return object.properties.delete(id) || (object.open ? m.unknown('whether it was there', node) : false);
      }
      for (const item of object.properties.values()) m.escape(item, 'removed by a key that is not known', node);
      object.open = true;
      return m.unknown('whether it was there', node);
    case 'clear':
      object.properties.clear();
      object.keys.clear();
      return undefined;
    case 'keys':
    case 'values':
    case 'entries':
      return new ArrayValue(collectionItems(m, object, name, node));
    case 'forEach':
      if (object.open || !(first instanceof FunctionValue)) break;
      for (const [at, item] of [...object.properties])
        call(m, first, undefined, [item, object.keys.get(at), object], node);
      return undefined;
  }
  for (const item of object.properties.values()) m.escape(item, 'in a collection that is not followed', node);
  return m.unknown(`\`${name}\` of a collection`, node);
}
