import ts from 'typescript';
import { byNode, isAssignment, isFunction, nodesIn, unwrap } from './syntax';

/** What the text alone tells of how code uses something of the graph. */

/** Whether an assignment of `trainable` stands in a function that sets back what was there before. */
export function isRestored({ left }: ts.BinaryExpression): boolean {
  const around = ts.findAncestor(left, isFunction);
  return around !== undefined && restoredIn(around).has((left as ts.PropertyAccessExpression).expression.getText());
}

/** Objects, by their text, whose `trainable` a function keeps in a variable and sets back: `x.trainable = before`. */
const restoredIn = byNode((node): ReadonlySet<string> => {
  const kept = new Set<string>();
  const back: { name: string; object: string }[] = [];
  const of = (expression: ts.Expression | undefined): string | null =>
    expression && ts.isPropertyAccessExpression(expression) && expression.name.text === 'trainable'
      ? expression.expression.getText()
      : null;
  for (const at of nodesIn(node)) {
    const [to, from] = isAssignment(at)
      ? [at.left, at.right]
      : ts.isVariableDeclaration(at)
        ? [at.name, at.initializer]
        : [];
    if (!to || !from) continue;
    const [target, source] = [ts.isIdentifier(to) ? null : of(to as ts.Expression), of(unwrap(from))];
    if (ts.isIdentifier(to) && source !== null) kept.add(`${to.text} ${source}`);
    if (target !== null && ts.isIdentifier(from)) back.push({ name: from.text, object: target });
  }
  return new Set(back.filter(({ name, object }) => kept.has(`${name} ${object}`)).map(({ object }) => object));
});

/** Whether something is done with what a call gives: then it is the `add` of a tensor, or the `pop` of a list. */
export function isTaken(call: ts.CallExpression | ts.NewExpression, name: string): boolean {
  if (name !== 'add' && name !== 'pop') return false;
  let at: ts.Node = call;
  while (isWrapping(at.parent)) at = at.parent;
  const { parent } = at;
  if (!ts.isArrowFunction(parent)) return !ts.isExpressionStatement(parent);
  const taker = ts.isCallExpression(parent.parent) ? parent.parent.expression : null;
  return taker !== null && ts.isPropertyAccessExpression(taker) && /^(map|reduce|tidy)$/.test(taker.name.text);
}

function isWrapping(node: ts.Node): boolean {
  return ts.isExpression(node) && unwrap(node) !== node;
}
