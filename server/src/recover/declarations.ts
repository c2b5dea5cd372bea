import ts from 'typescript';
import { bindPattern } from './assign';
import { Environment } from './environment';
import { evaluate, keyOf } from './evaluate';
import { makeFunction } from './functions';
import type { Machine } from './machine';
import { getProperty } from './properties';
import { executeBody } from './statements';
import { boundNames, byNode, hasModifier, isVarList, nodesRunBy, placeOf } from './syntax';
import { ClassValue, FunctionValue, ObjectValue, type Value } from './values';

/** Declares `var`s, functions and enums of a body before it runs. */
export function hoist(m: Machine, statements: readonly ts.Statement[], env: Environment): void {
  for (const statement of statements)
    for (const list of varListsIn(statement))
      for (const declaration of list.declarations) declareNames(declaration.name, env);
  hoistFunctions(m, statements, env);
}

/** Asked for at every call: found out once. */
const varListsIn = byNode((statement) => nodesRunBy(statement).filter(isVarList));

export function hoistFunctions(m: Machine, statements: readonly ts.Statement[], env: Environment): void {
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name && statement.body)
      env.declare(statement.name.text, makeFunction(m, statement, env));
  }
}

function declareNames(name: ts.BindingName, env: Environment): void {
  for (const text of boundNames(name)) if (!env.has(text)) env.declare(text, undefined);
}

/** Declares the names of `const`, `let` and `var`. */
export function declareVariables(m: Machine, list: ts.VariableDeclarationList, env: Environment): void {
  const blockScoped = (list.flags & ts.NodeFlags.BlockScoped) !== 0;
  for (const declaration of list.declarations) {
    const target = blockScoped ? env : env.functionScope();
    if (!declaration.initializer) {
      if (blockScoped && ts.isIdentifier(declaration.name)) target.declare(declaration.name.text, undefined);
      continue;
    }
    bindPattern(m, declaration.name, evaluate(m, declaration.initializer, env), env, target);
  }
}

/** The object that an enum is; the parts of one that is written in several parts are one. */
export function enumObject(m: Machine, node: ts.EnumDeclaration, outer: Environment): ObjectValue {
  const known = outer.has(node.name.text) ? outer.find(node.name.text)?.value : undefined;
  const object = known instanceof ObjectValue ? known : new ObjectValue();
  // Members name each other without the name of the enum.
  const env = new Environment(outer, placeOf(node));
  let next: Value = 0;
  for (const member of node.members) {
    const key = keyOf(m, member.name, env);
    const value: Value = member.initializer ? evaluate(m, member.initializer, env) : next;
    if (key !== null) {
      object.properties.set(key, value);
      env.declare(key, value);
      if (typeof value === 'number') object.properties.set(String(value), key);
    }
    next = typeof value === 'number' ? value + 1 : undefined;
  }
  return object;
}

/** Runs a namespace, and declares its name. */
export function namespace(m: Machine, node: ts.ModuleDeclaration, env: Environment): undefined {
  if (!ts.isIdentifier(node.name) || !node.body || hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return undefined;
  const known = env.has(node.name.text) ? env.find(node.name.text)?.value : undefined;
  // Of a namespace, class or function that stands in several parts, each part sees what those before it export.
  const object = known instanceof ObjectValue ? known : new ObjectValue();
  const scope = new Environment(env, placeOf(node), true);
  for (const [key, value] of object.properties) scope.declare(key, value);
  if (ts.isModuleBlock(node.body)) {
    const { statements } = node.body;
    hoist(m, statements, scope);
    executeBody(m, statements, scope);
    for (const statement of statements) {
      if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) continue;
      for (const name of declaredNames(statement)) object.properties.set(name, scope.find(name)?.value);
    }
  } else if (ts.isModuleDeclaration(node.body)) {
    // `namespace A.B`: B is exported from A.
    namespace(m, node.body, scope);
    if (ts.isIdentifier(node.body.name))
      object.properties.set(node.body.name.text, scope.find(node.body.name.text)?.value);
  }
  if (known instanceof ClassValue || known instanceof FunctionValue) {
    const target = known instanceof ClassValue ? known.statics : known.properties;
    for (const [key, value] of object.properties) target.set(key, value);
  } else env.declare(node.name.text, object);
  return undefined;
}

/** `import conv = Blocks.conv`. */
export function aliasOf(m: Machine, name: ts.EntityName, env: Environment): Value {
  return ts.isIdentifier(name)
    ? env.find(name.text)?.value
    : getProperty(m, aliasOf(m, name.left, env), name.right.text, name);
}

/** The names that a statement of a module or namespace declares. */
export function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  }
  if (
    (ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isImportEqualsDeclaration(statement) ||
      ts.isModuleDeclaration(statement)) &&
    statement.name &&
    ts.isIdentifier(statement.name)
  )
    return [statement.name.text];
  return [];
}
