import {
  biasFate,
  biasParameters,
  GraphIndex,
  placeKey,
  type BiasFate,
  type CallSite,
  type Decision,
  type Layer,
  type World,
} from '../graph';
import { telling } from './conditions';
import { mayTrainOnStored } from './stored-training';
import { distinct, sitePlace } from './wording';

/** One layer that a site creates in one world, and what becomes of its bias when the model trains. */
export interface BiasOccurrence {
  readonly world: World;
  readonly layer: Layer;
  readonly fate: BiasFate;
  /** The same for corresponding layers of different worlds: the calls that led here, and which layer of those. */
  readonly key: string;
  /** It is redundant only on batch statistics, and a gradient step may train it on stored ones. */
  readonly muted: boolean;
}

export type RedundantOccurrence = BiasOccurrence & { readonly fate: Extract<BiasFate, { kind: 'redundant' }> };

export type BiasVerdict =
  /** Needed, or not known, in a way that no condition tells apart. */
  | { readonly kind: 'silent' }
  /** Redundant in every layer that the site creates. */
  | { readonly kind: 'plain' }
  /** Redundant exactly where these decisions are taken. */
  | { readonly kind: 'conditional'; readonly decisions: readonly Decision[] }
  /** Redundant in `redundant` of `total` layers, whatever the decisions. */
  | {
      readonly kind: 'partial';
      readonly redundant: number;
      readonly total: number;
      /** `calls` where the calls of the helper around the site tell them apart. */
      readonly unit: 'calls' | 'layers';
      readonly needed: readonly BiasOccurrence[];
    };

/** One creating call, judged over all layers that it creates in all worlds. */
export interface BiasSite {
  readonly site: CallSite;
  readonly verdict: BiasVerdict;
  readonly redundant: readonly RedundantOccurrence[];
  /** A bias of this site has work to do in some training step as it is written. */
  readonly muted: boolean;
}

const judged = new WeakMap<readonly World[], readonly BiasSite[]>();

/** Judges every site that creates a layer whose bias is redundant somewhere. */
export function judgeBiases(worlds: readonly World[]): readonly BiasSite[] {
  let sites = judged.get(worlds);
  if (sites === undefined) {
    sites = [...occurrencesBySite(worlds).values()].flatMap(judgeSite);
    judged.set(worlds, sites);
  }
  return sites;
}

/** The parameters of the biases of all layers that these occurrences stand for, each counted once; null: not known. */
export function parametersOf(occurrences: readonly BiasOccurrence[]): number | null {
  let sum = 0;
  for (const { world, layer } of distinct(occurrences, ({ key }) => key)) {
    const index = GraphIndex.of(world.graph);
    const application = index.running(layer)[0] ?? index.wrapping(layer).flatMap((outer) => index.running(outer))[0];
    const shapes = application?.inputs.map(({ shape }) => shape) ?? [];
    const parameters = biasParameters(layer, shapes);
    if (parameters === null) return null;
    sum += parameters;
  }
  return sum;
}

function occurrencesBySite(worlds: readonly World[]): Map<string, BiasOccurrence[]> {
  const sites = new Map<string, BiasOccurrence[]>();
  for (const world of worlds) {
    for (const layer of world.graph.layers) {
      if (layer.site === null) continue;
      const fate = biasFate(world.graph, layer, { callerMode: 'batch' });
      if (fate.kind === 'none') continue;
      const siteKey = placeKey(sitePlace(layer.site));
      const path = `${siteKey} < ${layer.calls.map(placeKey).join(' < ')}`;
      // Its bias is nobody's, and speaks neither for nor against.
      if (fate.kind === 'unknown' && GraphIndex.of(world.graph).isUnused(layer)) continue;
      const muted = fate.kind === 'redundant' && mayTrainOnStored(world, layer, cancellingNorms(fate));
      const occurrence = { world, layer, fate, key: `${path} #${layer.ordinal}`, muted };
      const known = sites.get(siteKey);
      if (known === undefined) sites.set(siteKey, [occurrence]);
      else known.push(occurrence);
    }
  }
  return sites;
}

/** The layers that subtract a redundant bias. */
export function cancellingNorms(fate: RedundantOccurrence['fate']): Layer[] {
  return fate.cancelledBy.flatMap(({ target }) => (target.type === 'layer' ? [target.layer] : []));
}

function isRedundant(occurrence: BiasOccurrence): occurrence is RedundantOccurrence {
  return occurrence.fate.kind === 'redundant';
}

function judgeSite(occurrences: readonly BiasOccurrence[]): BiasSite[] {
  const redundant = occurrences.filter(isRedundant);
  if (redundant.length === 0) return [];
  const muted = redundant.some((occurrence) => occurrence.muted);
  return [{ site: redundant[0]!.layer.site!, verdict: verdictOf(occurrences), redundant, muted }];
}

function verdictOf(occurrences: readonly BiasOccurrence[]): BiasVerdict {
  const others = occurrences.filter((occurrence) => !isRedundant(occurrence));
  if (others.length === 0) return { kind: 'plain' };
  const worldsOf = (some: readonly BiasOccurrence[]): World[] => distinct(some.map(({ world }) => world));
  const decisions = telling(worldsOf(occurrences.filter(isRedundant)), worldsOf(others));
  if (decisions !== null) return { kind: 'conditional', decisions };
  if (others.some(({ fate }) => fate.kind === 'unknown')) return { kind: 'silent' };
  return partial(occurrences);
}

/** Worth saying only where each corresponding layer fares the same in all worlds. */
function partial(occurrences: readonly BiasOccurrence[]): BiasVerdict {
  const byKey = fates(occurrences, ({ key }) => key);
  if (byKey === null) return { kind: 'silent' };
  const byCall = fates(occurrences, ({ layer }) => {
    const call = layer.calls.at(-1);
    return call === undefined ? '' : placeKey(call);
  });
  const [groups, unit] = byCall === null ? ([byKey, 'layers'] as const) : ([byCall, 'calls'] as const);
  const all = [...groups.values()];
  return {
    kind: 'partial',
    redundant: all.filter(isRedundant).length,
    total: all.length,
    unit,
    needed: all.filter((occurrence) => !isRedundant(occurrence)),
  };
}

/** The first occurrence of each group; null where a group holds both redundant and needed ones. */
function fates(
  occurrences: readonly BiasOccurrence[],
  group: (occurrence: BiasOccurrence) => string,
): Map<string, BiasOccurrence> | null {
  const groups = new Map<string, BiasOccurrence>();
  for (const occurrence of occurrences) {
    const first = groups.get(group(occurrence));
    if (first === undefined) groups.set(group(occurrence), occurrence);
    else if (isRedundant(first) !== isRedundant(occurrence)) return null;
  }
  return groups;
}
