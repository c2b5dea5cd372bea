import type ts from 'typescript';
import { Unknown } from '../graph';
import { call } from './call';
import { mergeSides } from './changes';
import { anyMember, anyWithout, elementsOf, oneOf } from './elements';
import { membersOf, settle } from './evaluate';
import { actingItems, overItems } from './items';
import type { Machine } from './machine';
import { getProperty } from './properties';
import { functionMatters } from './touch';
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
    if (object.tag === 'Map') anyMember(m, object, node);
    object.open = true;
    return;
  }
  if (object.tag === 'Map' && holdsGraphValue(known)) m.escape(known, 'used as the key of a collection', node);
  const id = idOf(known);
  object.keys.set(id, known);
  object.properties.set(id, value);
}

/** What iterating over a collection gives: entries of a map, items of a set. */
export function collectionItems(
  m: Machine,
  object: ObjectValue,
  part: 'keys' | 'values' | 'entries',
  node: ts.Node,
): Value[] {
  const items = membersOf(m, object, node, (id, value) => {
    const key = object.keys.get(id);
    return part === 'keys' ? key : part === 'values' ? value : new ArrayValue([key, value]);
  });
  if (!object.open) return items;
  const unknown = m.unknown('the contents of a collection', node);
  return [...items, new UnknownItems(unknown.reason, unknown.id, unknown.place)];
}

/** How many elements a collection has. */
export function sizeOf(m: Machine, object: ObjectValue, node: ts.Node): Value {
  return overItems(m, collectionItems(m, object, 'values', node), (items) => items.length);
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
      return oneOf(m.unknown('picked by a key that is not known', node), elementsOf(object));
    case 'has':
      if (id !== null && (object.properties.presence(id) === true || !object.open))
        return object.properties.presence(id);
      return m.unknown('whether it is there', node);
    case 'delete':
      if (id !== null) {
        const there = object.properties.presence(id);
        object.properties.delete(id);
        return there === true || !object.open ? there : m.unknown('whether it was there', node);
      }
      anyWithout(m, object, node);
      return m.unknown('whether it was there', node);
    case 'clear':
      object.properties.clear();
      return undefined;
    case 'keys':
    case 'values':
    case 'entries':
      return new ArrayValue(collectionItems(m, object, name, node));
    case 'forEach':
      if (object.open || !(first instanceof FunctionValue)) break;
      for (const [at, item] of [...object.properties]) {
        const there = object.properties.presence(at);
        const run = (): Value => call(m, first, undefined, [item, object.keys.get(at), object], node);
        if (there === true || (functionMatters(m, first) && m.decide(there, node))) run();
        else if (m.truth(there) === null) mergeSides(m, there, node, (side) => side && run());
      }
      return undefined;
  }
  for (const item of object.properties.values()) m.escape(item, 'in a collection that is not followed', node);
  return m.unknown(`\`${name}\` of a collection`, node);
}
