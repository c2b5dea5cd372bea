import ts from 'typescript';
import type { ArgumentSite, CallSite, ObjectSite, Place, PropertySite, Span } from '../graph';

/** The file name that a source file was parsed under: its absolute path. */
export function fileOf(node: ts.Node): string {
  return node.getSourceFile().fileName;
}

export function spanOf(node: ts.Node): Span {
  return { start: node.getStart(), end: node.end };
}

export const placeOf = byTree((node, source): Place => {
  return { file: source.fileName, start: node.getStart(source), end: node.end };
});

/** The identity of a function between files: `file:offset`. */
export function functionKey(node: ts.Node): string {
  return `${fileOf(node)}:${node.pos}`;
}

/** The source text of a node on one line. */
export function textOf(node: ts.Node): string {
  return node.getText().replace(/\s+/g, ' ');
}

/** The same, for a message: cut where it is long. */
export function shortText(node: ts.Node, length = 60): string {
  const text = textOf(node);
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Strips what has no effect on the value: parentheses, casts, `!`, `satisfies`. */
export function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isTypeAssertionExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isExpressionWithTypeArguments(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** The name of a property, where the text tells it. */
export function propertyName(name: ts.PropertyName | ts.BindingName): string | null {
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return name.text;
  if (ts.isStringLiteral(name) || ts.isNumericLiteral(name) || ts.isNoSubstitutionTemplateLiteral(name))
    return name.text;
  return null;
}

/** Whether code calls something by its own words, the getter of a property included: a loop calls iterators by none. */
export function isCall(node: ts.Node): boolean {
  return ts.isCallLikeExpression(node) || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
}

/** Every span of a call that a fix may need. */
export function callSite(node: ts.CallExpression | ts.NewExpression): CallSite {
  const source = node.getSourceFile();
  const callee = unwrap(node.expression);
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const args = (node.arguments ?? []).map(argumentSite);
  // `new Foo` without parentheses has no place for an argument; its end serves as one that no fix uses.
  const close = node.arguments && source.text[node.end - 1] === ')' ? node.end - 1 : node.end;
  return {
    file: source.fileName,
    call: spanOf(node),
    callee: spanOf(node.expression),
    name: spanOf(name),
    close,
    args,
  };
}

function argumentSite(node: ts.Expression): ArgumentSite {
  if (ts.isSpreadElement(node)) return { span: spanOf(node), spread: true, object: null };
  return { span: spanOf(node), spread: false, object: ts.isObjectLiteralExpression(node) ? objectSite(node) : null };
}

function objectSite(node: ts.ObjectLiteralExpression): ObjectSite {
  return { span: spanOf(node), properties: node.properties.map(propertySite) };
}

function propertySite(property: ts.ObjectLiteralElementLike): PropertySite {
  const span = spanOf(property);
  if (ts.isSpreadAssignment(property)) return { key: null, form: 'spread', span, value: spanOf(property.expression) };
  if (ts.isShorthandPropertyAssignment(property))
    return { key: property.name.text, form: 'shorthand', span, value: spanOf(property.name) };
  const key = propertyName(property.name);
  if (ts.isPropertyAssignment(property))
    return { key, form: key === null ? 'computed' : 'property', span, value: spanOf(property.initializer) };
  return { key, form: 'method', span, value: span };
}

export function scriptKind(file: string): ts.ScriptKind {
  const extension = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  switch (extension) {
    case 'ts':
    case 'mts':
    case 'cts':
      return ts.ScriptKind.TS;
    case 'tsx':
      return ts.ScriptKind.TSX;
    default:
      return ts.ScriptKind.JSX;
  }
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** Names that anything in the file assigns after their declaration. */
export const assignedNames = byNode((source): ReadonlySet<string> => {
  const names = new Set<string>();
  const add = (target: ts.Node): void => {
    if (ts.isIdentifier(target)) names.add(target.text);
    else if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target)) ts.forEachChild(target, add);
    else if (ts.isShorthandPropertyAssignment(target)) names.add(target.name.text);
    else if (ts.isPropertyAssignment(target)) add(target.initializer);
  };
  for (const node of nodesIn(source)) {
    if (isAssignment(node)) add(node.left);
    else if (isStep(node)) add(node.operand);
  }
  return names;
});

export function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  );
}

/** `x++`, `--x`. */
export function isStep(node: ts.Node): node is ts.PrefixUnaryExpression | ts.PostfixUnaryExpression {
  return (
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
  );
}

/** A function with a body: no signature. */
export function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body !== undefined;
}

/** The names that a pattern declares. */
export function boundNames(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

/** The function that a node stands in, itself where it is one; the file outside of one. */
export function functionAround(node: ts.Node): ts.Node {
  let at = node;
  while (!ts.isFunctionLike(at) && !ts.isSourceFile(at)) at = at.parent;
  return at;
}

/** The nodes of code in the order of the text, itself first; those to `skip` are left out with all that is in them. */
export function nodesIn(node: ts.Node, skip: (node: ts.Node) => boolean = () => false): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    if (skip(at)) return;
    found.push(at);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** The nodes that run when code runs: functions and classes in it are left out. */
export function nodesRunBy(node: ts.Node): ts.Node[] {
  return nodesIn(node, (at) => ts.isFunctionLike(at) || ts.isClassLike(at));
}

export function isVarList(node: ts.Node): node is ts.VariableDeclarationList {
  return ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped);
}

/**
 * What depends on a node and what is in it alone, and not on what is around it, is found out once: a node that an edit
 * leaves alone is taken over into the next tree, with other parents.
 */
export function byNode<T>(find: (node: ts.Node) => T): (node: ts.Node) => T {
  const known = new WeakMap<ts.Node, { readonly result: T }>();
  return (node) => {
    let entry = known.get(node);
    if (!entry) known.set(node, (entry = { result: find(node) }));
    return entry.result;
  };
}

/**
 * What depends on where a node stands is found out once for each tree: a node that a later tree takes over may have
 * moved, and has other parents.
 */
export function byTree<N extends ts.Node, T>(find: (node: N, source: ts.SourceFile) => T): (node: N) => T {
  const known = new WeakMap<N, { readonly source: ts.SourceFile; readonly result: T }>();
  return (node) => {
    const source = node.getSourceFile();
    let entry = known.get(node);
    if (entry?.source !== source) known.set(node, (entry = { source, result: find(node, source) }));
    return entry.result;
  };
}
