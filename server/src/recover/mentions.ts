import ts from 'typescript';
import { catalog, isBatchNormOp, type Place } from '../graph';
import { functionLikeName } from './functions';
import { byTree, nodesIn, placeOf, shortText, unwrap } from './syntax';

/** A call that makes a layer of tfjs, or normalises, as far as the text tells. */
export interface Mention {
  readonly place: Place;
  /** The call as text, cut where it is long. */
  readonly text: string;
  /** Whether it normalises tensors that it is given, and makes no layer. */
  readonly normalises: boolean;
}

/** All such calls of a file, in the order of the text. */
export const mentionsIn = byTree((source: ts.SourceFile): readonly Mention[] =>
  nodesIn(source)
    .filter(ts.isCallExpression)
    .filter(isMention)
    .map((node) => ({
      place: placeOf(node),
      text: shortText(node.expression),
      normalises: isBatchNormOp(calledName(node) ?? ''),
    })),
);

/** The names of the functions of a file that run a model by `predict`, which is always on stored statistics. */
export const predictingIn = byTree((source: ts.SourceFile): readonly string[] => {
  const names = new Set<string>();
  for (const node of nodesIn(source)) {
    if (!ts.isCallExpression(node) || !/^predict(OnBatch)?$/.test(calledName(node) ?? '')) continue;
    for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
      const name = ts.isFunctionLike(at) ? functionLikeName(at as ts.FunctionLikeDeclaration) : null;
      if (name !== null) names.add(name);
    }
  }
  return [...names];
});

function calledName({ expression }: ts.CallExpression): string | null {
  const callee = unwrap(expression);
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : null;
}

function isMention(node: ts.CallExpression): boolean {
  const callee = unwrap(node.expression);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const of = unwrap(callee.expression);
  if (isBatchNormOp(callee.name.text))
    return ts.isIdentifier(of) && /^tf[cl]?$/.test(of.text) && node.arguments.length > 2;
  const owner = ts.isIdentifier(of) ? of.text : ts.isPropertyAccessExpression(of) ? of.name.text : '';
  return owner === 'layers' && callee.name.text !== 'input' && catalog.has(callee.name.text);
}
