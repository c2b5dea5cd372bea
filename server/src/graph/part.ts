import type { ConfigObject } from './config';
import {
  isModel,
  type Application,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
  type Target,
  type Tensor,
  type WeightSource,
} from './model';

/** Whatever a graph is made of. */
export type GraphPart = Layer | Application | Tensor | Model | GradientStep;

/**
 * A copy of the parts of a graph that hang together with a chosen part. What hangs together can change each other's
 * verdict; what does not hang together with it cannot, and is left out. Ids are given anew, in the old order.
 *
 * @param chosen whether a part is one of those that the copy is about
 * @param config what a layer's config is in the copy
 */
export function connectedPart(
  graph: ModelGraph,
  chosen: (part: GraphPart) => boolean,
  config: (config: ConfigObject) => ConfigObject,
): ModelGraph {
  const wanted = connectedWith(graph, chosen);
  const layers = new Map<Layer, Layer>();
  const tensors = new Map<Tensor, Tensor>();
  const models = new Map<Model, Model>();
  const applications = new Map<Application, Application>();
  const member = (old: Layer | Model): Layer | Model => (isModel(old) ? models.get(old)! : layers.get(old)!);
  const target = (old: Target): Target => {
    if (old.type === 'layer') return { type: 'layer', layer: layers.get(old.layer)! };
    if (old.type === 'model') return { type: 'model', model: models.get(old.model)! };
    return old.type === 'op' ? { ...old, attributes: config(old.attributes) } : old;
  };

  // Parts that mention each other are made first and filled afterwards.
  for (const old of graph.layers) {
    if (wanted.layer(old))
      layers.set(old, {
        ...old,
        id: layers.size,
        config: config(old.config),
        inner: null,
        updates: [...old.updates],
        escapes: [...old.escapes],
      });
  }
  for (const old of graph.models) {
    if (!wanted.model(old)) continue;
    models.set(old, {
      ...old,
      id: models.size,
      trainings: [...old.trainings],
      updates: [...old.updates],
      escapes: [...old.escapes],
    });
  }
  for (const old of graph.tensors) {
    if (wanted.tensor(old))
      tensors.set(old, { ...old, id: tensors.size, producer: null, uses: [], escapes: [...old.escapes] });
  }
  const tensor = (old: Tensor): Tensor => tensors.get(old)!;
  for (const old of graph.applications) {
    if (!wanted.application(old)) continue;
    const made: Application = {
      ...old,
      id: applications.size,
      target: target(old.target),
      inputs: old.inputs.map(tensor),
      outputs: old.outputs.map(tensor),
    };
    applications.set(old, made);
    for (const output of made.outputs) (output as { producer: Application | null }).producer = made;
    for (const input of new Set(made.inputs)) (input.uses as Application[]).push(made);
  }
  const sources = (old: Layer | Model): WeightSource[] =>
    old.weights.map((source) => ({ ...source, from: source.from && models.get(source.from)! }));
  for (const [old, made] of layers)
    Object.assign(made, { inner: old.inner && member(old.inner), weights: sources(old) });
  for (const [old, made] of models) {
    Object.assign(made, {
      inputs: old.inputs.map(tensor),
      outputs: old.outputs.map(tensor),
      members: old.members.map(member),
      weights: sources(old),
    });
  }
  const steps = graph.steps.filter(wanted.step).map((old, id) => ({
    ...old,
    id,
    variables: Array.isArray(old.variables) ? (old.variables as (Layer | Model)[]).map(member) : old.variables,
    frozen: old.frozen.filter((part) => (isModel(part) ? models.has(part) : layers.has(part))).map(member),
    runs: old.runs.map((run) => ({
      ...run,
      target: member(run.target),
      within: run.within && { ...run.within, layers: run.within.layers.map((layer) => layers.get(layer)!) },
    })),
    ops: old.ops.map((op) => ({ ...op, application: applications.get(op.application)! })),
  }));
  return {
    layers: [...layers.values()],
    applications: [...applications.values()],
    tensors: [...tensors.values()],
    models: [...models.values()],
    steps,
  };
}

/** Whether a part hangs together with a chosen one, by kind and id. */
interface Wanted {
  readonly layer: (part: Layer) => boolean;
  readonly application: (part: Application) => boolean;
  readonly tensor: (part: Tensor) => boolean;
  readonly model: (part: Model) => boolean;
  readonly step: (part: GradientStep) => boolean;
}

/** Tells which parts hang together with a chosen one: union-find over all parts, which are numbered kind by kind. */
function connectedWith(graph: ModelGraph, chosen: (part: GraphPart) => boolean): Wanted {
  const { layers, applications, tensors, models, steps } = graph;
  const firstApplication = layers.length;
  const firstTensor = firstApplication + applications.length;
  const firstModel = firstTensor + tensors.length;
  const firstStep = firstModel + models.length;
  const parents = Int32Array.from({ length: firstStep + steps.length }, (_, at) => at);
  const root = (at: number): number => {
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!;
    return at;
  };
  const join = (a: number, b: number): void => void (parents[root(a)] = root(b));
  const member = (part: Layer | Model): number => (isModel(part) ? firstModel + part.id : part.id);
  for (const layer of layers) {
    if (layer.inner) join(layer.id, member(layer.inner));
    for (const { from } of layer.weights) if (from) join(layer.id, firstModel + from.id);
  }
  for (const { id, target, inputs, outputs } of applications) {
    if (target.type === 'layer') join(firstApplication + id, target.layer.id);
    else if (target.type === 'model') join(firstApplication + id, firstModel + target.model.id);
    for (const tensor of inputs) join(firstApplication + id, firstTensor + tensor.id);
    for (const tensor of outputs) join(firstApplication + id, firstTensor + tensor.id);
  }
  for (const model of models) {
    const at = firstModel + model.id;
    for (const tensor of model.inputs) join(at, firstTensor + tensor.id);
    for (const tensor of model.outputs) join(at, firstTensor + tensor.id);
    for (const part of model.members) join(at, member(part));
    for (const { from } of model.weights) if (from) join(at, firstModel + from.id);
  }
  for (const step of steps) {
    for (const { target, within } of step.runs) {
      join(firstStep + step.id, member(target));
      for (const layer of within?.layers ?? []) join(firstStep + step.id, layer.id);
    }
    for (const { application } of step.ops) join(firstStep + step.id, firstApplication + application.id);
    if (Array.isArray(step.variables))
      for (const part of step.variables as (Layer | Model)[]) join(firstStep + step.id, member(part));
  }
  const wanted = new Uint8Array(parents.length);
  const choose = (parts: readonly GraphPart[], first: number): void => {
    for (const part of parts) if (chosen(part)) wanted[root(first + part.id)] = 1;
  };
  choose(layers, 0);
  choose(applications, firstApplication);
  choose(tensors, firstTensor);
  choose(models, firstModel);
  choose(steps, firstStep);
  const among = (first: number) => (part: GraphPart) => wanted[root(first + part.id)] === 1;
  return {
    layer: among(0),
    application: among(firstApplication),
    tensor: among(firstTensor),
    model: among(firstModel),
    step: among(firstStep),
  };
}
