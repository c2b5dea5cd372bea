import { placeKey, type Layer, type ModelGraph, type Place } from '../graph';
import { contents, modelsHolding } from '../rules/membership';
import { sitePlace } from '../rules/wording';
import type { Run } from './runs';

/** Code that may take gradient steps through a model that it gets from somewhere. */
export interface Trainer {
  readonly file: string;
  /** The method that it calls, by the name of a function that runs a model on stored statistics. */
  readonly method: string;
}

/**
 * Who may train what is made at a place through a method that runs it by `predict`: then batch norm subtracts a number
 * that does not depend on the batch, and cancels nothing. A file that takes steps may get a model through an interface,
 * so that nobody sees both; the name of the method is all there is to go by.
 *
 * @param runs those that bear on the place
 * @param called by file, the methods that it calls where it takes gradient steps
 * @returns null where nothing speaks for it, or where it is seen which steps run the model
 */
export function trainerOf(
  place: Place,
  runs: readonly Run[],
  called: Iterable<readonly [file: string, methods: ReadonlySet<string>]>,
): Trainer | null {
  const key = placeKey(place);
  const graphs = runs.flatMap(({ recovered }) => recovered?.worlds.map(({ graph }) => graph) ?? []);
  if (graphs.some((graph) => runsInStep(graph, key))) return null;
  const fits = graphs.some((graph) => isFitted(graph, key));
  const predicting = new Set(runs.flatMap(({ recovered }) => recovered?.predicting ?? []));
  // Models of tfjs have a method of that name: of one that `fit` trains, it says too little.
  if (fits) predicting.delete('predict');
  for (const [file, methods] of called) {
    const method = [...predicting].find((name) => methods.has(name));
    if (method !== undefined) return { file, method };
  }
  return null;
}

function madeAt({ layers }: ModelGraph, key: string): readonly Layer[] {
  return layers.filter(({ site }) => site !== null && placeKey(sitePlace(site)) === key);
}

/** Whether a graph shows a gradient step that runs what is made at a place. */
function runsInStep(graph: ModelGraph, key: string): boolean {
  const layers = madeAt(graph, key);
  return graph.steps.some(({ runs }) => runs.some(({ target }) => layers.some((layer) => contents(target).has(layer))));
}

/** Whether a graph shows what is made at a place to be trained by tfjs's own loop. */
function isFitted(graph: ModelGraph, key: string): boolean {
  return madeAt(graph, key).some((layer) => modelsHolding(graph, layer).some(({ trainings }) => trainings.length > 0));
}
