import ts from 'typescript';
import type { Environment } from './environment';
import { evaluate } from './evaluate';
import { callFunction, methodOf } from './functions';
import type { Machine } from './machine';
import { peek } from './peek';
import { hasModifier, propertyName } from './syntax';
import { ClassValue, FunctionValue, ObjectValue, type Value } from './values';

/**
 * Runs the decorators of a class and of its methods that are functions of the author's; others are taken not to change
 * what is built. Those that take a descriptor are of TypeScript's own kind, the others of the standard's.
 *
 * @returns the class, or the one that a decorator puts in its place
 */
export function decorate(m: Machine, value: ClassValue, env: Environment): ClassValue {
  for (const member of value.node.members) {
    if (!ts.isMethodDeclaration(member) || !member.body) continue;
    const name = propertyName(member.name) ?? value.computedNames.get(member) ?? '';
    for (const { decorator, node } of decoratorsOf(m, member, env)) {
      const fn = decorateMethod(m, decorator, methodOf(m, value, member), value, name, node);
      if (fn instanceof FunctionValue) value.methods.set(member, fn);
    }
  }
  let decorated = value;
  for (const { decorator, node } of decoratorsOf(m, value.node, env)) {
    const context = contextOf('class', value.node.name?.text ?? '');
    const result = callFunction(m, decorator, undefined, [decorated, context], node);
    if (result instanceof ClassValue) decorated = result;
  }
  // The code of the class names what it is in the end.
  if (decorated !== value && value.node.name) value.environment.declare(value.node.name.text, decorated);
  return decorated;
}

/** The decorators that are followed, in the order in which they are applied: the nearest first. */
function decoratorsOf(
  m: Machine,
  node: ts.HasDecorators,
  env: Environment,
): readonly { readonly decorator: FunctionValue; readonly node: ts.Expression }[] {
  const found = (ts.getDecorators(node) ?? []).flatMap(({ expression }) => {
    const callee = ts.isCallExpression(expression) ? expression.expression : expression;
    if (!(peek(callee, env) instanceof FunctionValue)) return [];
    const decorator = evaluate(m, expression, env);
    return decorator instanceof FunctionValue ? [{ decorator, node: expression }] : [];
  });
  return found.reverse();
}

/** What a decorator makes of a method. */
function decorateMethod(
  m: Machine,
  decorator: FunctionValue,
  method: FunctionValue,
  owner: ClassValue,
  name: string,
  node: ts.Expression,
): Value {
  if (decorator.node.parameters.length < 3)
    return callFunction(m, decorator, undefined, [method, contextOf('method', name)], node);
  const target = hasModifier(method.node, ts.SyntaxKind.StaticKeyword) ? owner : new ObjectValue(owner);
  const descriptor = new ObjectValue();
  descriptor.properties.set('value', method);
  const result = callFunction(m, decorator, undefined, [target, name, descriptor], node);
  return (result instanceof ObjectValue ? result : descriptor).properties.get('value');
}

function contextOf(kind: 'class' | 'method', name: string): ObjectValue {
  const context = new ObjectValue();
  context.properties.set('kind', kind);
  context.properties.set('name', name);
  context.open = true;
  return context;
}
