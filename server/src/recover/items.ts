import type ts from 'typescript';
import { defer, spreadItems } from './evaluate';
import type { Machine } from './machine';
import { ArrayValue, ItemsByCondition, type Value } from './values';

/** Elements of lists that are there under a condition. */

/** How many conditions the elements of a list may depend on where none of them is decided. */
const MOST_CONDITIONS = 4;

/** The elements of a list that has these where a condition holds, and those where it does not. */
export function mergeItems(
  m: Machine,
  condition: Value,
  node: ts.Node,
  whenTrue: readonly Value[],
  whenFalse: readonly Value[],
): Value[] {
  if (whenTrue.length === whenFalse.length && !whenTrue.some(isByCondition) && !whenFalse.some(isByCondition))
    return whenTrue.map((item, index) => defer(m, condition, node, item, whenFalse[index]));
  const most = Math.min(whenTrue.length, whenFalse.length);
  let from = 0;
  while (from < most && whenTrue[from] === whenFalse[from]) from++;
  let behind = 0;
  while (behind < most - from && whenTrue.at(-1 - behind) === whenFalse.at(-1 - behind)) behind++;
  const own = (items: readonly Value[]): readonly Value[] => items.slice(from, items.length - behind);
  const { reason, id, place } = m.unknown('in the list under a condition that is not known', node);
  const between = new ItemsByCondition(reason, id, place, condition, node, own(whenTrue), own(whenFalse));
  return [...whenTrue.slice(0, from), between, ...whenTrue.slice(whenTrue.length - behind)];
}

/**
 * Decides which elements a list has, for code that acts on every one of them. Data is decided for code that builds only;
 * in code that cannot touch the graph nothing is.
 */
export function settleItems(m: Machine, array: ArrayValue, building: boolean): void {
  for (let at = 0; at < array.length; at++) {
    for (let part = array.items[at]; part instanceof ItemsByCondition; part = array.items[at]) {
      const wanted = part.acts || (building && !m.joins);
      if (m.truth(part.condition) === null && (!wanted || isInert(m))) break;
      const side = m.decide(part.condition, part.conditionNode);
      array.edit().splice(at, 1, ...(side ? part.whenTrue : part.whenFalse));
    }
  }
}

/** The elements of something that code goes through at once; those that can act are known to be there. */
export function actingItems(m: Machine, value: Value, node: ts.Node): readonly Value[] {
  const list = new ArrayValue(spreadItems(m, value, node));
  settleItems(m, list, false);
  return list.items;
}

function isInert(m: Machine): boolean {
  const around = m.loops.at(-1);
  return m.frame?.inert === true || (around !== undefined && around.inert && around.depth === m.frames.length);
}

/** What a function without effects gives of a list's elements; undecided, where that depends on conditions. */
export function overItems(
  m: Machine,
  items: readonly Value[],
  of: (items: readonly Value[]) => Value,
  most = MOST_CONDITIONS,
): Value {
  const at = items.findIndex(isByCondition);
  if (at < 0 || most === 0) return of(items);
  const { condition, conditionNode, whenTrue, whenFalse } = items[at] as ItemsByCondition;
  const having = (own: readonly Value[]): Value =>
    overItems(m, [...items.slice(0, at), ...own, ...items.slice(at + 1)], of, most - 1);
  return defer(m, condition, conditionNode, having(whenTrue), having(whenFalse));
}

export function isByCondition(item: Value): item is ItemsByCondition {
  return item instanceof ItemsByCondition;
}
