import ts from 'typescript';
import { Unknown } from '../graph';
import { assign, bindPattern } from './assign';
import { assignedTargets } from './assigned';
import { exits, joined, leavesFunction, mergeBranches } from './branches';
import { forget, mayHaveNoTurn, mergeSides } from './changes';
import { elementsOf, oneOf } from './elements';
import { jumps, throws, tryStatement } from './exceptions';
import { leave, sweepLoop } from './sweep';
import { builds, matters } from './touch';
import {
  eitherEnd,
  giveUp,
  goOn,
  isNext,
  mapEnd,
  type Completion,
  type End,
  type Jump,
  type Leaf,
} from './completions';
import { aliasOf, declareVariables, enumObject, hoistFunctions, namespace } from './declarations';
import { evaluate, membersOf, settleActing, spreadItems } from './evaluate';
import { equality } from './operators';
import { Environment } from './environment';
import { callFunction, defineClass } from './functions';
import { GeneratorValue } from './generators';
import { ITERATOR } from './globals';
import { isByCondition, settleItems } from './items';
import { limits } from './limits';
import type { Frame, Loop, Machine } from './machine';
import { LoopAbort, ThrowSignal } from './signals';
import { getProperty } from './properties';
import { byNode, nodesIn, nodesRunBy, placeOf } from './syntax';
import { picks } from './tf/gradients';
import { Changes, noting } from './trail';
import { ArrayValue, Deferred, FunctionValue, Gradients, ObjectValue, UnknownItems, type Value } from './values';

export function executeBody(m: Machine, statements: readonly ts.Statement[], env: Environment): End {
  for (const [index, statement] of statements.entries()) {
    const end = execute(m, statement, env);
    if (end?.kind === 'fork' && index < statements.length - 1)
      return goOn(m, end, isNext, () => executeBody(m, statements.slice(index + 1), env));
    if (end) return end;
  }
  return undefined;
}

/** Runs one statement; what it returns ends the statements around it. */
export function execute(m: Machine, node: ts.Statement, env: Environment): End {
  m.tick();
  m.environment = env;
  switch (node.kind) {
    case ts.SyntaxKind.ExpressionStatement:
      evaluate(m, (node as ts.ExpressionStatement).expression, env);
      return undefined;
    case ts.SyntaxKind.VariableStatement:
      declareVariables(m, (node as ts.VariableStatement).declarationList, env);
      return undefined;
    case ts.SyntaxKind.ClassDeclaration: {
      const declaration = node as ts.ClassDeclaration;
      const value = defineClass(m, declaration, env);
      env.declare(declaration.name?.text ?? 'default', value);
      return undefined;
    }
    case ts.SyntaxKind.Block: {
      const scope = new Environment(env, placeOf(node));
      hoistFunctions(m, (node as ts.Block).statements, scope);
      return executeBody(m, (node as ts.Block).statements, scope);
    }
    case ts.SyntaxKind.IfStatement:
      return ifStatement(m, node as ts.IfStatement, env);
    case ts.SyntaxKind.ReturnStatement: {
      const { expression } = node as ts.ReturnStatement;
      return { kind: 'return', value: expression ? evaluate(m, expression, env) : undefined };
    }
    case ts.SyntaxKind.ForStatement:
      return forStatement(m, node as ts.ForStatement, env, null);
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.ForInStatement:
      return looping(m, node as ts.ForOfStatement, env, () => forOf(m, node as ts.ForOfStatement, env, null));
    case ts.SyntaxKind.WhileStatement:
    case ts.SyntaxKind.DoStatement:
      return whileStatement(m, node as ts.WhileStatement, env, null);
    case ts.SyntaxKind.LabeledStatement:
      return labeled(m, node as ts.LabeledStatement, env);
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ContinueStatement:
      return {
        kind: node.kind === ts.SyntaxKind.BreakStatement ? 'break' : 'continue',
        label: (node as ts.BreakStatement).label?.text ?? null,
      };
    case ts.SyntaxKind.SwitchStatement:
      return switchStatement(m, node as ts.SwitchStatement, env);
    case ts.SyntaxKind.ThrowStatement:
      throw new ThrowSignal(evaluate(m, (node as ts.ThrowStatement).expression, env));
    case ts.SyntaxKind.TryStatement:
      return tryStatement(m, node as ts.TryStatement, env);
    case ts.SyntaxKind.EnumDeclaration:
      env.declare((node as ts.EnumDeclaration).name.text, enumObject(m, node as ts.EnumDeclaration, env));
      return undefined;
    case ts.SyntaxKind.ImportEqualsDeclaration: {
      const { name, moduleReference } = node as ts.ImportEqualsDeclaration;
      if (!ts.isExternalModuleReference(moduleReference)) env.declare(name.text, aliasOf(m, moduleReference, env));
      return undefined;
    }
    case ts.SyntaxKind.ModuleDeclaration:
      return namespace(m, node as ts.ModuleDeclaration, env);
    case ts.SyntaxKind.ExportAssignment: {
      const { expression, isExportEquals } = node as ts.ExportAssignment;
      const value = evaluate(m, expression, env);
      const module = isExportEquals ? env.find('module')?.value : null;
      if (module instanceof ObjectValue) module.properties.set('exports', value);
      else env.functionScope().declare('default', value);
      return undefined;
    }
    default:
      return undefined;
  }
}

function ifStatement(m: Machine, node: ts.IfStatement, env: Environment): End {
  const condition = evaluate(m, node.expression, env);
  const run = (side: boolean): End => {
    const branch = side ? node.thenStatement : node.elseStatement;
    return branch ? execute(m, branch, new Environment(env, placeOf(branch))) : undefined;
  };
  if (m.truth(condition) !== null) return run(m.decide(condition, node.expression));
  const branches = [node.thenStatement, ...(node.elseStatement ? [node.elseStatement] : [])];
  const merge = (): undefined => {
    mergeBranches(m, condition, node.expression, node.thenStatement, node.elseStatement ?? null, env);
  };
  if (m.frame && isGenerator(m.frame) && branches.some(yields)) return run(m.decide(condition, node.expression));
  if (!branches.some((branch) => matters(m, branch, env))) {
    if (!branches.some(exits)) return merge();
    if (mayFork(m)) return fork(m, condition, node.expression, run);
  }
  if (joined(m, branches, env)) return merge();
  // A side that throws builds nothing, unless the function goes on behind it: it is no world.
  if (m.catches()) return run(m.decide(condition, node.expression, preferredSide(node)));
  if (throws(node.thenStatement)) return run(m.assume(condition, node.expression, false));
  if (node.elseStatement && throws(node.elseStatement)) return run(m.assume(condition, node.expression, true));
  return run(m.decide(condition, node.expression, preferredSide(node)));
}

/** Whether code that cannot touch the graph may end in several ways: all that comes behind it cannot either. */
function mayFork(m: Machine): boolean {
  const around = m.loops.at(-1);
  return m.frame?.inert || (around !== undefined && around.inert && around.depth === m.frames.length && !around.leaves);
}

/**
 * Runs both sides of a condition in code that may end in several ways. The body of a generator runs while somebody takes
 * what it yields, and not once for each side. What depends on a condition is one more condition for those that it meets:
 * a segment with too many does without.
 */
function fork(m: Machine, condition: Value, node: ts.Node, run: (side: boolean) => End): End {
  const { frame, inert } = m;
  const left = m.forkable - (inert ? m.stepCount - inert.since : 0);
  if (m.joins || (frame && isGenerator(frame)) || isRecursive(m) || left < 0) giveUp(m);
  m.forked = true;
  const [whenTrue, whenFalse] = mergeSides(m, condition, node, run);
  return eitherEnd(m, condition, node, whenTrue, whenFalse);
}

/** Whether code yields: then its consumer may leave it there. */
const yields = byNode((node) => nodesRunBy(node).some(ts.isYieldExpression));

/** The body of a generator runs while somebody takes what it yields. */
function isGenerator({ fn }: Frame): boolean {
  return fn !== null && fn.node.asteriskToken !== undefined;
}

/** Whether the function that runs is called by itself: each side of its conditions would go down both sides again. */
function isRecursive({ frame, frames }: Machine): boolean {
  return frame?.fn !== null && frames.some((other) => other !== frame && other.fn?.node === frame?.fn?.node);
}

/** The side of the first run: the one that goes on, rather than leaving early. */
function preferredSide(node: ts.IfStatement): boolean {
  return !(leaves(node.thenStatement) && !(node.elseStatement && leaves(node.elseStatement)));
}

function leaves(node: ts.Statement): boolean {
  if (ts.isBlock(node)) return node.statements.length > 0 && leaves(node.statements[node.statements.length - 1]!);
  return (
    ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isContinueStatement(node) || ts.isBreakStatement(node)
  );
}

/** Runs a loop; where its body cannot touch the graph, a condition in it that is not known ends the following of it. */
function looping<T>(m: Machine, node: ts.IterationStatement, env: Environment, run: () => T): T | undefined {
  const own: Loop = {
    inert: !matters(m, node.statement, env),
    depth: m.frames.length,
    changes: new Changes(),
    leaves: leavesFunction(node.statement) || jumps(node),
    builds: m.joins && builds(m, node.statement, env),
    mayEnd: false,
  };
  m.loops.push(own);
  try {
    // What is gone through for what it changes takes each turn for any other.
    if (m.sweeping && own.inert && !own.leaves) {
      noting(own.changes, () => sweepLoop(m, node, env));
      forget(m, own.changes.all(), 'set by a loop that is not followed', node);
      return undefined;
    }
    const result = noting(own.changes, run);
    if (own.mayEnd)
      forget(m, own.changes.all(), 'set by a loop that may end at a condition that is not known', node, true);
    return result;
  } catch (error) {
    if (!(error instanceof LoopAbort) || error.loop !== own) throw error;
    leave(m, own.changes, 'set by a loop with conditions that are not known', node, [node], env, () =>
      sweepLoop(m, node, env),
    );
    return undefined;
  } finally {
    m.loops.pop();
  }
}

type LoopEnd = 'next' | 'stop' | Completion;

/** A turn is over, and the next one may come. */
const AGAIN: Jump = { kind: 'continue', label: null };

function isAgain(leaf: Leaf | undefined): boolean {
  return leaf === AGAIN;
}

/** How a turn ends whose body ends so: AGAIN, undefined where the loop is over, or how the loop ends. */
function turnEnd(m: Machine, end: End, label: string | null): End {
  return mapEnd(m, end, (leaf) => {
    if (!leaf) return AGAIN;
    if (leaf.kind === 'return' || (leaf.label !== null && leaf.label !== label)) return leaf;
    return leaf.kind === 'continue' ? AGAIN : undefined;
  });
}

/** The end of one of several turns of which not all are followed. */
function anyEnd(m: Machine, end: End): LoopEnd {
  if (end?.kind === 'fork') giveUp(m);
  return end === AGAIN ? 'next' : (end ?? 'stop');
}

/**
 * Runs the body of a loop whose number of turns is not known: once in one world and, if a turn makes something of the
 * graph, twice in another.
 */
export function repeatUnknown(m: Machine, node: ts.Node, body: () => LoopEnd): LoopEnd {
  const [before, trainings, building] = [m.events, m.trainings, m.building];
  const first = body();
  if (m.joins && m.building === building) return first;
  // A training loop's second turn shows nothing that its first has not.
  if (first !== 'next' || m.events === before || m.trainings > trainings || m.frame?.inert) return first;
  const again = m.unknown('how often a loop runs', node, ':turns');
  return m.decide(again, node, false, 'the loop runs more than once') ? body() : first;
}

function forStatement(m: Machine, node: ts.ForStatement, outer: Environment, label: string | null): End {
  const env = new Environment(outer, placeOf(node));
  if (node.initializer) {
    if (ts.isVariableDeclarationList(node.initializer)) declareVariables(m, node.initializer, env);
    else evaluate(m, node.initializer, env);
  }
  // Only functions that are made in a turn tell its variables from those of the next one.
  const keeps = makesFunctions(node);
  const step = (turn: Environment): Environment => {
    const next = keeps ? turn.copy() : turn;
    if (node.incrementor) evaluate(m, node.incrementor, next);
    return next;
  };
  return looping(m, node, env, () => loop(m, node, node.condition ?? null, env, label, step, false));
}

const makesFunctions = byNode((node) => nodesIn(node).some((at) => ts.isFunctionLike(at) || ts.isClassLike(at)));

function whileStatement(
  m: Machine,
  node: ts.WhileStatement | ts.DoStatement,
  env: Environment,
  label: string | null,
): End {
  return looping(m, node, env, () =>
    loop(m, node, node.expression, env, label, (turn) => turn, ts.isDoStatement(node)),
  );
}

function loop(
  m: Machine,
  node: ts.IterationStatement,
  condition: ts.Expression | null,
  first: Environment,
  label: string | null,
  step: (turn: Environment) => Environment,
  bodyFirst: boolean,
): End {
  let env = first;
  const next = (): void => void (env = step(env));
  const body = (): End => {
    // A fresh scope per turn: closures made in a turn keep that turn's variables.
    const scope = new Environment(env, placeOf(node.statement));
    return turnEnd(m, execute(m, node.statement, scope), label);
  };
  const own = m.loops.at(-1)!;
  const { changes, inert } = own;
  // `at < (deep ? 5 : 3)`: what the condition depends on is one decision for all turns.
  const decided = (value: Value): boolean | null =>
    condition && !m.joins && !inert && dependsOnly(m, value) ? m.decide(value, condition) : null;
  // All later turns in one.
  const later = (reason: string, run: () => LoopEnd): End => {
    const end = anyTurn(m, changes, node, env, reason, run);
    return end === AGAIN ? undefined : end;
  };
  const { building } = m;
  /** @param isKnown whether it is known already that there is this turn */
  const from = (start: number, isKnown: boolean): End => {
    for (let count = start; ; count++) {
      if (!(isKnown && count === start)) {
        const value = condition ? evaluate(m, condition, env) : true;
        const known = m.truth(value) ?? decided(value);
        if (known === false) return undefined;
        if (known === null && condition && inert && !m.joins && mayFork(m) && dependsOnly(m, value))
          return fork(m, value, condition, (side) => (side ? from(count, true) : undefined));
        if (known === null) {
          return later('set by a loop whose number of turns is not known', () =>
            repeatUnknown(m, node, () => {
              const result = anyEnd(m, body());
              next();
              return result;
            }),
          );
        }
      }
      m.turns++;
      const idle =
        (inert && !own.leaves && count >= limits.inertTurns) ||
        (m.turns > limits.turns && count >= 4 && m.building === building);
      if (count >= limits.iterations || idle) {
        const reason = 'set by a loop of very many turns';
        // What a later turn gives is not known.
        if (own.leaves && m.frame?.inert) giveUp(m);
        if (inert) leave(m, changes, reason, node, [node], env, () => sweepLoop(m, node, env));
        else forget(m, [...assignedTargets(m, node, env), ...changes.all()], reason, node);
        if (!idle) m.silence(node, `only the first ${limits.iterations} turns of this loop are followed`);
        return undefined;
      }
      const { trainings } = m;
      const conditions = m.decisions.size + m.joined;
      const end = body();
      if (end?.kind === 'fork')
        return goOn(m, end, isAgain, () => {
          next();
          return from(count + 1, false);
        });
      if (end !== AGAIN) return end;
      next();
      // A training loop, or one that meets new conditions in every turn and builds nothing: its later turns are one, in
      // which all that turns change is not known.
      const repeats = m.trainings > trainings || (m.decisions.size + m.joined > conditions && m.building === building);
      if (repeats && count >= 1) return later('set by a loop whose turns repeat each other', () => anyEnd(m, body()));
    }
  };
  return from(0, bodyFirst);
}

/** Whether a value is true or false on each side of the conditions that it depends on. */
function dependsOnly(m: Machine, value: Value): boolean {
  return value instanceof Deferred
    ? [value.whenTrue, value.whenFalse].every((side) => m.truth(side) !== null || dependsOnly(m, side))
    : false;
}

function forOf(m: Machine, node: ts.ForOfStatement | ts.ForInStatement, outer: Environment, label: string | null): End {
  const subject = settleActing(m, evaluate(m, node.expression, outer));
  const iterable = ts.isForInStatement(node) ? new ArrayValue(keysOf(m, subject, node)) : iterableOf(m, subject, node);
  const gradients = subject instanceof Gradients ? subject : null;
  if (gradients && picks(node.statement)) m.builder.applied(gradients.step, 'some');
  const { changes } = m.loops.at(-1)!;
  let count = 0;
  const body = (value: Value): End => {
    const env = new Environment(outer, placeOf(node));
    if (ts.isVariableDeclarationList(node.initializer))
      bindPattern(m, node.initializer.declarations[0]!.name, value, env, env);
    else assign(m, node.initializer, value, env);
    return turnEnd(m, execute(m, node.statement, env), label);
  };
  const take = (item: Value): End => {
    if (++count > limits.iterations) {
      const slots = [...assignedTargets(m, node.statement, outer), ...changes.all()];
      forget(m, slots, 'set by a loop of very many turns', node);
      m.silence(node, `only the first ${limits.iterations} turns of this loop are followed`);
      return undefined;
    }
    if (!(item instanceof UnknownItems)) return body(item);
    return anyTurn(m, changes, node, outer, 'set by a loop whose number of turns is not known', () =>
      repeatUnknown(m, node, () =>
        anyEnd(
          m,
          body(
            gradients ??
              oneOf(m.unknown('an element of a list that is not known', node.initializer), elementsOf(subject)),
          ),
        ),
      ),
    );
  };
  if (iterable instanceof GeneratorValue) {
    let end: End = AGAIN;
    iterable.consume(m, (item) => {
      end = take(item);
      if (end?.kind === 'fork') giveUp(m);
      return end === AGAIN;
    });
    return end === AGAIN ? undefined : end;
  }
  // By index: the body may make the list longer.
  const from = (first: number): End => {
    for (let index = first; ; index++) {
      if (isByCondition(iterable.items[index])) settleItems(m, iterable, matters(m, node.statement, outer));
      if (index >= iterable.length) return undefined;
      const end = take(iterable.items[index]);
      if (end?.kind === 'fork') return goOn(m, end, isAgain, () => from(index + 1));
      if (end !== AGAIN) return end;
    }
  };
  return from(0);
}

/** Runs a turn of a loop that may be any of several. */
function anyTurn(
  m: Machine,
  changes: Changes,
  node: ts.IterationStatement,
  env: Environment,
  reason: string,
  run: () => LoopEnd,
): End {
  const end = anyTime(m, changes, node, env, reason, run);
  if (m.loops.at(-1)?.inert) mayHaveNoTurn(m, changes, node);
  if (end === 'next') return AGAIN;
  if (end === 'stop') return undefined;
  // There may be no such turn.
  if (m.frame?.inert) giveUp(m);
  return end;
}

/** Runs code that is run any number of times: before it and behind it, what it changes is not known. */
export function anyTime<T>(
  m: Machine,
  changes: Changes,
  node: ts.Node,
  env: Environment,
  reason: string,
  run: () => T,
): T {
  forget(m, [...assignedTargets(m, node, env), ...changes.all()], reason, node, true);
  const turn = new Changes();
  const result = noting(turn, run);
  changes.add(turn);
  forget(m, changes.all(), reason, node, true);
  return result;
}

function iterableOf(m: Machine, subject: Value, node: ts.Node): ArrayValue | GeneratorValue {
  if (subject instanceof ArrayValue || subject instanceof GeneratorValue) return subject;
  const iterator = subject instanceof ObjectValue && !subject.tag ? getProperty(m, subject, ITERATOR, node) : null;
  const made = iterator instanceof FunctionValue ? callFunction(m, iterator, subject, [], node) : null;
  return made instanceof GeneratorValue ? made : new ArrayValue(spreadItems(m, subject, node));
}

function keysOf(m: Machine, subject: Value, node: ts.Node): Value[] {
  if (subject instanceof ObjectValue && !subject.open) return membersOf(m, subject, node, (key) => key);
  if (subject instanceof ArrayValue && subject.closed) return subject.items.map((_, index) => String(index));
  return spreadItems(m, m.unknown('the keys of a value that is not known', node), node);
}

function labeled(m: Machine, node: ts.LabeledStatement, env: Environment): End {
  const label = node.label.text;
  const inner = node.statement;
  let completion: End;
  if (ts.isForStatement(inner)) completion = forStatement(m, inner, env, label);
  else if (ts.isForOfStatement(inner) || ts.isForInStatement(inner))
    completion = looping(m, inner, env, () => forOf(m, inner, env, label));
  else if (ts.isWhileStatement(inner) || ts.isDoStatement(inner)) completion = whileStatement(m, inner, env, label);
  else completion = execute(m, inner, env);
  return mapEnd(m, completion, (leaf) => (leaf?.kind === 'break' && leaf.label === label ? undefined : leaf));
}

function switchStatement(m: Machine, node: ts.SwitchStatement, outer: Environment): End {
  const env = new Environment(outer, placeOf(node));
  const subject = evaluate(m, node.expression, env);
  const clauses = node.caseBlock.clauses;
  for (const { statements } of clauses) hoistFunctions(m, statements, env);
  const outcome = m.resolve(subject);
  const from = (start: number): End => {
    const statements = start < 0 ? [] : clauses.slice(start).flatMap((clause) => [...clause.statements]);
    const end = executeBody(m, statements, env);
    return mapEnd(m, end, (leaf) => (leaf?.kind === 'break' && leaf.label === null ? undefined : leaf));
  };
  const holds = (expression: ts.Expression): Value =>
    equality(m, subject, evaluate(m, expression, env), false, expression);
  const last = clauses.findIndex(ts.isDefaultClause);
  if (mayFork(m) && !matters(m, node.caseBlock, env)) {
    const matching = (index: number): End => {
      const clause = clauses[index];
      if (!clause) return from(last);
      if (ts.isDefaultClause(clause)) return matching(index + 1);
      const condition = holds(clause.expression);
      const known = m.truth(condition);
      if (known !== null) return known ? from(index) : matching(index + 1);
      return fork(m, condition, clause.expression, (side) => (side ? from(index) : matching(index + 1)));
    };
    return matching(0);
  }
  const open = outcome instanceof Unknown || (m.joins && outcome instanceof Deferred);
  if (open && !leavesSwitch(node.caseBlock) && joined(m, [node.caseBlock], env)) {
    const changes = new Changes();
    noting(changes, () => {
      for (const clause of clauses) executeBody(m, clause.statements, env);
    });
    forget(m, changes.all(), 'set under a condition that is not known', node.caseBlock);
    return undefined;
  }
  const start = clauses.findIndex((clause) => {
    if (ts.isDefaultClause(clause)) return false;
    return m.decide(holds(clause.expression), clause.expression);
  });
  return from(start < 0 ? last : start);
}

/** Whether a clause ends more than its switch. */
const leavesSwitch = byNode((block) => leavesFunction(block) || nodesRunBy(block).some(ts.isContinueStatement));
