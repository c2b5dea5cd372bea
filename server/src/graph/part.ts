import type { ConfigObject } from './config';
import { isModel, type Application, type Layer, type Model, type ModelGraph, type Target, type Tensor } from './model';

/** Whatever a graph is made of. */
export type GraphPart = Layer | Application | Tensor | Model | ModelGraph['steps'][number];

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
    if (wanted(old))
      layers.set(old, { ...old, id: layers.size, config: config(old.config), inner: null, escapes: [...old.escapes] });
  }
  for (const old of graph.models) {
    if (!wanted(old)) continue;
    models.set(old, { ...old, id: models.size, trainings: [...old.trainings], escapes: [...old.escapes] });
  }
  for (const old of graph.tensors) {
    if (wanted(old))
      tensors.set(old, { ...old, id: tensors.size, producer: null, uses: [], escapes: [...old.escapes] });
  }
  const tensor = (old: Tensor): Tensor => tensors.get(old)!;
  for (const old of graph.applications) {
    if (!wanted(old)) continue;
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
  for (const [old, made] of layers) if (old.inner) (made as { inner: Layer['inner'] }).inner = member(old.inner);
  for (const [old, made] of models) {
    Object.assign(made, {
      inputs: old.inputs.map(tensor),
      outputs: old.outputs.map(tensor),
      members: old.members.map(member),
      weights: old.weights.map((source) => ({ ...source, from: source.from && models.get(source.from)! })),
    });
  }
  const steps = graph.steps.filter(wanted).map((old, id) => ({
    ...old,
    id,
    variables: Array.isArray(old.variables) ? (old.variables as (Layer | Model)[]).map(member) : old.variables,
    runs: old.runs.map((run) => ({ ...run, target: member(run.target) })),
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

/** Tells which parts hang together with a chosen one: union-find over all parts. */
function connectedWith(graph: ModelGraph, chosen: (part: GraphPart) => boolean): (part: GraphPart) => boolean {
  const lists: readonly (readonly GraphPart[])[] = [
    graph.layers,
    graph.applications,
    graph.tensors,
    graph.models,
    graph.steps,
  ];
  const index = new Map<GraphPart, number>();
  for (const list of lists) for (const part of list) index.set(part, index.size);
  const parents = Int32Array.from({ length: index.size }, (_, at) => at);
  const root = (at: number): number => {
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!;
    return at;
  };
  const join = (a: GraphPart, b: GraphPart): void => {
    parents[root(index.get(a)!)] = root(index.get(b)!);
  };
  for (const layer of graph.layers) if (layer.inner) join(layer, layer.inner);
  for (const application of graph.applications) {
    const { target, inputs, outputs } = application;
    if (target.type === 'layer') join(application, target.layer);
    else if (target.type === 'model') join(application, target.model);
    for (const tensor of inputs) join(application, tensor);
    for (const tensor of outputs) join(application, tensor);
  }
  for (const model of graph.models) {
    for (const list of [model.inputs, model.outputs, model.members]) for (const part of list) join(model, part);
    for (const { from } of model.weights) if (from) join(model, from);
  }
  for (const step of graph.steps) {
    for (const { target } of step.runs) join(step, target);
    for (const { application } of step.ops) join(step, application);
    if (Array.isArray(step.variables)) for (const part of step.variables as (Layer | Model)[]) join(step, part);
  }
  const roots = new Set<number>();
  for (const [part, at] of index) if (chosen(part)) roots.add(root(at));
  return (part) => roots.has(root(index.get(part)!));
}
