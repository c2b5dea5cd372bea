import { isModel, type Layer, type Model, type ModelGraph } from '../graph';

/** Everything that a layer or model holds, itself included, in order: members, what wrappers wrap, nested models. */
export function contents(subject: Layer | Model): ReadonlySet<Layer | Model> {
  const found = new Set<Layer | Model>();
  const visit = (part: Layer | Model): void => {
    if (found.has(part)) return;
    found.add(part);
    if (isModel(part)) part.members.forEach(visit);
    else if (part.inner !== null) visit(part.inner);
  };
  visit(subject);
  return found;
}

/** The batch norms that `subject` holds. */
export function batchNorms(subject: Layer | Model): Layer[] {
  return [...contents(subject)].filter((part): part is Layer => !isModel(part) && part.kind === 'batchNormalization');
}

const holders = new WeakMap<ModelGraph, Map<Layer | Model, Model[]>>();

/** The models of a finished graph that hold `part`, at any depth. */
export function modelsHolding(graph: ModelGraph, part: Layer | Model): readonly Model[] {
  let known = holders.get(graph);
  if (known === undefined) {
    holders.set(graph, (known = new Map()));
    for (const model of graph.models) {
      for (const held of contents(model)) {
        const list = known.get(held);
        if (list === undefined) known.set(held, [model]);
        else list.push(model);
      }
    }
  }
  return known.get(part) ?? [];
}
