import ts from 'typescript';
import { Unknown } from '../graph';
import { bindPattern, withDefault } from './assign';
import { functionMatters, handedMatters } from './touch';
import { hoist } from './declarations';
import { decorate } from './decorators';
import { defer, evaluate, keyOf } from './evaluate';
import { Environment } from './environment';
import { GeneratorValue } from './generators';
import { isByCondition, settleItems } from './items';
import { limits } from './limits';
import type { Machine } from './machine';
import { InertAbort } from './signals';
import { BudgetExceeded } from './limits';
import type { Frame } from './machine';
import { getProperty } from './properties';
import { configureLayer, isLayerClass, layerOfClass, modelOfClass } from './tf/custom';
import { executeBody } from './statements';
import { forget, mayHaveRun, slotsOf } from './changes';
import { leave, setsNothing, sweep } from './sweep';
import { Changes, noting } from './trail';
import { returned } from './completions';
import { awaiting, isAwaited, doneAtOnce, leaveFrame } from './tasks';
import { hasModifier, isCall, placeOf, propertyName } from './syntax';
import {
  ApiPath,
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  Gradients,
  ObjectValue,
  UnknownItems,
  type Value,
} from './values';

export function makeFunction(
  m: Machine,
  node: ts.FunctionLikeDeclaration,
  env: Environment,
  homeClass: ClassValue | null = null,
): FunctionValue {
  const fn = new FunctionValue(node, env, undefined, homeClass);
  m.made.set(node, fn);
  const name = functionLikeName(node);
  if (name !== null) m.names(name, node);
  return fn;
}

/** Calls a function of the author's. `node` is the call; null for entry points. */
export function callFunction(
  m: Machine,
  fn: FunctionValue,
  self: Value,
  args: readonly Value[],
  node: ts.Node | null,
): Value {
  const others = node ? [] : otherInstances(m, fn, self);
  if (others.length > 0) return new ArrayValue([self, ...others].map((instance) => run(m, fn, instance, args, null)));
  if (!fn.node.asteriskToken) return run(m, fn, self, args, node);
  const generator = new GeneratorValue([self, ...args], (opened) => void run(m, fn, self, args, node, opened));
  return node ? generator : new ArrayValue(generator.all(m));
}

/** A method that nobody calls is run on an instance of each class that has it. */
function otherInstances(m: Machine, fn: FunctionValue, self: Value): readonly ObjectValue[] {
  const { homeClass, node } = fn;
  if (!homeClass || !(self instanceof ObjectValue) || !ts.isMethodDeclaration(node)) return [];
  const name = propertyName(node.name);
  for (const derived of withoutInstance(m, homeClass)) instantiate(m, derived, constructorArguments(m, derived), null);
  return [...new Set(m.instances.values())].filter((instance) => {
    const { classValue } = instance;
    if (instance === self || !classValue || name === null || !derives(classValue, homeClass)) return false;
    return findMember(m, classValue, name, 'method')?.node === node;
  });
}

/** Classes derived from this one that can be made, and have not been. */
function withoutInstance(m: Machine, base: ClassValue): readonly ClassValue[] {
  return [...m.classes.values()].filter(
    (value) =>
      value !== base &&
      derives(value, base) &&
      !m.instances.has(value) &&
      !hasModifier(value.node, ts.SyntaxKind.AbstractKeyword),
  );
}

function derives(value: ClassValue, base: ClassValue): boolean {
  for (let at: Value = value; at instanceof ClassValue; at = at.base) if (at === base) return true;
  return false;
}

/** `await` in the function that runs: what comes after it may come later than what its caller does. */
export function noteAwait(m: Machine): void {
  if (m.frame?.call) awaiting(m, m.frame, m.frame.call);
}

function run(
  m: Machine,
  fn: FunctionValue,
  self: Value,
  args: readonly Value[],
  node: ts.Node | null,
  opened?: (frame: Frame) => void,
): Value {
  m.called.add(fn.node);
  const body = fn.node.body;
  if (!body) return m.unknown('a function without a body', fn.node);
  if (m.frames.length >= limits.callDepth) throw new BudgetExceeded('calls are nested too deeply');
  if (m.frames.filter((frame) => frame.fn?.node === fn.node).length >= limits.recursion) {
    for (const arg of args) m.escape(arg, 'handed to a recursion without a known end', node);
    m.silence(node ?? fn.node, `only ${limits.recursion} calls of this function inside each other are followed`);
    return m.unknown('a recursion without a known end', node);
  }
  const around = m.sweeping ? m.frames.find((frame) => frame.inert && frame.fn?.node === fn.node) : undefined;
  if (around) {
    // All of it is gone through already: what it changes of others than the call around it is what it is handed.
    const reason = 'changed by a recursion that is not followed';
    const own = around.environment.find('this')?.value;
    for (const value of self === own ? args : [self, ...args]) forget(m, slotsOf(value), reason, node);
    return m.unknown(reason, node);
  }
  const given = new ArrayValue([...fn.boundArguments, ...args]);
  if (given.items.some(isByCondition)) settleItems(m, given, functionMatters(m, fn));
  const all = [...given.items];
  const env = new Environment(fn.environment, placeOf(fn.node), true);
  if (!ts.isArrowFunction(fn.node)) {
    env.declare('this', fn.boundThis ?? self ?? (node ? undefined : fn.home));
    if (fn.homeClass) env.declare('super', fn.homeClass);
    env.declare('arguments', new ArrayValue([...all]));
  }
  if (ts.isFunctionExpression(fn.node) && fn.node.name) env.declare(fn.node.name.text, fn);
  const frame: Frame = {
    fn,
    environment: env,
    call: node,
    // The call of a generator function runs nothing: its body is run by whoever takes what it yields.
    place: node && !opened && isCall(node) ? placeOf(node) : null,
    inert: !all.some((arg) => handedMatters(m, arg)) && !functionMatters(m, fn),
    layerCall: isLayerCall(fn, self),
    mayReturn: [],
  };
  m.frames.push(frame);
  opened?.(frame);
  const outer = m.environment;
  // From its first `await` on it runs later, if nobody waits for it.
  const isDetached = node !== null && hasModifier(fn.node, ts.SyntaxKind.AsyncKeyword) && !isAwaited(node);
  const changes = frame.inert || isDetached ? new Changes() : null;
  const follow = (): Value => {
    bindParameters(m, fn.node, all, env);
    let result: Value;
    if (ts.isBlock(body)) {
      hoist(m, body.statements, env);
      result = returned(m, executeBody(m, body.statements, env));
    } else result = evaluate(m, body, env);
    return withEarly(m, frame, result);
  };
  const start = m.stepCount;
  const isOutermost = frame.inert && m.inert === null;
  if (isOutermost) {
    m.inert = { frame, since: start };
    m.forked = false;
  }
  try {
    if (frame.inert && isLeft(m, fn)) {
      bindParameters(m, fn.node, all, env);
      throw new InertAbort(frame);
    }
    if (!changes) return follow();
    const result = noting(changes, follow);
    const before = doneAtOnce(frame);
    if (isDetached && before) mayHaveRun(m, changes, node, before);
    return result;
  } catch (error) {
    if (!(error instanceof InertAbort) || error.frame !== frame || !changes) throw error;
    if (m.sweeping) m.swept.add(fn.node);
    const code = [body, ...fn.node.parameters.flatMap(({ initializer }) => initializer ?? [])];
    if (code.some((part) => !setsNothing(part, env)))
      leave(m, changes, 'set under a condition that is not known', node ?? fn.node, [body], env, () =>
        sweep(m, body, env),
      );
    if (!m.sweeping) m.vain.set(fn.node, (m.vain.get(fn.node) ?? 0) + m.stepCount - start);
    for (const arg of args) if (arg instanceof Gradients) m.builder.applied(arg.step, 'some');
    return m.unknown('the result depends on a condition that is not known', node ?? fn.node);
  } finally {
    if (isOutermost) {
      if (m.forked) m.forkable -= m.stepCount - start;
      m.inert = null;
    }
    leaveFrame(m, frame);
    m.frames.pop();
    m.environment = outer;
  }
}

/** Whether a function that builds nothing is left at once: other calls of it have not been followed to their end either. */
function isLeft(m: Machine, { node }: FunctionValue): boolean {
  return m.sweeping ? m.swept.has(node) : (m.vain.get(node) ?? 0) > limits.vainSteps;
}

/** What a call gives, where it may have ended at a condition whose sides were joined. */
function withEarly(m: Machine, { mayReturn }: Frame, result: Value): Value {
  return mayReturn.reduceRight<Value>(
    (later, { condition, conditionNode, side, value }) =>
      defer(m, condition, conditionNode, side ? value : later, side ? later : value),
    result,
  );
}

function isLayerCall(fn: FunctionValue, self: Value): boolean {
  return (
    self instanceof ObjectValue &&
    self.layer !== null &&
    ts.isMethodDeclaration(fn.node) &&
    propertyName(fn.node.name) === 'call'
  );
}

function bindParameters(m: Machine, node: ts.FunctionLikeDeclaration, args: readonly Value[], env: Environment): void {
  let unknownFrom = args.findIndex((arg) => arg instanceof UnknownItems);
  if (unknownFrom < 0) unknownFrom = Infinity;
  let index = 0;
  for (const parameter of node.parameters) {
    if (ts.isIdentifier(parameter.name) && parameter.name.text === 'this') continue;
    if (parameter.dotDotDotToken) {
      bindPattern(m, parameter.name, new ArrayValue(args.slice(index)), env, env);
      return;
    }
    const value = index >= unknownFrom ? m.unknown('an argument out of an unknown list', parameter) : args[index];
    bindPattern(m, parameter.name, withDefault(m, value, parameter.initializer, env), env, env);
    const modifiers = ts.getCombinedModifierFlags(parameter);
    if (modifiers & ts.ModifierFlags.ParameterPropertyModifier && ts.isIdentifier(parameter.name)) {
      const self = env.find('this')?.value;
      if (self instanceof ObjectValue) self.properties.set(parameter.name.text, env.find(parameter.name.text)?.value);
    }
    index++;
  }
}

/** Values for the parameters of a function that nobody calls with known ones. */
export function unknownArguments(m: Machine, node: ts.FunctionLikeDeclaration): Value[] {
  return node.parameters
    .filter((parameter) => !(ts.isIdentifier(parameter.name) && parameter.name.text === 'this'))
    .map((parameter) => {
      if (ts.isIdentifier(parameter.name) && parameter.name.text === 'tf') return m.modules.tf;
      const name = ts.isIdentifier(parameter.name) ? `\`${parameter.name.text}\`` : 'an argument';
      const unknown = m.unknown(`${name} is decided by a caller that is not known`, parameter);
      return parameter.dotDotDotToken ? new UnknownItems(unknown.reason, unknown.id, unknown.place) : unknown;
    });
}

export function defineClass(m: Machine, node: ts.ClassLikeDeclaration, env: Environment): ClassValue {
  const heritage = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword);
  const base = heritage?.types[0] ? evaluate(m, heritage.types[0].expression, env) : null;
  const scope = new Environment(env, placeOf(node));
  const value = new ClassValue(node, scope, base);
  if (node.name) scope.declare(node.name.text, value);
  m.classes.set(node, value);
  for (const member of node.members) {
    const name = member.name ? propertyName(member.name) : null;
    if (name === null) continue;
    m.names(name, node);
    if (ts.isAccessor(member)) m.accessors.add(name);
  }
  const staticScope = new Environment(scope, placeOf(node), true);
  staticScope.declare('this', value);
  staticScope.declare('super', value);
  for (const member of node.members) {
    if (member.name && ts.isComputedPropertyName(member.name)) {
      const name = keyOf(m, member.name, staticScope);
      if (name !== null) value.computedNames.set(member, name);
    }
    if (ts.isClassStaticBlockDeclaration(member)) {
      hoist(m, member.body.statements, staticScope);
      executeBody(m, member.body.statements, staticScope);
    } else if (ts.isPropertyDeclaration(member) && hasModifier(member, ts.SyntaxKind.StaticKeyword)) {
      const key = keyOf(m, member.name, staticScope);
      const initial = member.initializer ? evaluate(m, member.initializer, staticScope) : undefined;
      if (key !== null) {
        value.statics.set(key, initial);
        noteHeld(m, key, initial);
      }
    }
  }
  return decorate(m, value, scope);
}

/** A method, getter or setter of a class or its bases; null where there is none. */
export function findMember(
  m: Machine,
  from: ClassValue,
  name: string,
  kind: 'method' | 'get' | 'set',
  isStatic = false,
): FunctionValue | null {
  for (let at: Value = from; at instanceof ClassValue; at = at.base) {
    for (const member of at.node.members) {
      const matches =
        kind === 'method'
          ? ts.isMethodDeclaration(member)
          : kind === 'get'
            ? ts.isGetAccessor(member)
            : ts.isSetAccessor(member);
      if (!matches || !member.name) continue;
      if ((propertyName(member.name) ?? at.computedNames.get(member)) !== name) continue;
      if (hasModifier(member, ts.SyntaxKind.StaticKeyword) !== isStatic) continue;
      if (!(member as ts.MethodDeclaration).body) continue;
      return methodOf(m, at, member as ts.MethodDeclaration);
    }
  }
  return null;
}

export function methodOf(m: Machine, owner: ClassValue, node: ts.FunctionLikeDeclaration): FunctionValue {
  let fn = owner.methods.get(node);
  if (!fn) owner.methods.set(node, (fn = makeFunction(m, node, owner.environment, owner)));
  return fn;
}

/** `new C(...)` for a class of the author's. */
export function instantiate(m: Machine, value: ClassValue, args: readonly Value[], node: ts.Node | null): Value {
  // Nobody makes an abstract class itself: its parts are judged in the classes that are derived from it.
  if (node === null && hasModifier(value.node, ts.SyntaxKind.AbstractKeyword)) {
    const concrete = withoutInstance(m, value);
    for (const derived of concrete) instantiate(m, derived, constructorArguments(m, derived), null);
    if (concrete.length > 0) return undefined;
  }
  const instance = new ObjectValue(value);
  m.instances.set(value, instance);
  if (isLayerClass(value)) instance.layer = layerOfClass(m, value, instance, node);
  runConstructor(m, value, instance, args, node);
  return instance.layer ?? instance.model ?? instance;
}

/** `new f(...args)` of a function that is no class. */
export function construct(m: Machine, fn: FunctionValue, args: readonly Value[], node: ts.Node | null): Value {
  const prototype = getProperty(m, fn, 'prototype', node ?? fn.node);
  const instance = new ObjectValue(null, prototype instanceof ObjectValue ? prototype : null);
  m.constructed.set(fn.node, instance);
  const result = callFunction(m, fn, instance, args, node);
  return result instanceof ObjectValue ? result : instance;
}

function constructorArguments(m: Machine, value: ClassValue): Value[] {
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    const constructor = at.node.members.find(ts.isConstructorDeclaration);
    if (constructor) return unknownArguments(m, constructor);
  }
  return [];
}

/** Runs the constructor of `value` (or of its nearest base that has one) on an instance under construction. */
export function runConstructor(
  m: Machine,
  value: ClassValue,
  instance: ObjectValue,
  args: readonly Value[],
  node: ts.Node | null,
): void {
  // Methods of a base that nobody calls are judged on an instance of a derived class, where there is one.
  if (instance.classValue !== value) m.instances.set(value, instance);
  const constructor = value.node.members.find(
    (member): member is ts.ConstructorDeclaration => ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
  const derived = value.base !== null;
  if (!constructor) {
    if (derived) constructBase(m, value, instance, args, node);
    initializeFields(m, value, instance);
    return;
  }
  if (!derived) initializeFields(m, value, instance);
  callFunction(m, methodOf(m, value, constructor), instance, args, node);
}

/** `super(...)`. */
export function constructBase(
  m: Machine,
  value: ClassValue,
  instance: ObjectValue,
  args: readonly Value[],
  node: ts.Node | null,
): void {
  if (value.base instanceof ClassValue) runConstructor(m, value.base, instance, args, node);
  else if (instance.layer) configureLayer(m, instance.layer, args);
  else if (modelOfClass(m, value.base, instance, args, node ?? value.node)) return;
  else if (value.base instanceof Unknown || value.base instanceof ApiPath) {
    instance.open = true;
    for (const arg of args) m.escape(arg, 'handed to a base class that is not known', node, true);
  }
}

export function initializeFields(m: Machine, value: ClassValue, instance: ObjectValue): void {
  const env = new Environment(value.environment, placeOf(value.node), true);
  env.declare('this', instance);
  env.declare('super', value);
  for (const member of value.node.members) {
    if (!ts.isPropertyDeclaration(member) || hasModifier(member, ts.SyntaxKind.StaticKeyword)) continue;
    if (hasModifier(member, ts.SyntaxKind.DeclareKeyword)) continue;
    const key = keyOf(m, member.name, env);
    const value = member.initializer ? evaluate(m, member.initializer, env) : undefined;
    const written = member.initializer && ts.isFunctionExpression(member.initializer);
    if (written && value instanceof FunctionValue) value.home = instance;
    if (key === null) continue;
    instance.properties.set(key, value);
    noteHeld(m, key, value);
  }
}

/** Takes note of what a property holds, if it is something to call that another name was made for. */
export function noteHeld(m: Machine, name: string, value: Value): void {
  const isNamed = value instanceof FunctionValue && functionLikeName(value.node) === name;
  if (isNamed || !isCallable(value)) return;
  m.heldNames.add(name);
}

function isCallable(value: Value): boolean {
  if (value instanceof Deferred) return isCallable(value.whenTrue) || isCallable(value.whenFalse);
  return value instanceof FunctionValue || value instanceof ClassValue || value instanceof ApiPath;
}

/** The name that a function is called by, as far as the text tells. */
export function functionLikeName(node: ts.FunctionLikeDeclaration): string | null {
  if (node.name) return propertyName(node.name as ts.PropertyName);
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return propertyName(parent.name);
  if (ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left)) return parent.left.name.text;
  return null;
}
