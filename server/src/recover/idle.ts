import ts from 'typescript';
import { Targets } from './assigned';
import { forget, heldBy } from './changes';
import { Binding, withThis, type Environment } from './environment';
import { callFunction, functionLikeName, methodOf, unknownArguments } from './functions';
import type { Machine } from './machine';
import { LeftIdle, ThrowSignal } from './signals';
import { setsNothing } from './sweep';
import { byNode, hasModifier, nodesIn } from './syntax';
import { functionLeadsTo, functionsIn } from './touch';
import { Changes, noting, type Changed, type Slot } from './trail';
import { ClassValue, FunctionValue, holdsGraphValue, type ObjectValue, type Value } from './values';

/**
 * Makes unknown what functions change that are no entry points, because they touch nothing of the graph: a setter, the
 * handler of a switch. They run at a time that is not known, those too that code calls which may call them again, so
 * that what they set may be anything whenever an entry point runs. What holds something of the graph stays.
 *
 * @param instances what has been made, of a class or by a function with a prototype
 */
export function havocIdle(m: Machine, instances: Iterable<readonly [ClassValue | null, ObjectValue]>): void {
  const idle = new Map<FunctionValue, Value>();
  const note = (fn: FunctionValue, self: Value): void => {
    const { body } = fn.node;
    if (body && !isHelper(m, fn.node) && !setsNothing(body, scopeOf(fn, self)) && !functionLeadsTo(m, fn))
      idle.set(fn, self);
  };
  for (const [value, instance] of instances) {
    for (let at = instance.prototype; at; at = at.prototype)
      for (const fn of at.properties.values()) if (fn instanceof FunctionValue) note(fn, instance);
    for (let at: Value = value; at instanceof ClassValue; at = at.base) noteMembers(m, at, instance, false, note);
  }
  for (const value of [...m.classes.values()]) noteMembers(m, value, value, true, note);
  // Those on a prototype have been looked at with what they are called on.
  for (const fn of [...m.made.values()]) if (!fn.homeClass && !idle.has(fn)) note(fn, fn.boundThis ?? fn.home);
  const reason = 'set by code that runs at a time that is not known';
  const changed = changedBy(m, idle).filter(isData);
  forget(m, changed, reason, null);
  // What one of them sets is seen by the others.
  const seeing = [...idle].filter(([fn]) => changed.some((slot) => mentions(fn, slot)));
  if (seeing.length > 0) forget(m, changedBy(m, new Map(seeing)).filter(isData), reason, null);
}

/** Whether the text of a function names a place; of a list it is not told what it is called. */
function mentions({ node, environment }: FunctionValue, { holder, name }: Slot): boolean {
  const called = holder instanceof Binding ? environment.nameOf(holder) : name;
  return called === '' || (called !== null && namesIn(node).has(called));
}

const namesIn = byNode(
  (node): ReadonlySet<string> =>
    new Set(nodesIn(node).flatMap((at) => (ts.isIdentifier(at) || ts.isStringLiteralLike(at) ? at.text : []))),
);

/** The scope of a function with what it is called on. */
function scopeOf(fn: FunctionValue, self: Value): Environment {
  return self === undefined || self === null ? fn.environment : withThis(fn.environment, self);
}

function noteMembers(
  m: Machine,
  owner: ClassValue,
  self: Value,
  isStatic: boolean,
  note: (fn: FunctionValue, self: Value) => void,
): void {
  for (const member of owner.node.members) {
    if (!ts.isMethodDeclaration(member) && !ts.isSetAccessor(member)) continue;
    if (hasModifier(member, ts.SyntaxKind.StaticKeyword) === isStatic) note(methodOf(m, owner, member), self);
  }
}

/** What idle functions change: seen while they run, and told from the text of functions in them, which run later still. */
function changedBy(m: Machine, idle: ReadonlyMap<FunctionValue, Value>): (Slot | Changed)[] {
  const targets = new Targets(m);
  const changes = new Changes();
  for (const [fn, self] of idle) {
    const env = scopeOf(fn, self);
    const { node } = fn;
    const run = (): void => void callFunction(m, fn, self, unknownArguments(m, node), node);
    const codes = runIdle(m, changes, run) ? functionsIn(node.body!) : [node.body!, ...functionsIn(node.body!)];
    for (const code of codes) targets.collect(code, env);
  }
  const changed = changes.all().filter(({ holder, name, before }) => !isSame(holder.state(name), before));
  return [...changed, ...targets.all()];
}

/** Whether a place holds what it has held. */
function isSame(now: unknown, before: unknown): boolean {
  if (Array.isArray(now) && Array.isArray(before))
    return now.length === before.length && now.every((item, index) => item === before[index]);
  const [left, right] = [now, before] as [{ value?: Value } | null, { value?: Value } | null];
  return now === before || (isMember(left) && isMember(right) && left.value === right.value);
}

function isMember(state: { value?: Value } | null): state is { value: Value; presence: Value } {
  return typeof state === 'object' && state !== null && 'presence' in state;
}

function isData(slot: Slot): boolean {
  return !holdsGraphValue(heldBy(slot));
}

/** Runs a function that nobody calls, up to a bound of its own; whether it came to its end. */
function runIdle(m: Machine, changes: Changes, run: () => void): boolean {
  try {
    m.aside(() => noting(changes, run));
    return true;
  } catch (error) {
    if (error instanceof ThrowSignal) return true;
    if (!(error instanceof LeftIdle)) throw error;
    return false;
  }
}

/** Whether a function runs when code does that is known: only code of the same file can call it, or it has run. */
function isHelper(m: Machine, node: ts.FunctionLikeDeclaration): boolean {
  // By its name not meant for others, and called.
  if (m.called.has(node) && (functionLikeName(node)?.startsWith('_') ?? true)) return true;
  if (ts.isMethodDeclaration(node) || ts.isSetAccessor(node))
    return ts.isPrivateIdentifier(node.name) || hasModifier(node, ts.SyntaxKind.PrivateKeyword);
  const name = functionLikeName(node);
  if (name === null) return false;
  const statement = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : node;
  const declared = ts.isFunctionDeclaration(node) || ts.isVariableStatement(statement);
  return declared && !hasModifier(statement, ts.SyntaxKind.ExportKeyword) && !handedOn(node.getSourceFile()).has(name);
}

/** Names that a file uses otherwise than by calling them: handed on, exported, stored. */
const handedOn = byNode((source): ReadonlySet<string> => {
  const found = nodesIn(source)
    .filter(ts.isIdentifier)
    .filter((at) => {
      const { parent } = at;
      const called = ts.isCallExpression(parent) && parent.expression === at;
      const names = (ts.isFunctionDeclaration(parent) || ts.isVariableDeclaration(parent)) && parent.name === at;
      return !called && !names;
    });
  return new Set(found.map(({ text }) => text));
});
