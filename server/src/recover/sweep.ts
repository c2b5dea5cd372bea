import ts from 'typescript';
import { assign, bindPattern } from './assign';
import { assignedTargets } from './assigned';
import { forget } from './changes';
import { declareVariables, hoistFunctions } from './declarations';
import { Environment } from './environment';
import { evaluate } from './evaluate';
import { GeneratorValue } from './generators';
import type { Machine } from './machine';
import { SweepAbort, ThrowSignal } from './signals';
import { execute } from './statements';
import { peek } from './peek';
import { byNode, isAssignment, isStep, nodesRunBy, placeOf } from './syntax';
import { noting, type Changes } from './trail';
import { actsOn, ArrayValue, FunctionValue } from './values';

/** Code that touches nothing of the graph and is not followed to its end. */

/** How often code that is left is run again for what it changes. */
const MOST_SWEEPS = 3;

/**
 * Leaves code that cannot touch the graph without following it to its end: what it has changed, and what `run`, which
 * goes through all of it, changes, is not known. Where that takes too long, it is what the text tells.
 *
 * @param parts the code, in the scope of `env`
 */
export function leave(
  m: Machine,
  changes: Changes,
  reason: string,
  node: ts.Node,
  parts: readonly ts.Node[],
  env: Environment,
  run: () => void,
): void {
  if (m.sweeping) {
    forget(m, changes.all(), reason, node);
    noting(changes, run);
  } else {
    const { stepCount } = m;
    m.sweeping = true;
    m.sweepEnd = stepCount + m.sweepable;
    let known = -1;
    try {
      for (let turn = 0; turn < MOST_SWEEPS && changes.size > known; turn++) {
        known = changes.size;
        forget(m, changes.all(), reason, node);
        noting(changes, run);
      }
    } catch (error) {
      if (!(error instanceof SweepAbort)) throw error;
      forget(
        m,
        parts.flatMap((part) => assignedTargets(m, part, env)),
        reason,
        node,
      );
    } finally {
      m.sweeping = false;
      m.sweepable -= m.stepCount - stepCount;
    }
  }
  forget(m, changes.all(), reason, node);
}

/** Whether code sets nothing, as far as its text tells, and calls nothing but functions that do not either. */
export function setsNothing(node: ts.Node, env: Environment, depth = 4): boolean {
  return settingIn(node).every((at) => {
    if (!ts.isCallExpression(at) || depth === 0) return false;
    const callee = peek(at.expression, env);
    return (
      callee instanceof FunctionValue &&
      !!callee.node.body &&
      setsNothing(callee.node.body, callee.environment, depth - 1)
    );
  });
}

/** What of code may set something: assignments, and whatever may run other code. */
const settingIn = byNode((node): readonly ts.Node[] =>
  nodesRunBy(node).filter(
    (at) =>
      isAssignment(at) ||
      isStep(at) ||
      ts.isDeleteExpression(at) ||
      ts.isCallExpression(at) ||
      ts.isNewExpression(at) ||
      ts.isYieldExpression(at) ||
      ts.isTaggedTemplateExpression(at) ||
      ts.isSpreadElement(at) ||
      ts.isForOfStatement(at) ||
      ts.isClassLike(at),
  ),
);

/** Goes through all statements of code, whatever leads to them, for what they change. */
export function sweep(m: Machine, node: ts.Node, env: Environment): void {
  m.tick();
  m.environment = env;
  const value = (expression: ts.Expression | undefined): void => {
    if (expression) quietly(() => evaluate(m, expression, env));
  };
  if (ts.isBlock(node)) {
    const scope = new Environment(env, placeOf(node));
    hoistFunctions(m, node.statements, scope);
    for (const statement of node.statements) sweep(m, statement, scope);
  } else if (ts.isIfStatement(node)) {
    value(node.expression);
    sweep(m, node.thenStatement, new Environment(env, placeOf(node.thenStatement)));
    if (node.elseStatement) sweep(m, node.elseStatement, new Environment(env, placeOf(node.elseStatement)));
  } else if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) value(node.expression);
  else if (ts.isForStatement(node)) {
    const scope = new Environment(env, placeOf(node));
    const { initializer } = node;
    if (initializer && ts.isVariableDeclarationList(initializer))
      quietly(() => declareVariables(m, initializer, scope));
    else value(initializer);
    sweepLoop(m, node, scope);
  } else if (ts.isIterationStatement(node, false)) sweepLoop(m, node, env);
  else if (ts.isLabeledStatement(node)) sweep(m, node.statement, env);
  else if (ts.isSwitchStatement(node)) {
    const scope = new Environment(env, placeOf(node));
    value(node.expression);
    for (const clause of node.caseBlock.clauses) {
      hoistFunctions(m, clause.statements, scope);
      for (const statement of clause.statements) sweep(m, statement, scope);
    }
  } else if (ts.isTryStatement(node)) {
    sweep(m, node.tryBlock, env);
    const { catchClause } = node;
    if (catchClause) {
      const scope = new Environment(env, placeOf(catchClause));
      const { variableDeclaration } = catchClause;
      if (variableDeclaration)
        bindPattern(m, variableDeclaration.name, m.unknown('what is caught', catchClause), scope, scope);
      sweep(m, catchClause.block, scope);
    }
    if (node.finallyBlock) sweep(m, node.finallyBlock, env);
  } else if (!ts.isBreakStatement(node) && !ts.isContinueStatement(node)) {
    quietly(() => execute(m, node as ts.Statement, env));
  }
}

/** The same of a turn of a loop, on each element of a list that is known. */
export function sweepLoop(m: Machine, node: ts.IterationStatement, env: Environment): void {
  const body = (scope: Environment): void => sweep(m, node.statement, new Environment(scope, placeOf(node.statement)));
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    const { initializer } = node;
    const subject = quietly(() => evaluate(m, node.expression, env));
    const items =
      subject instanceof ArrayValue
        ? subject.items
        : subject instanceof GeneratorValue
          ? subject.all(m, MOST_SWEPT)
          : [];
    const known = ts.isForOfStatement(node) ? items.slice(0, MOST_SWEPT) : [];
    for (const item of [...known.filter(actsOn), m.unknown('an element of a list', initializer)]) {
      const scope = new Environment(env, placeOf(node));
      quietly(() => {
        if (ts.isVariableDeclarationList(initializer))
          bindPattern(m, initializer.declarations[0]!.name, item, scope, scope);
        else assign(m, initializer, item, scope);
      });
      body(scope);
    }
    return;
  }
  const condition = ts.isForStatement(node) ? node.condition : (node as ts.WhileStatement).expression;
  if (condition) quietly(() => evaluate(m, condition, env));
  body(env);
  const step = ts.isForStatement(node) ? node.incrementor : undefined;
  if (step) quietly(() => evaluate(m, step, env));
}

/** How many elements of a list a loop is gone through for. */
const MOST_SWEPT = 64;

/** An exception ends its statement and nothing else. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
    return undefined;
  }
}
