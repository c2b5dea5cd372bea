import type { Application, ModelGraph, Tensor } from '../../../server/src/graph';
import { madeName, shownInputs, targetName, type Names } from './compare';

/** Rounds of refinement; what is further away than that no longer tells tensors apart. */
const ROUNDS = 10;

/**
 * Colours the tensors of a graph by what makes them and what they go into, near and far (Weisfeiler and Leman 1968).
 * With the same `ids`, tensors of two graphs have the same colour where nothing tells them apart; two graphs with the
 * same colours equally often have the same edges.
 */
export function colours(graph: ModelGraph, names: Names, ids: Map<string, number>): Map<Tensor, number> {
  const idOf = (text: string): number => {
    let id = ids.get(text);
    if (id === undefined) ids.set(text, (id = ids.size));
    return id;
  };
  const ends = new Map<Tensor, string[]>();
  const note = (tensor: Tensor, text: string): void => {
    const list = ends.get(tensor);
    if (list) list.push(text);
    else ends.set(tensor, [text]);
  };
  for (const model of graph.models) {
    model.inputs.forEach((tensor, at) => note(tensor, `input ${at} of ${names.of(model)}`));
    model.outputs.forEach((tensor, at) => note(tensor, `output ${at} of ${names.of(model)}`));
  }
  const counted = graph.tensors.filter(
    (tensor) =>
      tensor.producer !== null || ends.has(tensor) || tensor.uses.some((use) => shownInputs(use).includes(tensor)),
  );
  const what = new Map<Application, string>();
  for (const application of graph.applications)
    what.set(application, `${targetName(application, names)} ${application.mode}`);
  let now = new Map<Tensor, number>();
  for (const tensor of counted) {
    const made = tensor.made ? madeName(tensor.made) : '';
    now.set(tensor, idOf(`end ${made} ${(ends.get(tensor) ?? []).sort().join()}`));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const applied = new Map<Application, string>();
    for (const application of graph.applications) {
      const inputs = shownInputs(application).map((tensor) => now.get(tensor));
      applied.set(
        application,
        `${what.get(application)!}(${inputs.join()})${application.outputs.map((tensor) => now.get(tensor)).join()}`,
      );
    }
    const next = new Map<Tensor, number>();
    for (const tensor of counted) {
      const { producer } = tensor;
      const made = producer ? `${producer.outputs.indexOf(tensor)} of ${applied.get(producer)!}` : '';
      const uses = tensor.uses.map((use) => `${shownInputs(use).indexOf(tensor)} of ${applied.get(use)!}`).sort();
      next.set(tensor, idOf(`${round} ${now.get(tensor)} ${made} > ${uses.join(' ')}`));
    }
    now = next;
  }
  return now;
}
