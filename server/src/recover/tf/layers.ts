import ts from 'typescript';
import {
  classNameOf,
  ConfigObject,
  Unknown,
  type ConfigValue,
  type Layer,
  type Mode,
  type Model,
  type Shape,
} from '../../graph';
import { settleActing } from '../evaluate';
import type { Machine } from '../machine';
import { callSite, placeOf, shortText, textOf } from '../syntax';
import {
  ArrayValue,
  LayerValue,
  ModelValue,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownItems,
  UnknownValue,
  WeightList,
  type Value,
} from '../values';
import { configOf } from './config';
import { recordRun } from './gradients';
import { buildOnce } from './layer-calls';
import { linkModel } from './models';
import { nameIn, nameOf } from './names';
import { allWeights, setWeights, trainableWeights, weightsRead } from './weights';

/** What `unknownArguments` says of a parameter. */
const GIVEN = 'decided by a caller that is not known';

/** `tf.layers.kind(config)`. */
export function createLayer(
  m: Machine,
  kind: string,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
): Value {
  const config = kind.includes('.') || kind === 'Layer' ? null : configOf(m, args[0], node);
  if (!config) {
    m.silence(node, `\`${shortText(node)}\`: what layer this makes is not known`);
    return m.unknown(`\`${shortText(node)}\` is not followed`, node);
  }
  const wrapped =
    args[0] instanceof ObjectValue
      ? m.resolve(args[0].properties.get('layer') ?? args[0].properties.get('cell'))
      : undefined;
  const inner =
    wrapped instanceof LayerValue ? wrapped.layer : wrapped instanceof ModelValue ? linkModel(m, wrapped) : null;
  const layer = m.builder.layer(kind, config, { site: callSite(node), calls: m.callPath(), inner });
  m.events++;
  m.building++;
  // A list that holds a bias; without it tfjs refuses the list.
  if ((config.get('weights') ?? null) !== null)
    m.builder.weighted(layer, { kind: 'set', place: placeOf(node), from: null });
  return remember(m, new LayerValue(layer));
}

export function remember(m: Machine, value: LayerValue): LayerValue {
  m.layerValues.set(value.layer.id, value);
  return value;
}

/** `tf.input({shape})`. */
export function inputTensor(m: Machine, args: readonly Value[]): Value {
  const config = configOf(m, args[0]) ?? ConfigObject.empty;
  m.events++;
  const tensor = m.builder.input(inputShape(config));
  m.inputNames.set(tensor, nameIn(settleActing(m, args[0]), `input${tensor.id}.name`, 'input'));
  return new TensorValue(tensor, true);
}

/** The input shape that a config gives to its layer, batch axis first; null where there is none or it is not known. */
export function inputShape(config: ConfigObject): Shape | null {
  const batch = config.get('batchInputShape') ?? config.get('batchShape');
  if (Array.isArray(batch)) return (batch as ConfigValue[]).map(dimOf);
  const shape = config.get('inputShape') ?? config.get('shape');
  if (Array.isArray(shape)) return [null, ...(shape as ConfigValue[]).map(dimOf)];
  const dim = config.get('inputDim');
  if (typeof dim === 'number') return [null, dim];
  return null;
}

function dimOf(value: ConfigValue): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

/** The tensors that a layer or model is applied to; what is not known becomes an input of unknown shape. */
export function tensorsOf(m: Machine, argument: Value, node: ts.Node): TensorValue[] {
  const value = settleActing(m, argument);
  if (value instanceof TensorValue) return [value];
  if (value instanceof WeightList && value.single) return [new TensorValue(m.builder.input(null), false)];
  if (value instanceof ArrayValue) {
    return value.items.map((item) => {
      const settled = settleActing(m, item);
      if (settled instanceof TensorValue) return settled;
      if (settled instanceof Unknown && !(settled instanceof UnknownItems)) return m.tensorOf(settled);
      m.escape(settled, 'used as the input of a layer', node);
      return new TensorValue(m.builder.input(null), null);
    });
  }
  if (value instanceof Unknown) return [m.tensorOf(value)];
  m.escape(value, 'used as the input of a layer', node);
  return [new TensorValue(m.builder.input(null), null)];
}

/** Layers on the argument of a caller are judged on whatever it may be; elsewhere something has not been followed. */
function noteUnknownInputs(m: Machine, argument: Value, node: ts.Node): void {
  const value = m.resolve(argument);
  for (const item of value instanceof ArrayValue ? value.items : [value]) {
    const input = m.resolve(item);
    if (input instanceof Unknown && !input.reason.includes(GIVEN))
      m.silence(node, `\`${shortText(node)}\` is given something that is not known: ${input.reason}`);
  }
}

/** All symbolic, all data, or not known. */
export function symbolicOf(inputs: readonly TensorValue[]): boolean | null {
  if (inputs.some((input) => input.symbolic === true)) return true;
  return inputs.length > 0 && inputs.every((input) => input.symbolic === false) ? false : null;
}

/** The `training` flag of a call: given as true, as false, not given (undefined), or not known (null). */
export function trainingFlag(m: Machine, kwargs: Value): boolean | null | undefined {
  const value = m.steps.length > 0 ? settleActing(m, kwargs) : m.resolve(kwargs);
  if (value === undefined || value === null) return undefined;
  if (value instanceof ObjectValue) {
    if (value.properties.has('training')) return m.truth(value.properties.get('training'));
    return value.open ? null : undefined;
  }
  // What of an unknown object was asked for in the code may be decided in this world.
  if (value instanceof UnknownValue && value.properties.has('training'))
    return m.truth(value.properties.get('training'));
  // tfjs reads `kwargs.training`; anything but an object has none.
  return value instanceof Unknown || typeof value === 'object' ? null : undefined;
}

/** The statistics that batch norm uses in this run; see TFJS `BatchNormalization.call` (normalization.ts). */
export function modeOf(m: Machine, symbolic: boolean | null, flag: boolean | null | undefined): Mode | Unknown {
  if (symbolic === true) return 'caller';
  if (flag === null) return new Unknown('the training flag is not known');
  if (flag !== undefined) return flag ? 'batch' : 'stored';
  if (symbolic === false || m.steps.length > 0 || m.frames.some((frame) => frame.layerCall)) return 'stored';
  return 'caller';
}

export function applyLayer(
  m: Machine,
  value: LayerValue,
  args: readonly Value[],
  node: ts.CallExpression,
  api: 'apply' | 'call',
): Value {
  const inputs = tensorsOf(m, args[0], node);
  if (m.steps.length === 0) noteUnknownInputs(m, args[0], node);
  const symbolic = symbolicOf(inputs);
  const mode = modeOf(m, symbolic, trainingFlag(m, args[1]));
  if (mode instanceof Unknown && m.steps.length > 0) m.silence(node, mode.reason);
  if (value.instance && api === 'apply')
    buildOnce(
      m,
      value.instance,
      inputs.map(({ tensor }) => tensor.shape),
      node,
    );
  if (symbolic !== true) recordRun(m, value.layer, api, mode, args, node);
  if (symbolic !== false) m.building++;
  const outputs = m.builder.apply(
    { type: 'layer', layer: value.layer },
    inputs.map((input) => input.tensor),
    {
      mode: mode instanceof Unknown ? 'caller' : mode,
      place: placeOf(node),
    },
  );
  m.events++;
  const results = outputs.map((tensor) => new TensorValue(tensor, symbolic));
  const result = results.length === 1 ? results[0]! : new ArrayValue(results);
  value.results.push(result);
  value.arguments.push(args[0]);
  return result;
}

export function callLayerMethod(
  m: Machine,
  value: LayerValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  switch (name) {
    case 'apply':
    case 'call':
      return applyLayer(m, value, args, node, name);
    case 'getClassName':
      return classNameOf(value.layer.kind) ?? m.unknown('the name of a class', node);
    case 'getWeights':
      return weightsOfLayer(m, value, node);
    case 'setWeights':
      setWeights(m, [value.layer], args[0], node);
      return undefined;
    case 'build':
    case 'dispose':
    case 'setFastWeightInitDuringBuild':
      return undefined;
    case 'getConfig':
    case 'computeOutputShape':
    case 'countParams':
    case 'addWeight':
    case 'getOutputAt':
    case 'getInputAt':
      // A layer that is made from the config of another one has a bias where that has one.
      if (name === 'getConfig' && !isProperty(node)) m.escape(value, 'its config is read', node);
      if (name.startsWith('get') && name.endsWith('At')) m.escape(value, `\`${textOf(node.expression)}\``, node);
      return name === 'addWeight' ? weightOf(value) : m.unknown(`\`${name}\` of a layer`, node);
  }
  m.escape(value, `\`${name}\` of a layer is not followed`, node);
  for (const arg of args) m.escape(arg, `handed to \`${textOf(node.expression)}\``, node);
  return m.unknown(`\`${name}\` of a layer is not followed`, node);
}

/** Properties of tfjs's layers that are one of their weights. */
const SINGLE_WEIGHTS: ReadonlySet<string> = new Set([
  'kernel',
  'bias',
  'gamma',
  'beta',
  'movingMean',
  'movingVariance',
]);

export function layerProperty(m: Machine, value: LayerValue, name: string, node: ts.Node): Value {
  switch (name) {
    case 'output':
      return value.results.length === 1 ? value.results.items[0] : notOnce(m, value, node);
    case 'input':
      return value.arguments.length === 1 ? value.arguments.items[0] : notOnce(m, value, node);
    case 'trainableWeights':
      return trainableWeights(value.layer, isBuilt(value));
    case 'weights':
      return allWeights(value.layer, true, isBuilt(value));
    case 'trainable':
      return value.layer.trainable instanceof Unknown
        ? m.unknown('whether it is trainable', node)
        : value.layer.trainable;
    case 'name':
      return nameOf(m, value.layer);
    case 'apply':
    case 'call':
      return new NativeFunction(name, (args, call) =>
        call.node
          ? applyLayer(m, value, args, call.node as ts.CallExpression, name)
          : m.unknown('an application', node),
      );
  }
  if (name.endsWith('Shape') || name.endsWith('Spec') || name === 'built' || name === 'id' || name === 'dtype')
    return m.unknown(`\`${name}\` of a layer`, node);
  if (name === 'bias') weightsRead(m, value.layer, node);
  if (SINGLE_WEIGHTS.has(name)) return weightOf(value);
  const config = value.layer.config.get(name);
  if (typeof config === 'number' || typeof config === 'string' || typeof config === 'boolean') return config;
  return m.unknown(`\`${name}\` of a layer is not followed`, node);
}

/** One of the weights, which code names. */
function weightOf({ layer }: LayerValue): WeightList {
  return new WeightList([layer], { single: true, content: 'picked', settable: true });
}

/** `layer.getWeights()`: where it does not stay in code that is followed, it is read. */
function weightsOfLayer(m: Machine, value: LayerValue, node: ts.CallExpression): Value {
  const { parent } = node;
  const given =
    ts.isCallExpression(parent) && parent.expression !== node && !/setWeights\b/.test(textOf(parent.expression));
  if (given || ts.isReturnStatement(parent) || ts.isArrowFunction(parent)) weightsRead(m, value.layer, node);
  return allWeights(value.layer, false, isBuilt(value));
}

/** Whether a layer has its weights: tfjs makes them where it is applied first. */
function isBuilt({ results }: LayerValue): boolean {
  return results.length > 0;
}

function isProperty({ parent }: ts.Node): boolean {
  return ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
}

/** The tensor of a layer that was not applied exactly once: it may be any of them. */
function notOnce(m: Machine, value: LayerValue, node: ts.Node): Value {
  m.escape(value, 'its output is read, and it is not applied exactly once', node);
  return m.unknown('the output of a layer that is not applied exactly once', node);
}

export function setLayerProperty(m: Machine, value: LayerValue, name: string, assigned: Value, node: ts.Node): void {
  if (name === 'trainable') {
    const truth = m.truth(assigned);
    m.builder.setTrainable(value.layer, truth ?? new Unknown('whether it is trainable'));
    m.events++;
  } else if (name === 'bias' || name === 'kernel' || name === 'useBias' || name === 'activation') {
    m.escape(value, `\`${textOf(node)}\` is set`, node);
  } else if (SINGLE_WEIGHTS.has(name)) setWeights(m, [value.layer], assigned, node, weightOf(value));
}

export function memberOf(member: LayerValue | ModelValue): Layer | Model {
  return member instanceof LayerValue ? member.layer : member.model;
}
