import ts from 'typescript';
import { isModel, Unknown, type CallSite, type Layer, type Model, type Tensor } from '../../graph';
import { callUnknown } from '../call';
import { settleActing } from '../evaluate';
import type { Machine } from '../machine';
import { callSite, placeOf, shortText, textOf } from '../syntax';
import {
  ArrayValue,
  FunctionValue,
  LayerValue,
  ModelValue,
  NativeFunction,
  ObjectValue,
  TensorValue,
  UnknownItems,
  UnknownValue,
  type Value,
} from '../values';
import { recordRun } from './gradients';
import { buildOnce } from './layer-calls';
import { layerOrder } from './layer-order';
import { allWeights, setWeights, trainableWeights } from './weights';
import { nameIn, nameOf, nameOfInput } from './names';
import { inputShape, memberOf, modeOf, symbolicOf, tensorsOf, trainingFlag } from './layers';

/** `tf.sequential()`, `tf.sequential({layers: [...]})`. */
export function createSequential(
  m: Machine,
  args: readonly Value[],
  node: ts.Node,
  instance: ObjectValue | null = null,
): ModelValue {
  const model = m.builder.model('sequential', [], [], [], { site: siteOf(node), calls: m.callPath() });
  const config = settleActing(m, args[0]);
  // An array is no config.
  const named = nameIn(config instanceof ArrayValue ? undefined : config, `model${model.id}.name`, 'sequential_');
  const value = new ModelValue(model, named, true, [], instance);
  m.modelValues.set(model, value);
  m.events++;
  // An array is no config: tfjs makes an empty model of it.
  const layers =
    config instanceof ObjectValue
      ? settleActing(m, config.properties.get('layers'))
      : config instanceof Unknown
        ? config
        : undefined;
  if (layers instanceof ArrayValue) for (const item of layers.items) add(m, value, item, node);
  else if (layers instanceof Unknown || (config instanceof ObjectValue && config.open)) {
    add(m, value, m.unknown('layers that are not known', node), node);
  }
  return value;
}

function add(m: Machine, value: ModelValue, item: Value, node: ts.Node): void {
  m.building++;
  const settled = settleActing(m, item);
  const member = settled instanceof ObjectValue && settled.layer ? settled.layer : settled;
  m.events++;
  const { task } = m;
  if (!value.addedIn.value || task?.follows(value.addedIn.value)) value.addedIn.value = task;
  else {
    m.silence(node, 'layers are added before and after code that nobody waits for, in an order that is not known');
    escapeMembers(m, value, 'in a model whose order of layers is not known', node);
    value.sequence!.push(m.unknown('layers in an order that is not known', node));
  }
  if ((member instanceof LayerValue || member instanceof ModelValue) && holds(m, memberOf(member), value.model)) {
    m.silence(node, 'a model is added to itself, which tfjs refuses');
    for (const refused of [value, member])
      if (refused instanceof ModelValue) escapeMembers(m, refused, 'in a model that tfjs refuses', node);
    value.sequence!.push(m.unknown('the model itself, which tfjs refuses', node));
    return;
  }
  if (member instanceof LayerValue && value.sequence!.length === 0 && takeOver(m, value, member)) return;
  if (member instanceof LayerValue && member.instance) {
    const { outputs } = linkModel(m, value);
    buildOnce(m, member.instance, [outputs[0]?.shape ?? inputShape(member.layer.config)], node);
  }
  if (member instanceof LayerValue || member instanceof ModelValue || member instanceof UnknownValue)
    value.sequence!.push(member);
  else value.sequence!.push(m.unknown('something that is no layer', node));
  if (!(member instanceof LayerValue || member instanceof ModelValue)) {
    const added = value.sequence!.items[value.sequence!.length - 1] as UnknownValue;
    m.silence(node, `a layer that is not known is added: ${added.reason}`);
  }
}

/** A first layer that has been applied already: tfjs takes over that application with all that leads to it. */
function takeOver(m: Machine, value: ModelValue, member: LayerValue): boolean {
  for (const other of m.modelValues.values()) if (other.sequence?.items.includes(member)) linkModel(m, other);
  const [result, ...more] = member.results.items;
  if (!(result instanceof TensorValue) || result.symbolic !== true || more.length > 0) return false;
  const inputs = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const open = [result.tensor];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (tensor.producer) open.push(...tensor.producer.inputs);
    else inputs.add(tensor);
  }
  value.sequence!.push(member);
  value.members.push(member);
  value.linked.value = 1;
  m.builder.reshape(value.model, [...inputs], [result.tensor], [member.layer]);
  return true;
}

/** Whether a layer or model is this model or has it inside, however deep. */
function holds(m: Machine, member: Layer | Model, model: Model): boolean {
  if (!isModel(member)) return member.inner !== null && holds(m, member.inner, model);
  if (member === model) return true;
  const added = m.modelValues.get(member)?.sequence?.items ?? [];
  return [...member.members, ...added.flatMap((item) => (item instanceof UnknownValue ? [] : [memberOf(item)]))].some(
    (inner) => holds(m, inner, model),
  );
}

function siteOf(node: ts.Node): CallSite | null {
  return ts.isCallExpression(node) || ts.isNewExpression(node) ? callSite(node) : null;
}

/** `tf.model({inputs, outputs})`. */
export function createModel(
  m: Machine,
  args: readonly Value[],
  node: ts.Node,
  instance: ObjectValue | null = null,
): ModelValue | UnknownValue {
  const config = settleActing(m, args[0]);
  if (!(config instanceof ObjectValue) || !config.properties.has('inputs')) {
    m.silence(node, `\`${shortText(node)}\`: what the model is made from is not known`);
    m.escape(config, 'made into a model that is not followed', node);
    return m.unknown('a model made from something that is not known', node);
  }
  const inputs = tensorsOf(m, config.properties.get('inputs'), node).map((value) => value.tensor);
  const outputs = tensorsOf(m, config.properties.get('outputs'), node).map((value) => value.tensor);
  const members = membersBetween(m, inputs, outputs);
  const model = m.builder.model('functional', inputs, outputs, members.map(memberOf), {
    site: siteOf(node),
    calls: m.callPath(),
  });
  const named = nameIn(config, `model${model.id}.name`, 'model');
  // A class of the author's may have a name of its own.
  const isPlain = instance === null || typeof named === 'string';
  const name = isPlain ? named : m.unknown('a name that is not known', node);
  const value = new ModelValue(model, name, false, members, instance);
  m.building++;
  m.modelValues.set(model, value);
  m.events++;
  return value;
}

/** The layers and models on the way from the inputs to the outputs, in order of first application. */
function membersBetween(
  m: Machine,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): (LayerValue | ModelValue)[] {
  const ends = new Set(inputs);
  const seen = new Set<Tensor>();
  const found = new Map<Layer | Model, number>();
  const open = [...outputs];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (seen.has(tensor) || ends.has(tensor)) continue;
    seen.add(tensor);
    const producer = tensor.producer;
    if (!producer) continue;
    const { target } = producer;
    const member = target.type === 'layer' ? target.layer : target.type === 'model' ? target.model : null;
    if (member) found.set(member, Math.min(found.get(member) ?? Infinity, producer.id));
    open.push(...producer.inputs);
  }
  return [...found.entries()]
    .sort((a, b) => a[1] - b[1])
    .flatMap(([member]) => {
      const value = 'members' in member ? m.modelValues.get(member) : m.layerValues.get(member.id);
      return value ? [value] : [];
    });
}

/** Applies what has been added to a sequential model and is not in the graph yet. */
export function linkModel(m: Machine, value: ModelValue): Model {
  const { model, sequence } = value;
  if (!sequence || value.linked.value === sequence.length) return model;
  let inputs = model.inputs;
  let current: Tensor | undefined = model.outputs[0];
  for (const member of sequence.items.slice(value.linked.value)) {
    if (!current) {
      const shape =
        member instanceof LayerValue
          ? inputShape(member.layer.config)
          : member instanceof ModelValue
            ? (linkModel(m, member).inputs[0]?.shape ?? null)
            : null;
      current = m.builder.input(shape);
      if (member instanceof LayerValue) m.inputNames.set(current, nameOfInput(m, member.layer));
      inputs = [current];
    }
    current = link(m, member, current);
    if (!(member instanceof UnknownValue)) value.members.push(member);
  }
  value.linked.value = sequence.length;
  m.builder.reshape(model, inputs, current ? [current] : [], value.members.items.map(memberOf));
  return model;
}

function link(m: Machine, member: LayerValue | ModelValue | UnknownValue, input: Tensor): Tensor {
  if (member instanceof LayerValue) {
    const place = member.layer.site ? { file: member.layer.site.file, ...member.layer.site.call } : null;
    const outputs = m.builder.apply({ type: 'layer', layer: member.layer }, [input], { place });
    const values = outputs.map((tensor) => new TensorValue(tensor, true));
    member.results.push(values.length === 1 ? values[0] : new ArrayValue(values));
    member.arguments.push(new TensorValue(input, true));
    return outputs[0] ?? m.builder.input(null);
  }
  if (member instanceof ModelValue) {
    const model = linkModel(m, member);
    return m.builder.apply({ type: 'model', model }, [input])[0] ?? m.builder.input(null);
  }
  return (
    m.builder.apply({ type: 'unknown', reason: member.reason }, [input], { place: member.place })[0] ??
    m.builder.input(null)
  );
}

function applyModel(
  m: Machine,
  value: ModelValue,
  args: readonly Value[],
  node: ts.CallExpression,
  api: 'predict' | 'predictOnBatch' | 'apply' | 'call',
): Value {
  const model = linkModel(m, value);
  const inputs = tensorsOf(m, args[0], node);
  const predicting = api === 'predict' || api === 'predictOnBatch';
  const symbolic = predicting ? false : symbolicOf(inputs);
  const mode = predicting ? 'stored' : modeOf(m, symbolic, trainingFlag(m, args[1]));
  if (mode instanceof Unknown && m.steps.length > 0) m.silence(node, mode.reason);
  // On an unknown input the model's own outputs are observed all the same: nothing is gained by linking it.
  const composing = symbolic === true;
  let outputs: readonly Tensor[];
  if (composing) {
    outputs = m.builder.apply(
      { type: 'model', model },
      inputs.map((input) => input.tensor),
      { place: placeOf(node) },
    );
  } else {
    // On data the model's own outputs are what is observed; what it gives here is data again.
    recordRun(m, model, api, mode, args, node);
    outputs = model.outputs.map((output) => m.builder.input(output.shape));
  }
  m.events++;
  const results = outputs.map((tensor) => new TensorValue(tensor, composing ? symbolic : false));
  return results.length === 1 ? results[0]! : new ArrayValue(results);
}

export function callModelMethod(
  m: Machine,
  value: ModelValue,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  const place = placeOf(node);
  switch (name) {
    case 'add':
      if (value.sequence) add(m, value, args[0], node);
      return undefined;
    case 'pop':
      return pop(m, value);
    case 'apply':
    case 'predict':
    case 'predictOnBatch':
    case 'call':
      return applyModel(m, value, args, node, name);
    case 'fit':
    case 'fitDataset':
    case 'trainOnBatch':
      linkModel(m, value);
      m.builder.trained(value.model, { api: name, place });
      m.events++;
      m.trainings++;
      return m.unknown(`the result of \`${name}\``, node);
    case 'loadWeights':
      m.builder.weighted(value.model, { kind: 'loaded', place, from: null });
      m.events++;
      return undefined;
    case 'setWeights': {
      setWeights(m, [value.model], args[0], node);
      return undefined;
    }
    case 'getWeights':
      return weightsOf(m, value, false);
    case 'getLayer':
      return getLayer(m, value, args, node);
    case 'compile':
    case 'summary':
    case 'build':
    case 'dispose':
    case 'resetStates':
      return undefined;
    case 'save':
    case 'evaluate':
    case 'evaluateDataset':
    case 'toJSON':
    case 'countParams':
    case 'getConfig':
    case 'getClassName':
    case 'getOptimizer':
    case 'makeTrainFunction':
    case 'setUserDefinedMetadata':
      return m.unknown(`the result of \`${name}\` of a model`, node);
  }
  m.silence(node, `\`${name}\` of a model is not followed`);
  return callUnknown(m, value, name, args, node);
}

function pop(m: Machine, value: ModelValue): Value {
  if (!value.sequence || value.sequence.length === 0) return undefined;
  const last = value.sequence.items.at(-1);
  value.sequence.edit().pop();
  if (value.linked.value <= value.sequence.length) return undefined;
  const { model, members } = value;
  const before = model.outputs[0]?.producer?.inputs ?? [];
  if (!(last instanceof UnknownValue)) members.edit().pop();
  value.linked.value = value.sequence.length;
  m.events++;
  m.builder.reshape(
    model,
    value.linked.value > 0 ? model.inputs : [],
    value.linked.value > 0 ? before : [],
    members.items.map(memberOf),
  );
  return undefined;
}

function escapeMembers(m: Machine, value: ModelValue, reason: string, node: ts.Node): void {
  linkModel(m, value);
  for (const member of value.members.items) m.escape(member, reason, node);
}

function getLayer(m: Machine, value: ModelValue, args: readonly Value[], node: ts.Node): Value {
  linkModel(m, value);
  const [name, index] = args.map((arg) => m.resolve(arg));
  if (typeof name === 'string') {
    const found = layersOf(m, value, node).find((part) => nameOfPart(m, part) === name);
    if (found !== undefined) return found;
  } else {
    const at = typeof index === 'number' ? index : typeof name === 'number' ? name : null;
    const found = at === null ? undefined : layersOf(m, value, node)[at];
    if (found) return found;
  }
  escapeMembers(m, value, 'a layer is picked by a name that is not known', node);
  return m.unknown('a layer picked by a name that is not known', node);
}

/** The name of something that stands in `model.layers`. */
function nameOfPart(m: Machine, part: Value): Value {
  if (part instanceof LayerValue) return nameOf(m, part.layer);
  if (part instanceof ModelValue) return m.resolve(part.properties.get('name') ?? part.name);
  return part instanceof UnknownValue ? m.resolve(part.properties.get('name')) : null;
}

/** What stands in `model.layers`; a functional model has the layers of its inputs among them. */
function layersOf(m: Machine, value: ModelValue, node: ts.Node): Value[] {
  if (value.sequence) return [...value.members.items];
  return layerOrder(linkModel(m, value)).map((part): Value => {
    if (!('producer' in part))
      return value.members.items.find((member) => memberOf(member) === part) ?? m.unknown('a layer', node);
    const unknown = m.unknown('the layer of an input', node);
    const tensor = new TensorValue(part, true);
    unknown.properties.set('name', m.inputNames.get(part) ?? m.unknown('the name of an input', node));
    for (const name of ['input', 'output']) unknown.properties.set(name, tensor);
    for (const name of ['trainableWeights', 'weights']) unknown.properties.set(name, new ArrayValue([]));
    return unknown;
  });
}

function weightsOf(m: Machine, value: ModelValue, settable: boolean): Value {
  return allWeights(linkModel(m, value), settable);
}

export function modelProperty(m: Machine, value: ModelValue, name: string, node: ts.Node): Value {
  const tensors = (list: readonly Tensor[]): TensorValue[] => list.map((tensor) => new TensorValue(tensor, true));
  const oneOrAll = (list: TensorValue[]): Value => (list.length === 1 ? list[0] : new ArrayValue(list));
  switch (name) {
    case 'inputs':
      return new ArrayValue(tensors(linkModel(m, value).inputs));
    case 'outputs':
      return new ArrayValue(tensors(linkModel(m, value).outputs));
    case 'input':
      return oneOrAll(tensors(linkModel(m, value).inputs));
    case 'output':
      return oneOrAll(tensors(linkModel(m, value).outputs));
    case 'layers': {
      linkModel(m, value);
      const hidden = value.sequence?.items.some((member) => member instanceof UnknownValue) ?? false;
      if (!hidden) return new ArrayValue(layersOf(m, value, node));
      const unknown = m.unknown('layers that are not known', node);
      return new ArrayValue([...value.members.items, new UnknownItems(unknown.reason, unknown.id, unknown.place)]);
    }
    case 'trainableWeights':
      return trainableWeights(linkModel(m, value));
    case 'weights':
      return weightsOf(m, value, true);
    case 'name':
      return nameOfPart(m, value);
    case 'trainable':
      return value.model.trainable instanceof Unknown
        ? m.unknown('whether it is trainable', node)
        : value.model.trainable;
    case 'add':
    case 'fit':
    case 'getLayer':
    case 'predict':
    case 'apply':
      return new NativeFunction(name, (args, call) =>
        callModelMethod(m, value, name, args, (call.node ?? node) as ts.CallExpression),
      );
  }
  if (value.properties.has(name)) return value.properties.get(name);
  return m.unknown(`\`${textOf(node)}\` is not followed`, node);
}

export function setModelProperty(m: Machine, value: ModelValue, name: string, assigned: Value, node: ts.Node): void {
  if (name === 'trainable') {
    const truth = m.truth(assigned);
    m.builder.setTrainable(linkModel(m, value), truth ?? new Unknown('whether it is trainable'));
    m.events++;
  } else {
    value.properties.set(name, assigned);
    if (!(assigned instanceof FunctionValue)) m.escape(assigned, `stored in \`${textOf(node)}\``, node);
  }
}
