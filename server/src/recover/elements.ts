import type ts from 'typescript';
import { forget, slotsOf } from './changes';
import { defer } from './evaluate';
import type { Machine } from './machine';
import { arrayMutators } from './touch';
import { actsOn, ArrayValue, ObjectValue, UnknownItems, UnknownValue, type Value } from './values';

/** What is not known, but is one of some objects and lists that are: a change of it may be one of any of them. */

/** What something holds that can be changed. */
export function elementsOf(value: Value): readonly Value[] {
  if (value instanceof UnknownValue) return value.mayBe;
  const items =
    value instanceof ArrayValue ? value.items : value instanceof ObjectValue ? value.properties.values() : [];
  return [...items].filter((item) => actsOn(item) || (item instanceof UnknownValue && item.mayBe.length > 0));
}

/** Takes note of what a value may be. */
export function oneOf(value: UnknownValue, candidates: readonly Value[]): UnknownValue {
  value.mayBe = candidates.flatMap((item) => (item instanceof UnknownValue ? item.mayBe : [item])).slice(0, MOST);
  return value;
}

/** How many things it is kept that a value may be. */
const MOST = 64;

/** A list of which any element may have been replaced, or taken out: all of them may be used in any way. */
export function anyItems(m: Machine, array: ArrayValue, reason: string, node: ts.Node): void {
  m.escape(array, reason, node);
  const { id, place } = m.unknown(reason, node);
  const items = new UnknownItems(reason, id, place);
  oneOf(items, elementsOf(array));
  array.setState('', [items]);
}

/** An object or collection of which any member may have been replaced. */
export function anyMember(m: Machine, object: ObjectValue, node: ts.Node): void {
  forget(m, slotsOf(object), 'it may have been set under a key that is not known', node);
  object.open = true;
}

/** An object or collection of which any member may have been removed. */
export function anyWithout(m: Machine, object: ObjectValue, node: ts.Node): void {
  for (const [name, value] of [...object.properties]) {
    m.escape(value, 'it may have been removed by a key that is not known', node);
    const isThere = m.whether('it has not been removed', node);
    const presence = defer(m, isThere, node, object.properties.presence(name), false);
    object.properties.setState(name, { value: defer(m, isThere, node, value, undefined), presence });
  }
}

/** A member of what a value may be, or any where none is named: it may have been set. */
export function maySet(m: Machine, value: UnknownValue, name: string, node: ts.Node): void {
  for (const at of value.mayBe) {
    if (at instanceof ArrayValue) anyItems(m, at, 'it may have been changed', node);
    else if (at instanceof ObjectValue && name === '') anyMember(m, at, node);
    else if (at instanceof ObjectValue) forget(m, [{ holder: at.properties, name }], 'it may have been set', node);
  }
}

/** A method of what a value may be, and that is a list: it may have been called. */
export function mayCall(m: Machine, value: UnknownValue, name: string, node: ts.Node): void {
  for (const at of value.mayBe)
    if (at instanceof ArrayValue && arrayMutators.has(name)) anyItems(m, at, 'it may have been changed', node);
}
