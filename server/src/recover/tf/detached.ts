import ts from 'typescript';
import { READING } from './tensors';

/** Ops whose gradient is zero everywhere (tfjs-core/src/gradients/ArgMax_grad.ts and so on). */
const FLAT: ReadonlySet<string> = new Set(['argMax', 'argMin', 'floor', 'ceil', 'round', 'sign', 'step']);

/**
 * Whether no gradient comes back into a run, because only numbers leave it, `model.predict(x).mean().dataSync()`, or the
 * places of its largest outputs, `model.predict(x).argMax(1)`.
 */
export function isDetached(node: ts.Node): boolean {
  let at = node;
  for (;;) {
    const { parent } = at;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === at) {
      if (!ts.isCallExpression(parent.parent) || parent.parent.expression !== parent) return false;
      if (READING.has(parent.name.text) || FLAT.has(parent.name.text)) return true;
      at = parent.parent;
    } else if (ts.isCallExpression(parent) && parent.expression !== at) {
      const { expression: callee } = parent;
      return (
        ts.isPropertyAccessExpression(callee) && callee.expression.getText() === 'tf' && FLAT.has(callee.name.text)
      );
    } else if (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent)) {
      at = parent;
    } else break;
  }
  return isNameFor(at, isDetached);
}

/** Whether an expression only gives a constant its value, and `holds` is true of every use of that name. */
function isNameFor(node: ts.Node, holds: (use: ts.Node) => boolean): boolean {
  const { parent } = node;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return false;
  if (!(parent.parent.flags & ts.NodeFlags.Const)) return false;
  const { name } = parent;
  const uses: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) && at.text === name.text && at !== name) uses.push(at);
    else ts.forEachChild(at, visit);
  };
  visit(parent.parent.parent.parent);
  return uses.length > 0 && uses.every(holds);
}
