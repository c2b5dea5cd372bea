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

/** The models of a graph that hold `part`, at any depth. */
export function modelsHolding(graph: ModelGraph, part: Layer | Model): Model[] {
  return graph.models.filter((model) => contents(model).has(part));
}
