import { Unknown } from '../graph';
import { throwing } from './branches';
import { mergeSides } from './changes';
import { defer, overSides, settle } from './evaluate';
import { findMember } from './functions';
import type { Machine } from './machine';
import { isPrimitive } from './operators';
import { setsNothing } from './sweep';
import { functionMatters } from './touch';
import { ArrayValue, Deferred, FunctionValue, ObjectValue, UnknownValue, type Value } from './values';

/** Values that depend on conditions: read and called without deciding, where nothing of the graph depends on it. */

/**
 * A part of a value that may depend on conditions. Of plain objects, instances and lists it depends on the same ones, and
 * nothing is decided; anything else that can act is decided first.
 *
 * @param name the property that is read; null where it is not known
 * @param read gives the part of a value that depends on none
 */
export function partOf(m: Machine, value: Value, name: string | null, read: (side: Value) => Value): Value {
  const current = m.resolve(value);
  if (!(current instanceof Deferred) || !current.acts) return read(current);
  return isRead(m, current, name)
    ? overSides(m, current, (side) => partOf(m, side, name, read))
    : read(settle(m, current));
}

/** Whether reading a property runs no code of the author's that does more than read, on all sides. */
function isRead(m: Machine, value: Value, name: string | null): boolean {
  if (value instanceof Deferred) return isRead(m, value.whenTrue, name) && isRead(m, value.whenFalse, name);
  if (!(value instanceof ObjectValue))
    return value instanceof ArrayValue || value instanceof Unknown || isPrimitive(value);
  if (value.isLiteral) return true;
  if (name === null || value.tag !== null || value.api !== null || value.layer !== null || value.model !== null)
    return false;
  const getter = getterOf(m, value, name);
  return getter === null || onlyReads(m, getter);
}

function getterOf(m: Machine, object: ObjectValue, name: string): FunctionValue | null {
  for (let at: ObjectValue | null = object; at; at = at.prototype) {
    const getter = at.accessors.get(name)?.get;
    if (getter) return getter;
    if (at.properties.has(name)) return null;
  }
  return object.classValue && findMember(m, object.classValue, name, 'get');
}

function onlyReads(m: Machine, getter: FunctionValue): boolean {
  const { body } = getter.node;
  return !!body && !throwing(body) && setsNothing(body, getter.environment) && !functionMatters(m, getter);
}

/** Calls what depends on a condition, and touches the graph on no side: nothing is decided. */
export function callOverSides(m: Machine, value: Value, run: (side: Value) => Value): Value {
  const current = m.resolve(value);
  if (!(current instanceof Deferred)) return run(current);
  const [on, off] = mergeSides(m, current.condition, current.conditionNode, (side) =>
    callOverSides(m, side ? current.whenTrue : current.whenFalse, run),
  );
  return defer(m, current.condition, current.conditionNode, on, off);
}

/**
 * Whether a value depends on a condition, and calling it touches the graph on no side.
 *
 * @param leaf tells it of what is known, and no plain data
 */
export function isQuiet(m: Machine, value: Value, leaf: (value: Value) => boolean): boolean {
  const current = m.resolve(value);
  return current instanceof Deferred && current.acts && isQuietSide(m, current, leaf);
}

function isQuietSide(m: Machine, value: Value, leaf: (value: Value) => boolean): boolean {
  const current = m.resolve(value);
  if (current instanceof Deferred)
    return isQuietSide(m, current.whenTrue, leaf) && isQuietSide(m, current.whenFalse, leaf);
  return current instanceof UnknownValue ? current.mayBe.length === 0 : isPrimitive(current) || leaf(current);
}

export function isQuietFunction(m: Machine, value: Value): boolean {
  return value instanceof FunctionValue && !value.node.asteriskToken && !functionMatters(m, value);
}
