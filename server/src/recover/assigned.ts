import ts from 'typescript';
import type { Environment } from './environment';
import { withThis } from './environment';
import { findMember } from './functions';
import type { Machine } from './machine';
import { peek } from './peek';
import { byNode, isAssignment, isStep, isVarList, nodesIn, propertyName, unwrap } from './syntax';
import { arrayMutators } from './touch';
import type { Holder, Slot } from './trail';
import { ArrayValue, FunctionValue, ObjectValue, type Value } from './values';

/** What code assigns, told from its text and from what its names hold now. */

/** The names, properties and lists that code changes, also in functions of the author's that it calls, as far as the text tells. */
export function assignedTargets(m: Machine, node: ts.Node, env: Environment): Slot[] {
  const targets = new Targets(m);
  targets.collect(node, env);
  return targets.all();
}

/** Collects what pieces of code assign. */
export class Targets {
  private readonly found = new Map<Holder, Map<string, Slot>>();
  /** Code that has been looked at, by what `this` is there. */
  private readonly seen = new Map<Value, Set<ts.Node>>();

  constructor(private readonly m: Machine) {}

  all(): Slot[] {
    return [...this.found.values()].flatMap((slots) => [...slots.values()]);
  }

  collect(node: ts.Node, env: Environment): void {
    const self = env.find('this')?.value;
    const seen = this.seen.get(self) ?? new Set();
    if (seen.has(node)) return;
    this.seen.set(self, seen.add(node));
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
      if (binding) this.put(binding, '');
    } else if (ts.isPropertyAccessExpression(inner)) {
      this.property(peek(inner.expression, env), inner.name.text);
    } else if (ts.isElementAccessExpression(inner)) {
      const { argumentExpression: key } = inner;
      const object = peek(inner.expression, env);
      if (object instanceof ArrayValue) this.put(object, '');
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
    if (object instanceof ArrayValue && arrayMutators.has(name)) this.put(object, '');
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
    this.put(object.properties, name);
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

  private put(holder: Holder, name: string): void {
    let slots = this.found.get(holder);
    if (!slots) this.found.set(holder, (slots = new Map()));
    slots.set(name, { holder, name });
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
