import ts from 'typescript';
import { Unknown } from '../graph';
import { defer } from './evaluate';
import { Environment, type Binding } from './environment';
import { findMember, functionLikeName, methodOf } from './functions';
import { ThrowSignal, type Machine } from './machine';
import { execute } from './statements';
import { byNode, isAssignment, isStep, placeOf, propertyName, unwrap } from './syntax';
import {
  ApiObject,
  ApiPath,
  ArrayValue,
  ClassValue,
  FunctionValue,
  holdsGraphValue,
  isGraphValue,
  isTracked,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownItems,
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
  'minimize', 'computeGradients', 'setWeights', 'loadWeights', 'getLayer', 'layer', 'sequential', 'model', 'input',
]); // prettier-ignore
/** Methods of a tensor that make no tensor of it. */
const inertOnTensors = new Set(['dispose', 'print', 'toString', 'throwIfDisposed']);
const arrayMutators = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'fill', 'sort', 'reverse', 'set']);
/** What of tfjs makes something of the graph whatever it is given; ops do only where a tensor of it goes in. */
const buildingApi = /^(layers|sequential|model|input|Sequential|LayersModel|variableGrads|valueAndGrads?|grads?)\b/;

/** What code is looked at in: names are what they are now, or functions that the code itself declares. */
interface Look {
  readonly m: Machine;
  readonly env: Environment;
  readonly owner: ClassValue | null;
  /** The code whose own functions can be named, from the inside out. */
  readonly around: readonly ts.Node[];
}

/** Whether running this code can make, use or change something of the graph. */
export function matters(m: Machine, node: ts.Node, env: Environment, owner: ClassValue | null = null): boolean {
  return looking(m, () => codeMatters({ m, env, owner, around: [] }, node));
}

/**
 * Runs one question about code. Each function is looked into once for it: the answer is yes as soon as one of all that
 * can be reached says so, and no for all of them when none does.
 */
function looking(m: Machine, ask: () => boolean): boolean {
  if (m.looked) return ask();
  m.looked = new Map();
  m.unsettled = false;
  try {
    const result = ask();
    if (!result && !m.unsettled) for (const [node, fn] of m.looked) if (fn) remember(m, node, false);
    return result;
  } finally {
    m.looked = null;
  }
}

function remember(m: Machine, node: ts.Node, result: boolean): void {
  m.mattering.set(node, { ...m.mattering.get(node), [modeOf(m)]: result });
}

function modeOf(m: Machine): 'inStep' | 'outside' {
  return m.steps.length > 0 ? 'inStep' : 'outside';
}

function codeMatters(outer: Look, node: ts.Node): boolean {
  const look = { ...outer, around: [node, ...outer.around] };
  return actionsIn(node).some((at) => {
    if (ts.isPropertyAccessExpression(at))
      return look.m.accessors.has(at.name.text) && namedMatters(look, at.name.text, 'accessor');
    return ts.isBinaryExpression(at) || callMatters(look, at);
  });
}

/** Functions and classes that stand in the code, by the names that the text gives them. */
const declaredIn = byNode(
  (node): ReadonlyMap<string, readonly (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[]> => {
    const found = new Map<string, (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[]>();
    const visit = (at: ts.Node): void => {
      if (at !== node && (isFunction(at) || ts.isClassLike(at))) {
        const name = ts.isClassLike(at) ? (at.name?.text ?? null) : functionLikeName(at);
        if (name !== null) found.set(name, [...(found.get(name) ?? []), at]);
      }
      ts.forEachChild(at, visit);
    };
    visit(node);
    return found;
  },
);

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body !== undefined;
}

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

type Action = ts.CallExpression | ts.NewExpression | ts.BinaryExpression | ts.PropertyAccessExpression;

/** Calls, reads of properties, and assignments of `trainable`, that run when the code runs: not those in functions. */
const actionsIn = byNode((node): readonly Action[] => {
  const found: Action[] = [];
  const visit = (at: ts.Node): void => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return;
    if (ts.isCallExpression(at) || ts.isNewExpression(at) || ts.isPropertyAccessExpression(at)) found.push(at);
    if (isAssignment(at) && ts.isPropertyAccessExpression(at.left) && at.left.name.text === 'trainable') found.push(at);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
});

/** What is not seen matters, but for what is known to be plain: a decision too many costs time, one too few is wrong. */
function callMatters(look: Look, node: ts.CallExpression | ts.NewExpression): boolean {
  const { m, env, owner } = look;
  if (node.arguments?.some((argument) => argumentMatters(look, argument))) return true;
  const callee = unwrap(node.expression);
  if (callee.kind === ts.SyntaxKind.SuperKeyword) return true;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return false;
  if (ts.isArrowFunction(callee) || ts.isFunctionExpression(callee)) return codeMatters(look, callee.body);
  const target = peek(callee, env);
  if (target instanceof FunctionValue) return functionMatters(m, target);
  if (target instanceof ClassValue) return classMatters(m, target);
  if (target instanceof ApiPath) return buildingApi.test(target.path);
  if (ts.isIdentifier(callee)) {
    if (target === missing) return declaredMatters(look, callee.text);
    // Declared and not set yet: by the time the code runs it may be anything.
    if (target === undefined) m.unsettled = true;
    return target === undefined;
  }
  if (ts.isElementAccessExpression(callee)) return elementMatters(m, peek(callee.expression, env));
  if (!ts.isPropertyAccessExpression(callee)) {
    // What a function gives is called: one that tfjs gives is a gradient function, and was looked at where it is made.
    const inner = ts.isCallExpression(callee) ? peek(unwrap(callee.expression), env) : missing;
    return !(inner instanceof ApiPath);
  }
  const name = callee.name.text;
  if (callee.expression.kind === ts.SyntaxKind.ThisKeyword) {
    const self = env.find('this')?.value;
    const classValue = self instanceof ObjectValue ? self.classValue : owner;
    const method = classValue && findMember(m, classValue, name, 'method');
    if (method) return functionMatters(m, method);
  }
  return methodMatters(look, peek(callee.expression, env), name);
}

function argumentMatters(look: Look, argument: ts.Expression): boolean {
  const inner = unwrap(ts.isSpreadElement(argument) ? argument.expression : argument);
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return codeMatters(look, inner.body);
  if (!ts.isIdentifier(inner) && !ts.isPropertyAccessExpression(inner)) return false;
  const value = peek(inner, look.env);
  if (value === missing) return ts.isIdentifier(inner) && declaredMatters(look, inner.text);
  return value instanceof FunctionValue ? functionMatters(look.m, value) : holdsGraphValue(value);
}

/** Whether calling an element of a value can touch the graph. */
function elementMatters(m: Machine, object: Value | typeof missing): boolean {
  if (object === missing) return true;
  if (object instanceof ApiPath) return object.path === '' || buildingApi.test(object.path);
  if (object instanceof ArrayValue || object instanceof ObjectValue) {
    const items = object instanceof ArrayValue ? object.items : [...object.properties.values()];
    if (object instanceof ObjectValue && (object.classValue || object.prototype)) return true;
    return items.some((item) => (item instanceof FunctionValue ? functionMatters(m, item) : item instanceof ApiPath));
  }
  return object instanceof ClassValue || object instanceof FunctionValue || isGraphValue(object);
}

/** Whether a method of this name of a layer or model, or of what may be one, can touch the graph. */
function touchesGraph(m: Machine, name: string): boolean {
  // What a model predicts is data: only a gradient step takes note of it.
  if (m.steps.length === 0 && (name === 'predict' || name === 'predictOnBatch')) return false;
  return graphMethods.has(name);
}

/** Whether calling a method of a value can touch the graph. */
function methodMatters(look: Look, object: Value | typeof missing, name: string): boolean {
  const { m } = look;
  // What is put into a list was looked at among the arguments; a variable that holds nothing yet may hold anything by the time the code runs.
  if (object === missing || object == null) return touchesGraph(m, name) || namedMatters(look, name, 'method');
  if (object instanceof TensorValue) return isTracked(object) && !inertOnTensors.has(name);
  if (isGraphValue(object) || object instanceof WeightList) return touchesGraph(m, name);
  if (object instanceof FunctionValue) {
    if (/^(call|apply|bind)$/.test(name)) return functionMatters(m, object);
    const own = object.properties.get(name);
    return own instanceof FunctionValue && functionMatters(m, own);
  }
  if (object instanceof ClassValue) {
    const method = findMember(m, object, name, 'method', true);
    return method ? functionMatters(m, method) : namedMatters(look, name, 'method');
  }
  if (object instanceof ArrayValue) return arrayMutators.has(name) && holdsGraphValue(object);
  if (object instanceof ObjectValue) {
    if (object.tag) return true;
    const method = object.classValue && findMember(m, object.classValue, name, 'method');
    return method ? functionMatters(m, method) : touchesGraph(m, name) || namedMatters(look, name, 'method');
  }
  // Optimizers and functions of tfjs: what they are given was looked at; a gradient step is one whatever it is given.
  if (name === 'minimize' || name === 'computeGradients')
    return object instanceof ApiObject || object instanceof Unknown;
  return name === 'apply' && (object instanceof NativeFunction || object instanceof Unknown);
}

const nameOf = byNode((node) => functionLikeName(node as ts.FunctionLikeDeclaration));

/** Whether some function, method or accessor of this name, of whatever object, can touch the graph. */
function namedMatters(look: Look, name: string, kind: 'method' | 'accessor'): boolean {
  const { m } = look;
  if (declaredMatters(look, name)) return true;
  for (const owner of [...m.classes.values()]) {
    for (const member of owner.node.members) {
      const fits = kind === 'method' ? ts.isMethodDeclaration : ts.isAccessor;
      if (!fits(member) || !member.body || propertyName(member.name) !== name) continue;
      if (functionMatters(m, methodOf(m, owner, member))) return true;
    }
  }
  for (const fn of [...m.made.values()]) {
    if (fn.homeClass || ts.isAccessor(fn.node) !== (kind === 'accessor') || nameOf(fn.node) !== name) continue;
    if (functionMatters(m, fn)) return true;
  }
  return false;
}

/** Whether calling the function can touch the graph. */
export function functionMatters(m: Machine, fn: FunctionValue): boolean {
  const known = m.mattering.get(fn.node)?.[modeOf(m)];
  if (known !== undefined) return known;
  const { body, parameters } = fn.node;
  return looking(m, () => {
    if (m.looked!.has(fn.node)) return false;
    m.looked!.set(fn.node, fn);
    // Handed tf, it is there to build something.
    const takesTf = parameters.some(({ name }) => ts.isIdentifier(name) && name.text === 'tf');
    const look = { m, env: fn.environment, owner: fn.homeClass, around: [] };
    const result = body !== undefined && (takesTf || codeMatters(look, body));
    if (result && !m.unsettled) remember(m, fn.node, true);
    return result;
  });
}

/** Whether constructing an instance can touch the graph. */
function classMatters(m: Machine, value: ClassValue): boolean {
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    for (const member of at.node.members) {
      if (ts.isConstructorDeclaration(member) && member.body && functionMatters(m, methodOf(m, at, member)))
        return true;
      if (ts.isPropertyDeclaration(member) && member.initializer && matters(m, member.initializer, at.environment, at))
        return true;
    }
    if (at.base instanceof ApiPath) return true;
  }
  return false;
}

const missing = Symbol('not to be told without running');

/** The value of a name or property chain as it is now, without any effect. */
function peek(expression: ts.Expression, env: Environment): Value | typeof missing {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) {
    const binding = findQuietly(env, node.text);
    if (binding === missing) return missing;
    if (binding) return binding.value;
    return node.text === 'tf' ? new ApiPath('') : benignGlobals.has(node.text) ? null : missing;
  }
  if (node.kind === ts.SyntaxKind.ThisKeyword) return env.find('this')?.value ?? missing;
  if (!ts.isPropertyAccessExpression(node)) return missing;
  const object = peek(node.expression, env);
  if (object === missing) return missing;
  if (object instanceof ApiPath) return new ApiPath(object.path ? `${object.path}.${node.name.text}` : node.name.text);
  if (object instanceof ObjectValue && object.properties.has(node.name.text))
    return object.properties.get(node.name.text);
  if (object instanceof Unknown) return object;
  return missing;
}

/** Reading an import runs its module, which may throw: that is the business of the code that reads it for real. */
function findQuietly(env: Environment, name: string): Binding | null | typeof missing {
  try {
    return env.find(name);
  } catch (error) {
    if (error instanceof ThrowSignal) return missing;
    throw error;
  }
}

const benignGlobals = new Set([
  'console', 'Math', 'JSON', 'Object', 'Number', 'String', 'document', 'window', 'Date', 'performance', 'process',
  'alert', 'Array', 'Promise', 'fetch', 'localStorage', 'parseInt', 'parseFloat', 'require', 'Error',
]); // prettier-ignore

/** Whether the code can leave the statement it stands in: return, throw, break, continue. */
export const exits = byNode((node): boolean => {
  const visit = (at: ts.Node): boolean => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return false;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at) || ts.isBreakStatement(at) || ts.isContinueStatement(at))
      return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
});

/** Whether the code can leave the function it stands in. */
export const leavesFunction = byNode((node): boolean => {
  const visit = (at: ts.Node): boolean => {
    if (ts.isFunctionLike(at) || ts.isClassLike(at)) return false;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at)) return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
});

/** A name or property that code assigns. */
interface Target {
  read(): Value;
  write(value: Value): void;
  /** A list that a method call changes, rather than a name or property that is assigned. */
  readonly list?: true;
}

function assignedTargets(node: ts.Node, env: Environment): Target[] {
  const targets = new Map<string, Target>();
  const add = (expression: ts.Expression): void => {
    const inner = unwrap(expression);
    if (ts.isIdentifier(inner)) {
      const binding = env.find(inner.text);
      if (binding)
        targets.set(inner.text, { read: () => binding.value, write: (value) => void (binding.value = value) });
    } else if (ts.isPropertyAccessExpression(inner)) {
      const object = peek(inner.expression, env);
      const name = inner.name.text;
      if (object instanceof ObjectValue) {
        targets.set(inner.getText(), {
          read: () => object.properties.get(name),
          write: (value) => void object.properties.set(name, value),
        });
      }
    } else if (ts.isArrayLiteralExpression(inner)) {
      for (const element of inner.elements)
        if (!ts.isOmittedExpression(element)) add(ts.isSpreadElement(element) ? element.expression : element);
    }
  };
  for (const at of changesIn(node)) {
    if (isAssignment(at)) add(at.left);
    else if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) add(at.operand);
    else if (ts.isCallExpression(at)) {
      const list = (at.expression as ts.PropertyAccessExpression).expression;
      const array = peek(list, env);
      if (array instanceof ArrayValue)
        targets.set(`${list.getText()}.push`, { read: () => array, write: (value) => spoil(array, value), list: true });
    } else if (ts.isIdentifier(at)) add(at);
  }
  return [...targets.values()];
}

type Change =
  ts.BinaryExpression | ts.PrefixUnaryExpression | ts.PostfixUnaryExpression | ts.CallExpression | ts.Identifier;

/** Assignments, steps, calls that change a list, and names that a `var` declares, in the order of the text. */
const changesIn = byNode((node): readonly Change[] => {
  const found: Change[] = [];
  const visit = (at: ts.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (isAssignment(at)) found.push(at);
    else if ((ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) && isStep(at.operator)) found.push(at);
    else if (
      ts.isCallExpression(at) &&
      ts.isPropertyAccessExpression(at.expression) &&
      arrayMutators.has(at.expression.name.text)
    )
      found.push(at);
    else if (ts.isVariableDeclarationList(at) && !(at.flags & ts.NodeFlags.BlockScoped)) {
      for (const declaration of at.declarations) if (ts.isIdentifier(declaration.name)) found.push(declaration.name);
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
});

/** After changes that were not followed a list may hold anything. */
function spoil(array: ArrayValue, value: Value): void {
  if (value instanceof UnknownValue) array.push(new UnknownItems(value.reason, value.id, value.place));
}

/**
 * Makes unknown what the code assigns. With `keepGraph` what holds layers, tensors, models, lists or objects stays as
 * it is, because a loop is then followed turn by turn; otherwise such values escape.
 */
export function havocAssigned(m: Machine, node: ts.Node, env: Environment, reason: string, keepGraph = false): void {
  for (const target of assignedTargets(node, env)) {
    const value = target.read();
    const structured = typeof value === 'object' && value !== null && !(value instanceof Unknown);
    // A list of data grows by a number of elements that is not known; one of layers is followed element by element.
    if (keepGraph && structured && !(target.list && !holdsGraphValue(value))) continue;
    m.escape(value, reason, node);
    target.write(m.unknown(reason, node));
  }
}

/** Runs both sides of a branch that cannot touch the graph; what they assign depends on the condition from here on. */
export function mergeBranches(
  m: Machine,
  condition: Value,
  conditionNode: ts.Node,
  whenTrue: ts.Statement,
  whenFalse: ts.Statement | null,
  env: Environment,
): void {
  const targets = [...assignedTargets(whenTrue, env), ...(whenFalse ? assignedTargets(whenFalse, env) : [])];
  const before = targets.map((target) => target.read());
  const lists = new Map(before.filter((value) => value instanceof ArrayValue).map((list) => [list, [...list.items]]));
  const changed = new Set<ArrayValue>();
  const run = (branch: ts.Statement | null): Value[] => {
    targets.forEach((target, index) => !target.list && target.write(before[index]));
    if (branch) execute(m, branch, new Environment(env, placeOf(branch)));
    const after = targets.map((target) => target.read());
    for (const [list, items] of lists) {
      if (list.items.length === items.length && list.items.every((item, index) => item === items[index])) continue;
      changed.add(list);
      list.edit().splice(0, list.length, ...items);
    }
    return after;
  };
  const [left, right] = [run(whenTrue), run(whenFalse)];
  for (const list of changed) spoil(list, m.unknown('changed under a condition that is not known', conditionNode));
  targets.forEach((target, index) => {
    if (!target.list) target.write(defer(m, condition, conditionNode, left[index], right[index]));
  });
}
