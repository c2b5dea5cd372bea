import ts from 'typescript';
import type { Place } from '../graph';
import type { Environment } from './environment';
import {
  boundNames,
  assignedNames,
  byTree,
  isAssignment,
  nodesIn,
  nodesRunBy,
  placeOf,
  textOf,
  unwrap,
} from './syntax';

/**
 * Where an expression can be written again and means the same: the innermost scope of the names in it, from where they
 * are declared and its members are set, provided that no name is ever reassigned and that evaluating it has no effect.
 * Null when there is no such place.
 */
export function expressionScope(node: ts.Node, environment: Environment | null): Place | null {
  if (!environment || !ts.isExpression(node) || clauseOf(node)) return null;
  let scope: Place | null = null;
  const narrow = (place: Place | null, from = 0): boolean => {
    if (!place) return false;
    const start = Math.max(place.start, from, scope?.start ?? 0);
    const end = Math.min(place.end, scope?.end ?? place.end);
    scope = { file: place.file, start, end };
    return start < end;
  };
  const pure = (expression: ts.Expression): boolean => {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner)) {
      if (inner.text === 'undefined') return true;
      const binding = environment.find(inner.text);
      if (binding === null || assignedNames(inner.getSourceFile()).has(inner.text)) return false;
      // What is decided may have been written elsewhere than where it is decided: the name may be another one there.
      const { around, end } = declarationOf(inner);
      return isPlaceOf(binding.scope, around) && !isShadowed(inner) && narrow(binding.scope, end);
    }
    if (ts.isPropertyAccessExpression(inner)) {
      const from = setAt(inner);
      if (from === null || !pure(inner.expression)) return false;
      return scope === null || narrow(scope, from);
    }
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

interface Declaration {
  /** The text that the name can be seen in. */
  readonly around: ts.Node;
  /** Where the declaration ends, which must have run before the name is read; 0 where nothing must have run. */
  readonly end: number;
}

/** The declaration of a name that is told from the text around it. */
const declarationOf = byTree((name: ts.Identifier): Declaration => {
  for (let at: ts.Node = name.parent; ; at = at.parent) {
    if (ts.isFunctionLike(at) && at.parameters.some((parameter) => boundNames(parameter.name).includes(name.text)))
      return { around: at, end: 0 };
    const own = declarationsIn(at).find((declaration) => boundNames(declaration.name).includes(name.text));
    if (own) return { around: scopeOf(at), end: own.end };
    if (ts.isSourceFile(at)) return { around: at, end: 0 };
  }
});

/** Whether the name is another one somewhere within the text that it can be seen in. */
const isShadowed = byTree((name: ts.Identifier): boolean => {
  const declarations = nodesIn(declarationOf(name).around).filter((at) => declaresName(at, name.text));
  return declarations.length > 1;
});

function declaresName(node: ts.Node, text: string): boolean {
  if (ts.isVariableDeclaration(node) || ts.isParameter(node)) return boundNames(node.name).includes(text);
  const named = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isClassLike(node);
  return named && node.name?.text === text;
}

/** The scope that the statements of a node are run in. */
function scopeOf(node: ts.Node): ts.Node {
  if (ts.isModuleBlock(node) || (ts.isBlock(node) && ts.isFunctionLike(node.parent))) return node.parent;
  return ts.isCaseOrDefaultClause(node) ? node.parent.parent : node;
}

function isPlaceOf(place: Place | null, node: ts.Node): boolean {
  const { file, start, end } = placeOf(node);
  return place !== null && place.file === file && place.start === start && place.end === end;
}

/** The variables that a block, a module or a loop declares for all that is in it. */
function declarationsIn(node: ts.Node): readonly ts.VariableDeclaration[] {
  if (ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node)) {
    const { initializer } = node;
    return initializer && ts.isVariableDeclarationList(initializer) ? initializer.declarations : [];
  }
  const blocks = ts.isSourceFile(node) || ts.isBlock(node) || ts.isModuleBlock(node) || ts.isCaseOrDefaultClause(node);
  const statements: readonly ts.Statement[] = blocks ? node.statements : [];
  return statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? statement.declarationList.declarations : [],
  );
}

/** Where the code around last sets a member before it is read; null where it sets it again afterwards. */
const setAt = byTree((member: ts.PropertyAccessExpression): number | null => {
  let around: ts.Node = member;
  while (!ts.isFunctionLike(around) && !ts.isSourceFile(around)) around = around.parent;
  const body = ts.isSourceFile(around) ? around : (around as ts.FunctionLikeDeclaration).body;
  if (isSetElsewhere(member, around)) return null;
  const ends = (body ? nodesRunBy(body) : []).flatMap((node) => {
    const left = isAssignment(node) ? unwrap(node.left) : null;
    return left && ts.isPropertyAccessExpression(left) && left.name.text === member.name.text ? [node.end] : [];
  });
  return ends.some((end) => end > member.pos) ? null : Math.max(0, ...ends);
});

/** Whether other code of the file sets a member of this name, of what may be the same object. */
function isSetElsewhere(member: ts.PropertyAccessExpression, around: ts.Node): boolean {
  const isOwn = member.expression.kind === ts.SyntaxKind.ThisKeyword;
  return nodesIn(member.getSourceFile(), (at) => at === around).some((at) => {
    const left = isAssignment(at) ? unwrap(at.left) : null;
    if (!left || !ts.isPropertyAccessExpression(left) || left.name.text !== member.name.text) return false;
    return !isOwn && left.expression.kind !== ts.SyntaxKind.ThisKeyword;
  });
}

/** The clause of a `switch` that an expression stands for: what is decided is whether the subject is equal to it. */
function clauseOf(node: ts.Node): ts.CaseClause | null {
  return ts.isCaseClause(node.parent) && node.parent.expression === node ? node.parent : null;
}

/** What is decided where an expression is a condition: of `a !== b`, whether the two are equal. */
export function conditionText(node: ts.Node): string {
  const clause = clauseOf(node);
  if (clause) return `${textOf(clause.parent.parent.expression)} === ${textOf(clause.expression)}`;
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
