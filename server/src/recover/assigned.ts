import ts from 'typescript';
import type { Environment } from './environment';
import { withThis } from './environment';
import { findMember } from './functions';
import type { Machine } from './machine';
import { peek } from './peek';
import { byNode, isAssignment, isStep, isVarList, nodesIn, propertyName, unwrap } from './syntax';
import { arrayMutators } from './touch';
import { trail } from './trail';
import { ArrayValue, FunctionValue, ObjectValue, UnknownItems, UnknownValue, type Value } from './values';

/** What code assigns, told from its text and from what its names hold now. */

/** A name or property that code assigns. */
export interface Target {
  read(): Value;
  write(value: Value): void;
  /** A list that a method call changes, rather than a name or property that is assigned. */
  readonly list?: true;
}

/** What code assigns, also in functions of the author's that it calls. */
export function assignedTargets(m: Machine, node: ts.Node, env: Environment): Target[] {
  const targets = new Targets(m);
  targets.collect(node, env);
  return targets.all();
}

/** Collects what pieces of code assign. */
export class Targets {
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
    const setter =
      object.accessors.get(name)?.set ?? (object.classValue && findMember(this.m, object.classValue, name, 'set'));
    if (setter?.node.body) {
      this.collect(setter.node.body, withThis(setter.environment, object));
      return;
    }
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

/** After changes that were not followed a list may hold anything. */
function spoil(array: ArrayValue, value: Value): void {
  if (value instanceof UnknownValue) array.push(new UnknownItems(value.reason, value.id, value.place));
}
