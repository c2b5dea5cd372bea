import ts from 'typescript';
import { Unknown } from '../graph';
import { isIteration } from './arrays';
import { withThis, type Environment } from './environment';
import { findMember, functionLikeName, methodOf } from './functions';
import type { Machine } from './machine';
import { isBuiltin, missing, peek } from './peek';
import { isOwnListMethod } from './own-lists';
import { boundNames, byNode, isAssignment, isFunction, nodesIn, nodesRunBy, propertyName, unwrap } from './syntax';
import { isTensorMethod } from './tf/ops';
import { isRestored, isTaken } from './uses';
import {
  ApiObject,
  ApiPath,
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  holdsGraphValue,
  isDataList,
  isGraphValue,
  isTracked,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownValue,
  WeightList,
  type Value,
} from './values';

/**
 * Which code can touch the graph. A branch on an unknown condition, neither side of which can, is no decision: what it
 * assigns becomes a deferred value. Told from the syntax and from what the names in it hold now.
 */

const graphMethods = new Set([
  'add', 'apply', 'call', 'pop', 'predict', 'predictOnBatch', 'fit', 'fitDataset', 'trainOnBatch', 'compile', 'build',
  'minimize', 'computeGradients', 'getWeights', 'setWeights', 'loadWeights', 'write', 'assign', 'getLayer', 'layer', 'sequential',
  'model', 'input',
]); // prettier-ignore
/** Those of them that only use what is there, outside of a gradient step: one more run or training of a model that is made. */
const usingMethods = new Set([
  'predict', 'predictOnBatch', 'fit', 'fitDataset', 'trainOnBatch', 'minimize', 'computeGradients', 'getWeights', 'setWeights', 'write',
  'assign',
]); // prettier-ignore
/** Methods of a weight or variable that set it. */
const settingWeights = new Set(['write', 'assign']);
/** Methods of a tensor that make no tensor of it. */
const inertOnTensors = new Set(['dispose', 'print', 'toString', 'throwIfDisposed']);
export const arrayMutators = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'fill', 'sort', 'reverse', 'set']);
/** What of tfjs makes something of the graph whatever it is given; other ops do only where a tensor of it goes in. */
const buildingApi =
  /^((layers|sequential|model|input|Sequential|LayersModel|variableGrads|valueAndGrads?|grads?)\b|(fused\.)?(conv[123]d|depthwiseConv|separableConv|matMul|dot)|batchNorm|movingAverage)/;

/** What of tfjs makes something that later code can build on; of the rest of `buildingApi` a use comes of it and no more. */
const makingApi = /^(layers|sequential|model|input|Sequential|LayersModel)\b/;
const gradientApi = /^(variableGrads|valueAndGrads?|grads?)\b/;

/**
 * What is asked of code: whether it can touch the graph at all, in a gradient step or outside of one, or, outside of
 * one, whether it can build: more than use what is there.
 */
export type Question = 'inStep' | 'outside' | 'building';

/** What code is looked at in: names are what they are now, or functions that the code itself declares. */
interface Look {
  readonly m: Machine;
  readonly asked: Question;
  readonly env: Environment;
  readonly owner: ClassValue | null;
  /** The code whose own functions can be named, from the inside out. */
  readonly around: readonly ts.Node[];
}

/** Whether running this code can make, use or change something of the graph. */
export function matters(m: Machine, node: ts.Node, env: Environment, owner: ClassValue | null = null): boolean {
  const asked = questionOf(m);
  return looking(m, asked, () => codeMatters({ m, asked, env, owner, around: [] }, node));
}

/**
 * Whether running this code can build: make layers, models or symbolic tensors, apply a layer, set `trainable`. Gradient
 * steps, trainings and tensor ops on what is there are uses, and so is handing it on to code that is not seen. In a
 * gradient step all that touches the graph counts.
 */
export function builds(m: Machine, node: ts.Node, env: Environment): boolean {
  const asked = m.steps.length > 0 ? 'inStep' : 'building';
  return looking(m, asked, () => codeMatters({ m, asked, env, owner: null, around: [] }, node));
}

/**
 * Runs one question about code. Each function is looked into once for it: the answer is yes as soon as one of all that
 * can be reached says so, and no for all of them when none does.
 */
function looking(m: Machine, asked: Question, ask: () => boolean): boolean {
  if (m.looked) return ask();
  m.looked = new Map();
  m.unsettled = false;
  try {
    const result = ask();
    if (!result && !m.unsettled) for (const [node, fn] of m.looked) if (fn) remember(m, node, asked, false);
    return result;
  } finally {
    m.looked = null;
  }
}

function remember(m: Machine, node: ts.Node, asked: Question, result: boolean): void {
  m.mattering.set(node, { ...m.mattering.get(node), [asked]: result });
}

function questionOf(m: Machine): Question {
  return m.steps.length > 0 ? 'inStep' : 'outside';
}

function codeMatters(outer: Look, node: ts.Node): boolean {
  const look = { ...outer, around: [node, ...outer.around] };
  const actions = actionsIn(node);
  // Which names are those of getters is known once what is called has been looked up: that loads the files of classes.
  return (
    actions.some((at) => !ts.isPropertyAccessExpression(at) && actionMatters(look, at)) ||
    actions.some((at) => ts.isPropertyAccessExpression(at) && readMatters(look, at))
  );
}

function readMatters(look: Look, { expression, name }: ts.PropertyAccessExpression): boolean {
  if (ts.isIdentifier(expression)) look.env.find(expression.text);
  return look.m.accessors.has(name.text) && namedMatters(look, name.text, 'accessor');
}

function actionMatters(look: Look, at: Exclude<Action, ts.PropertyAccessExpression>): boolean {
  if (ts.isBinaryExpression(at)) return look.asked !== 'building' || !isRestored(at);
  if (ts.isForOfStatement(at)) {
    const items = peek(at.expression, look.env);
    return items !== missing && holdsActing(look.m, items, look.asked);
  }
  return callMatters(look, at);
}

/** Functions and classes that stand in the code, by the names that the text gives them. */
const declaredIn = byNode(
  (node): ReadonlyMap<string, readonly (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[]> => {
    const found = new Map<string, (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[]>();
    for (const at of nodesIn(node)) {
      if (at === node || !(isFunction(at) || ts.isClassLike(at))) continue;
      const name = ts.isClassLike(at) ? (at.name?.text ?? null) : functionLikeName(at);
      if (name !== null) found.set(name, [...(found.get(name) ?? []), at]);
    }
    return found;
  },
);

/** Whether a function or class of this name that the code itself declares can touch the graph. */
function declaredMatters(look: Look, name: string): boolean {
  const { m } = look;
  return look.around.some((node) =>
    declaredIn(node)
      .get(name)
      ?.some((at) => {
        if (m.looked?.has(at)) return false;
        m.looked?.set(at, null);
        if (!ts.isClassLike(at)) return codeMatters(look, at.body!);
        const derived = (at.heritageClauses?.length ?? 0) > 0;
        return derived || at.members.flatMap(partsOf).some((part) => codeMatters(look, part));
      }),
  );
}

function partsOf(member: ts.ClassElement): readonly ts.Node[] {
  if (ts.isPropertyDeclaration(member)) return member.initializer ? [member.initializer] : [];
  return isFunction(member) ? [member.body!] : [];
}

type Call = ts.CallExpression | ts.NewExpression;
type Action = Call | ts.BinaryExpression | ts.PropertyAccessExpression | ts.ForOfStatement;

/** Calls, reads of properties, loops over lists, and assignments of `trainable`, that run when the code runs: not those in functions. */
const actionsIn = byNode((node) => nodesRunBy(node).filter(isAction));

function isAction(node: ts.Node): node is Action {
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isPropertyAccessExpression(node)) return true;
  if (ts.isForOfStatement(node)) return true;
  if (!isAssignment(node)) return false;
  const { left } = node;
  return ts.isPropertyAccessExpression(left)
    ? left.name.text === 'trainable'
    : ts.isElementAccessExpression(left) &&
        ts.isStringLiteralLike(left.argumentExpression) &&
        left.argumentExpression.text === 'trainable';
}

/** What is not seen matters, but for what is known to be plain: a decision too many costs time, one too few is wrong. */
function callMatters(look: Look, node: Call): boolean {
  const { m, asked, env, owner } = look;
  const callee = unwrap(node.expression);
  if (!usesArguments(look, callee)) {
    // What is put into a list can be built on later.
    const used =
      asked === 'building' && !(ts.isPropertyAccessExpression(callee) && arrayMutators.has(callee.name.text));
    if (node.arguments?.some((argument) => argumentMatters(look, argument, used))) return true;
  }
  if (callee.kind === ts.SyntaxKind.SuperKeyword)
    return !(owner?.base instanceof ClassValue) || classMatters(look, owner.base);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return false;
  if (ts.isArrowFunction(callee) || ts.isFunctionExpression(callee)) return codeMatters(look, callee.body);
  // A name may be another one where the code runs.
  if (ts.isIdentifier(callee) && variableMatters(look, callee.text)) return true;
  const target = peek(callee, env);
  const told = calledMatters(look, target);
  if (told !== null) return told || handsOn(look, target, node);
  if (ts.isIdentifier(callee)) {
    if (target === missing) return declaredMatters(look, callee.text);
    // Declared and not set yet: by the time the code runs it may be anything.
    if (target === undefined) m.unsettled = true;
    return target === undefined;
  }
  if (ts.isElementAccessExpression(callee)) return elementMatters(look, peek(callee.expression, env));
  if (!ts.isPropertyAccessExpression(callee)) return resultMatters(look, callee);
  const name = callee.name.text;
  if (isBuiltin(callee.expression, env)) return false;
  if (callee.expression.kind === ts.SyntaxKind.ThisKeyword) {
    const self = env.find('this')?.value;
    const classValue = self instanceof ObjectValue ? self.classValue : owner;
    const method = classValue && findMember(m, classValue, name, 'method');
    if (method) return functionMatters(m, method, asked);
  }
  const object = peek(callee.expression, env);
  if (object === missing && isOwnListMethod(look.around, callee.expression, name)) return false;
  return methodMatters(look, node, object === missing ? ownList(look, callee.expression) : object, name);
}

/** What `this.list` is in the last instance of the class whose code is looked at, if it is a list of data there. */
function ownList({ m, owner }: Look, expression: ts.Expression): Value | typeof missing {
  const node = unwrap(expression);
  if (!owner || !ts.isPropertyAccessExpression(node) || node.expression.kind !== ts.SyntaxKind.ThisKeyword)
    return missing;
  const value = m.instances.get(owner)?.properties.get(node.name.text);
  return isDataList(value) ? value : missing;
}

/** Whether calling a value, or making an instance of it, can touch the graph; null where it is nothing that can be called. */
function calledMatters(look: Look, value: Value | typeof missing): boolean | null {
  if (value instanceof Deferred) {
    const sides = [value.whenTrue, value.whenFalse].map((side) => calledMatters(look, side));
    return sides.includes(true) || (sides.includes(null) ? null : false);
  }
  if (value instanceof FunctionValue) return functionMatters(look.m, value, look.asked);
  if (value instanceof ClassValue) return classMatters(look, value);
  if (value instanceof UnknownValue && value.mayBe.some((one) => calledMatters(look, one) === true)) return true;
  return value instanceof ApiPath ? apiMatters(look.asked, value) : null;
}

/** Whether a function that is handed this can touch the graph by it. */
export function handedMatters(m: Machine, value: Value): boolean {
  const asked = questionOf(m);
  const look = { m, asked, env: m.globals, owner: null, around: [] };
  return (
    holdsGraphValue(value) || holdsActing(m, value) || looking(m, asked, () => calledMatters(look, value) === true)
  );
}

/** Whether calling what an expression gives can touch the graph. */
function resultMatters(look: Look, expression: ts.Expression): boolean {
  const { env } = look;
  const node = unwrap(expression);
  if (ts.isAwaitExpression(node)) return resultMatters(look, node.expression);
  if (ts.isConditionalExpression(node))
    return resultMatters(look, node.whenTrue) || resultMatters(look, node.whenFalse);
  if (ts.isCallExpression(node)) {
    // One that tfjs gives is a gradient function, and was looked at where it is made.
    const callee = peek(unwrap(node.expression), env);
    return !(callee instanceof ApiPath || callee instanceof Unknown);
  }
  const value = peek(node, env);
  if (value !== missing) return calledMatters(look, value) ?? value === undefined;
  return ts.isPropertyAccessExpression(node) ? memberMatters(look, node.name.text) : !isData(node);
}

/** Whether calling a member of this name can touch the graph, taken out of something that is not told. */
function memberMatters(look: Look, name: string): boolean {
  return touchesGraph(look.asked, name) || namedMatters(look, name, 'method');
}

function isData(node: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isTemplateExpression(node) ||
    ts.isPrefixUnaryExpression(node) ||
    ts.isBinaryExpression(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}

interface Variable {
  readonly name: string;
  /** What it is set to, or taken out of; null where that is not told. */
  readonly initializer: ts.Expression | null;
  /** The property that is taken. */
  readonly property: string | null;
  /** What it is where there is none. */
  readonly fallback: ts.Expression | null;
}

/** The variables that the code declares, but those that are functions by its text. */
const variablesIn = byNode((node): readonly Variable[] => {
  const found: Variable[] = [];
  const add = (
    name: ts.BindingName,
    initializer: ts.Expression | null,
    property: string | null,
    fallback: ts.Expression | null = null,
  ): void => {
    if (ts.isIdentifier(name)) found.push({ name: name.text, initializer, property, fallback });
    else
      for (const element of name.elements) {
        if (!ts.isBindingElement(element)) continue;
        const key = ts.isObjectBindingPattern(name) ? propertyName(element.propertyName ?? element.name) : null;
        add(element.name, property === null && key !== null ? initializer : null, key, element.initializer ?? null);
      }
  };
  for (const at of nodesRunBy(node)) {
    if (!ts.isVariableDeclaration(at)) continue;
    const inner = at.initializer && unwrap(at.initializer);
    if (!inner || !(ts.isArrowFunction(inner) || ts.isFunctionExpression(inner) || ts.isClassExpression(inner)))
      add(at.name, at.initializer ?? null, null);
  }
  return found;
});

/** Whether calling what a variable holds that the code itself declares can touch the graph. */
function variableMatters(look: Look, name: string): boolean {
  return look.around.some((node) =>
    variablesIn(node).some((variable) => {
      if (variable.name !== name) return false;
      const { initializer, property, fallback } = variable;
      if (!initializer || (fallback && resultMatters(look, fallback))) return true;
      if (property === null) return resultMatters(look, initializer);
      const object = peek(initializer, look.env);
      if (object === missing) return memberMatters(look, property);
      if (object instanceof ApiPath) return apiMatters(look.asked, memberOf(object, property));
      return !(object === null || object instanceof Unknown);
    }),
  );
}

/** Whether a function calls what it is handed, and is handed what can touch the graph, as far as it is told. */
function handsOn(look: Look, target: Value | typeof missing, { arguments: given }: Call): boolean {
  if (!(target instanceof FunctionValue) || !callsHanded(target.node)) return false;
  const gives = (argument: ts.Expression): boolean => {
    const inner = unwrap(argument);
    if (ts.isSpreadElement(inner) || ts.isElementAccessExpression(inner)) return true;
    if (ts.isArrayLiteralExpression(inner)) return inner.elements.some(gives);
    if (ts.isObjectLiteralExpression(inner))
      return inner.properties.some((property) =>
        ts.isPropertyAssignment(property)
          ? gives(property.initializer)
          : ts.isShorthandPropertyAssignment(property) && gives(property.name),
      );
    if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return codeMatters(look, inner.body);
    if (ts.isCallExpression(inner) || ts.isConditionalExpression(inner)) return resultMatters(look, inner);
    return calledMatters(look, peek(inner, look.env)) === true;
  };
  return given?.some(gives) ?? false;
}

/** Whether a function calls a parameter of its own. */
const callsHanded = byNode((node): boolean => {
  const { parameters, body } = node as ts.FunctionLikeDeclaration;
  const names = new Set(parameters.flatMap(({ name }) => boundNames(name)));
  return (body ? nodesIn(body) : []).some((at) => {
    if (!ts.isCallExpression(at) && !ts.isNewExpression(at)) return false;
    const callee = unwrap(at.expression);
    return ts.isIdentifier(callee) && names.has(callee.text);
  });
});

function memberOf({ path }: ApiPath, name: string): ApiPath {
  return new ApiPath(path ? `${path}.${name}` : name);
}

function apiMatters(asked: Question, { path }: ApiPath): boolean {
  return asked === 'building' ? makingApi.test(path) : buildingApi.test(path);
}

/** Whether what a call is given is only used by it, code for a gradient step included: so a training or a step builds nothing. */
function usesArguments({ m, asked, env }: Look, callee: ts.Expression): boolean {
  if (asked !== 'building') return false;
  const target = peek(callee, env);
  if (target instanceof ApiPath) return gradientApi.test(target.path);
  if (!ts.isPropertyAccessExpression(callee) || !usingMethods.has(callee.name.text)) return false;
  const object = peek(callee.expression, env);
  if (object === missing || object === undefined || object instanceof Unknown) {
    // An optimizer that the caller hands over, if it is no object of the author's.
    return (
      (callee.name.text === 'minimize' || callee.name.text === 'computeGradients') && !m.named.has(callee.name.text)
    );
  }
  return object instanceof ApiObject || isGraphValue(object);
}

/** @param used whether something of the graph is only used by the call */
function argumentMatters(look: Look, argument: ts.Expression, used: boolean): boolean {
  const inner = unwrap(ts.isSpreadElement(argument) ? argument.expression : argument);
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return codeMatters(look, inner.body);
  if (!ts.isIdentifier(inner) && !ts.isPropertyAccessExpression(inner)) return false;
  const value = peek(inner, look.env);
  if (value === missing)
    return ts.isIdentifier(inner) ? declaredMatters(look, inner.text) : namedMatters(look, inner.name.text, 'argument');
  return value instanceof FunctionValue || value instanceof Deferred
    ? calledMatters(look, value) === true
    : holdsActing(look.m, value, look.asked) || (!used && holdsGraphValue(value));
}

/** Whether a value is a function that can touch the graph, or a list or object that holds one, not deeper than `depth`. */
export function holdsActing(m: Machine, value: Value, asked: Question = questionOf(m), depth = 3): boolean {
  if (value instanceof FunctionValue) return functionMatters(m, value, asked);
  if (depth === 0 || (value instanceof ObjectValue && value.classValue)) return false;
  if (value instanceof Deferred)
    return [value.whenTrue, value.whenFalse].some((side) => holdsActing(m, side, asked, depth));
  const items =
    value instanceof ArrayValue ? value.items : value instanceof ObjectValue ? value.properties.values() : [];
  return [...items].some((item) => holdsActing(m, item, asked, depth - 1));
}

/** Whether calling an element of a value can touch the graph. */
function elementMatters(look: Look, object: Value | typeof missing): boolean {
  if (object === missing) return true;
  if (object instanceof Deferred)
    return elementMatters(look, object.whenTrue) || elementMatters(look, object.whenFalse);
  if (object instanceof ApiPath) return object.path === '' || apiMatters(look.asked, object);
  if (object instanceof ArrayValue || object instanceof ObjectValue) {
    const items = object instanceof ArrayValue ? object.items : [...object.properties.values()];
    if (object instanceof ObjectValue && (object.classValue || object.prototype)) return true;
    return items.some((item) => calledMatters(look, item) === true);
  }
  return object instanceof ClassValue || object instanceof FunctionValue || isGraphValue(object);
}

/** Whether a method of this name of a layer or model, or of what may be one, can touch the graph. */
function touchesGraph(asked: Question, name: string): boolean {
  // What a model predicts is data: only a gradient step takes note of it.
  if (asked !== 'inStep' && (name === 'predict' || name === 'predictOnBatch')) return false;
  if (asked === 'building' && usingMethods.has(name)) return false;
  return graphMethods.has(name);
}

/** Whether calling a method of a value can touch the graph. */
function methodMatters(look: Look, call: Call, object: Value | typeof missing, name: string): boolean {
  const { m, asked } = look;
  const mayBeGraphs = (): boolean => touchesGraph(asked, name) && !(asked === 'building' && isTaken(call, name));
  if (object instanceof Deferred)
    return [object.whenTrue, object.whenFalse].some((side) => methodMatters(look, call, side, name));
  if (object !== missing && isDataList(object) && arrayMutators.has(name)) return false;
  const held = heldIn(object, name);
  if (held !== missing) {
    const told = calledMatters(look, held);
    if (told !== null) return told;
  }
  const unseen = object === missing || object == null || object instanceof Unknown;
  if (asked !== 'building' && unseen && isTensorMethod(name, call.arguments?.length ?? 0)) return true;
  // What is put into a list was looked at among the arguments; a variable that holds nothing yet may hold anything by the time the code runs.
  if (object === missing || object == null) return mayBeGraphs() || namedMatters(look, name, 'method');
  if (object instanceof TensorValue) return asked !== 'building' && isTracked(object) && !inertOnTensors.has(name);
  // What is computed of weights is data.
  if (object instanceof WeightList) return settingWeights.has(name) && touchesGraph(asked, name);
  if (isGraphValue(object)) return touchesGraph(asked, name);
  if (object instanceof FunctionValue) {
    if (/^(call|apply|bind)$/.test(name)) return functionMatters(m, object, asked);
    const own = object.properties.get(name);
    return own instanceof FunctionValue && functionMatters(m, own, asked);
  }
  if (object instanceof ClassValue) {
    const method = findMember(m, object, name, 'method', true);
    return method ? functionMatters(m, method, asked) : namedMatters(look, name, 'method');
  }
  if (object instanceof ArrayValue)
    return arrayMutators.has(name) ? holdsGraphValue(object) : isIteration(name) && holdsActing(m, object, asked);
  if (object instanceof ObjectValue) {
    if (object.tag) return true;
    const method = object.classValue && findMember(m, object.classValue, name, 'method');
    return method ? functionMatters(m, method, asked) : mayBeGraphs() || namedMatters(look, name, 'method');
  }
  // Optimizers and functions of tfjs: what they are given was looked at; a gradient step is one whatever it is given.
  if (name === 'minimize' || name === 'computeGradients')
    return asked !== 'building' && (object instanceof ApiObject || object instanceof Unknown);
  return name === 'apply' && (object instanceof NativeFunction || object instanceof Unknown);
}

/** What a value holds under a name, if that is told without running code. */
function heldIn(object: Value | typeof missing, name: string): Value | typeof missing {
  const properties =
    object instanceof ObjectValue && !object.tag
      ? object.properties
      : object instanceof ClassValue
        ? object.statics
        : object instanceof FunctionValue
          ? object.properties
          : null;
  return properties?.has(name) ? properties.get(name) : missing;
}

/** What is done by a name: a method is called, a member is handed on as an argument, or one is read. */
type Kind = 'method' | 'argument' | 'accessor';

/** Whether some function, method or accessor of this name, of whatever object, can touch the graph. */
function namedMatters(look: Look, name: string, kind: Kind): boolean {
  const { m, asked } = look;
  if (declaredMatters(look, name)) return true;
  // What a getter gives, and what was not made under the name that it is held by, is called by a name that is not its own.
  if (kind !== 'accessor' && m.heldNames.has(name)) return true;
  if (kind === 'method' && m.accessors.has(name)) return true;
  for (const node of m.named.get(name) ?? []) {
    const [fn, owner] = [m.made.get(node), m.classes.get(node)];
    if (owner && membersNamed(owner.node, name).some((member) => memberTouches(look, owner, member, kind))) return true;
    if (!fn || fn.homeClass || ts.isAccessor(fn.node) !== (kind === 'accessor')) continue;
    if (functionMatters(m, fn, asked)) return true;
  }
  return false;
}

function membersNamed({ members }: ts.ClassLikeDeclaration, name: string): readonly ts.ClassElement[] {
  return members.filter((member) => member.name && propertyName(member.name) === name);
}

function memberTouches(look: Look, owner: ClassValue, member: ts.ClassElement, kind: Kind): boolean {
  const { m, asked } = look;
  if (ts.isPropertyDeclaration(member)) return kind !== 'accessor' && fieldMatters(look, owner, member);
  const fits = kind === 'accessor' ? ts.isAccessor : ts.isMethodDeclaration;
  return fits(member) && !!member.body && functionMatters(m, methodOf(m, owner, member), asked);
}

/** Whether a function in a field of a class can touch the graph: it is made with the first instance. */
function fieldMatters({ m, asked }: Look, owner: ClassValue, { initializer }: ts.PropertyDeclaration): boolean {
  const look = { m, asked, env: withThis(owner.environment, undefined), owner, around: [] };
  return (initializer ? functionsIn(initializer) : []).some((body) => {
    if (m.looked?.has(body)) return false;
    m.looked?.set(body, null);
    return codeMatters(look, body);
  });
}

/** Whether calling the function can touch the graph. */
export function functionMatters(m: Machine, fn: FunctionValue, asked: Question = questionOf(m)): boolean {
  const known = m.mattering.get(fn.node)?.[asked];
  if (known !== undefined) return known;
  const { body, parameters } = fn.node;
  return looking(m, asked, () => {
    if (m.looked!.has(fn.node)) return false;
    m.looked!.set(fn.node, fn);
    // Handed tf, it is there to build something.
    const takesTf = parameters.some(({ name }) => ts.isIdentifier(name) && name.text === 'tf');
    const look = { m, asked, env: scopeOf(fn), owner: fn.homeClass, around: [] };
    const result = body !== undefined && (takesTf || codeMatters(look, body));
    if (result && !m.unsettled) remember(m, fn.node, asked, true);
    return result;
  });
}

/** The scope of a function that is not being called: what its `this` is, is not that of the code around it. */
function scopeOf({ node, environment, boundThis, home }: FunctionValue): Environment {
  return ts.isArrowFunction(node) ? environment : withThis(environment, boundThis ?? home ?? undefined);
}

/** Whether calling the function, or any function that it makes, can touch the graph. */
export function functionLeadsTo(m: Machine, fn: FunctionValue): boolean {
  if (functionMatters(m, fn)) return true;
  const { body } = fn.node;
  if (!body) return false;
  if (givesAway(fn, fn.environment)) return true;
  const asked = questionOf(m);
  const look = { m, asked, env: scopeOf(fn), owner: fn.homeClass, around: [body] };
  return functionsIn(body).some((inner) => looking(m, asked, () => codeMatters(look, inner)));
}

/** Whether a function gives back something of the graph that it did not make: then its caller may do anything with it. */
export function givesAway(fn: FunctionValue, env: Environment): boolean {
  return returnedIn(fn.node).some((expression) => {
    const value = peek(expression, env);
    return value !== missing && holdsGraphValue(value);
  });
}

/** What a function gives back, where it can be told without running it: names and properties, also in a literal. */
const returnedIn = byNode((node): readonly ts.Expression[] => {
  const found: ts.Expression[] = [];
  const give = (expression: ts.Expression): void => {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner) || ts.isPropertyAccessExpression(inner)) found.push(inner);
    else if (ts.isArrayLiteralExpression(inner)) inner.elements.forEach(give);
    else if (ts.isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (ts.isPropertyAssignment(property)) give(property.initializer);
        else if (ts.isShorthandPropertyAssignment(property)) found.push(property.name);
      }
    }
  };
  const { body } = node as ts.FunctionLikeDeclaration;
  if (body && !ts.isBlock(body)) give(body);
  else if (body) for (const at of nodesRunBy(body)) if (ts.isReturnStatement(at) && at.expression) give(at.expression);
  return found;
});

/** The bodies of the functions that stand in the code, at any depth. */
export const functionsIn = byNode((node): readonly ts.Node[] =>
  nodesIn(node)
    .filter(isFunction)
    .map(({ body }) => body!),
);

/** Whether constructing an instance can touch the graph. */
function classMatters({ m, asked }: Look, value: ClassValue): boolean {
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    for (const member of at.node.members) {
      if (ts.isConstructorDeclaration(member) && member.body && functionMatters(m, methodOf(m, at, member), asked))
        return true;
      if (!ts.isPropertyDeclaration(member) || !member.initializer) continue;
      const look = { m, asked, env: withThis(at.environment, undefined), owner: at, around: [] };
      if (looking(m, asked, () => codeMatters(look, member.initializer!))) return true;
    }
    if (at.base instanceof ApiPath) return true;
  }
  return false;
}
