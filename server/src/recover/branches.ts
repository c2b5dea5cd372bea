import ts from 'typescript';
import { Unknown } from '../graph';
import { Environment, withThis } from './environment';
import { defer } from './evaluate';
import { ThrowSignal, type Machine } from './machine';
import { peek } from './peek';
import { execute, type Completion } from './statements';
import { findMember, functionLikeName, methodOf } from './functions';
import {
  byNode,
  hasModifier,
  isAssignment,
  isStep,
  isVarList,
  nodesIn,
  nodesRunBy,
  placeOf,
  propertyName,
  unwrap,
} from './syntax';
import { arrayMutators, builds, functionLeadsTo, functionMatters, functionsIn } from './touch';
import { trail } from './trail';
import {
  ArrayValue,
  ClassValue,
  FunctionValue,
  holdsGraphValue,
  ObjectValue,
  UnknownItems,
  UnknownValue,
  type Value,
} from './values';

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

/** A name or property that code assigns. */
interface Target {
  read(): Value;
  write(value: Value): void;
  /** A list that a method call changes, rather than a name or property that is assigned. */
  readonly list?: true;
}

/** What code assigns, also in functions of the author's that it calls. */
function assignedTargets(m: Machine, node: ts.Node, env: Environment): Target[] {
  const targets = new Targets(m);
  targets.collect(node, env);
  return targets.all();
}

class Targets {
  private readonly found = new Map<string, Target>();
  private readonly seen = new Set<ts.Node>();

  constructor(private readonly m: Machine) {}

  all(): Target[] {
    return [...this.found.values()];
  }

  collect(node: ts.Node, env: Environment): void {
    if (this.seen.has(node)) return;
    this.seen.add(node);
    for (const at of changesIn(node)) {
      if (isAssignment(at)) this.add(at.left, env);
      else if (isStep(at)) this.add(at.operand, env);
      else if (ts.isDeleteExpression(at)) this.add(at.expression, env);
      else if (ts.isCallExpression(at)) this.call(at, env);
      else this.add(at, env);
    }
  }

  private add(expression: ts.Expression, env: Environment): void {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner)) {
      const binding = env.find(inner.text);
      if (binding) this.put(binding, '', { read: () => binding.value, write: (value) => void (binding.value = value) });
    } else if (ts.isPropertyAccessExpression(inner)) {
      this.property(peek(inner.expression, env), inner.name.text);
    } else if (ts.isElementAccessExpression(inner)) {
      const { argumentExpression: key } = inner;
      const object = peek(inner.expression, env);
      if (object instanceof ArrayValue) this.list(object);
      else if (ts.isStringLiteralLike(key)) this.property(object, key.text);
      else this.properties(object);
    } else if (ts.isArrayLiteralExpression(inner)) {
      for (const element of inner.elements)
        if (!ts.isOmittedExpression(element)) this.add(ts.isSpreadElement(element) ? element.expression : element, env);
    } else if (ts.isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (ts.isPropertyAssignment(property)) this.add(property.initializer, env);
        else if (ts.isShorthandPropertyAssignment(property)) this.add(property.name, env);
      }
    }
  }

  private call(node: ts.CallExpression, env: Environment): void {
    const callee = unwrap(node.expression);
    if (!ts.isPropertyAccessExpression(callee)) {
      const target = peek(callee, env);
      if (target instanceof FunctionValue && target.node.body) this.collect(target.node.body, target.environment);
      return;
    }
    const name = callee.name.text;
    const object = peek(callee.expression, env);
    if (object instanceof ArrayValue && arrayMutators.has(name)) this.list(object);
    if (name === 'assign' && callee.expression.getText() === 'Object' && node.arguments[0])
      this.properties(peek(node.arguments[0], env), node.arguments.slice(1), env);
    const own = object instanceof ObjectValue ? object.properties.get(name) : undefined;
    const method =
      own instanceof FunctionValue
        ? own
        : object instanceof ObjectValue && object.classValue
          ? findMember(this.m, object.classValue, name, 'method')
          : null;
    if (method?.node.body) this.collect(method.node.body, withThis(method.environment, object as ObjectValue));
  }

  private property(object: ReturnType<typeof peek>, name: string): void {
    if (!(object instanceof ObjectValue)) return;
    this.put(object, name, {
      read: () => object.properties.get(name),
      write: (value) => void object.properties.set(name, value),
    });
  }

  /** Any property: those that the object has, and those that are given to it. */
  private properties(object: ReturnType<typeof peek>, sources: readonly ts.Expression[] = [], env?: Environment): void {
    if (!(object instanceof ObjectValue)) return;
    for (const name of object.properties.keys()) this.property(object, name);
    for (const source of sources) {
      const inner = unwrap(source);
      if (ts.isObjectLiteralExpression(inner)) {
        for (const { name } of inner.properties) {
          const key = name && propertyName(name);
          if (key !== null && key !== undefined) this.property(object, key);
        }
      } else if (env) {
        const value = peek(inner, env);
        if (value instanceof ObjectValue) for (const name of value.properties.keys()) this.property(object, name);
      }
    }
  }

  private list(array: ArrayValue): void {
    this.put(array, 'list', { read: () => array, write: (value) => spoil(array, value), list: true });
  }

  private put(holder: object, name: string, target: Target): void {
    this.found.set(`${trail().idOf(holder)}.${name}`, target);
  }
}

type Change =
  | ts.BinaryExpression
  | ts.PrefixUnaryExpression
  | ts.PostfixUnaryExpression
  | ts.DeleteExpression
  | ts.CallExpression
  | ts.Identifier;

/** Assignments, steps, deletions, calls, and names that a `var` declares, in the order of the text. */
const changesIn = byNode((node): readonly Change[] =>
  nodesIn(node, ts.isFunctionLike).flatMap((at): Change[] => {
    if (isAssignment(at) || isStep(at) || ts.isCallExpression(at) || ts.isDeleteExpression(at)) return [at];
    return isVarList(at) ? at.declarations.map(({ name }) => name).filter(ts.isIdentifier) : [];
  }),
);

/**
 * Makes unknown what functions assign that nobody has called and that are no entry points, because they touch nothing
 * of the graph: a setter, the handler of a switch. They run at a time that is not known, so that what they set may be
 * anything whenever an entry point runs. What holds something of the graph stays.
 */
export function havocIdle(m: Machine, instances: Iterable<readonly [ClassValue, ObjectValue]>): void {
  const targets = new Targets(m);
  const idle = (fn: FunctionValue, env: Environment): void => {
    if (!fn.node.body || m.called.has(fn.node) || isHelper(fn.node) || functionLeadsTo(m, fn)) return;
    for (const code of [fn.node.body, ...functionsIn(fn.node.body)]) targets.collect(code, env);
  };
  for (const fn of [...m.made.values()]) if (!fn.homeClass) idle(fn, fn.environment);
  for (const [value, instance] of instances) {
    for (let at: Value = value; at instanceof ClassValue; at = at.base) {
      for (const member of at.node.members) {
        if (!ts.isMethodDeclaration(member) && !ts.isSetAccessor(member)) continue;
        const fn = methodOf(m, at, member);
        idle(fn, withThis(fn.environment, instance));
      }
    }
  }
  for (const target of targets.all()) {
    const value = target.read();
    if (!holdsGraphValue(value)) target.write(m.unknown('set by code that runs at a time that is not known', null));
  }
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

/** After changes that were not followed a list may hold anything. */
function spoil(array: ArrayValue, value: Value): void {
  if (value instanceof UnknownValue) array.push(new UnknownItems(value.reason, value.id, value.place));
}

/**
 * Makes unknown what the code assigns. With `keepGraph` what holds layers, tensors, models, lists or objects stays as
 * it is, because a loop is then followed turn by turn; otherwise such values escape.
 */
export function havocAssigned(m: Machine, node: ts.Node, env: Environment, reason: string, keepGraph = false): void {
  for (const target of assignedTargets(m, node, env)) {
    const value = target.read();
    const structured = typeof value === 'object' && value !== null && !(value instanceof Unknown);
    // A list of data grows by a number of elements that is not known; one of layers is followed element by element.
    if (keepGraph && structured && !(target.list && !holdsGraphValue(value))) continue;
    m.escape(value, reason, node);
    target.write(m.unknown(reason, node));
  }
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

const throwing = byNode((node) => nodesRunBy(node).some(ts.isThrowStatement));

/**
 * Runs both sides of a branch that builds nothing; what they assign depends on the condition from here on. A side that
 * leaves its loop or function does not end it: what comes after may run, and may not.
 */
export function mergeBranches(
  m: Machine,
  condition: Value,
  conditionNode: ts.Node,
  whenTrue: ts.Statement,
  whenFalse: ts.Statement | null,
  env: Environment,
): void {
  const targets = [...assignedTargets(m, whenTrue, env), ...(whenFalse ? assignedTargets(m, whenFalse, env) : [])];
  const before = targets.map((target) => target.read());
  const lists = new Map(before.filter((value) => value instanceof ArrayValue).map((list) => [list, [...list.items]]));
  const changed = new Set<ArrayValue>();
  const frame = m.frame;
  const leave = (side: boolean, before: number, completion: Completion | undefined): void => {
    if (frame) {
      // What has been given back inside this side is under its condition too.
      for (let index = before; index < frame.mayReturn.length; index++) {
        const reason = 'given back under several conditions that are not known';
        frame.mayReturn[index] = { ...frame.mayReturn[index]!, condition: m.unknown(reason, conditionNode) };
      }
      if (completion?.kind === 'return')
        frame.mayReturn.push({ condition, conditionNode, side, value: completion.value });
    }
    if (completion) for (const loop of m.loops) if (loop.depth === m.frames.length) loop.mayEnd = true;
  };
  const run = (side: boolean): Value[] => {
    const branch = side ? whenTrue : whenFalse;
    targets.forEach((target, index) => !target.list && target.write(before[index]));
    const returned = frame?.mayReturn.length ?? 0;
    if (branch) leave(side, returned, runSide(m, branch, env));
    const after = targets.map((target) => target.read());
    for (const [list, items] of lists) {
      if (list.items.length === items.length && list.items.every((item, index) => item === items[index])) continue;
      changed.add(list);
      list.edit().splice(0, list.length, ...items);
    }
    return after;
  };
  const [left, right] = [run(true), run(false)];
  for (const list of changed) spoil(list, m.unknown('changed under a condition that is not known', conditionNode));
  targets.forEach((target, index) => {
    if (!target.list) target.write(defer(m, condition, conditionNode, left[index], right[index]));
  });
}

/** Runs one side; where sides are joined, an exception ends its side and nothing else. */
function runSide(m: Machine, branch: ts.Statement, env: Environment): Completion | undefined {
  try {
    return execute(m, branch, new Environment(env, placeOf(branch)));
  } catch (error) {
    if (!m.joins || !(error instanceof ThrowSignal)) throw error;
    return undefined;
  }
}
