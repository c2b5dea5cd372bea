import ts from 'typescript';
import { Unknown } from '../graph';
import { callArrayMethod, isIteration } from './arrays';
import {
  copyProperties,
  defer,
  elementKey,
  evaluate,
  evaluateList,
  isOptional,
  settleActing,
  unknownElement,
} from './evaluate';
import type { Environment } from './environment';
import {
  callFunction,
  construct,
  constructBase,
  findMember,
  initializeFields,
  instantiate,
  unknownArguments,
} from './functions';
import { callCollectionMethod } from './collections';
import { mergeSides } from './changes';
import { elementsOf, mayCall, oneOf } from './elements';
import { constructionMatters } from './entries';
import { functionMatters, handedMatters } from './touch';
import { GeneratorValue } from './generators';
import { callable, callStringMethod } from './globals';
import type { Machine } from './machine';
import { ThrowSignal } from './signals';
import { callOverSides, isQuiet, isQuietFunction } from './parts';
import { getProperty, superMember } from './properties';
import { anyTime, repeatUnknown } from './statements';
import { shortText, textOf, unwrap } from './syntax';
import { runLater } from './tasks';
import { Changes } from './trail';
import { patchedApi } from './tf/patched';
import { callApi } from './tf/api';
import { callGradientsMethod, gradientStep } from './tf/gradients';
import { callLayerMethod } from './tf/layers';
import { callModelMethod } from './tf/models';
import { callNameMethod, MadeUpName } from './tf/names';
import { callTensorMethod } from './tf/tensors';
import { callWeightListMethod } from './tf/weights';
import { isTensorMethod } from './tf/ops';
import {
  ApiObject,
  ApiPath,
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  Gradients,
  holdsGraphValue,
  isPlainData,
  LayerValue,
  ModelValue,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownValue,
  WeightList,
  type Value,
} from './values';

export function callExpression(m: Machine, node: ts.CallExpression, env: Environment): Value {
  const callee = unwrap(node.expression);
  if (callee.kind === ts.SyntaxKind.SuperKeyword) return superCall(m, node, env);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) {
    const specifier = node.arguments[0] ? evaluate(m, node.arguments[0], env) : undefined;
    return typeof specifier === 'string'
      ? m.modules.importFrom(m, node.getSourceFile().fileName, specifier, node)
      : m.unknown('an import by a name that is not known', node);
  }
  if (ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee)) {
    if (callee.expression.kind === ts.SyntaxKind.SuperKeyword) return superMethod(m, node, callee, env);
    const handler = rejectionHandler(node, callee);
    const settled = handler && settledPromise(m, callee.expression, env);
    if (settled?.rejected) {
      const given = evaluate(m, handler!, env);
      return runLater(m, node, () => call(m, given, undefined, [settled.value], node));
    }
    const given = settled ? settled.value : evaluate(m, callee.expression, env);
    if (ts.isPropertyAccessExpression(callee) && !isOptional(node)) {
      const { text } = callee.name;
      if (isQuiet(m, given, (leaf) => isQuietMethod(m, leaf, text)))
        return callQuiet(m, given, node, env, (object, args) => callMethod(m, object, text, args, node));
    }
    const object = settleActing(m, given);
    if (object == null && isOptional(node)) return undefined;
    const name = ts.isPropertyAccessExpression(callee)
      ? callee.name.text
      : elementKey(m, object, evaluate(m, callee.argumentExpression, env));
    const args = evaluateList(m, node.arguments, env);
    if (typeof name !== 'string' && typeof name !== 'number') {
      const picked = unknownElement(m, object, callee);
      if (object instanceof ApiPath && /^layers$|^$/.test(object.path))
        m.silence(node, `\`${shortText(callee)}\`: which layer it makes is not known`);
      const method = m.unknown('a method picked by a name that is not known', callee);
      if (picked instanceof UnknownValue) oneOf(method, picked.mayBe);
      return call(m, method, object, args, node);
    }
    return callMethod(m, object, String(name), args, node);
  }
  const given = evaluate(m, callee, env);
  if (isQuiet(m, given, (leaf) => isQuietFunction(m, leaf)))
    return callQuiet(m, given, node, env, (fn, args) => call(m, fn, undefined, args, node));
  const fn = settleActing(m, given);
  if (fn == null && isOptional(node)) return undefined;
  return call(m, fn, undefined, evaluateList(m, node.arguments, env), node);
}

/** Calls what depends on a condition and touches the graph on no side: it is decided only for what it is handed. */
function callQuiet(
  m: Machine,
  value: Value,
  node: ts.CallExpression,
  env: Environment,
  run: (side: Value, args: Value[]) => Value,
): Value {
  const args = evaluateList(m, node.arguments, env);
  return args.some((arg) => handedMatters(m, arg))
    ? run(settleActing(m, value), args)
    : callOverSides(m, value, (side) => run(side, args));
}

function isQuietMethod(m: Machine, value: Value, name: string): boolean {
  if (value instanceof ArrayValue) return !holdsGraphValue(value);
  return value instanceof ObjectValue && !value.tag && isQuietFunction(m, ownFunction(m, value, name));
}

/** What is called where the promise before `.catch(f)` or `.then(f, g)` is rejected. */
function rejectionHandler(
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): ts.Expression | undefined {
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
  return name === 'catch' ? node.arguments[0] : name === 'then' ? node.arguments[1] : undefined;
}

/** What a promise comes to by the author's code: a value, or what is thrown. */
function settledPromise(
  m: Machine,
  expression: ts.Expression,
  env: Environment,
): { readonly rejected: boolean; readonly value: Value } {
  const { length } = m.tries;
  m.tries.push({ frame: m.frame, inert: false });
  try {
    return { rejected: false, value: evaluate(m, expression, env) };
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
    return { rejected: true, value: error.value };
  } finally {
    m.tries.length = length;
  }
}

function superCall(m: Machine, node: ts.CallExpression, env: Environment): Value {
  const self = env.find('this')?.value;
  const owner = env.find('super')?.value;
  const args = evaluateList(m, node.arguments, env);
  if (!(self instanceof ObjectValue) || !(owner instanceof ClassValue)) return undefined;
  constructBase(m, owner, self, args, node);
  initializeFields(m, owner, self);
  return undefined;
}

function superMethod(
  m: Machine,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  env: Environment,
): Value {
  const self = env.find('this')?.value;
  const owner = env.find('super')?.value;
  const args = evaluateList(m, node.arguments, env);
  if (ts.isPropertyAccessExpression(callee) && owner instanceof ClassValue && owner.base instanceof ClassValue) {
    const method = superMember(m, owner.base, callee.name.text, self, callee);
    if (method instanceof FunctionValue) return callFunction(m, method, self, args, node);
  }
  if (ts.isPropertyAccessExpression(callee) && self instanceof ObjectValue && self.model)
    return callModelMethod(m, self.model, callee.name.text, args, node);
  for (const arg of args) {
    m.escape(arg, 'handed to a base class that is not known', node, true);
    if (holdsGraphValue(arg)) m.silence(node, `\`${shortText(node)}\` is a method of a class that is not known`);
  }
  return m.unknown(`\`${textOf(callee)}\` is a method of a class that is not known`, node);
}

/** Calls `object.name(...args)`. */
export function callMethod(m: Machine, object: Value, name: string, args: Value[], node: ts.CallExpression): Value {
  if (
    isPromiseMethod(name) &&
    !(object instanceof UnknownValue) &&
    !(object instanceof ObjectValue && ownFunction(m, object, name))
  )
    return promiseMethod(m, object, name, args, node);
  if ((object instanceof ApiPath && object.path !== '') || object instanceof NativeFunction) {
    const list = args[1];
    if (name === 'bind') return object;
    if (name === 'call') return call(m, object, args[0], args.slice(1), node);
    if (name === 'apply' && list instanceof ArrayValue) return call(m, object, args[0], [...list.items], node);
  }
  if (object instanceof ApiPath) {
    const path = object.path ? `${object.path}.${name}` : name;
    const patched = patchedApi(m, path);
    return patched === undefined ? callApi(m, path, args, node) : call(m, patched, object, args, node);
  }
  // `makers[0]()`: what is called is an element.
  if (object instanceof ArrayValue && !/^\d+$/.test(name)) return callArrayMethod(m, object, name, args, node);
  if (object instanceof LayerValue) {
    const own = object.instance && ownFunction(m, object.instance, name);
    return own && name !== 'apply'
      ? callFunction(m, own, object.instance, args, node)
      : callLayerMethod(m, object, name, args, node);
  }
  if (object instanceof ModelValue) {
    const { instance } = object;
    const own = (instance && ownFunction(m, instance, name)) ?? object.properties.get(name);
    return own instanceof FunctionValue
      ? callFunction(m, own, instance ?? object, args, node)
      : callModelMethod(m, object, name, args, node);
  }
  if (object instanceof TensorValue) return callTensorMethod(m, object, name, args, node);
  if (object instanceof WeightList) return callWeightListMethod(m, object, name, args, node);
  if (object instanceof ApiObject) {
    if (name === 'minimize' || name === 'computeGradients') return gradientStep(m, name, args, node);
    if (name === 'applyGradients') m.escape(args[0], 'applied by an optimizer', node);
    return m.unknown(`the result of \`${textOf(node.expression)}\``, node);
  }
  if (object instanceof GeneratorValue) return generatorMethod(m, object, name, args, node);
  if (object instanceof FunctionValue) {
    const bound = functionMethod(m, object, name, args, node);
    if (bound !== undefined) return bound;
  }
  if (object instanceof ObjectValue) {
    if (object.tag) return callCollectionMethod(m, object, name, args, node);
    if (object.layer && !ownFunction(m, object, name)) return callLayerMethod(m, object.layer, name, args, node);
    if (name === 'hasOwnProperty' && typeof args[0] === 'string' && !object.open)
      return object.properties.presence(args[0]);
    return call(m, getProperty(m, object, name, node.expression), object, args, node);
  }
  if (typeof object === 'string') return callStringMethod(m, object, name, args, node);
  if (object instanceof MadeUpName) {
    const known = callNameMethod(m, object, name, args);
    if (known !== undefined) return known;
  }
  if (object instanceof Gradients) return callGradientsMethod(m, object, name, args, node);
  if (object instanceof UnknownValue) {
    const stored = object.properties.get(name);
    if (stored instanceof FunctionValue) return callFunction(m, stored, object, args, node);
    // The function that tfjs minimises has no parameters; other libraries minimise one of numbers.
    const [fn] = args;
    const isLoss = fn instanceof FunctionValue && fn.node.parameters.length === 0;
    if ((name === 'minimize' || name === 'computeGradients') && isLoss) return gradientStep(m, name, args, node);
    if (isTensorMethod(name, args.length)) return callTensorMethod(m, m.tensorOf(object), name, args, node);
    const methods = methodsOf(m, object, name);
    if (methods.length > 0) return callOneOf(m, object, methods, args, node);
    mayCall(m, object, name, node);
    if (isIteration(name) && args[0] instanceof FunctionValue)
      return iterateUnknown(m, args[0], name, args, node, elementsOf(object));
    return callUnknown(m, object, name, args, node);
  }
  return call(m, getProperty(m, object, name, node.expression), object, args, node);
}

function isPromiseMethod(name: string): boolean {
  return name === 'then' || name === 'catch' || name === 'finally';
}

/** A promise is what it is resolved with: `then` runs at once, and nothing is ever rejected. */
function promiseMethod(m: Machine, value: Value, name: string, args: Value[], node: ts.CallExpression): Value {
  const [fn] = args;
  if (fn === undefined || name === 'catch') return value;
  const result = runLater(m, node, () => call(m, fn, undefined, name === 'then' ? [value] : [], node));
  return name === 'then' ? result : value;
}

/** A generator that is asked value by value is not followed: all it yields may be used in any way. */
function generatorMethod(
  m: Machine,
  generator: GeneratorValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  for (const value of [...generator.all(m), ...generator.held, ...args])
    m.escape(value, `\`${name}\` of a generator is not followed`, node);
  return m.unknown(`\`${name}\` of a generator is not followed`, node);
}

function ownFunction(m: Machine, object: ObjectValue, name: string): FunctionValue | null {
  const own = object.properties.get(name);
  if (own instanceof FunctionValue) return own;
  return object.classValue ? findMember(m, object.classValue, name, 'method') : null;
}

function functionMethod(m: Machine, fn: FunctionValue, name: string, args: Value[], node: ts.CallExpression): Value {
  if (name === 'call') return callFunction(m, fn, args[0], args.slice(1), node);
  if (name === 'apply') {
    const list =
      args[1] instanceof ArrayValue ? args[1].items : args[1] === undefined ? [] : [m.unknown('arguments', node)];
    return callFunction(m, fn, args[0], list, node);
  }
  if (name === 'bind')
    return new FunctionValue(fn.node, fn.environment, args[0], fn.homeClass, [...fn.boundArguments, ...args.slice(1)]);
  return undefined;
}

/** Calls a value. */
export function call(
  m: Machine,
  callee: Value,
  self: Value,
  args: Value[],
  node: ts.CallExpression | ts.NewExpression,
): Value {
  const fn = callable(settleActing(m, callee));
  const candidates = candidatesOf(fn, self);
  if (candidates.length > 0) return callOneOf(m, fn as UnknownValue, candidates, args, node);
  if (fn instanceof FunctionValue) return callFunction(m, fn, self, args, node);
  if (fn instanceof NativeFunction) return fn.call(args, { node, self });
  if (fn instanceof ApiPath && ts.isCallExpression(node)) return callApi(m, fn.path, args, node);
  return callUnknown(m, fn, null, args, node);
}

/** Calls something that is one of several functions, or none of them. */
function callOneOf(
  m: Machine,
  callee: UnknownValue,
  candidates: readonly Candidate[],
  args: Value[],
  node: ts.CallExpression | ts.NewExpression,
): Value {
  const from = (index: number): Value => {
    const candidate = candidates[index];
    if (!candidate) return callUnknown(m, callee, null, args, node);
    const { fn, self } = candidate;
    const run = (): Value =>
      fn instanceof ClassValue ? instantiate(m, fn, args, node) : callFunction(m, fn, self, args, node);
    const isIt = m.derived('which function is called', `${callee.id} is ${String(index)}`, node);
    if (isIt instanceof UnknownValue)
      isIt.says = `\`${shortText(node.expression)}\` is candidate ${String(index + 1)} of ${String(candidates.length)}`;
    if (isDecided(m, fn, args)) return m.decide(isIt, node) ? run() : from(index + 1);
    const [on, off] = mergeSides(m, isIt, node, (side) => (side ? run() : from(index + 1)));
    return defer(m, isIt, node, on, off);
  };
  return from(0);
}

/** Whether it is decided that it is this one of several functions that is called. */
function isDecided(m: Machine, fn: Candidate['fn'], args: readonly Value[]): boolean {
  if (fn instanceof ClassValue && constructionMatters(m, fn)) return true;
  // Where sides are joined, those that use what is there are no worlds.
  const asked = m.joins && m.steps.length === 0 ? 'building' : undefined;
  const isHanded = (arg: Value): boolean =>
    arg instanceof FunctionValue ? functionMatters(m, arg, asked) : !asked && holdsGraphValue(arg);
  return args.some(isHanded) || (fn instanceof FunctionValue && functionMatters(m, fn, asked));
}

interface Candidate {
  readonly fn: FunctionValue | ClassValue;
  readonly self: Value;
}

/** What a value that is not known may be, where that can be called. */
function candidatesOf(callee: Value, self: Value): readonly Candidate[] {
  if (!(callee instanceof UnknownValue)) return [];
  return callee.mayBe.flatMap((fn) => (fn instanceof FunctionValue ? [{ fn, self }] : []));
}

/** The methods of what a value that is not known may be. */
function methodsOf(m: Machine, object: UnknownValue, name: string): readonly Candidate[] {
  return object.mayBe.flatMap((self) => {
    const fn = self instanceof ObjectValue && !self.tag ? ownFunction(m, self, name) : null;
    if (fn) return [{ fn, self }];
    const item = self instanceof ArrayValue && self.closed ? self.items[Number(name)] : null;
    return item instanceof FunctionValue ? [{ fn: item, self }] : [];
  });
}

/** Methods that run their callback later or never: then it is an entry point of its own. */
const later = new Set([
  'addEventListener', 'on', 'once', 'addListener', 'setTimeout', 'setInterval', 'requestAnimationFrame', 'useEffect',
  'useCallback', 'useMemo', 'useLayoutEffect', 'describe', 'it', 'test', 'beforeEach', 'afterEach', 'beforeAll', 'afterAll',
  'ready', 'nextTick', 'setImmediate', 'queueMicrotask', 'get', 'post', 'use', 'listen', 'catch', 'click', 'onMessage', 'subscribe', 'action', 'handle',
]); // prettier-ignore

/** Calls without effect on what they are given, beyond reading or printing it. */
const harmless = /^(console|tfvis|Math|JSON|assert|expect)\b/;
/** The package that draws what it is given, under whatever name it is imported. */
const DRAWING = 'module:@tensorflow/tfjs-vis';

function isHarmless(callee: Value, text: string): boolean {
  return harmless.test(text) || (callee instanceof UnknownValue && callee.id.startsWith(DRAWING));
}

/** Functions that are known, wherever they come from, for changing their first argument. */
const changing =
  /^(assign|merge|mergeWith|extend|defaults|defaultsDeep|set|mixin|setPrototypeOf|definePropert(y|ies))$/;

/** What of an object is known before code that cannot be seen changes it is not known after. */
function overwrite(m: Machine, target: Value, node: ts.Node): void {
  if (target instanceof ObjectValue && !target.tag)
    copyProperties(m, target, m.unknown('changed by code that is not known', node), node);
}

const FOLLOWED = ' is not followed: ';

/** Why a call is not followed, as a sentence: `` `mystery(c)` is not in the workspace ``. */
function whyUnknown(callee: Value, method: string | null, node: ts.CallExpression | ts.NewExpression): string {
  const call = shortText(node);
  if (!(callee instanceof Unknown)) return `\`${call}\` is not in the workspace`;
  if (method === null && callee.reason === `\`${textOf(node.expression)}\` is not in the workspace`)
    return `\`${call}\` is not in the workspace`;
  // The cause, not each step of a chain of calls.
  const cause = callee.reason.split(FOLLOWED).at(-1)!;
  return `\`${call}\`${FOLLOWED}${cause}`;
}

/** A call of code that the analysis cannot see: its arguments escape, its callbacks may run. */
export function callUnknown(
  m: Machine,
  callee: Value,
  method: string | null,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
): Value {
  const text = textOf(node.expression).slice(0, 60);
  const name = method ?? text.slice(text.lastIndexOf('.') + 1);
  const reason = whyUnknown(callee, method, node);
  if (!isHarmless(callee, text)) {
    for (const arg of args.flatMap((value) =>
      value instanceof GeneratorValue ? [...value.all(m), ...value.held] : [value],
    )) {
      m.escape(arg, `handed to \`${text}\`, which is not in the workspace`, node, true);
      if (holdsGraphValue(arg)) m.silence(node, reason);
    }
    if (changing.test(name)) overwrite(m, args[0], node);
  }
  for (const arg of args) {
    if (!(arg instanceof FunctionValue) || later.has(name) || m.called.has(arg.node)) continue;
    const called = (): Value => callFunction(m, arg, undefined, unknownArguments(m, arg.node), node);
    const isCalled = m.whether('the callback is called', node);
    const run = (): Value =>
      m.joins || functionMatters(m, arg)
        ? called()
        : mergeSides(m, isCalled, node, (side) => (side ? called() : undefined))[0];
    m.escape(name === 'then' || name === 'finally' ? runLater(m, node, run) : run(), `given back to \`${text}\``, node);
  }
  return m.unknown(reason, node);
}

/** `list.forEach(f)` and its kin on a list that is not known: once, and twice where that changes the graph. */
export function iterateUnknown(
  m: Machine,
  fn: FunctionValue,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression,
  elements: readonly Value[] = [],
): Value {
  const reducing = name === 'reduce' || name === 'reduceRight';
  let state: Value = reducing ? args[1] : undefined;
  const results: Value[] = [];
  const turn = (): 'next' => {
    const own = unknownArguments(m, fn.node);
    const element = own[reducing ? 1 : 0];
    if (element instanceof UnknownValue) oneOf(element, elements);
    const result = callFunction(m, fn, undefined, reducing ? [state, ...own.slice(1)] : own, node);
    if (reducing) state = result;
    results.push(result);
    return 'next';
  };
  const reason = 'set for each element of a list that is not known';
  anyTime(m, new Changes(), fn.node.body ?? fn.node, fn.environment, reason, () => repeatUnknown(m, node, turn));
  // Data that turns make is not known, and what models are built of is taken from the turns that are followed.
  const isData = isPlainData(state) && !(state instanceof Unknown);
  if (reducing) return isData ? m.unknown('made of a list that is not known', node) : state;
  if (name === 'map' || name === 'flatMap') {
    for (const result of results) m.escape(result, 'put into a list whose length is not known', node);
  }
  return m.unknown('made from a list that is not known', node);
}

export function newExpression(m: Machine, node: ts.NewExpression, env: Environment): Value {
  const callee = callable(settleActing(m, evaluate(m, node.expression, env)));
  const args = evaluateList(m, node.arguments ?? [], env);
  if (callee instanceof ClassValue) return instantiate(m, callee, args, node);
  if (callee instanceof NativeFunction) return callee.call(args, { node, self: undefined });
  if (callee instanceof FunctionValue) return construct(m, callee, args, node);
  if (callee instanceof ApiPath) return callApi(m, callee.path, args, node);
  if (callee instanceof Deferred) m.escape(callee, 'constructed', node);
  const classes = callee instanceof UnknownValue ? callee.mayBe.filter((fn) => fn instanceof ClassValue) : [];
  if (classes.length > 0) {
    const candidates = classes.map((fn) => ({ fn, self: undefined }));
    return callOneOf(m, callee as UnknownValue, candidates, args, node);
  }
  return callUnknown(m, callee, null, args, node);
}
