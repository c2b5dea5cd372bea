import ts from 'typescript';
import { mergeSides } from './changes';
import { returned, type End } from './completions';
import { Environment } from './environment';
import type { Machine } from './machine';
import { ThrowSignal } from './signals';
import { execute } from './statements';
import { byNode, nodesRunBy, placeOf } from './syntax';
import { builds, functionMatters } from './touch';
import type { Value } from './values';

/**
 * Branches neither side of which can touch the graph, and what code assigns: a condition of such a branch is no
 * decision, and what it assigns becomes a deferred or an unknown value.
 */

/** Whether the code can leave the statement it stands in: return, throw, break, continue. */
export const exits = byNode((node) =>
  nodesRunBy(node).some((at) => leaves(at) || ts.isBreakStatement(at) || ts.isContinueStatement(at)),
);

/** Whether the code can leave the function it stands in. */
export const leavesFunction = byNode((node) => nodesRunBy(node).some(leaves));

function leaves(node: ts.Node): boolean {
  return ts.isReturnStatement(node) || ts.isThrowStatement(node);
}

/**
 * Whether the sides of a condition that is not known are run one after the other in one world (see `Machine.joins`).
 * Where a side leaves a loop or the function, what comes after it is run as well: none of that may build either.
 */
export function joined(m: Machine, sides: readonly ts.Node[], env: Environment): boolean {
  if (!m.joins || sides.some((side) => throwing(side) || builds(m, side, env))) return false;
  const { frame } = m;
  if (sides.some(leavesFunction) && (!frame?.fn || functionMatters(m, frame.fn, 'building'))) return false;
  if (sides.some(exits) && m.loops.some((loop) => loop.depth === m.frames.length && loop.builds)) return false;
  m.joined++;
  return true;
}

/** Whether the code can throw by a statement of its own. */
export const throwing = byNode((node) => nodesRunBy(node).some(ts.isThrowStatement));

/**
 * Runs both sides of a branch that builds nothing; what they change depends on the condition from here on. A side that
 * leaves its loop or function does not end it: what comes after may run, and may not.
 */
export function mergeBranches(
  m: Machine,
  condition: Value,
  conditionNode: ts.Expression,
  whenTrue: ts.Statement,
  whenFalse: ts.Statement | null,
  env: Environment,
): void {
  const frame = m.frame;
  const leave = (side: boolean, before: number, completion: End): void => {
    if (frame) {
      // What has been given back inside this side is under its condition too.
      for (let index = before; index < frame.mayReturn.length; index++) {
        const reason = 'given back under several conditions that are not known';
        frame.mayReturn[index] = { ...frame.mayReturn[index]!, condition: m.unknown(reason, conditionNode) };
      }
      if (completion?.kind === 'return' || completion?.kind === 'fork')
        frame.mayReturn.push({ condition, conditionNode, side, value: returned(m, completion) });
    }
    if (completion) for (const loop of m.loops) if (loop.depth === m.frames.length) loop.mayEnd = true;
  };
  mergeSides(m, condition, conditionNode, (side) => {
    const branch = side ? whenTrue : whenFalse;
    const returned = frame?.mayReturn.length ?? 0;
    if (branch) leave(side, returned, runSide(m, branch, env));
  });
}

/** Runs one side; where sides are joined, an exception ends its side and nothing else. */
function runSide(m: Machine, branch: ts.Statement, env: Environment): End {
  try {
    return execute(m, branch, new Environment(env, placeOf(branch)));
  } catch (error) {
    if (!m.joins || !(error instanceof ThrowSignal)) throw error;
    return undefined;
  }
}
