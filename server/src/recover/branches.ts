import ts from 'typescript';
import { Unknown } from '../graph';
import { Environment } from './environment';
import { defer } from './evaluate';
import type { Machine } from './machine';
import { peek } from './peek';
import { execute } from './statements';
import { byNode, isAssignment, isStep, placeOf, unwrap } from './syntax';
import { arrayMutators } from './touch';
import { ArrayValue, holdsGraphValue, ObjectValue, UnknownItems, UnknownValue, type Value } from './values';

/**
 * Branches neither side of which can touch the graph, and what code assigns: a condition of such a branch is no
 * decision, and what it assigns becomes a deferred or an unknown value.
 */

/** Whether the code can leave the statement it stands in: return, throw, break, continue. */
export const exits = byNode((node): boolean => {
  const visit = (at: ts.Node): boolean => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return false;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at) || ts.isBreakStatement(at) || ts.isContinueStatement(at))
      return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
});

/** Whether the code can leave the function it stands in. */
export const leavesFunction = byNode((node): boolean => {
  const visit = (at: ts.Node): boolean => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return false;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at)) return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
});

/** A name or property that code assigns. */
interface Target {
  read(): Value;
  write(value: Value): void;
  /** A list that a method call changes, rather than a name or property that is assigned. */
  readonly list?: true;
}

function assignedTargets(node: ts.Node, env: Environment): Target[] {
  const targets = new Map<string, Target>();
  const add = (expression: ts.Expression): void => {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner)) {
      const binding = env.find(inner.text);
      if (binding)
        targets.set(inner.text, { read: () => binding.value, write: (value) => void (binding.value = value) });
    } else if (ts.isPropertyAccessExpression(inner)) {
      const object = peek(inner.expression, env);
      const name = inner.name.text;
      if (object instanceof ObjectValue) {
        targets.set(inner.getText(), {
          read: () => object.properties.get(name),
          write: (value) => void object.properties.set(name, value),
        });
      }
    } else if (ts.isArrayLiteralExpression(inner)) {
      for (const element of inner.elements)
        if (!ts.isOmittedExpression(element)) add(ts.isSpreadElement(element) ? element.expression : element);
    }
  };
  for (const at of changesIn(node)) {
    if (isAssignment(at)) add(at.left);
    else if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) add(at.operand);
    else if (ts.isCallExpression(at)) {
      const list = (at.expression as ts.PropertyAccessExpression).expression;
      const array = peek(list, env);
      if (array instanceof ArrayValue)
        targets.set(`${list.getText()}.push`, { read: () => array, write: (value) => spoil(array, value), list: true });
    } else if (ts.isIdentifier(at)) add(at);
  }
  return [...targets.values()];
}

type Change =
  ts.BinaryExpression | ts.PrefixUnaryExpression | ts.PostfixUnaryExpression | ts.CallExpression | ts.Identifier;

/** Assignments, steps, calls that change a list, and names that a `var` declares, in the order of the text. */
const changesIn = byNode((node): readonly Change[] => {
  const found: Change[] = [];
  const visit = (at: ts.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (isAssignment(at)) found.push(at);
    else if ((ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) && isStep(at.operator)) found.push(at);
    else if (
      ts.isCallExpression(at) &&
      ts.isPropertyAccessExpression(at.expression) &&
      arrayMutators.has(at.expression.name.text)
    )
      found.push(at);
    else if (ts.isVariableDeclarationList(at) && !(at.flags & ts.NodeFlags.BlockScoped)) {
      for (const declaration of at.declarations) if (ts.isIdentifier(declaration.name)) found.push(declaration.name);
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
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
  for (const target of assignedTargets(node, env)) {
    const value = target.read();
    const structured = typeof value === 'object' && value !== null && !(value instanceof Unknown);
    // A list of data grows by a number of elements that is not known; one of layers is followed element by element.
    if (keepGraph && structured && !(target.list && !holdsGraphValue(value))) continue;
    m.escape(value, reason, node);
    target.write(m.unknown(reason, node));
  }
}

/** Runs both sides of a branch that cannot touch the graph; what they assign depends on the condition from here on. */
export function mergeBranches(
  m: Machine,
  condition: Value,
  conditionNode: ts.Node,
  whenTrue: ts.Statement,
  whenFalse: ts.Statement | null,
  env: Environment,
): void {
  const targets = [...assignedTargets(whenTrue, env), ...(whenFalse ? assignedTargets(whenFalse, env) : [])];
  const before = targets.map((target) => target.read());
  const lists = new Map(before.filter((value) => value instanceof ArrayValue).map((list) => [list, [...list.items]]));
  const changed = new Set<ArrayValue>();
  const run = (branch: ts.Statement | null): Value[] => {
    targets.forEach((target, index) => !target.list && target.write(before[index]));
    if (branch) execute(m, branch, new Environment(env, placeOf(branch)));
    const after = targets.map((target) => target.read());
    for (const [list, items] of lists) {
      if (list.items.length === items.length && list.items.every((item, index) => item === items[index])) continue;
      changed.add(list);
      list.edit().splice(0, list.length, ...items);
    }
    return after;
  };
  const [left, right] = [run(whenTrue), run(whenFalse)];
  for (const list of changed) spoil(list, m.unknown('changed under a condition that is not known', conditionNode));
  targets.forEach((target, index) => {
    if (!target.list) target.write(defer(m, condition, conditionNode, left[index], right[index]));
  });
}
