import { placeKey, type Layer, type ModelGraph, type Tensor, type World } from '../graph';
import { batchNorms, modelsHolding } from './membership';
import { sitePlace } from './wording';

/**
 * What the code of other files does to a batch norm, or to a variable, that a module makes: there is one of it for all
 * files, and the worlds of one file do not show what the others do.
 */
export class Elsewhere {
  /** What is changed, to the files in whose runs it is. */
  private readonly changed = new Map<string, Set<string>>();

  constructor(worlds: readonly World[]) {
    const roots = new Set(worlds.map(({ root }) => root));
    if (roots.size < 2) return;
    for (const { graph, root } of worlds) {
      if (root === null) continue;
      for (const norm of changedNorms(graph)) this.note(layerKey(norm), root);
      for (const tensor of graph.tensors) if (isAssigned(tensor)) this.note(variableKey(tensor), root);
    }
  }

  /** Whether other code than that of this world updates, sets or freezes a batch norm. */
  changes(norm: Layer, { root }: World): boolean {
    return this.has(layerKey(norm), root);
  }

  /** Whether other code than that of this world gives a variable other numbers. */
  assigns(variable: Tensor, { root }: World): boolean {
    return this.has(variableKey(variable), root);
  }

  private note(key: string | null, root: string): void {
    if (key === null) return;
    const roots = this.changed.get(key);
    if (roots) roots.add(root);
    else this.changed.set(key, new Set([root]));
  }

  private has(key: string | null, root: string | null): boolean {
    if (key === null || root === null) return false;
    return [...(this.changed.get(key) ?? [])].some((other) => other !== root);
  }
}

/** The batch norms that a graph shows to be updated, set or frozen, or perhaps so. */
function changedNorms(graph: ModelGraph): ReadonlySet<Layer> {
  const found = new Set<Layer>();
  for (const { runs } of graph.steps)
    for (const { mode, target } of runs) if (mode !== 'stored') for (const norm of batchNorms(target)) found.add(norm);
  for (const layer of graph.layers) {
    if (layer.kind !== 'batchNormalization') continue;
    const models = modelsHolding(graph, layer);
    const changes = [layer, ...models].some(
      ({ trainable, updates, weights, escapes }) =>
        trainable !== true ||
        updates.length > 0 ||
        weights.some(({ kind }) => kind === 'copied' || kind === 'set') ||
        escapes.some(({ handed }) => handed),
    );
    if (changes || models.some(({ trainings }) => trainings.length > 0)) found.add(layer);
  }
  return found;
}

function isAssigned({ uses }: Tensor): boolean {
  return uses.some(({ target }) => target.type === 'op' && target.name === 'assign');
}

/** The same for what the same calls make in the runs of different files. */
function layerKey({ site, calls, ordinal }: Layer): string | null {
  const place = sitePlace(site);
  return place && `${[place, ...calls].map(placeKey).join(' < ')} #${ordinal}`;
}

function variableKey({ made }: Tensor): string | null {
  return made?.place ? `variable ${placeKey(made.place)}` : null;
}
