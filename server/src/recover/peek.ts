import ts from 'typescript';
import { Unknown } from '../graph';
import type { Binding, Environment } from './environment';
import { ThrowSignal } from './signals';
import { unwrap } from './syntax';
import { ApiPath, ObjectValue, type Value } from './values';

/** What `peek` gives where only running the code could tell. */
export const missing = Symbol('not to be told without running');

/** The value of a name or property chain as it is now, without any effect. */
export function peek(expression: ts.Expression, env: Environment): Value | typeof missing {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) {
    const binding = findQuietly(env, node.text);
    if (binding === missing) return missing;
    if (binding) return binding.value;
    return node.text === 'tf' ? new ApiPath('') : benignGlobals.has(node.text) ? null : missing;
  }
  if (node.kind === ts.SyntaxKind.ThisKeyword) return env.find('this')?.value ?? missing;
  if (!ts.isPropertyAccessExpression(node)) return missing;
  const object = peek(node.expression, env);
  if (object === missing) return missing;
  if (object instanceof ApiPath) return new ApiPath(object.path ? `${object.path}.${node.name.text}` : node.name.text);
  if (object instanceof ObjectValue && object.properties.has(node.name.text))
    return object.properties.get(node.name.text);
  if (object instanceof Unknown) return object;
  return missing;
}

/** Reading an import runs its module, which may throw: that is the business of the code that reads it for real. */
function findQuietly(env: Environment, name: string): Binding | null | typeof missing {
  try {
    return env.find(name);
  } catch (error) {
    if (error instanceof ThrowSignal) return missing;
    throw error;
  }
}

const benignGlobals = new Set([
  'console', 'Math', 'JSON', 'Object', 'Number', 'String', 'document', 'window', 'Date', 'performance', 'process',
  'alert', 'Array', 'Promise', 'fetch', 'localStorage', 'parseInt', 'parseFloat', 'require', 'Error',
]); // prettier-ignore

const builtins = new Set([
  'console', 'Math', 'JSON', 'Object', 'Number', 'String', 'Date', 'Array', 'Promise', 'performance', 'localStorage',
]); // prettier-ignore

/** Whether the methods of what is written are those of the language: of `Math`, a text, a list that is written out. */
export function isBuiltin(expression: ts.Expression, env: Environment): boolean {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) return builtins.has(node.text) && findQuietly(env, node.text) === null;
  return ts.isArrayLiteralExpression(node) || ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}
