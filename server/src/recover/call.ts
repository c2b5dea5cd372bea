import ts from 'typescript';
import { Unknown } from '../graph';
import { callArrayMethod, isIteration } from './arrays';
import {
  copyProperties,
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
import { GeneratorValue } from './generators';
import { callable, callStringMethod } from './globals';
import type { Machine } from './machine';
import { getProperty, superMember } from './properties';
import { repeatUnknown } from './statements';
import { shortText, textOf, unwrap } from './syntax';
import { runLater } from './tasks';
import { patchedApi } from './tf/patched';
import { callApi } from './tf/api';
import { callGradientsMethod, gradientStep } from './tf/gradients';
import { callLayerMethod } from './tf/layers';
import { callModelMethod } from './tf/models';
import { callNameMethod, MadeUpName } from './tf/names';
import { callTensorMethod, callWeightListMethod } from './tf/tensors';
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
    const object = settleActing(m, evaluate(m, callee.expression, env));
    if (object == null && isOptional(node)) return undefined;
    const name = ts.isPropertyAccessExpression(callee)
      ? callee.name.text
      : elementKey(m, object, evaluate(m, callee.argumentExpression, env));
    const args = evaluateList(m, node.arguments, env);
    if (typeof name !== 'string' && typeof name !== 'number') {
      unknownElement(m, object, callee);
      if (object instanceof ApiPath && /^layers$|^$/.test(object.path))
        m.silence(node, `\`${shortText(callee)}\`: which layer it makes is not known`);
      return callUnknown(m, m.unknown('a method picked by a name that is not known', callee), null, args, node);
    }
    return callMethod(m, object, String(name), args, node);
  }
  const fn = settleActing(m, evaluate(m, callee, env));
  if (fn == null && isOptional(node)) return undefined;
  return call(m, fn, undefined, evaluateList(m, node.arguments, env), node);
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
    if (name === 'hasOwnProperty' && typeof args[0] === 'string' && !object.open) return object.properties.has(args[0]);
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
    if (isIteration(name) && args[0] instanceof FunctionValue) return iterateUnknown(m, args[0], name, args, node);
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
  if (fn instanceof FunctionValue) return callFunction(m, fn, self, args, node);
  if (fn instanceof NativeFunction) return fn.call(args, { node, self });
  if (fn instanceof ApiPath && ts.isCallExpression(node)) return callApi(m, fn.path, args, node);
  return callUnknown(m, fn, null, args, node);
}

/** Methods that run their callback later or never: then it is an entry point of its own. */
const later = new Set([
  'addEventListener', 'on', 'once', 'addListener', 'setTimeout', 'setInterval', 'requestAnimationFrame', 'useEffect',
  'useCallback', 'useMemo', 'useLayoutEffect', 'describe', 'it', 'test', 'beforeEach', 'afterEach', 'beforeAll', 'afterAll',
  'ready', 'nextTick', 'setImmediate', 'get', 'post', 'use', 'listen', 'catch', 'click', 'onMessage', 'subscribe', 'action', 'handle',
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
    copyProperties(m, target, m.unknown('changed by code that is not known', node));
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
    const run = (): Value => callFunction(m, arg, undefined, unknownArguments(m, arg.node), node);
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
): Value {
  const reducing = name === 'reduce' || name === 'reduceRight';
  let state: Value = reducing ? args[1] : undefined;
  const results: Value[] = [];
  repeatUnknown(m, node, () => {
    const own = unknownArguments(m, fn.node);
    const result = callFunction(m, fn, undefined, reducing ? [state, ...own.slice(1)] : own, node);
    if (reducing) state = result;
    results.push(result);
    return 'next';
  });
  if (reducing) return state;
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
  return callUnknown(m, callee, null, args, node);
}
