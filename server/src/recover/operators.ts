import ts from 'typescript';
import { Unknown } from '../graph';
import { assign, bindPattern } from './assign';
import { joined } from './branches';
import { mergeSides } from './changes';
import { matters } from './touch';
import type { Environment } from './environment';
import { defer, evaluate, overSides } from './evaluate';
import { comparisons } from './holding';
import { shortId, type Machine } from './machine';
import { mayBeName, MadeUpName } from './tf/names';
import { trail } from './trail';
import {
  ApiPath,
  ClassValue,
  Deferred,
  FunctionValue,
  knownTruth,
  LayerValue,
  ModelValue,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownValue,
  type Value,
} from './values';

/** Binary expressions, assignments among them. */
export function binary(m: Machine, node: ts.BinaryExpression, env: Environment): Value {
  const operator = node.operatorToken.kind;
  switch (operator) {
    case ts.SyntaxKind.EqualsToken: {
      const value = evaluate(m, node.right, env);
      if (ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left))
        bindPattern(m, node.left, value, env, null);
      else assign(m, node.left, value, env);
      return value;
    }
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken:
      return logical(m, operator, node.left, node.right, env);
    case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
    case ts.SyntaxKind.BarBarEqualsToken:
    case ts.SyntaxKind.QuestionQuestionEqualsToken: {
      const plain =
        operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken
          ? ts.SyntaxKind.AmpersandAmpersandToken
          : operator === ts.SyntaxKind.BarBarEqualsToken
            ? ts.SyntaxKind.BarBarToken
            : ts.SyntaxKind.QuestionQuestionToken;
      const value = logical(m, plain, node.left, node.right, env);
      assign(m, node.left, value, env);
      return value;
    }
    case ts.SyntaxKind.CommaToken:
      evaluate(m, node.left, env);
      return evaluate(m, node.right, env);
  }
  if (operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment) {
    const value = arithmetic(
      m,
      compound.get(operator) ?? operator,
      evaluate(m, node.left, env),
      evaluate(m, node.right, env),
      node,
    );
    assign(m, node.left, value, env);
    return value;
  }
  const left = evaluate(m, node.left, env);
  return arithmetic(m, operator, left, evaluate(m, node.right, env), node);
}

const compound = new Map<ts.SyntaxKind, ts.SyntaxKind>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
]);

/** The plus or minus of `++` and `--`. */
export function stepOperator(operator: ts.SyntaxKind): ts.SyntaxKind {
  return operator === ts.SyntaxKind.PlusPlusToken ? ts.SyntaxKind.PlusToken : ts.SyntaxKind.MinusToken;
}

function logical(
  m: Machine,
  operator: ts.SyntaxKind,
  leftNode: ts.Expression,
  rightNode: ts.Expression,
  env: Environment,
): Value {
  const left = evaluate(m, leftNode, env);
  let condition: Value = left;
  let takesRight: boolean;
  if (operator === ts.SyntaxKind.QuestionQuestionToken) {
    if (!(left instanceof Unknown) && !(left instanceof Deferred)) return left ?? evaluate(m, rightNode, env);
    condition = presence(m, left, leftNode);
    takesRight = false;
  } else takesRight = operator === ts.SyntaxKind.AmpersandAmpersandToken;
  const known = m.truth(condition);
  if (known === null && (!matters(m, rightNode, env) || joined(m, [rightNode], env))) {
    const [on, off] = mergeSides(m, condition, leftNode, (side) =>
      side === takesRight ? evaluate(m, rightNode, env) : left,
    );
    return defer(m, condition, leftNode, on, off);
  }
  const side = m.decide(condition, leftNode, takesRight);
  return side === takesRight ? evaluate(m, rightNode, env) : m.resolve(left);
}

/** Whether a value is there: neither null nor undefined. */
function presence(m: Machine, value: Value, node: ts.Node): Value {
  if (value instanceof Deferred) return overSides(m, value, (side) => presence(m, side, node));
  if (!(value instanceof Unknown)) return value != null;
  const condition = m.derived('whether it is missing', `${idOf(value)}!=null`, node);
  if (condition instanceof UnknownValue) m.presences.add(condition.id);
  return condition;
}

/** `!x`, `-x`, `++x` and their kin. */
export function prefix(m: Machine, node: ts.PrefixUnaryExpression, env: Environment): Value {
  const value = evaluate(m, node.operand, env);
  switch (node.operator) {
    case ts.SyntaxKind.ExclamationToken: {
      const known = m.truth(value);
      if (known !== null && !(m.resolve(value) instanceof UnknownValue)) return !known;
      return known !== null ? !m.decide(value, node.operand) : defer(m, value, node.operand, false, true);
    }
    case ts.SyntaxKind.MinusToken:
      return typeof value === 'number' ? -value : m.derived('not known', `-${idOf(value)}`, node);
    case ts.SyntaxKind.PlusToken:
      return isPrimitive(value) ? Number(value) : m.derived('not known', `+${idOf(value)}`, node);
    case ts.SyntaxKind.TildeToken:
      return typeof value === 'number' ? ~value : m.derived('not known', `~${idOf(value)}`, node);
    default: {
      const next = arithmetic(m, stepOperator(node.operator), value, 1, node);
      assign(m, node.operand, next, env);
      return next;
    }
  }
}

export function isPrimitive(value: Value): value is null | undefined | boolean | number | string {
  return value === null || typeof value !== 'object';
}

/** A text that is equal exactly for values that are certainly the same. */
export function idOf(value: Value): string {
  if (value instanceof UnknownValue) return value.id;
  // Kept, because values that depend on conditions nest, and the two sides share what they are made of.
  if (value instanceof Deferred)
    return (value.id ??= shortId(`(${value.condition.id}?${idOf(value.whenTrue)}:${idOf(value.whenFalse)})`));
  if (isPrimitive(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  return trail().idOf(value);
}

/** The value of an operator on two values; unknown, with an identity, where one of them is. */
export function arithmetic(
  m: Machine,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.Node,
  depth = 4,
): Value {
  switch (operator) {
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsToken:
      return equality(m, left, right, operator === ts.SyntaxKind.EqualsEqualsToken, node);
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken: {
      const equal = equality(m, left, right, operator === ts.SyntaxKind.ExclamationEqualsToken, node);
      return typeof equal === 'boolean' ? !equal : defer(m, equal, node, false, true);
    }
    case ts.SyntaxKind.InstanceOfKeyword:
      return instanceOf(m, left, right, node);
    case ts.SyntaxKind.InKeyword:
      if (right instanceof ObjectValue && typeof left === 'string') {
        const there = right.properties.presence(left);
        if (there === true || !(right.open || right.classValue || right.prototype)) return there;
      }
      return m.unknown('whether the property is there', node);
  }
  if (isPrimitive(left) && isPrimitive(right)) {
    const result = operate(operator, left, right);
    if (result !== undefined) return result;
  }
  // `(wide ? 64 : 32) * 2` is one of two numbers.
  if (depth > 0 && left instanceof Deferred)
    return overSides(m, left, (side) => arithmetic(m, operator, side, right, node, depth - 1));
  if (depth > 0 && right instanceof Deferred)
    return overSides(m, right, (side) => arithmetic(m, operator, left, side, node, depth - 1));
  return m.derived('not known', `(${idOf(left)}${ts.tokenToString(operator) ?? operator}${idOf(right)})`, node);
}

function operate(operator: ts.SyntaxKind, a: unknown, b: unknown): Value {
  const [x, y] = [a as number, b as number];
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return x + y;
    case ts.SyntaxKind.MinusToken:
      return x - y;
    case ts.SyntaxKind.AsteriskToken:
      return x * y;
    case ts.SyntaxKind.SlashToken:
      return x / y;
    case ts.SyntaxKind.PercentToken:
      return x % y;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return x ** y;
    case ts.SyntaxKind.LessThanToken:
      return x < y;
    case ts.SyntaxKind.GreaterThanToken:
      return x > y;
    case ts.SyntaxKind.LessThanEqualsToken:
      return x <= y;
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return x >= y;
    case ts.SyntaxKind.LessThanLessThanToken:
      return x << y;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return x >> y;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
      return x >>> y;
    case ts.SyntaxKind.AmpersandToken:
      return x & y;
    case ts.SyntaxKind.BarToken:
      return x | y;
    case ts.SyntaxKind.CaretToken:
      return x ^ y;
    default:
      return undefined;
  }
}

export function equality(m: Machine, left: Value, right: Value, loose: boolean, node: ts.Node, depth = 4): Value {
  const [a, b] = [m.resolve(left), m.resolve(right)];
  if (a instanceof Deferred || b instanceof Deferred) {
    if (depth > 0) {
      return a instanceof Deferred
        ? overSides(m, a, (side) => equality(m, side, b, loose, node, depth - 1))
        : overSides(m, b as Deferred, (side) => equality(m, a, side, loose, node, depth - 1));
    }
    return m.unknown('a comparison of values that are not known', node);
  }
  if (!(a instanceof Unknown) && !(b instanceof Unknown)) {
    if (isPrimitive(a) && isPrimitive(b)) return loose ? looselyEqual(a, b) : a === b;
    return a === b;
  }
  if (a instanceof Unknown && a === b) return true;
  const [unknown, constant] = a instanceof Unknown ? [a, b] : [b as Unknown, a];
  if (unknown instanceof MadeUpName && !(constant instanceof Unknown) && !mayBeName(unknown, constant)) return false;
  // What has been decided to be false is not equal to what is true, and the other way round.
  const truth = loose ? null : m.truth(unknown);
  if (truth !== null && knownTruth(constant) === !truth) {
    m.decide(unknown, node);
    return false;
  }
  const result = m.derived('a comparison of values that are not known', `${idOf(unknown)}===${idOf(constant)}`, node);
  if (
    result instanceof UnknownValue &&
    unknown instanceof UnknownValue &&
    isPrimitive(constant) &&
    !(loose && constant == null)
  )
    comparisons.set(result, { of: unknown, constant });
  return result;
}

/** `==` of plain data. */
function looselyEqual(a: Value, b: Value): boolean {
  if (a == null || b == null) return a == null && b == null;
  return a === b || (typeof a !== typeof b && Number(a) === Number(b));
}

function instanceOf(m: Machine, left: Value, right: Value, node: ts.Node): Value {
  if (left instanceof Unknown || left instanceof Deferred)
    return m.unknown('the class of a value that is not known', node);
  if (isPrimitive(left)) return false;
  if (right instanceof ClassValue) {
    const instance = left instanceof LayerValue ? left.instance : left;
    if (!(instance instanceof ObjectValue)) return false;
    for (let at: Value = instance.classValue; at instanceof ClassValue; at = at.base) if (at === right) return true;
    return false;
  }
  if (right instanceof ApiPath && knownTruth(left)) {
    const name = right.path.slice(right.path.lastIndexOf('.') + 1);
    if (name === 'Tensor')
      return left instanceof TensorValue ? left.symbolic === false || m.unknown('the kind of a tensor', node) : false;
    if (name === 'SymbolicTensor')
      return left instanceof TensorValue ? (left.symbolic ?? m.unknown('the kind of a tensor', node)) : false;
    if (name === 'LayersModel') return left instanceof ModelValue;
    if (name === 'Sequential') return left instanceof ModelValue && left.sequence !== null;
    if (name === 'Layer') return left instanceof LayerValue || left instanceof ModelValue;
  }
  return m.unknown('the class of a value', node);
}

/** `typeof x`. */
export function typeOf(m: Machine, value: Value, node: ts.Node): Value {
  if (value instanceof Unknown || value instanceof Deferred)
    return m.derived('the type of a value that is not known', `typeof ${idOf(value)}`, node);
  if (value instanceof FunctionValue || value instanceof NativeFunction || value instanceof ClassValue)
    return 'function';
  if (value instanceof ApiPath)
    return value.path === '' || value.path === 'layers' || value.path === 'train' ? 'object' : 'function';
  return typeof value;
}
