import ts from 'typescript';
import { Unknown } from '../graph';
import { mergeSides } from './changes';
import { anyItems, anyMember, maySet } from './elements';
import { defer, evaluate, keyOf, settle, settleActing, spreadItems } from './evaluate';
import type { Environment } from './environment';
import { GeneratorValue } from './generators';
import { overItems } from './items';
import type { Machine } from './machine';
import { partOf } from './parts';
import { getProperty, setProperty } from './properties';
import { unwrap } from './syntax';
import { pickedWeight } from './tf/weights';
import { matters } from './touch';
import {
  ArrayValue,
  Deferred,
  isGraphValue,
  ObjectValue,
  UnknownItems,
  UnknownValue,
  WeightList,
  type Value,
} from './values';

/** Assigns to a name, a property or an element. */
export function assign(m: Machine, target: ts.Expression, value: Value, env: Environment): void {
  const node = unwrap(target);
  if (ts.isIdentifier(node)) {
    const binding = env.find(node.text);
    if (binding) binding.value = value;
    else m.globals.declare(node.text, value);
  } else if (ts.isPropertyAccessExpression(node)) {
    setProperty(m, settleActing(m, evaluate(m, node.expression, env)), node.name.text, value, node);
  } else if (ts.isElementAccessExpression(node)) {
    const object = settleActing(m, evaluate(m, node.expression, env));
    const key = evaluate(m, node.argumentExpression, env);
    assignElement(m, object, key, value, node);
  } else if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) {
    bindPattern(m, node, value, env, null);
  }
}

function assignElement(m: Machine, object: Value, key: Value, value: Value, node: ts.ElementAccessExpression): void {
  if (typeof key === 'string' || typeof key === 'number') setProperty(m, object, String(key), value, node);
  else if (key instanceof Deferred && !isGraphValue(object)) {
    const { condition, conditionNode } = key;
    mergeSides(m, condition, conditionNode, (side) =>
      assignElement(m, object, m.resolve(side ? key.whenTrue : key.whenFalse), value, node),
    );
  } else {
    m.escape(value, 'stored under a key that is not known', node);
    if (object instanceof ObjectValue) anyMember(m, object, node);
    else if (object instanceof ArrayValue) anyItems(m, object, 'elements set by an index that is not known', node);
    else if (object instanceof UnknownValue) maySet(m, object, '', node);
  }
}

/**
 * Destructures a value into a pattern. `declareIn` is the scope of a declaration; null assigns to what is there.
 */
export function bindPattern(
  m: Machine,
  pattern: ts.BindingName | ts.Expression,
  value: Value,
  env: Environment,
  declareIn: Environment | null,
): void {
  if (ts.isIdentifier(pattern)) {
    if (declareIn) declareIn.declare(pattern.text, value);
    else assign(m, pattern, value, env);
  } else if (ts.isObjectBindingPattern(pattern) || ts.isObjectLiteralExpression(pattern)) {
    bindObject(m, pattern, value, env, declareIn);
  } else if (ts.isArrayBindingPattern(pattern) || ts.isArrayLiteralExpression(pattern)) {
    bindArray(m, pattern, takesParts(m, pattern, value) ? m.resolve(value) : settleActing(m, value), env, declareIn);
  } else assign(m, pattern as ts.Expression, value, env);
}

function bindObject(
  m: Machine,
  pattern: ts.ObjectBindingPattern | ts.ObjectLiteralExpression,
  value: Value,
  env: Environment,
  declareIn: Environment | null,
): void {
  const taken: string[] = [];
  const elements: readonly ts.Node[] = ts.isObjectBindingPattern(pattern) ? pattern.elements : pattern.properties;
  for (const element of elements) {
    if ((ts.isBindingElement(element) && element.dotDotDotToken) || ts.isSpreadAssignment(element)) {
      const target = ts.isBindingElement(element) ? element.name : (element as ts.SpreadAssignment).expression;
      bindPattern(m, target, restOf(m, settleActing(m, value), taken, element), env, declareIn);
      continue;
    }
    let key: string | null;
    let target: ts.BindingName | ts.Expression;
    let initializer: ts.Expression | undefined;
    if (ts.isBindingElement(element)) {
      key = keyOf(m, element.propertyName ?? (element.name as ts.Identifier), env);
      target = element.name;
      initializer = element.initializer;
    } else if (ts.isShorthandPropertyAssignment(element)) {
      key = element.name.text;
      target = element.name;
      initializer = element.objectAssignmentInitializer;
    } else if (ts.isPropertyAssignment(element)) {
      key = keyOf(m, element.name, env);
      [target, initializer] = splitDefault(element.initializer);
    } else continue;
    if (key !== null) taken.push(key);
    const part =
      key === null
        ? m.unknown('a key that is not known', element)
        : partOf(m, value, key, (object) => getProperty(m, object, key, element));
    bindPattern(m, target, withDefault(m, m.resolve(part), initializer, env), env, declareIn);
  }
}

function restOf(m: Machine, value: Value, taken: readonly string[], node: ts.Node): Value {
  if (!(value instanceof ObjectValue)) return m.unknown('the rest of a value that is not known', node);
  const rest = new ObjectValue();
  for (const key of value.properties.keys())
    if (!taken.includes(key)) rest.properties.setState(key, value.properties.state(key));
  rest.open = value.open;
  return rest;
}

/** Whether a pattern takes elements, and no rest, of one list or another by a condition. */
function takesParts(m: Machine, pattern: ts.ArrayBindingPattern | ts.ArrayLiteralExpression, value: Value): boolean {
  const isList = (at: Value): boolean =>
    at instanceof Deferred ? isList(at.whenTrue) && isList(at.whenFalse) : at instanceof ArrayValue;
  const rest = (pattern.elements as readonly ts.Node[]).some(
    (element) => ts.isSpreadElement(element) || (ts.isBindingElement(element) && element.dotDotDotToken),
  );
  return !rest && isList(m.resolve(value));
}

function bindArray(
  m: Machine,
  pattern: ts.ArrayBindingPattern | ts.ArrayLiteralExpression,
  value: Value,
  env: Environment,
  declareIn: Environment | null,
): void {
  const isWhole = value instanceof Unknown || value instanceof Deferred || value instanceof WeightList;
  const items = isWhole ? null : elementsFor(m, pattern, value);
  pattern.elements.forEach((element, index) => {
    if (ts.isOmittedExpression(element)) return;
    const isRest = ts.isBindingElement(element) ? element.dotDotDotToken !== undefined : ts.isSpreadElement(element);
    const [target, initializer]: [ts.BindingName | ts.Expression, ts.Expression | undefined] = ts.isBindingElement(
      element,
    )
      ? [element.name, element.initializer]
      : splitDefault(element);
    if (isRest) {
      const rest = items ? new ArrayValue(items.slice(index)) : m.unknown('the rest of a list', element);
      bindPattern(m, ts.isSpreadElement(element) ? element.expression : target, rest, env, declareIn);
      return;
    }
    const part = overItems(m, items ?? [value], (all) => {
      const unknownBefore = items === null || all.slice(0, index + 1).some((item) => item instanceof UnknownItems);
      return unknownBefore
        ? partOf(m, items ? m.unknown('an element', element) : value, String(index), (list) =>
            getProperty(m, list, String(index), element),
          )
        : pickedWeight(m, all, all[index], element);
    });
    bindPattern(m, target, withDefault(m, m.resolve(part), initializer, env), env, declareIn);
  });
}

/** The elements that a pattern takes; a generator is asked for no more. */
function elementsFor(m: Machine, pattern: ts.ArrayBindingPattern | ts.ArrayLiteralExpression, value: Value): Value[] {
  const { elements } = pattern;
  const last = elements.at(-1);
  const hasRest = last && (ts.isBindingElement(last) ? last.dotDotDotToken !== undefined : ts.isSpreadElement(last));
  if (!(value instanceof GeneratorValue) || hasRest) return spreadItems(m, value, pattern);
  return elements.length === 0 ? [] : value.all(m, elements.length);
}

function splitDefault(node: ts.Expression): [ts.Expression, ts.Expression | undefined] {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
    ? [node.left, node.right]
    : [node, undefined];
}

/** A default replaces undefined only, also on one side of a condition; an unknown value stays unknown. */
export function withDefault(m: Machine, value: Value, initializer: ts.Expression | undefined, env: Environment): Value {
  if (!initializer) return value;
  if (value === undefined) return evaluate(m, initializer, env);
  if (!(value instanceof Deferred) || !mayBeUndefined(m, value)) return value;
  if (matters(m, initializer, env)) return withDefault(m, settle(m, value), initializer, env);
  const { condition, conditionNode } = value;
  const [on, off] = mergeSides(m, condition, conditionNode, (side) =>
    withDefault(m, m.resolve(side ? value.whenTrue : value.whenFalse), initializer, env),
  );
  return defer(m, condition, conditionNode, on, off);
}

function mayBeUndefined(m: Machine, value: Value): boolean {
  const known = m.resolve(value);
  return known instanceof Deferred
    ? mayBeUndefined(m, known.whenTrue) || mayBeUndefined(m, known.whenFalse)
    : known === undefined;
}
