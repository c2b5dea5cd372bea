import ts from 'typescript';
import { callFunction, instantiate, methodOf, unknownArguments, functionLikeName } from './functions';
import { functionMatters, matters } from './branches';
import { ThrowSignal, type Machine } from './machine';
import { functionKey, hasModifier } from './syntax';
import type { ClassValue, FunctionValue, Value } from './values';

/** Code of the root file that nothing analysed calls: it is run with unknown arguments. */
export interface Entry {
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  readonly run: () => void;
}

/** The next function, method or class of the root file that has not been called, in the order of running. */
export function nextEntry(
  m: Machine,
  source: ts.SourceFile,
  done: ReadonlySet<ts.Node>,
  called: ReadonlySet<string>,
): Entry | null {
  const referenced = calledNames(source);
  const candidates: { node: Entry['node']; name: string | null; run: () => void }[] = [];
  for (const [node, fn] of m.made) {
    const declaration = node as ts.FunctionLikeDeclaration;
    if (node.getSourceFile() !== source || fn.homeClass || !declaration.body || ts.isAccessor(declaration)) continue;
    if (m.called.has(node) || done.has(node) || called.has(functionKey(node)) || !functionMatters(m, fn)) continue;
    candidates.push({
      node: declaration,
      name: functionLikeName(declaration),
      run: () => runFunction(m, fn, undefined),
    });
  }
  for (const [node, value] of m.classes) {
    if (node.getSourceFile() !== source) continue;
    candidates.push(...classEntries(m, value, done, called));
  }
  candidates.sort((a, b) => a.node.pos - b.node.pos);
  // A function that another one calls is judged by that call: let the callers run first.
  return candidates.find(({ name }) => name === null || !referenced.has(name)) ?? candidates[0] ?? null;
}

function classEntries(
  m: Machine,
  value: ClassValue,
  done: ReadonlySet<ts.Node>,
  called: ReadonlySet<string>,
): { node: Entry['node']; name: string | null; run: () => void }[] {
  const instance = m.instances.get(value);
  if (!instance) {
    if (done.has(value.node)) return [];
    const judgedElsewhere = called.has(functionKey(value.node));
    const builds = !judgedElsewhere && constructionMatters(m, value);
    return builds || openMethods(m, value, done, called).length > 0 ? [classEntry(m, value)] : [];
  }
  return openMethods(m, value, done, called).map(({ member, fn }) => ({
    node: member,
    name: functionLikeName(member),
    run: () => runFunction(m, fn, hasModifier(member, ts.SyntaxKind.StaticKeyword) ? value : instance),
  }));
}

/** Methods that can touch the graph and that nobody has called. */
function openMethods(
  m: Machine,
  value: ClassValue,
  done: ReadonlySet<ts.Node>,
  called: ReadonlySet<string>,
): { member: ts.MethodDeclaration; fn: FunctionValue }[] {
  return value.node.members.flatMap((member) => {
    if (!ts.isMethodDeclaration(member) || !member.body || m.called.has(member) || done.has(member)) return [];
    if (called.has(functionKey(member))) return [];
    const fn = methodOf(m, value, member);
    return functionMatters(m, fn) ? [{ member, fn }] : [];
  });
}

function constructionMatters(m: Machine, value: ClassValue): boolean {
  return matters(m, value.node.members.find(ts.isConstructorDeclaration)?.body ?? value.node, value.environment, value);
}

function classEntry(m: Machine, value: ClassValue): { node: Entry['node']; name: string | null; run: () => void } {
  const run = (): void => {
    const constructor = value.node.members.find(ts.isConstructorDeclaration);
    instantiate(m, value, constructor ? unknownArguments(m, constructor) : [], null);
  };
  return { node: value.node, name: value.node.name?.text ?? null, run };
}

function runFunction(m: Machine, fn: FunctionValue, self: Value): void {
  const args = unknownArguments(m, fn.node);
  const result = callFunction(m, fn, self, args, null);
  m.escape(result, 'given back to a caller that is not known', fn.node);
}

/** Runs an entry; an exception of the model code ends it and nothing else. */
export function runEntry(entry: Pick<Entry, 'run'>): void {
  try {
    entry.run();
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
  }
}

/** The entry of a given node, also where another one would come first in this world; null where there is none. */
export function findEntry(
  m: Machine,
  source: ts.SourceFile,
  done: ReadonlySet<ts.Node>,
  called: ReadonlySet<string>,
  node: ts.Node,
): Entry | null {
  const others = new Set(done);
  for (;;) {
    const entry = nextEntry(m, source, others, called);
    if (!entry || entry.node === node) return entry;
    others.add(entry.node);
  }
}

const names = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

/** Names that something in the file calls, constructs or hands on as an argument. */
function calledNames(source: ts.SourceFile): ReadonlySet<string> {
  let found = names.get(source);
  if (found) return found;
  const collected = new Set<string>();
  const note = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) collected.add(node.text);
    else if (ts.isPropertyAccessExpression(node)) collected.add(node.name.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      note(node.expression);
      for (const argument of node.arguments ?? []) note(argument);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  found = collected;
  names.set(source, found);
  return found;
}
