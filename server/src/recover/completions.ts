import type ts from 'typescript';
import { defer } from './evaluate';
import { InertAbort, type Machine } from './machine';
import type { Value } from './values';

/** How a statement ends where it does not go on with the next one. */
export type Completion = Return | Jump | MayReturn;

/** What a statement gives to the one around it: how it ends, or undefined where it goes on. */
export type End = Completion | undefined;

interface Return {
  readonly kind: 'return';
  readonly value: Value;
}

interface Jump {
  readonly kind: 'break' | 'continue';
  readonly label: string | null;
}

/**
 * Returns where a condition that is not known holds, and goes on, or jumps, where it does not. Only code that cannot
 * touch the graph ends so: in other code the condition is decided.
 */
export interface MayReturn {
  readonly kind: 'mayReturn';
  readonly condition: Value;
  readonly conditionNode: ts.Node;
  readonly value: Value;
  readonly otherwise: Jump | undefined;
}

/** What a function gives that ends so. */
export function returned(m: Machine, end: End): Value {
  if (end?.kind === 'return') return end.value;
  return end?.kind === 'mayReturn' ? defer(m, end.condition, end.conditionNode, end.value, undefined) : undefined;
}

/** Where its return is not taken. */
export function otherwise(end: End): Jump | undefined {
  if (end?.kind === 'mayReturn') return end.otherwise;
  return end?.kind === 'return' ? undefined : end;
}

/** The same with another end where it does not return. */
export function withOtherwise(end: End, next: Jump | undefined): End {
  if (end?.kind === 'mayReturn') return { ...end, otherwise: next };
  return end?.kind === 'return' ? end : next;
}

/** How a statement ends that ends one way where a condition holds, and another where it does not. */
export function eitherEnd(m: Machine, condition: Value, node: ts.Node, whenTrue: End, whenFalse: End): End {
  if (whenTrue === whenFalse) return whenTrue;
  const [on, off] = [returns(whenTrue), returns(whenFalse)];
  return ending(
    defer(m, condition, node, on, off),
    node,
    on === false
      ? valueOf(whenFalse)
      : off === false
        ? valueOf(whenTrue)
        : defer(m, condition, node, valueOf(whenTrue), valueOf(whenFalse)),
    on === true
      ? otherwise(whenFalse)
      : off === true
        ? otherwise(whenTrue)
        : commonJump(m, otherwise(whenTrue), otherwise(whenFalse)),
  );
}

/** How statements end of which the first may return, and the rest, where it does not, ends so. */
export function endedBefore(m: Machine, first: MayReturn, rest: End): End {
  const { condition, conditionNode, value } = first;
  return eitherEnd(m, condition, conditionNode, { kind: 'return', value }, rest);
}

/** Whether it returns. */
function returns(end: End): Value {
  return end?.kind === 'mayReturn' ? end.condition : end?.kind === 'return';
}

function valueOf(end: End): Value {
  return end?.kind === 'mayReturn' || end?.kind === 'return' ? end.value : undefined;
}

function ending(condition: Value, node: ts.Node, value: Value, next: Jump | undefined): End {
  if (condition === true) return { kind: 'return', value };
  if (condition === false) return next;
  return { kind: 'mayReturn', condition, conditionNode: node, value, otherwise: next };
}

/** Code that goes on here on one side of a condition and there on the other is not followed. */
function commonJump(m: Machine, left: Jump | undefined, right: Jump | undefined): Jump | undefined {
  if (left?.kind === right?.kind && left?.label === right?.label) return left;
  return giveUp(m);
}

/** Ends the call that runs: what it gives and assigns is not known. */
export function giveUp(m: Machine): never {
  throw new InertAbort(m.frame!);
}
