import ts from 'typescript';
import { Targets } from './assigned';
import { forget, mergeSides } from './changes';
import { Binding, Environment, withThis } from './environment';
import { ThrowSignal, type Machine } from './machine';
import { returned, type End } from './completions';
import { execute } from './statements';
import { functionLikeName, methodOf } from './functions';
import { byNode, hasModifier, nodesIn, nodesRunBy, placeOf } from './syntax';
import { builds, functionLeadsTo, functionMatters, functionsIn } from './touch';
import { ClassValue, holdsGraphValue, Members, type Value, FunctionValue, type ObjectValue } from './values';

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
 * Makes unknown what functions assign that nobody has called and that are no entry points, because they touch nothing
 * of the graph: a setter, the handler of a switch. They run at a time that is not known, so that what they set may be
 * anything whenever an entry point runs. What holds something of the graph stays.
 *
 * @param instances what has been made, of a class or by a function with a prototype
 */
export function havocIdle(m: Machine, instances: Iterable<readonly [ClassValue | null, ObjectValue]>): void {
  const targets = new Targets(m);
  const idle = (fn: FunctionValue, env: Environment): void => {
    if (!fn.node.body || m.called.has(fn.node) || isHelper(fn.node) || functionLeadsTo(m, fn)) return;
    for (const code of [fn.node.body, ...functionsIn(fn.node.body)]) targets.collect(code, env);
  };
  for (const [value, instance] of instances) {
    for (let at = instance.prototype; at; at = at.prototype)
      for (const fn of at.properties.values())
        if (fn instanceof FunctionValue) idle(fn, withThis(fn.environment, instance));
    for (let at: Value = value; at instanceof ClassValue; at = at.base) {
      for (const member of at.node.members) {
        if (!ts.isMethodDeclaration(member) && !ts.isSetAccessor(member)) continue;
        const fn = methodOf(m, at, member);
        idle(fn, withThis(fn.environment, instance));
      }
    }
  }
  // Those on a prototype have been looked at with what they are called on.
  for (const fn of [...m.made.values()]) if (!fn.homeClass) idle(fn, fn.environment);
  const set = targets.all().filter(({ holder, name }) => {
    const held = holder instanceof Members ? holder.get(name) : holder instanceof Binding ? holder.value : holder;
    return !holdsGraphValue(held as Value);
  });
  forget(m, set, 'set by code that runs at a time that is not known', null);
}

/** Whether only code of the same file can call a function: then it runs when that code does. */
function isHelper(node: ts.FunctionLikeDeclaration): boolean {
  if (ts.isMethodDeclaration(node) || ts.isSetAccessor(node))
    return ts.isPrivateIdentifier(node.name) || hasModifier(node, ts.SyntaxKind.PrivateKeyword);
  const name = functionLikeName(node);
  if (name === null) return false;
  const statement = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : node;
  const declared = ts.isFunctionDeclaration(node) || ts.isVariableStatement(statement);
  return declared && !hasModifier(statement, ts.SyntaxKind.ExportKeyword) && !handedOn(node.getSourceFile()).has(name);
}

/** Names that a file uses otherwise than by calling them: handed on, exported, stored. */
const handedOn = byNode((source): ReadonlySet<string> => {
  const found = nodesIn(source)
    .filter(ts.isIdentifier)
    .filter((at) => {
      const { parent } = at;
      const called = ts.isCallExpression(parent) && parent.expression === at;
      const names = (ts.isFunctionDeclaration(parent) || ts.isVariableDeclaration(parent)) && parent.name === at;
      return !called && !names;
    });
  return new Set(found.map(({ text }) => text));
});

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

const throwing = byNode((node) => nodesRunBy(node).some(ts.isThrowStatement));

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
