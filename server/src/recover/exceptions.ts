import ts from 'typescript';
import { bindPattern } from './assign';
import { giveUp, mapEnd, never, type End } from './completions';
import { Environment } from './environment';
import type { Machine, Try } from './machine';
import { ThrowSignal, TryAbort } from './signals';
import { Enough } from './generators';
import { execute } from './statements';
import { leave, sweep } from './sweep';
import { byNode, placeOf } from './syntax';
import { matters } from './touch';
import { Changes, noting } from './trail';

export function tryStatement(m: Machine, node: ts.TryStatement, env: Environment): End {
  let completion: End;
  try {
    completion = caught(m, node, env);
  } catch (error) {
    // A generator that is asked for no more ends where it is.
    if (!(error instanceof ThrowSignal || error instanceof Enough) || !node.finallyBlock) throw error;
    const last = execute(m, node.finallyBlock, env);
    if (!last) throw error;
    if (last.kind !== 'fork') return last;
    // A side that goes on throws.
    if (m.catches()) giveUp(m);
    return mapEnd(m, last, (leaf) => leaf ?? never);
  }
  const last = node.finallyBlock ? execute(m, node.finallyBlock, env) : undefined;
  return mapEnd(m, last, (leaf) => leaf ?? completion);
}

function caught(m: Machine, node: ts.TryStatement, env: Environment): End {
  const { tryBlock, catchClause } = node;
  const goesOn = (catchClause && !rethrows(catchClause.block)) || (node.finallyBlock && jumps(node.finallyBlock));
  if (!goesOn) return handled(m, node, env);
  const parts = [tryBlock, ...(catchClause ? [catchClause.block] : [])];
  const own: Try = { frame: m.frame, inert: !parts.some((part) => jumps(part) || matters(m, part, env)) };
  const changes = new Changes();
  m.tries.push(own);
  const depth = m.tries.length;
  try {
    return noting(changes, () => handled(m, node, env, () => void (m.tries.length = depth - 1)));
  } catch (error) {
    if (!(error instanceof TryAbort) || error.at !== own) throw error;
    m.tries.length = depth - 1;
    leave(m, changes, 'set where an exception may be caught', node, parts, env, () =>
      parts.forEach((part) => sweep(m, part, env)),
    );
    return undefined;
  } finally {
    m.tries.length = depth - 1;
  }
}

/** @param ended called where what is thrown is no longer caught here */
function handled(m: Machine, node: ts.TryStatement, env: Environment, ended?: () => void): End {
  const { catchClause } = node;
  if (!catchClause) return execute(m, node.tryBlock, env);
  try {
    return execute(m, node.tryBlock, env);
  } catch (error) {
    ended?.();
    if (!(error instanceof ThrowSignal)) throw error;
    const scope = new Environment(env, placeOf(catchClause));
    const { variableDeclaration } = catchClause;
    if (variableDeclaration) bindPattern(m, variableDeclaration.name, error.value, scope, scope);
    return execute(m, catchClause.block, scope);
  }
}

/** Whether every way through a block ends with an exception, as far as its last statement tells. */
const rethrows = byNode((block) => throws(block as ts.Block) && !jumps(block));

/** Whether code can return from its function, or jump to somewhere outside of it. */
export const jumps = byNode((node): boolean => {
  const visit = (at: ts.Node, inLoop: boolean, inSwitch: boolean): boolean => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return false;
    if (ts.isReturnStatement(at)) return true;
    if (ts.isBreakStatement(at)) return at.label !== undefined || !(inLoop || inSwitch);
    if (ts.isContinueStatement(at)) return at.label !== undefined || !inLoop;
    const loop = inLoop || ts.isIterationStatement(at, false);
    return ts.forEachChild(at, (child) => visit(child, loop, inSwitch || ts.isSwitchStatement(at))) ?? false;
  };
  return visit(node, false, false);
});

/** Whether a statement ends with an exception. */
export function throws(node: ts.Statement): boolean {
  if (ts.isBlock(node)) return node.statements.length > 0 && throws(node.statements[node.statements.length - 1]!);
  return ts.isThrowStatement(node);
}
