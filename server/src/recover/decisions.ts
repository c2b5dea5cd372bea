import ts from 'typescript';
import type { Place } from '../graph';
import type { Environment } from './environment';
import { assignedNames, placeOf, textOf, unwrap } from './syntax';

/**
 * Where an expression can be written again and means the same: the innermost scope of the names in it, provided that
 * none of them is ever reassigned and that evaluating it has no effect. Null when there is no such place.
 */
export function expressionScope(node: ts.Node, environment: Environment | null): Place | null {
  if (!environment || !ts.isExpression(node)) return null;
  let scope: Place | null = null;
  const narrow = (place: Place | null): boolean => {
    if (!place) return false;
    if (!scope || (place.start >= scope.start && place.end <= scope.end)) scope = place;
    return true;
  };
  const pure = (expression: ts.Expression): boolean => {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner)) {
      if (inner.text === 'undefined') return true;
      const binding = environment.find(inner.text);
      return binding !== null && !assignedNames(inner.getSourceFile()).has(inner.text) && narrow(binding.scope);
    }
    if (ts.isPropertyAccessExpression(inner)) return pure(inner.expression);
    if (inner.kind === ts.SyntaxKind.ThisKeyword) return narrow(enclosingFunction(inner));
    if (ts.isPrefixUnaryExpression(inner))
      return inner.operator === ts.SyntaxKind.ExclamationToken && pure(inner.operand);
    if (ts.isBinaryExpression(inner)) {
      const operator = inner.operatorToken.kind;
      const assigns = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
      return !assigns && pure(inner.left) && pure(inner.right);
    }
    return (
      ts.isLiteralExpression(inner) ||
      [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(inner.kind)
    );
  };
  return pure(node) ? scope : null;
}

/** What is decided where an expression is a condition: of `a !== b`, whether the two are equal. */
export function conditionText(node: ts.Node): string {
  const inner = ts.isExpression(node) ? unwrap(node) : node;
  if (!ts.isBinaryExpression(inner)) return textOf(inner);
  const { left, right, operatorToken } = inner;
  const opposite = OPPOSITE.get(operatorToken.kind);
  return opposite === undefined ? textOf(inner) : `${textOf(left)} ${opposite} ${textOf(right)}`;
}

const OPPOSITE: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.ExclamationEqualsToken, '=='],
]);

/** The function whose `this` is meant here; null outside of one. */
function enclosingFunction(node: ts.Node): Place | null {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionLike(at) && !ts.isArrowFunction(at)) return placeOf(at);
  }
  return null;
}
