import ts from 'typescript';
import {
  ConfigObject,
  isBatchNormOp,
  opName,
  opSignature,
  outputShapes,
  Unknown,
  type ConfigValue,
  type OpSignature,
  type Target,
  type Tensor,
} from '../../graph';
import { settleActing } from '../evaluate';
import type { Machine } from '../machine';
import { byTree, callSite, placeOf, textOf, unwrap } from '../syntax';
import {
  ArrayValue,
  FunctionValue,
  isTracked,
  ObjectValue,
  TensorValue,
  UnknownItems,
  WeightList,
  type Value,
} from '../values';
import { configValueOf } from './config';

/** Calls of functions on tensors whose signature is known: which argument is what, and which tensors go in as what. */

type OpNode = ts.CallExpression | ts.NewExpression;

/** Ops that start a chain worth following also where nothing but data goes in: those with weights. */
const STARTING = /^(fused\.)?(conv[123]d|conv[23]dTranspose|depthwiseConv2d|separableConv2d)$|^fused\.matMul$/;
/** Whether only a tensor has a method of this name: then what it is called on is one, known or not. */
export function isTensorMethod(name: string, args: number): boolean {
  return STARTING.test(name) && args >= 2;
}

/** Those that start one where they are given a variable. */
const WITH_VARIABLE = /^(matMul|dot|batchNorm([234]d)?|movingAverage)$/;

/** Methods that are another op with arguments of its own. */
const AS: Readonly<Record<string, readonly [op: string, parameter: string, value: (args: readonly Value[]) => Value]>> =
  {
    flatten: ['reshape', 'shape', () => new ArrayValue([-1])],
    as1D: ['reshape', 'shape', () => new ArrayValue([-1])],
    asScalar: ['reshape', 'shape', () => new ArrayValue([])],
    as2D: ['reshape', 'shape', (args) => new ArrayValue([...args])],
    as3D: ['reshape', 'shape', (args) => new ArrayValue([...args])],
    as4D: ['reshape', 'shape', (args) => new ArrayValue([...args])],
    as5D: ['reshape', 'shape', (args) => new ArrayValue([...args])],
    toFloat: ['cast', 'dtype', () => 'float32'],
    toInt: ['cast', 'dtype', () => 'int32'],
    toBool: ['cast', 'dtype', () => 'bool'],
    asType: ['cast', 'dtype', (args) => args[0]],
  };

interface Bound {
  readonly name: string;
  readonly inputs: TensorValue[];
  readonly roles: string[];
  /** The expression of each input, where it stands by itself. */
  readonly nodes: (ts.Expression | null)[];
  readonly attributes: Map<string, ConfigValue>;
}

/**
 * `tf.name(...args)`, or `args[0].name(...)` where `method` is set.
 *
 * @returns null where the op, or how it is called, is not known
 */
export function callKnownOp(
  m: Machine,
  called: string,
  args: readonly Value[],
  node: OpNode,
  method: boolean,
): Value | null {
  if (args.some((arg) => arg instanceof UnknownItems || arg instanceof FunctionValue)) return null;
  const tensors = tensorsGiven(args);
  const followed = isFollowed(called, tensors);
  // Nothing is known of data that comes from nowhere.
  if (!followed && tensors.length === 0) return null;
  const bound = method && called in AS ? bindAs(m, called, args) : bind(m, called, args, node, method);
  if (bound === null) return null;
  const { name, inputs, roles } = bound;
  const attributes = new ConfigObject(bound.attributes);
  const shapes = inputs.map(({ tensor }) => tensor.shape);
  const plain: Target = { type: 'op', name, attributes, roles, call: null };
  if (splits(name) && !partsKnown(name, bound, shapes)) return null;
  if (!followed) {
    return given(
      name,
      outputShapes(plain, shapes).map((shape) => new TensorValue(m.builder.input(shape), false)),
    );
  }
  const { site, discarded } = textualOf(node);
  const names = bound.nodes.map((one) => (one === null ? null : shortName(one)));
  const call = m.builder.opCall(site, m.callPath(), { names, discarded });
  const outputs = m.builder.apply(
    { ...plain, call },
    inputs.map(({ tensor }) => tensor),
    { mode: 'stored', place: placeOf(node) },
  );
  m.events++;
  noteInSteps(m, name, outputs);
  // Ops take and give data: tfjs refuses a symbolic tensor.
  return given(
    name,
    outputs.map((tensor) => new TensorValue(tensor, false)),
  );
}

/** `variable.assign(value)`. */
export function assignVariable(m: Machine, variable: TensorValue, value: Value, node: ts.CallExpression): void {
  const settled = settleActing(m, value);
  if (variable.tensor.made?.as !== 'variable') return m.escape(settled, 'stored in a tensor that is not known', node);
  const from = tensorFrom(m, settled) ?? new TensorValue(m.builder.input(null), null);
  const call = m.builder.opCall(callSite(node), m.callPath());
  m.builder.apply(
    { type: 'op', name: 'assign', attributes: ConfigObject.empty, roles: ['variable', 'value'], call },
    [variable.tensor, from.tensor],
    { mode: 'stored', place: placeOf(node) },
  );
  m.events++;
}

/** What is told of a call from the text alone. */
const textualOf = byTree((node: OpNode) => ({ site: callSite(node), discarded: isDiscarded(node) }));

/** The tensors among the arguments, in lists and objects too. */
function tensorsGiven(args: readonly Value[], depth = 2): TensorValue[] {
  return args.flatMap((arg) => {
    if (arg instanceof TensorValue) return [arg];
    if (depth > 0 && arg instanceof ArrayValue) return tensorsGiven(arg.items, depth - 1);
    const plain = depth > 0 && arg instanceof ObjectValue && !arg.classValue;
    return plain ? tensorsGiven([...arg.properties.values()], depth - 1) : [];
  });
}

function isFollowed(name: string, inputs: readonly TensorValue[]): boolean {
  if (inputs.some(isTracked) || STARTING.test(name)) return true;
  // Where a statistic goes decides what may be stored in it.
  if (inputs.some(({ tensor: { made } }) => made?.as === 'variable' && made.trainable !== true)) return true;
  return WITH_VARIABLE.test(name) && inputs.some(({ tensor }) => tensor.made?.as === 'variable');
}

function noteInSteps(m: Machine, name: string, outputs: readonly Tensor[]): void {
  const application = outputs[0]?.producer;
  if (!application || !(isBatchNormOp(name) || name === 'movingAverage')) return;
  for (const { step, depth } of m.steps) m.builder.stepOp(step, { application, path: m.callPath(depth) });
}

/** What the call gives back: a tensor, a list of them, or (`tf.moments`) an object. */
function given(name: string, outputs: readonly TensorValue[]): Value {
  if (name === 'moments') {
    const result = new ObjectValue();
    result.properties.set('mean', outputs[0]);
    result.properties.set('variance', outputs[1]);
    return result;
  }
  return splits(name) ? new ArrayValue([...outputs]) : outputs[0];
}

function splits(name: string): boolean {
  return name === 'split' || name === 'unstack';
}

/** Whether the number of parts is known. */
function partsKnown(name: string, { attributes }: Bound, [shape]: readonly (Tensor['shape'] | undefined)[]): boolean {
  const count = attributes.get('numOrSizeSplits');
  if (name === 'split')
    return typeof count === 'number' || (Array.isArray(count) && count.every((one) => typeof one === 'number'));
  const axis = attributes.get('axis') ?? 0;
  return typeof axis === 'number' && shape?.at(axis) != null;
}

function bindAs(m: Machine, called: string, args: readonly Value[]): Bound | null {
  const [name, parameter, value] = AS[called]!;
  const x = settleActing(m, args[0]);
  if (!(x instanceof TensorValue)) return null;
  const attributes = new Map([[parameter, configValueOf(m, value(args.slice(1)))]]);
  return { name, inputs: [x], roles: ['x'], nodes: [null], attributes };
}

/** Arguments to parameters by their position, or by their names in an object. */
function bind(m: Machine, called: string, args: readonly Value[], node: OpNode, method: boolean): Bound | null {
  const name = opName(called);
  const signature = opSignature(name);
  if (signature === undefined) return null;
  const bound: Bound = { name, inputs: [], roles: [], nodes: [], attributes: new Map() };
  const nodes = argumentNodes(node, method);
  for (const [index, parameter] of signature.parameters.entries()) {
    const found = signature.object
      ? fromObject(m, args[0], nodes[0] ?? null, parameter.name)
      : { value: args[index], node: nodes[index] ?? null };
    if (found === null) return null;
    // `x.concat(y)`, `x.stack([y, z])`: the tensor itself comes first.
    const value = method && parameter.takes === 'tensors' && index === 0 ? joined(m, args) : found.value;
    const rest = method && parameter.takes === 'tensors' && index === 0;
    if (!take(m, bound, parameter, value, rest ? null : found.node)) return null;
    if (rest) return takeRest(m, bound, signature, args.slice(2)) ? bound : null;
  }
  return bound.inputs.length > 0 ? bound : null;
}

function joined(m: Machine, [self, others]: readonly Value[]): Value {
  const list = settleActing(m, others);
  if (list instanceof ArrayValue) return new ArrayValue([self, ...list.items]);
  return new ArrayValue(list === undefined ? [self] : [self, list]);
}

function takeRest(m: Machine, bound: Bound, { parameters }: OpSignature, args: readonly Value[]): boolean {
  return parameters.slice(1).every((parameter, index) => take(m, bound, parameter, args[index], null));
}

/** Puts one argument in its place; false where it is nothing that can stand there as far as is known. */
function take(
  m: Machine,
  bound: Bound,
  parameter: OpSignature['parameters'][number],
  argument: Value,
  node: ts.Expression | null,
): boolean {
  if (parameter.takes === 'plain') {
    const value = m.resolve(argument);
    if (value !== undefined && value !== null) bound.attributes.set(parameter.name, configValueOf(m, value));
    return true;
  }
  const value = settleActing(m, argument);
  if (value === undefined || value === null) return true;
  const list = parameter.takes === 'tensors' && value instanceof ArrayValue ? value.items : [value];
  for (const item of list) {
    const settled = settleActing(m, item);
    if (settled instanceof UnknownItems) return false;
    const tensor = tensorFrom(m, settled);
    if (tensor === null) {
      if (parameter.takes === 'tensors') return false;
      bound.attributes.set(parameter.name, configValueOf(m, settled));
      continue;
    }
    bound.inputs.push(tensor);
    bound.roles.push(parameter.name);
    bound.nodes.push(node);
  }
  return true;
}

/** The tensor that a value is, or may be. */
function tensorFrom(m: Machine, value: Value): TensorValue | null {
  if (value instanceof TensorValue) return value;
  if (value instanceof WeightList) return new TensorValue(m.builder.input(null), false);
  return value instanceof Unknown ? m.tensorOf(value) : null;
}

function fromObject(
  m: Machine,
  argument: Value,
  node: ts.Expression | null,
  key: string,
): { readonly value: Value; readonly node: ts.Expression | null } | null {
  const object = settleActing(m, argument);
  if (!(object instanceof ObjectValue) || object.open) return null;
  const value = object.properties.get(key);
  if (!node || !ts.isObjectLiteralExpression(node)) return { value, node: null };
  for (const property of node.properties) {
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === key) return { value, node: property.name };
    if (ts.isPropertyAssignment(property) && property.name.getText() === key)
      return { value, node: property.initializer };
  }
  return { value, node: null };
}

/** The expressions of the arguments, the receiver of a method first; empty where a spread hides which is which. */
function argumentNodes(node: OpNode, method: boolean): readonly ts.Expression[] {
  const args = [...(node.arguments ?? [])];
  if (args.some(ts.isSpreadElement)) return [];
  const callee = unwrap(node.expression);
  if (!method) return args.map(unwrap);
  return ts.isPropertyAccessExpression(callee) ? [callee.expression, ...args].map(unwrap) : [];
}

function shortName(node: ts.Expression): string | null {
  const text = textOf(node);
  return /^(this\.)?[\w$]+(\.[\w$]+|\[['"\w$]+\])*$/.test(text) && text.length <= 40 ? text : null;
}

/** Whether the call is a statement of its own, so that nobody sees its result. */
function isDiscarded(node: ts.Node): boolean {
  let { parent } = node;
  while (ts.isParenthesizedExpression(parent) || ts.isAwaitExpression(parent)) ({ parent } = parent);
  return ts.isExpressionStatement(parent);
}
