import ts from 'typescript';
import { callFunction, construct, instantiate, methodOf, unknownArguments, functionLikeName } from './functions';
import { havocIdle } from './idle';
import { withThis } from './environment';
import { functionLeadsTo, givesAway, matters } from './touch';
import type { Machine } from './machine';
import { ThrowSignal } from './signals';
import { byNode, functionKey, hasModifier, isFunction, propertyName } from './syntax';
import { ClassValue, FunctionValue, ObjectValue, type Value } from './values';

/** Code of the root file that nothing analysed calls: it is run with unknown arguments. */
export interface Entry {
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  readonly run: () => void;
}

/** Which functions and classes are judged already, or by somebody else. */
export interface Judged {
  /** Run as entries, or left out. */
  readonly done: ReadonlySet<ts.Node>;
  /** By key, what other files call: it is judged by their calls. */
  readonly called: ReadonlySet<string>;
  /** What code that is left out can call: by itself too, whoever else calls it. */
  readonly reopened: ReadonlySet<ts.Node>;
}

function isJudged(m: Machine, { done, called, reopened }: Judged, node: ts.Node): boolean {
  return done.has(node) || (!reopened.has(node) && (m.called.has(node) || called.has(functionKey(node))));
}

interface Candidate extends Entry {
  /** What it is called by; null where the text does not tell. */
  readonly name: string | null;
}

/** The next function, method or class of the root file that has not been called, in the order of running. */
export function nextEntry(m: Machine, source: ts.SourceFile, judged: Judged): Entry | null {
  const candidates: Candidate[] = [];
  const constructors = new Map([...m.made.values()].flatMap((fn) => prototypeMembers(fn)));
  for (const [node, fn] of m.made) {
    const declaration = node as ts.FunctionLikeDeclaration;
    if (node.getSourceFile() !== source || fn.homeClass || !declaration.body || ts.isSetAccessor(declaration)) continue;
    if (isJudged(m, judged, node) || !functionLeadsTo(m, fn)) continue;
    const maker = constructors.get(fn);
    const run = (): void => {
      if (maker === undefined) runFunction(m, fn, undefined);
      else if (maker === fn) constructIdle(m, fn);
      else runFunction(m, fn, instanceOf(m, maker));
    };
    candidates.push({ node: declaration, name: functionLikeName(declaration), run });
  }
  for (const [node, value] of m.classes) {
    if (node.getSourceFile() !== source) continue;
    candidates.push(...classEntries(m, value, judged));
  }
  candidates.sort((a, b) => a.node.pos - b.node.pos);
  return firstCaller(candidates);
}

/**
 * A function whose prototype has methods, and those methods, each with the function that makes what they are called
 * on: `Net.prototype.build = function () { ... }`.
 */
function prototypeMembers(fn: FunctionValue): readonly (readonly [member: FunctionValue, maker: FunctionValue])[] {
  const { prototype } = fn;
  if (!(prototype instanceof ObjectValue)) return [];
  const members = [...prototype.properties.values()].filter((value) => value instanceof FunctionValue);
  return members.length === 0 ? [] : [fn, ...members].map((member) => [member, fn] as const);
}

function instanceOf(m: Machine, maker: FunctionValue): Value {
  const { node } = maker;
  if (!m.constructed.has(node)) constructIdle(m, maker);
  return m.constructed.get(node);
}

function constructIdle(m: Machine, maker: FunctionValue): void {
  construct(m, maker, unknownArguments(m, maker.node), null);
  const instance = m.constructed.get(maker.node);
  if (instance) havocIdle(m, [[null, instance]]);
}

/**
 * A function that another one calls is judged by that call, so callers run first: a candidate that is named in no other
 * one, or, where all that lead to the first one are, the one at which going up comes round.
 */
function firstCaller(candidates: readonly Candidate[]): Candidate | null {
  const [first] = candidates;
  if (!first) return null;
  const named = (name: string | null): readonly Candidate[] =>
    name === null ? [] : candidates.filter((other) => other.name !== name && namesIn(other.node).has(name));
  const above = new Set([first]);
  for (const at of above) {
    const callers = named(at.name);
    if (callers.length === 0) return at;
    for (const caller of callers) above.add(caller);
  }
  const seen = new Set<Candidate>();
  for (let at = first; ;) {
    seen.add(at);
    const caller = named(at.name).find((other) => !seen.has(other));
    if (!caller) return at;
    at = caller;
  }
}

function classEntries(m: Machine, value: ClassValue, judged: Judged): Candidate[] {
  const { done, reopened } = judged;
  const instance = m.instances.get(value);
  const isOpen = !done.has(value.node) && (!instance || reopened.has(value.node));
  if (isOpen) {
    const builds = !isJudged(m, judged, value.node) && constructionMatters(m, value);
    if (builds || (!instance && openMethods(m, value, judged).length > 0)) return [classEntry(m, value)];
  }
  if (!instance) return [];
  return openMethods(m, value, judged, instance).map(({ member, fn }) => ({
    node: member,
    name: functionLikeName(member),
    run: () => runFunction(m, fn, hasModifier(member, ts.SyntaxKind.StaticKeyword) ? value : instance),
  }));
}

/**
 * Methods and getters that can touch the graph or give something of it away, and that nobody has called: of the class,
 * and those that it inherits from a class of another file, which may call what the class overrides.
 */
function openMethods(
  m: Machine,
  value: ClassValue,
  judged: Judged,
  instance: ObjectValue | null = null,
): { member: ts.MethodDeclaration | ts.GetAccessorDeclaration; fn: FunctionValue }[] {
  const source = value.node.getSourceFile();
  const own = new Set<string | null>();
  const open: { member: ts.MethodDeclaration | ts.GetAccessorDeclaration; fn: FunctionValue }[] = [];
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    const inherited = at.node.getSourceFile() !== source;
    if (at !== value && !inherited) continue;
    for (const member of at.node.members) {
      if (!(ts.isMethodDeclaration(member) || ts.isGetAccessor(member)) || !member.body) continue;
      const name = propertyName(member.name);
      if (inherited && own.has(name)) continue;
      own.add(name);
      if (isJudged(m, inherited ? { ...judged, called: NOTHING } : judged, member)) continue;
      const fn = methodOf(m, at, member);
      const scope = instance && withThis(fn.environment, instance);
      const acts = scope !== null && (givesAway(fn, scope) || matters(m, member.body, scope, at));
      const leads = (ts.isMethodDeclaration(member) || !instance) && functionLeadsTo(m, fn);
      if (acts || leads) open.push({ member, fn });
    }
  }
  return open;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Whether making an instance can touch the graph, or makes functions in its fields that can. */
export function constructionMatters(m: Machine, value: ClassValue): boolean {
  const { members } = value.node;
  const constructor = members.find(ts.isConstructorDeclaration)?.body;
  const fields = members.flatMap((member) => {
    if (!ts.isPropertyDeclaration(member) || hasModifier(member, ts.SyntaxKind.StaticKeyword)) return [];
    const { initializer } = member;
    if (!initializer) return [];
    return isFunction(initializer) ? [initializer.body!] : [initializer];
  });
  const scope = withThis(value.environment, undefined);
  return [constructor ?? value.node, ...fields].some((part) => matters(m, part, scope, value));
}

function classEntry(m: Machine, value: ClassValue): Candidate {
  const run = (): void => {
    const constructor = value.node.members.find(ts.isConstructorDeclaration);
    instantiate(m, value, constructor ? unknownArguments(m, constructor) : [], null);
    const instance = m.instances.get(value);
    if (instance) havocIdle(m, [[value, instance]]);
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
export function findEntry(m: Machine, source: ts.SourceFile, judged: Judged, node: ts.Node): Entry | null {
  const others = new Set(judged.done);
  for (;;) {
    const entry = nextEntry(m, source, { ...judged, done: others });
    if (!entry || entry.node === node) return entry;
    others.add(entry.node);
  }
}

/** Names that the code of a function or class reads. */
const namesIn = byNode((node): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) || ts.isPrivateIdentifier(at)) found.add(at.text);
    else ts.forEachChild(at, visit);
  };
  ts.forEachChild(node, (child) => {
    if (child !== (node as ts.FunctionLikeDeclaration).name) visit(child);
  });
  return found;
});
