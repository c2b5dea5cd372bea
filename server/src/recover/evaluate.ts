import ts from 'typescript';
import { Unknown } from '../graph';
import { assign } from './assign';
import { joined } from './branches';
import { mergeSides } from './changes';
import { matters } from './touch';
import { collectionItems } from './collections';
import { callExpression, newExpression } from './call';
import { callFunction, defineClass, makeFunction, noteAwait, noteHeld } from './functions';
import { anyWithout, elementsOf, oneOf } from './elements';
import { GeneratorValue, yieldAll, yieldValue } from './generators';
import { globalValue, ITERATOR } from './globals';
import type { Environment } from './environment';
import { mergeItems } from './items';
import type { Machine } from './machine';
import { arithmetic, binary, idOf, isPrimitive, prefix, stepOperator, typeOf } from './operators';
import { partOf } from './parts';
import { getProperty, setProperty, superMember } from './properties';
import { propertyName, shortText, textOf, unwrap } from './syntax';
import {
  actsOn,
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  Gradients,
  holdsGraphValue,
  isPlainData,
  isTracked,
  ObjectValue,
  TensorValue,
  UnknownItems,
  UnknownValue,
  someWeights,
  WeightList,
  type Value,
} from './values';

/** The value of an expression, with its effects on the graph and on the program's state. */
export function evaluate(m: Machine, node: ts.Expression, env: Environment): Value {
  m.tick();
  m.environment = env;
  switch (node.kind) {
    case ts.SyntaxKind.NumericLiteral:
      return Number((node as ts.NumericLiteral).text);
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
      return (node as ts.StringLiteral).text;
    case ts.SyntaxKind.TrueKeyword:
      return true;
    case ts.SyntaxKind.FalseKeyword:
      return false;
    case ts.SyntaxKind.NullKeyword:
      return null;
    case ts.SyntaxKind.ThisKeyword:
      return selfOf(env.find('this')?.value);
    case ts.SyntaxKind.Identifier:
      return identifier(m, node as ts.Identifier, env);
    case ts.SyntaxKind.ParenthesizedExpression:
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.NonNullExpression:
    case ts.SyntaxKind.TypeAssertionExpression:
    case ts.SyntaxKind.SatisfiesExpression:
    case ts.SyntaxKind.ExpressionWithTypeArguments:
      return evaluate(m, (node as ts.ParenthesizedExpression).expression, env);
    case ts.SyntaxKind.AwaitExpression: {
      const value = evaluate(m, (node as ts.AwaitExpression).expression, env);
      noteAwait(m);
      return value;
    }
    case ts.SyntaxKind.TemplateExpression:
      return template(m, node as ts.TemplateExpression, env);
    case ts.SyntaxKind.ArrayLiteralExpression:
      return new ArrayValue(evaluateList(m, (node as ts.ArrayLiteralExpression).elements, env));
    case ts.SyntaxKind.ObjectLiteralExpression:
      return objectLiteral(m, node as ts.ObjectLiteralExpression, env);
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
      return makeFunction(m, node as ts.ArrowFunction, env);
    case ts.SyntaxKind.ClassExpression:
      return defineClass(m, node as ts.ClassExpression, env);
    case ts.SyntaxKind.PropertyAccessExpression:
      return propertyAccess(m, node as ts.PropertyAccessExpression, env);
    case ts.SyntaxKind.ElementAccessExpression:
      return elementAccess(m, node as ts.ElementAccessExpression, env);
    case ts.SyntaxKind.CallExpression:
      return m.resolve(callExpression(m, node as ts.CallExpression, env));
    case ts.SyntaxKind.NewExpression:
      return newExpression(m, node as ts.NewExpression, env);
    case ts.SyntaxKind.ConditionalExpression:
      return conditional(m, node as ts.ConditionalExpression, env);
    case ts.SyntaxKind.BinaryExpression:
      return binary(m, node as ts.BinaryExpression, env);
    case ts.SyntaxKind.PrefixUnaryExpression:
      return prefix(m, node as ts.PrefixUnaryExpression, env);
    case ts.SyntaxKind.PostfixUnaryExpression: {
      const { operand, operator } = node as ts.PostfixUnaryExpression;
      const before = evaluate(m, operand, env);
      assign(m, operand, arithmetic(m, stepOperator(operator), before, 1, node), env);
      return before;
    }
    case ts.SyntaxKind.VoidExpression:
      evaluate(m, (node as ts.VoidExpression).expression, env);
      return undefined;
    case ts.SyntaxKind.TypeOfExpression:
      return typeOf(m, evaluate(m, (node as ts.TypeOfExpression).expression, env), node);
    case ts.SyntaxKind.DeleteExpression:
      return deleteProperty(m, (node as ts.DeleteExpression).expression, env);
    case ts.SyntaxKind.YieldExpression: {
      const { expression, asteriskToken } = node as ts.YieldExpression;
      const yielded = expression ? evaluate(m, expression, env) : undefined;
      if (!asteriskToken) yieldValue(m, yielded);
      else if (yielded instanceof GeneratorValue) yieldAll(m, yielded);
      else for (const item of spreadItems(m, yielded, node)) yieldValue(m, item);
      return m.unknown('what a generator is resumed with', node);
    }
    default:
      return otherwise(m, node, env);
  }
}

/** Expressions whose value is not known, but whose parts may have effects: JSX, tagged templates, `import.meta`. */
function otherwise(m: Machine, node: ts.Node, env: Environment): Value {
  const visit = (child: ts.Node): void => {
    if (ts.isJsxExpression(child)) {
      if (child.expression) m.escape(evaluate(m, child.expression, env), 'used in JSX', child);
    } else if (ts.isJsxSpreadAttribute(child)) evaluate(m, child.expression, env);
    else ts.forEachChild(child, visit);
  };
  if (ts.isTaggedTemplateExpression(node)) {
    const tag = evaluate(m, node.tag, env);
    const spans = ts.isTemplateExpression(node.template) ? node.template.templateSpans : [];
    const values = spans.map(({ expression }) => evaluate(m, expression, env));
    if (tag instanceof FunctionValue)
      return callFunction(m, tag, undefined, [m.unknown('the texts of a template', node.template), ...values], node);
    for (const [index, value] of values.entries()) m.escape(value, 'used in a tagged template', spans[index]!);
  } else visit(node);
  return m.unknown(`\`${textOf(node).slice(0, 40)}\` is not evaluated`, node);
}

/** An instance of a model class is used as the model it is. */
function selfOf(value: Value): Value {
  return (value instanceof ObjectValue && value.model) || value;
}

function identifier(m: Machine, node: ts.Identifier, env: Environment): Value {
  const binding = env.find(node.text);
  if (binding?.old) m.reads(node.text);
  return m.resolve(binding ? binding.value : globalValue(m, node.text, node));
}

/** The values of arguments or array elements; unknown spreads stay as UnknownItems. */
export function evaluateList(m: Machine, nodes: readonly ts.Expression[], env: Environment): Value[] {
  const values: Value[] = [];
  for (const node of nodes) {
    if (ts.isSpreadElement(node)) values.push(...spreadItems(m, evaluate(m, node.expression, env), node));
    else if (ts.isOmittedExpression(node)) values.push(undefined);
    else values.push(evaluate(m, node, env));
  }
  return values;
}

export function spreadItems(m: Machine, value: Value, node: ts.Node): Value[] {
  const settled = settle(m, value);
  if (settled instanceof ArrayValue) return [...settled.items];
  if (settled instanceof GeneratorValue) return settled.all(m);
  if (settled instanceof WeightList && !settled.single) return [settled];
  if (settled instanceof ObjectValue && settled.tag)
    return collectionItems(m, settled, settled.tag === 'Map' ? 'entries' : 'values', node);
  if (typeof settled === 'string') return [...settled];
  const iterator = settled instanceof ObjectValue && getProperty(m, settled, ITERATOR, node);
  if (iterator instanceof FunctionValue) {
    const items = callFunction(m, iterator, settled, [], node);
    if (items instanceof ArrayValue || items instanceof GeneratorValue) return spreadItems(m, items, node);
  }
  const why = settled instanceof Unknown ? `: ${settled.reason}` : '';
  const unknown = m.unknown(`\`${shortText(node)}\` is a list that is not known${why}`, node);
  return [new UnknownItems(unknown.reason, unknown.id, unknown.place)];
}

/** Decides a deferred value that stands between things that can act (layers, functions, objects). */
export function settle(m: Machine, value: Value): Value {
  let current = m.resolve(value);
  while (current instanceof Deferred) {
    if (m.joins && isPlainData(current)) return m.unknown('data that depends on a condition', current.conditionNode);
    const data = oneTensor(m, current);
    if (data) return data;
    const side = m.decide(current.condition, current.conditionNode);
    current = m.resolve(side ? current.whenTrue : current.whenFalse);
  }
  return current;
}

/** What stands for one tensor of plain data or another, or what is not known: which of them it is makes no difference. */
function oneTensor(m: Machine, value: Deferred): Value | null {
  const kinds = new Set<'tensor' | 'unknown' | null>();
  const look = (side: Value): void => {
    if (side instanceof Deferred) [side.whenTrue, side.whenFalse].forEach(look);
    else if (side instanceof TensorValue) kinds.add(isData(side) ? 'tensor' : null);
    else kinds.add(side == null || (side instanceof UnknownValue && side.mayBe.length === 0) ? 'unknown' : null);
  };
  look(value);
  if (kinds.has(null) || !kinds.has('tensor')) return null;
  return kinds.size === 1
    ? new TensorValue(m.builder.input(null), false)
    : m.derived('data that depends on a condition', `data(${idOf(value)})`, value.conditionNode);
}

/** Whether it makes no difference what is in a tensor: it is nothing that is known, or that may be set. */
function isData(value: TensorValue): boolean {
  const { made } = value.tensor;
  return !isTracked(value) && (made === null || (made.as === 'constant' && made.fill === null));
}

/** Settles only where a side is more than plain data. */
export function settleActing(m: Machine, value: Value): Value {
  const current = m.resolve(value);
  return current instanceof Deferred && current.acts ? settle(m, current) : current;
}

function template(m: Machine, node: ts.TemplateExpression, env: Environment): Value {
  const parts: Value[] = [node.head.text];
  for (const span of node.templateSpans) parts.push(evaluate(m, span.expression, env), span.literal.text);
  if (parts.every((part) => typeof part !== 'object' || part === null)) return parts.map(String).join('');
  return m.derived('a text that is not known', `\`${parts.map(idOf).join('|')}\``, node);
}

function objectLiteral(m: Machine, node: ts.ObjectLiteralExpression, env: Environment): Value {
  const object = new ObjectValue();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      copyProperties(m, object, settleActing(m, evaluate(m, property.expression, env)), property);
      continue;
    }
    const key = keyOf(m, property.name, env);
    if (ts.isGetAccessor(property) || ts.isSetAccessor(property)) {
      if (key === null) object.open = true;
      else {
        m.accessors.add(key);
        const accessor = object.accessors.get(key) ?? {};
        const fn = makeFunction(m, property, env);
        fn.home = object;
        object.accessors.set(key, ts.isGetAccessor(property) ? { ...accessor, get: fn } : { ...accessor, set: fn });
      }
      continue;
    }
    const value = ts.isShorthandPropertyAssignment(property)
      ? identifier(m, property.name, env)
      : ts.isMethodDeclaration(property)
        ? makeFunction(m, property, env)
        : evaluate(m, property.initializer, env);
    if (value instanceof FunctionValue && value.home === null && isMethod(property)) value.home = object;
    if (key === null) {
      object.open = true;
      m.escape(value, 'stored under a key that is not known', property);
    } else {
      object.properties.delete(key);
      object.properties.set(key, value);
      noteHeld(m, key, value);
    }
  }
  return object;
}

/** Written as a method of the literal, with a `this` of its own. */
function isMethod(property: ts.ObjectLiteralElementLike): boolean {
  return (
    ts.isMethodDeclaration(property) ||
    (ts.isPropertyAssignment(property) && ts.isFunctionExpression(unwrap(property.initializer)))
  );
}

/** `{...source}` and `Object.assign(target, source)`. */
export function copyProperties(m: Machine, target: ObjectValue, source: Value, node: ts.Node): void {
  if (source instanceof ObjectValue) {
    for (const [key, value] of source.properties) {
      const there = source.properties.presence(key);
      const before = target.properties.state(key);
      if (there === true) target.properties.set(key, value);
      else {
        target.properties.setState(key, {
          value: defer(m, there, node, value, before?.value),
          presence: defer(m, there, node, true, before?.presence ?? false),
        });
      }
    }
    for (const [key, accessor] of source.accessors) target.accessors.set(key, accessor);
    if (source.open) target.open = true;
  } else if (source instanceof Deferred) {
    copyProperties(m, target, settle(m, source), node);
  } else if (source instanceof ArrayValue) {
    source.items.forEach((item, index) => target.properties.set(String(index), item));
  } else if (source instanceof Unknown && m.truth(source) !== false) {
    // What was set before may be overridden by the unknown object.
    for (const key of target.properties.keys()) {
      target.properties.set(key, m.derived('may be overridden by a spread', `${idOf(source)}...${key}`, null));
    }
    target.open = true;
  }
}

/** What `pick` gives of each member of an object, those among them that are there under a condition. */
export function membersOf(
  m: Machine,
  { properties }: ObjectValue,
  node: ts.Node,
  pick: (key: string, value: Value) => Value,
): Value[] {
  return [...properties].flatMap(([key, value]) => {
    const there = properties.presence(key);
    return there === true ? [pick(key, value)] : mergeItems(m, there, node, [pick(key, value)], []);
  });
}

export function keyOf(m: Machine, name: ts.PropertyName, env: Environment): string | null {
  const known = propertyName(name);
  if (known !== null || !ts.isComputedPropertyName(name)) return known;
  const value = evaluate(m, name.expression, env);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function propertyAccess(m: Machine, node: ts.PropertyAccessExpression, env: Environment): Value {
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const owner = env.find('super')?.value;
    return owner instanceof ClassValue && owner.base instanceof ClassValue
      ? m.resolve(superMember(m, owner.base, node.name.text, env.find('this')?.value, node))
      : m.unknown('a property of the base class', node);
  }
  return partOf(m, evaluate(m, node.expression, env), node.name.text, (object) => {
    if (object == null && isOptional(node)) return undefined;
    return m.resolve(getProperty(m, object, node.name.text, node));
  });
}

/** In an optional chain a missing object ends the whole chain with undefined. */
export function isOptional(node: ts.Node): boolean {
  return (node.flags & ts.NodeFlags.OptionalChain) !== 0;
}

function elementAccess(m: Machine, node: ts.ElementAccessExpression, env: Environment): Value {
  const value = m.resolve(evaluate(m, node.expression, env));
  if (value == null && isOptional(node)) return undefined;
  const key = evaluate(m, node.argumentExpression, env);
  return partOf(m, value, isPrimitive(key) ? String(key) : null, (object) => {
    if (object == null && isOptional(node)) return undefined;
    const pick = (at: Value, depth: number): Value => {
      if (isPrimitive(at)) return m.resolve(getProperty(m, object, String(at), node));
      if (at instanceof Deferred && depth > 0) return overSides(m, at, (side) => pick(side, depth - 1));
      return unknownElement(m, object, node);
    };
    return pick(elementKey(m, object, key), 4);
  });
}

/** A key that depends on a condition is decided where it picks among things that can act. */
export function elementKey(m: Machine, object: Value, key: Value): Value {
  if (object instanceof UnknownValue && object.mayBe.length === 0) return m.resolve(key);
  if (object instanceof ArrayValue && !object.items.some(actsOn)) return m.resolve(key);
  if (object instanceof ObjectValue && ![...object.properties.values()].some(actsOn)) return m.resolve(key);
  return settle(m, key);
}

/** One of the elements of something, and it is not known which: whatever it may be can be used in any way. */
export function unknownElement(m: Machine, object: Value, node: ts.Node): Value {
  if (object instanceof Gradients) return object;
  if (object instanceof WeightList && !object.single) return object.as({ single: true }).picked;
  if (holdsGraphValue(object)) m.escape(object, 'picked by a key that is not known', node);
  const weights = object instanceof ArrayValue ? someWeights(object.items) : null;
  return (
    weights?.as({ single: true }).picked ??
    oneOf(m.unknown('picked by a key that is not known', node), elementsOf(object))
  );
}

function conditional(m: Machine, node: ts.ConditionalExpression, env: Environment): Value {
  const condition = evaluate(m, node.condition, env);
  const known = m.truth(condition);
  if (known !== null) {
    m.decide(condition, node.condition);
    return evaluate(m, known ? node.whenTrue : node.whenFalse, env);
  }
  const sides = [node.whenTrue, node.whenFalse];
  if (!sides.some((side) => matters(m, side, env)) || joined(m, sides, env)) {
    const [on, off] = mergeSides(m, condition, node.condition, (side) =>
      evaluate(m, side ? node.whenTrue : node.whenFalse, env),
    );
    return defer(m, condition, node.condition, on, off);
  }
  return evaluate(m, m.decide(condition, node.condition) ? node.whenTrue : node.whenFalse, env);
}

/** What a value is where a condition holds or does not: it no longer depends on that condition, at any depth. */
function under(condition: UnknownValue, holds: boolean, value: Value): Value {
  const known = new Map<Deferred, Value>();
  const restrict = (at: Value): Value => {
    if (!(at instanceof Deferred) || !at.conditions.has(condition.id)) return at;
    let side = known.get(at);
    if (side === undefined && !known.has(at)) {
      if (at.condition.id === condition.id) side = restrict(holds ? at.whenTrue : at.whenFalse);
      else {
        const [on, off] = [restrict(at.whenTrue), restrict(at.whenFalse)];
        side = on === off ? on : new Deferred(at.condition, at.conditionNode, on, off);
      }
      known.set(at, side);
    }
    return side;
  };
  return restrict(value);
}

/** What a function gives of a value that depends on a condition: another one that depends on it. */
export function overSides(m: Machine, value: Deferred, map: (side: Value, holds: boolean) => Value): Value {
  const { condition, conditionNode } = value;
  const [on, off] = [m.resolve(value.whenTrue), m.resolve(value.whenFalse)];
  return defer(
    m,
    condition,
    conditionNode,
    map(under(condition, true, on), true),
    map(under(condition, false, off), false),
  );
}

/** How many conditions a value may depend on one after the other, and in all; past that it is not known. */
const MOST_CONDITIONS = 10;
const MOST_IN_ALL = 20;

/** `condition ? whenTrue : whenFalse` without deciding. */
export function defer(
  m: Machine,
  condition: Value,
  node: ts.Node,
  whenTrue: Value,
  whenFalse: Value,
  depth = 6,
): Value {
  const resolved = m.resolve(condition);
  if (whenTrue === whenFalse) return whenTrue;
  const known = resolved instanceof UnknownValue || resolved instanceof Deferred ? null : m.truth(resolved);
  if (known !== null) return known ? whenTrue : whenFalse;
  if (resolved instanceof UnknownValue) {
    const [on, off] = [under(resolved, true, whenTrue), under(resolved, false, whenFalse)];
    if (on === off) return on;
    const deferred = new Deferred(resolved, node, on, off);
    if (deferred.depth <= MOST_CONDITIONS && deferred.conditions.size <= MOST_IN_ALL) return deferred;
  }
  if (resolved instanceof Deferred && depth > 0) {
    return overSides(m, resolved, (side, holds) => {
      // `a && b` is a where a is false.
      const truth = side instanceof UnknownValue && side.id === resolved.condition.id ? holds : m.truth(side);
      if (truth !== null) return truth ? whenTrue : whenFalse;
      return defer(m, side, node, whenTrue, whenFalse, depth - 1);
    });
  }
  for (const value of [whenTrue, whenFalse]) m.escape(value, 'chosen by a condition that is not known', node);
  return m.derived(
    'depends on a condition that is not known',
    `(${idOf(condition)}?${idOf(whenTrue)}:${idOf(whenFalse)})`,
    node,
  );
}

function deleteProperty(m: Machine, node: ts.Expression, env: Environment): Value {
  if (ts.isPropertyAccessExpression(node)) {
    const object = evaluate(m, node.expression, env);
    if (object instanceof ObjectValue) object.properties.delete(node.name.text);
    else setProperty(m, object, node.name.text, undefined, node);
  } else if (ts.isElementAccessExpression(node)) {
    const object = evaluate(m, node.expression, env);
    const key = evaluate(m, node.argumentExpression, env);
    if (object instanceof ObjectValue) {
      if (isPrimitive(key)) object.properties.delete(String(key));
      else anyWithout(m, object, node);
    }
  }
  return true;
}
