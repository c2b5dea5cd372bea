import ts from 'typescript';
import type { Frame } from '../machine';
import { functionAround, isAssignment, nodesIn } from '../syntax';
import { INERT, READING } from './tensors';

/** Ops whose gradient is zero everywhere (tfjs-core/src/gradients/ArgMax_grad.ts and so on). */
const FLAT: ReadonlySet<string> = new Set(['argMax', 'argMin', 'floor', 'ceil', 'round', 'sign', 'step']);
/** What a tensor is, and not what it holds. */
const ASIDE: ReadonlySet<string> = new Set(['shape', 'rank', 'size', 'dtype', 'id']);
/** Functions of tfjs that only look at a tensor, or that do away with it. */
const LOOKING: ReadonlySet<string> = new Set(['dispose', 'print']);

/**
 * Whether no gradient comes back into a run, because only numbers leave it, `model.predict(x).mean().dataSync()`, or the
 * places of its largest outputs, `model.predict(x).argMax(1)`, or nothing at all.
 *
 * @param frames the calls that are open inside the gradient step, outermost first: what a function gives back goes on
 * at its call
 */
export function isDetached(node: ts.Node, frames: readonly Frame[], seen = new Set<ts.Node>()): boolean {
  if (seen.has(node)) return true;
  seen.add(node);
  let at = node;
  for (;;) {
    const { parent } = at;
    if (isPassing(parent, at)) at = parent;
    else if (ts.isPropertyAccessExpression(parent)) {
      const { text } = parent.name;
      const called = ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
      if (called ? READING.has(text) || INERT.has(text) || FLAT.has(text) : ASIDE.has(text)) return true;
      at = called ? parent.parent : parent;
    } else if (ts.isCallExpression(parent) && parent.expression !== at) {
      const name = nameInTf(parent.expression);
      if (name !== null && (FLAT.has(name) || LOOKING.has(name))) return true;
      // Handed to something that gives nothing back, it may be kept there.
      if (ts.isExpressionStatement(parent.parent)) return false;
      at = parent;
    } else if (ts.isReturnStatement(parent) || ts.isArrowFunction(parent)) {
      const frame = frames.at(-1);
      if (!frame?.call || frame.fn?.node !== functionAround(parent)) return false;
      return isDetached(frame.call, frames.slice(0, -1), seen);
    } else if (ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return true;
    // Set anew, nothing is taken of what it held.
    else if (isAssignment(parent) && parent.left === at) return parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    else break;
  }
  return isNameFor(at, (use) => isDetached(use, frames, seen)) || isKept(at, seen);
}

/** Whether a value goes into a member or a variable of which nothing in the file takes more than numbers. */
function isKept(node: ts.Node, seen: Set<ts.Node>): boolean {
  const { parent } = node;
  if (!isAssignment(parent) || parent.right !== node || !ts.isExpressionStatement(parent.parent)) return false;
  const { left } = parent;
  const name = ts.isPropertyAccessExpression(left) ? left.name : left;
  if (!ts.isIdentifier(name)) return false;
  const same = nodesIn(node.getSourceFile()).filter(
    (at): at is ts.Identifier => ts.isIdentifier(at) && at.text === name.text,
  );
  // What is taken out of an object by a pattern goes by other names.
  if (name !== left && same.some((at) => ts.isBindingElement(at.parent))) return false;
  const isDeclaration = (at: ts.Identifier): boolean => ts.isVariableDeclaration(at.parent) && at.parent.name === at;
  const reads = same.filter((at) => isMemberName(at) === (name !== left) && !isDeclaration(at));
  return reads.every((at) => isDetached(name === left ? at : at.parent, [], seen));
}

/** Whether an expression has the value of its part `at` or holds it, or is one that `at` holds, where it is that at all. */
function isPassing(node: ts.Node, at: ts.Node): boolean {
  if (ts.isPropertyAssignment(node)) return node.initializer === at;
  if (ts.isElementAccessExpression(node)) return node.expression === at;
  if (ts.isConditionalExpression(node)) return node.condition !== at;
  if (ts.isBinaryExpression(node))
    return [ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(node.operatorToken.kind);
  return (
    ts.isShorthandPropertyAssignment(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isArrayLiteralExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAwaitExpression(node)
  );
}

function nameInTf(callee: ts.Expression): string | null {
  return ts.isPropertyAccessExpression(callee) && callee.expression.getText() === 'tf' ? callee.name.text : null;
}

/**
 * Whether an expression only gives a name its value, or several what is in it, once and for all, and `holds` is true of
 * every use of them.
 */
function isNameFor(node: ts.Node, holds: (use: ts.Node) => boolean): boolean {
  const { parent } = node;
  if (!ts.isVariableDeclaration(parent)) return false;
  const names = new Set(boundNames(parent.name).map(({ text }) => text));
  const uses: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    if (at === parent.name) return;
    if (!ts.isIdentifier(at)) ts.forEachChild(at, visit);
    else if (names.has(at.text) && !isMemberName(at)) uses.push(at);
  };
  visit(parent.parent.parent.parent);
  return uses.every(holds);
}

function boundNames(name: ts.BindingName): readonly ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
}
