import { isModel, type Layer, type Model, type ModelGraph } from '../graph';

/** Everything that a layer or model holds, itself included: members, what wrappers wrap, nested models. */
export function contents(subject: Layer | Model): ReadonlySet<Layer | Model> {
  const found = new Set<Layer | Model>();
  const pending = [subject];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    if (isModel(next)) pending.push(...next.members);
    else if (next.inner !== null) pending.push(next.inner);
  }
  return found;
}

/** The batch norms that `subject` holds. */
export function batchNorms(subject: Layer | Model): Layer[] {
  return [...contents(subject)].filter((part): part is Layer => !isModel(part) && part.kind === 'batchNormalization');
}

/** The models of a graph that hold `part`, at any depth. */
export function modelsHolding(graph: ModelGraph, part: Layer | Model): Model[] {
  return graph.models.filter((model) => contents(model).has(part));
}
