import type ts from 'typescript';
import { Unknown } from '../graph';
import { Binding } from './environment';
import { defer } from './evaluate';
import { mergeItems } from './items';
import type { Machine } from './machine';
import { ThrowSignal } from './signals';
import { Changes, noting, type Changed, type Holder, type Slot } from './trail';
import {
  ArrayValue,
  holdsGraphValue,
  isDataList,
  isPlainData,
  Members,
  ObjectValue,
  UnknownItems,
  type Member,
  type Value,
} from './values';

/**
 * What code changes where it is not known whether it runs: it is run, its changes are noted, and depend on the condition
 * from there on; of code that is not followed to its end they are not known.
 */

/** The states that a side leaves. */
export class States {
  private readonly states = new Map<Holder, Map<string, unknown>>();

  constructor(changed: readonly Changed[]) {
    for (const { holder, name } of changed)
      this.states.set(holder, (this.states.get(holder) ?? new Map<string, unknown>()).set(name, holder.state(name)));
  }

  has({ holder, name }: Slot): boolean {
    return this.states.get(holder)?.has(name) ?? false;
  }

  of(slot: Changed): unknown {
    return this.has(slot) ? this.states.get(slot.holder)!.get(slot.name) : slot.before;
  }

  putBack(): void {
    for (const [holder, states] of this.states) for (const [name, state] of states) holder.setState(name, state);
  }
}

function takeBack(changed: readonly Changed[]): void {
  for (const { holder, name, before } of changed) holder.setState(name, before);
}

/** How a side ended, and what it changed. */
interface Side<T> {
  readonly result: { readonly value: T } | null;
  readonly thrown: ThrowSignal | null;
  readonly changed: readonly Changed[];
}

function runSide<T>(run: () => T): Side<T> {
  const changes = new Changes();
  try {
    const value = noting(changes, run);
    return { result: { value }, thrown: null, changed: changes.all() };
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
    return { result: null, thrown: error, changed: changes.all() };
  }
}

/**
 * Runs code that builds nothing as it is where a condition holds, and as it is where it does not; what it changes depends
 * on the condition from here on. A side that ends with an exception that nobody catches is no side that a world can be on.
 *
 * @returns what `run` gives on each side
 */
export function mergeSides<T>(
  m: Machine,
  condition: Value,
  conditionNode: ts.Node,
  run: (side: boolean) => T,
): readonly [whenTrue: T, whenFalse: T] {
  const on = runSide(() => m.under(condition, true, () => run(true)));
  const left = new States(on.changed);
  takeBack(on.changed);
  const off = runSide(() => m.under(condition, false, () => run(false)));
  const right = new States(off.changed);
  const side = on.thrown === null || off.thrown === null ? sideLeft(m, condition, conditionNode, on, off) : null;
  if (side === true) {
    takeBack(off.changed);
    left.putBack();
  } else if (side === null) {
    for (const slot of [...on.changed, ...off.changed.filter((changed) => !left.has(changed))])
      merge(m, condition, conditionNode, slot, left.of(slot), right.of(slot));
  }
  const [whenTrue, whenFalse] = [side === false ? off : on, side === true ? on : off];
  if (!whenTrue.result || !whenFalse.result) throw (whenTrue.thrown ?? whenFalse.thrown)!;
  return [whenTrue.result.value, whenFalse.result.value];
}

/** The side that goes on where the other one throws; null where both do. */
function sideLeft(m: Machine, condition: Value, node: ts.Node, on: Side<unknown>, off: Side<unknown>): boolean | null {
  if (on.thrown === null && off.thrown === null) return null;
  const goesOn = on.thrown === null;
  if (m.catches()) return m.decide(condition, node, goesOn);
  m.ruleOut(condition, goesOn);
  return goesOn;
}

function merge(m: Machine, condition: Value, node: ts.Node, { holder, name }: Slot, on: unknown, off: unknown): void {
  if (holder instanceof Members) {
    const [left, right] = [on as Member | null, off as Member | null];
    const value = defer(m, condition, node, left?.value, right?.value);
    const presence = defer(m, condition, node, left?.presence ?? false, right?.presence ?? false);
    holder.setState(name, presence === false ? null : { value, presence });
  } else if (holder instanceof ArrayValue) {
    const [left, right] = [on as readonly Value[], off as readonly Value[]];
    const same = left.length === right.length && left.every((item, index) => item === right[index]);
    holder.setState(name, same ? left : mergeItems(m, condition, node, left, right));
  } else if (holder instanceof Binding) {
    holder.setState(name, defer(m, condition, node, on as Value, off as Value));
  } else holder.setState(name, on === true || off === true);
}

/**
 * What has been changed by code that runs later, if nobody waits for it: it may have run, or not yet.
 *
 * @param before what it has done at once
 */
export function mayHaveRun(m: Machine, changes: Changes, node: ts.Node, before?: States): void {
  // One more condition for those of a segment that has too many.
  if (m.joins) return;
  const hasRun = m.whether('what nobody waits for has run', node);
  for (const slot of changes.all()) {
    const state = slot.holder.state(slot.name);
    // What models are built of is taken to be there when it is used.
    if (!holdsGraphValue(heldBy(slot))) merge(m, hasRun, node, slot, state, before ? before.of(slot) : slot.before);
  }
}

/** What models are built of, and has been changed by a loop that builds nothing, is as it was where the loop has no turn. */
export function mayHaveNoTurn(m: Machine, changes: Changes, node: ts.Node): void {
  const runs = m.whether('the loop has a turn', node);
  for (const slot of changes.all()) {
    if (holdsGraphValue(heldBy(slot))) merge(m, runs, node, slot, slot.holder.state(slot.name), slot.before);
  }
}

/** The value that a place holds, or the list that it is. */
export function heldBy({ holder, name }: Slot): Value {
  if (holder instanceof Members) return holder.get(name);
  return holder instanceof Binding ? holder.value : holder instanceof ArrayValue ? holder : undefined;
}

/**
 * Makes unknown what has been changed by code that is not followed. With `keepGraph` names and members keep what models
 * are built of, because a loop is then followed turn by turn; otherwise such values escape.
 */
export function forget(
  m: Machine,
  slots: readonly (Slot | Changed)[],
  reason: string,
  node: ts.Node | null,
  keepGraph = false,
): void {
  for (const slot of slots) {
    const { holder, name } = slot;
    if (holder instanceof ArrayValue) {
      if (keepGraph && !isPlainData(holder)) continue;
      m.escape(holder, reason, node);
      const { id, place } = m.unknown(reason, node);
      holder.setState(name, [...kept(holder, slot), new UnknownItems(reason, id, place)]);
    } else if (holder instanceof Members || holder instanceof Binding) {
      const value = heldBy(slot);
      if (keepGraph && !(value instanceof Unknown) && !isPlainData(value)) continue;
      m.escape(value, reason, node);
      const isThere = holder instanceof Binding || (holder.presence(name) === true && isAlways(slot));
      const unknown = m.unknown(reason, node);
      unknown.isList = isDataList(value);
      if (holder instanceof Binding) holder.value = unknown;
      else holder.setState(name, { value: unknown, presence: isThere || m.unknown(reason, node) });
    }
  }
}

/** The places of a list or an object that code which is handed it may change. */
export function slotsOf(value: Value): readonly Slot[] {
  if (value instanceof ArrayValue) return [{ holder: value, name: '' }];
  if (!(value instanceof ObjectValue)) return [];
  return [...value.properties.keys()].map((name) => ({ holder: value.properties, name }));
}

/** Whether a member was there before it was changed, as far as that is noted. */
function isAlways(slot: Slot | Changed): boolean {
  return !('before' in slot) || (slot.before as Member | null)?.presence === true;
}

/** The elements that a list keeps: those before it was changed, where all that was seen is that it grew, and layers. */
function kept(list: ArrayValue, slot: Slot | Changed): readonly Value[] {
  if (!('before' in slot) || !isPlainData(list)) return list.items;
  const before = slot.before as readonly Value[];
  return before.every((item, index) => item === list.items[index]) ? before : [];
}
