import ts from 'typescript';
import { boundNames, byNode, isFunction, nodesRunBy, unwrap } from './syntax';

/** Lists, sets and maps that code makes for itself, told from its text. */

/** Methods that change what is made so and run no code; of a copy, only those that no tensor has, which may be copied too. */
const ownMethods = {
  copy: new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'fill']),
  list: new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'fill', 'reverse']),
  collection: new Set(['add', 'set', 'get', 'has', 'delete', 'clear']),
} as const;
const collections = new Set(['Set', 'Map', 'WeakSet', 'WeakMap']);

type Made = keyof typeof ownMethods;

/**
 * Whether a method is one of a list, set or map that the code itself makes.
 *
 * @param around the code that the call stands in, from the inside out
 */
export function isOwnListMethod(around: readonly ts.Node[], expression: ts.Expression, name: string): boolean {
  const node = unwrap(expression);
  if (!ts.isIdentifier(node)) return false;
  for (const code of around) {
    const made = madeIn(code).get(node.text);
    if (made !== undefined) return made !== null && ownMethods[made].has(name);
    const { parent } = code;
    if (parent && isFunction(parent) && parent.parameters.some((one) => boundNames(one.name).includes(node.text)))
      return false;
  }
  return false;
}

/** What the variables of each name hold that code declares, if they are constant; null where that is not told. */
const madeIn = byNode((node): ReadonlyMap<string, Made | null> => {
  const found = new Map<string, Made | null>();
  for (const at of nodesRunBy(node)) {
    if (!ts.isVariableDeclaration(at)) continue;
    const isConstant = (ts.getCombinedNodeFlags(at) & ts.NodeFlags.Const) !== 0;
    const made = isConstant && ts.isIdentifier(at.name) && at.initializer ? madeBy(at.initializer) : null;
    for (const name of boundNames(at.name)) found.set(name, found.has(name) && found.get(name) !== made ? null : made);
  }
  return found;
});

function madeBy(expression: ts.Expression): Made | null {
  const node = unwrap(expression);
  if (ts.isArrayLiteralExpression(node)) return 'list';
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return null;
  const callee = unwrap(node.expression);
  if (ts.isIdentifier(callee))
    return callee.text === 'Array'
      ? 'list'
      : ts.isNewExpression(node) && collections.has(callee.text)
        ? 'collection'
        : null;
  return ts.isPropertyAccessExpression(callee) && /^(slice|filter|concat)$/.test(callee.name.text) ? 'copy' : null;
}
