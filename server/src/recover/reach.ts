import ts from 'typescript';
import { mayNormalise, normalising, trainingNames } from './relevance';
import {
  boundNames,
  byNode,
  functionAround,
  hasModifier,
  isAssignment,
  isFunction,
  nodesIn,
  propertyName,
  unwrap,
} from './syntax';

/** What code can come to, told from the texts of the files it is made of. */
export interface Reach {
  /** Whether it can take a gradient step. */
  readonly trains: boolean;
  /** Whether it can normalise (see relevance.ts). */
  readonly normalises: boolean;
  /** The functions and classes that it can call. */
  readonly functions: readonly ts.Node[];
}

/**
 * Follows the names in a piece of code to all that they may stand for, and so on: a name by itself to what its file
 * declares by it, a member to all members and exports of that name, whatever they belong to. What is not reached so is
 * not called.
 *
 * @param start what runs; null for the top levels of all files
 */
export function reachOf(start: ts.Node | null, files: readonly ts.SourceFile[]): Reach {
  const reached = new Set<ts.Node>();
  const open: ts.Node[] = [];
  const reach = (code: ts.Node): void => {
    if (reached.has(code)) return;
    reached.add(code);
    open.push(code);
  };
  const members = new Set<string>();
  let picks = false;
  for (const code of start ? [start] : files) reach(code);
  if (start && ts.isClassLike(start)) start.members.forEach(reach);
  for (let code = open.pop(); code; code = open.pop()) {
    const mentioned = mentionedBy(code);
    const { declared } = namedIn(code.getSourceFile());
    for (const name of mentioned.names)
      for (const { code: meant, around } of declared.get(name) ?? []) if (overlap(around, code)) reach(meant);
    for (const name of mentioned.members) {
      if (members.has(name)) continue;
      members.add(name);
      for (const file of files) namedIn(file).members.get(name)?.forEach(reach);
    }
    // An element of a list or table that is written out is reached with it.
    const isTable = ({ name, member }: Picked): boolean => {
      const codes = member
        ? files.flatMap((file) => namedIn(file).members.get(name) ?? [])
        : (declared.get(name) ?? []).map((declaration) => declaration.code);
      return codes.length > 0 && codes.every((at) => isLiteral(at));
    };
    if (picks || mentioned.picked.every((picked) => picked !== null && isTable(picked))) continue;
    picks = true;
    for (const file of files) codeIn(file).filter(isMethod).forEach(reach);
  }
  return {
    trains: trainingNames.some((name) => members.has(name)),
    normalises: mayNormalise([...reached].map((code) => normalisingIn(code)).join(' ')),
    functions: files.flatMap(codeIn).filter((node) => runsWith(node, reached)),
  };
}

/** Of the text of a piece of code, what tells that it normalises. */
const normalisingIn = byNode((code): string => [...code.getFullText().matchAll(normalising)].join(' '));

const codeIn = byNode((source): readonly (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[] =>
  nodesIn(source).filter((node) => isFunction(node) || ts.isClassLike(node)),
);

function isMethod(node: ts.Node): boolean {
  return ts.isClassElement(node) && !ts.isConstructorDeclaration(node);
}

/** Whether a function or class stands in code that is reached, and needs no name to run. */
function runsWith(node: ts.Node, reached: ReadonlySet<ts.Node>): boolean {
  for (let at = node; !reached.has(at); at = at.parent)
    if (ts.isSourceFile(at) || isNamedFunction(at) || (ts.isClassLike(at) && at.name)) return false;
  return true;
}

/** A function that is run by its name. Those in an object literal may be picked out of it, whatever they are called. */
function isNamedFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node)) return node.name !== undefined;
  if (!isFunction(node)) return false;
  if (ts.isClassElement(node) && ts.isClassLike(node.parent)) return isMethod(node);
  const { parent } = node;
  return (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) || ts.isPropertyDeclaration(parent);
}

/** What a piece of code mentions. */
interface Mentioned {
  /** Names by themselves: what the file declares by them. */
  readonly names: ReadonlySet<string>;
  /** Names of members, of exports of other files, and texts that may be such a name. */
  readonly members: ReadonlySet<string>;
  /** Of what it calls elements by keys that are not written in the text; null where that has no name. */
  readonly picked: readonly (Picked | null)[];
}

interface Picked {
  readonly name: string;
  readonly member: boolean;
}

function pickedOf(node: ts.Expression): Picked | null {
  const object = unwrap(node);
  if (ts.isIdentifier(object)) return { name: object.text, member: false };
  return ts.isPropertyAccessExpression(object) ? { name: object.name.text, member: true } : null;
}

function isLiteral(code: ts.Node): boolean {
  if (ts.isPropertyAssignment(code)) return isLiteral(code.initializer);
  const value = ts.isExpression(code) ? unwrap(code) : code;
  return ts.isArrayLiteralExpression(value) || ts.isObjectLiteralExpression(value);
}

function overlap(a: ts.Node, b: ts.Node): boolean {
  return (a.pos <= b.pos && b.end <= a.end) || (b.pos <= a.pos && a.end <= b.end);
}

/**
 * What runs when a piece of code does, or is handed on by it: all in it but for types, and for the functions in it
 * that have a name of their own, which must be mentioned to run.
 */
const mentionedBy = byNode((code): Mentioned => {
  const [names, members] = [new Set<string>(), new Set<string>()];
  const picked: (Picked | null)[] = [];
  const isElsewhere = (at: ts.Node): boolean =>
    (at !== code && isNamedFunction(at)) ||
    (ts.isTypeNode(at) && !ts.isExpressionWithTypeArguments(at)) ||
    ts.isInterfaceDeclaration(at) ||
    ts.isTypeAliasDeclaration(at);
  for (const node of nodesIn(code, isElsewhere)) {
    if (ts.isPropertyAccessExpression(node)) members.add(node.name.text);
    else if (ts.isIdentifier(node)) names.add(node.text);
    else if (ts.isStringLiteralLike(node)) members.add(node.text);
    else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = node.propertyName ?? node.name;
      if (ts.isIdentifier(name)) members.add(name.text);
    } else if (ts.isObjectLiteralElement(node) && isPattern(node.parent)) {
      const name = node.name && propertyName(node.name);
      if (name) members.add(name);
    } else if (ts.isImportClause(node) && node.name) members.add('default');
    else if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node))
      members.add((node.propertyName ?? node.name).text);
    else if (ts.isCallExpression(node)) {
      const callee = unwrap(node.expression);
      if (ts.isIdentifier(callee) && callee.text === 'require') members.add('exports');
      if (ts.isElementAccessExpression(callee) && !ts.isLiteralExpression(callee.argumentExpression))
        picked.push(pickedOf(callee.expression));
    }
  }
  return { names, members, picked };
});

/** `{ a, b: c } = value` takes members. */
function isPattern(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  return isAssignment(at.parent) && at.parent.left === at;
}

/** A piece of code that a name stands for, and the code that can mention it. */
interface Declared {
  readonly code: ts.Node;
  readonly around: ts.Node;
}

/** The pieces of code of a file, by the names that they may be mentioned by. */
interface Named {
  /** What the file declares, at any depth. */
  readonly declared: ReadonlyMap<string, readonly Declared[]>;
  /** Members of anything, and exports. */
  readonly members: ReadonlyMap<string, readonly ts.Node[]>;
}

const namedIn = byNode((source): Named => {
  const [declared, members] = [new Map<string, Declared[]>(), new Map<string, ts.Node[]>()];
  const add = <T>(map: Map<string, T[]>, name: string, item: T): void => {
    const items = map.get(name);
    if (items) items.push(item);
    else map.set(name, [item]);
  };
  const member = (name: string | null, code: ts.Node | undefined): void => {
    if (name !== null && code) add(members, name, code);
  };
  const local = (name: string, code: ts.Node | undefined, around: ts.Node): void => {
    if (code) add(declared, name, { code, around });
  };
  const declare = (name: string, code: ts.Node | undefined, statement: ts.Node): void => {
    local(name, code, functionAround(statement.parent));
    if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) member(name, code);
    if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) member('default', code);
  };
  for (const node of nodesIn(source)) {
    if (ts.isVariableDeclaration(node)) {
      const statement = node.parent.parent;
      // A pattern says which members its names stand for.
      const code = ts.isIdentifier(node.name) ? node.initializer : node;
      for (const name of boundNames(node.name)) declare(name, code, statement);
    } else if (ts.isParameter(node)) {
      for (const name of boundNames(node.name)) local(name, node.initializer, node.parent);
    } else if (ts.isFunctionDeclaration(node) || ts.isClassLike(node) || ts.isEnumDeclaration(node)) {
      declare(node.name?.text ?? 'default', node, node);
    } else if (ts.isModuleDeclaration(node)) {
      declare(node.name.text, node.body, node);
    } else if (ts.isClassElement(node) || ts.isObjectLiteralElement(node)) {
      const code = ts.isPropertyDeclaration(node) ? node.initializer : node;
      member(node.name ? propertyName(node.name) : null, code);
    } else if (ts.isImportSpecifier(node) || (ts.isImportClause(node) && node.name)) {
      local(node.name!.text, node, source);
    } else if (ts.isExportSpecifier(node)) {
      member(node.name.text, node);
    } else if (ts.isExportAssignment(node)) {
      member('default', node.expression);
    } else if (isAssignment(node)) {
      const left = unwrap(node.left);
      // Whatever variable of that name it is.
      if (ts.isIdentifier(left)) local(left.text, node.right, source);
      else if (ts.isPropertyAccessExpression(left)) member(left.name.text, node.right);
      else if (ts.isElementAccessExpression(left) && ts.isStringLiteralLike(left.argumentExpression))
        member(left.argumentExpression.text, node.right);
      else if (ts.isObjectLiteralExpression(left) || ts.isArrayLiteralExpression(left))
        for (const at of nodesIn(left)) if (ts.isIdentifier(at)) local(at.text, node, source);
    }
  }
  return { declared, members };
});
