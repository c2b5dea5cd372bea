import type ts from 'typescript';
import { mergeSides } from './changes';
import { defer } from './evaluate';
import { limits } from './limits';
import type { Machine } from './machine';
import { InertAbort, LoopAbort } from './signals';
import { Deferred, UnknownValue, type Value } from './values';

/** How a statement ends where it does not go on with the next one. */
export type Completion = Leaf | Fork;

/** What a statement gives to the one around it: how it ends, or undefined where it goes on. */
export type End = Completion | undefined;

/** The same on one side of all conditions. */
export type Leaf = Return | Jump;

interface Return {
  readonly kind: 'return';
  readonly value: Value;
}

export interface Jump {
  readonly kind: 'break' | 'continue';
  readonly label: string | null;
}

/**
 * Ends one way where a condition that is not known holds, and another way where it does not. Only code that cannot touch
 * the graph ends so: in other code the condition is decided.
 */
export interface Fork {
  readonly kind: 'fork';
  readonly condition: Value;
  readonly conditionNode: ts.Node;
  readonly whenTrue: End;
  readonly whenFalse: End;
}

/** The end of code that no world comes to. */
export const never = Symbol('never');

/** What a function gives that ends so. */
export function returned(m: Machine, end: End): Value {
  if (end?.kind !== 'fork') return end?.kind === 'return' ? end.value : undefined;
  return defer(m, end.condition, end.conditionNode, returned(m, end.whenTrue), returned(m, end.whenFalse));
}

/** How a statement ends that ends one way where a condition holds, and another where it does not. */
export function eitherEnd<E extends End | typeof never>(
  m: Machine,
  condition: Value,
  node: ts.Node,
  whenTrue: E,
  whenFalse: E,
): E | End {
  if (whenTrue === never) return whenFalse;
  if (whenFalse === never) return whenTrue;
  const [on, off] = [whenTrue as End, whenFalse as End];
  if (on?.kind === 'return' && off?.kind === 'return')
    return { kind: 'return', value: defer(m, condition, node, on.value, off.value) };
  if (isSame(on, off)) return on;
  return { kind: 'fork', condition, conditionNode: node, whenTrue: on, whenFalse: off };
}

function isSame(left: End, right: End): boolean {
  if (left === right) return true;
  if (!left || !right || left.kind === 'fork' || left.kind === 'return' || left.kind !== right.kind) return false;
  return left.label === right.label;
}

/** An end with others in place of what it ends in. */
export function mapEnd(m: Machine, end: End, of: (leaf: Leaf | undefined) => End | typeof never): End {
  const map = (at: End): End | typeof never =>
    at?.kind === 'fork' ? eitherEnd(m, at.condition, at.conditionNode, map(at.whenTrue), map(at.whenFalse)) : of(at);
  const mapped = map(end);
  return mapped === never ? giveUp(m) : mapped;
}

export function isNext(leaf: Leaf | undefined): boolean {
  return leaf === undefined;
}

/** Whether code ends in a way. */
function endsIn(m: Machine, end: End, way: (leaf: Leaf | undefined) => boolean): Value {
  if (end?.kind !== 'fork') return way(end);
  const { condition, conditionNode, whenTrue, whenFalse } = end;
  return defer(m, condition, conditionNode, endsIn(m, whenTrue, way), endsIn(m, whenFalse, way));
}

/**
 * Runs what comes behind code that ends in several ways, of which one leads there: what that changes depends on the
 * condition, and how it ends stands for that way.
 */
export function goOn(m: Machine, end: Fork, way: (leaf: Leaf | undefined) => boolean, run: () => End): End {
  const reached = endsIn(m, end, way);
  if (reached === false) return end;
  if (!isTold(reached, conditionsOf(end)) || forksIn(end) > limits.forks) giveUp(m);
  // A side that throws is no side that a world can be on.
  const [rest] =
    reached === true
      ? [run()]
      : mergeSides<End | typeof never>(m, reached, end.conditionNode, (side) => (side ? run() : never));
  return mapEnd(m, end, (leaf) => (way(leaf) ? rest : leaf));
}

/** Whether a condition is told by others: past some number of them it is another one, that is not known. */
function isTold(condition: Value, others: ReadonlySet<string>): boolean {
  if (condition instanceof Deferred) return [...condition.conditions].every((id) => others.has(id));
  return !(condition instanceof UnknownValue) || others.has(condition.id);
}

function conditionsOf(end: End, found = new Set<string>()): ReadonlySet<string> {
  if (end?.kind !== 'fork') return found;
  const add = (condition: Value): void => {
    if (condition instanceof UnknownValue) found.add(condition.id);
    if (!(condition instanceof Deferred)) return;
    for (const id of condition.conditions) found.add(id);
    add(condition.whenTrue);
    add(condition.whenFalse);
  };
  add(end.condition);
  conditionsOf(end.whenTrue, found);
  return conditionsOf(end.whenFalse, found);
}

function forksIn(end: End): number {
  return end?.kind === 'fork' ? 1 + Math.max(forksIn(end.whenTrue), forksIn(end.whenFalse)) : 0;
}

/** Ends the call, or the loop, that cannot touch the graph and that runs: what it gives and assigns is not known. */
export function giveUp(m: Machine): never {
  if (m.frame?.inert) throw new InertAbort(m.frame);
  throw new LoopAbort(m.loops.find(({ inert, depth }) => inert && depth === m.frames.length)!);
}
