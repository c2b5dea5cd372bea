import ts from 'typescript';
import type { ArgumentSite, CallSite, ObjectSite, PropertySite, Span } from '../../server/src/graph';
import type { Fix } from '../../server/src/rules';

/** Records the calls of `name` in a piece of code, in source order, as the recovery records them. For tests only. */
export function callSites(text: string, name: string, file = '/model.ts'): CallSite[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, scriptKind(file));
  const sites: CallSite[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const site = callSite(node, tree, file);
      if (text.slice(site.name.start, site.name.end).replace(/['"]/g, '') === name) sites.push(site);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return sites.sort((a, b) => a.call.start - b.call.start);
}

/** The messages of all syntax errors. */
export function syntaxErrors(text: string, file = '/model.ts'): string[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, scriptKind(file));
  const { parseDiagnostics } = tree as unknown as { parseDiagnostics: ts.Diagnostic[] };
  return parseDiagnostics.map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '));
}

/** The text after the edits of one fix. */
export function applyFix(text: string, fix: Fix): string {
  const edits = [...fix.edits].sort((a, b) => b.start - a.start);
  return edits.reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text);
}

function scriptKind(file: string): ts.ScriptKind {
  return file.endsWith('x') ? ts.ScriptKind.TSX : file.endsWith('.js') ? ts.ScriptKind.JS : ts.ScriptKind.TS;
}

function callSite(node: ts.CallExpression, tree: ts.SourceFile, file: string): CallSite {
  const span = (of: ts.Node): Span => ({ start: of.getStart(tree), end: of.getEnd() });
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee)
    ? callee.name
    : ts.isElementAccessExpression(callee)
      ? callee.argumentExpression
      : callee;
  return {
    file,
    call: span(node),
    callee: span(callee),
    name: span(name),
    close: node.getEnd() - 1,
    args: node.arguments.map((argument): ArgumentSite => {
      const spread = ts.isSpreadElement(argument);
      const object = ts.isObjectLiteralExpression(argument) ? objectSite(argument, span) : null;
      return { span: span(argument), spread, object };
    }),
  };
}

function objectSite(node: ts.ObjectLiteralExpression, span: (of: ts.Node) => Span): ObjectSite {
  return {
    span: span(node),
    properties: node.properties.map((property): PropertySite => {
      if (ts.isSpreadAssignment(property)) {
        return { key: null, form: 'spread', span: span(property), value: span(property.expression) };
      }
      const known = ts.isIdentifier(property.name) || ts.isStringLiteral(property.name);
      const key = known ? (property.name as ts.Identifier | ts.StringLiteral).text : null;
      if (ts.isPropertyAssignment(property)) {
        const form = ts.isComputedPropertyName(property.name) ? 'computed' : 'property';
        return { key, form, span: span(property), value: span(property.initializer) };
      }
      const form = ts.isShorthandPropertyAssignment(property) ? 'shorthand' : 'method';
      return { key, form, span: span(property), value: span(property.name) };
    }),
  };
}
