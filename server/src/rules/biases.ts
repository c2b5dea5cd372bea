import {
  addedBiases,
  addedTensor,
  biasFate,
  biasParameters,
  GraphIndex,
  isAdded,
  originOf,
  placeKey,
  type AddedBias,
  type Bias,
  type BiasFate,
  type BiasOrigin,
  type CallSite,
  type Decision,
  type Layer,
  type World,
} from '../graph';
import { telling } from './conditions';
import { mayTrainOnStored } from './stored-training';
import { bySite, distinct, sitePlace } from './wording';

/** One bias that a site creates or adds in one world, and what becomes of it in training. */
export interface BiasOccurrence {
  readonly world: World;
  readonly bias: Bias;
  readonly fate: BiasFate;
  readonly origin: BiasOrigin;
  /** The same for corresponding biases of different worlds: the calls that led here, and which bias of those. */
  readonly key: string;
  /** It is redundant only on batch statistics, and a gradient step may train it on stored ones. */
  readonly muted: boolean;
}

export type RedundantOccurrence = BiasOccurrence & { readonly fate: Extract<BiasFate, { kind: 'redundant' }> };

export type BiasVerdict =
  /** Needed, or not known, in a way that no condition tells apart. */
  | { readonly kind: 'silent' }
  /** Redundant every time. */
  | { readonly kind: 'plain' }
  /** Redundant exactly where these decisions are taken. */
  | { readonly kind: 'conditional'; readonly decisions: readonly Decision[] }
  /** Redundant in `redundant` of `total` cases, whatever the decisions. */
  | {
      readonly kind: 'partial';
      readonly redundant: number;
      readonly total: number;
      /** `calls` where the calls of the helper around the site tell them apart. */
      readonly unit: 'calls' | 'layers' | 'uses';
      readonly needed: readonly BiasOccurrence[];
    };

/** One call that creates or adds biases, judged over all that come of it in all worlds. */
export interface BiasSite {
  readonly site: CallSite;
  readonly verdict: BiasVerdict;
  readonly redundant: readonly RedundantOccurrence[];
  /** A bias of this site has work to do in some training step as it is written. */
  readonly muted: boolean;
}

const judged = new WeakMap<readonly World[], readonly BiasSite[]>();

/** Judges every site of a bias that is redundant somewhere. */
export function judgeBiases(worlds: readonly World[]): readonly BiasSite[] {
  let sites = judged.get(worlds);
  if (sites === undefined) {
    sites = bySite(occurrences(worlds), ({ origin }) => origin.site).flatMap(judgeSite);
    judged.set(worlds, sites);
  }
  return sites;
}

/** The parameters of all biases that these occurrences stand for, each counted once; null: not known. */
export function parametersOf(occurrences: readonly BiasOccurrence[]): number | null {
  let sum = 0;
  // One variable may be added in several places.
  const same = ({ bias, key }: BiasOccurrence): unknown => (isAdded(bias) ? placeKeyOf(bias) : null) ?? key;
  for (const { world, bias } of distinct(
    distinct(occurrences, ({ key }) => key),
    same,
  )) {
    const parameters = parametersOfOne(world, bias);
    if (parameters === null) return null;
    sum += parameters;
  }
  return sum;
}

function placeKeyOf(bias: AddedBias): string | null {
  const place = addedTensor(bias).made?.place;
  return place ? `${placeKey(place)} ${addedTensor(bias).id}` : null;
}

function parametersOfOne({ graph }: World, bias: Bias): number | null {
  if (isAdded(bias)) {
    const sizes = addedTensor(bias).shape ?? [null];
    return sizes.reduce((product, size) => (product === null || size === null ? null : product * size), 1);
  }
  const index = GraphIndex.of(graph);
  const application = index.running(bias)[0] ?? index.wrapping(bias).flatMap((outer) => index.running(outer))[0];
  return biasParameters(bias, application?.inputs.map(({ shape }) => shape) ?? []);
}

function occurrences(worlds: readonly World[]): BiasOccurrence[] {
  const found: BiasOccurrence[] = [];
  for (const world of worlds) {
    for (const bias of [...world.graph.layers, ...addedBiases(world.graph)]) {
      const origin = originOf(bias);
      if (origin === null) continue;
      const fate = biasFate(world.graph, bias, { callerMode: 'batch' });
      if (fate.kind === 'none') continue;
      // Its bias is nobody's, and speaks neither for nor against.
      if (fate.kind === 'unknown' && !isAdded(bias) && GraphIndex.of(world.graph).isUnused(bias)) continue;
      const key = `${placeKey(sitePlace(origin.site))} < ${origin.calls.map(placeKey).join(' < ')} #${origin.ordinal}`;
      const muted = fate.kind === 'redundant' && mayTrainOnStored(world, bias, cancellingNorms(fate));
      found.push({ world, bias, fate, origin, key, muted });
    }
  }
  return found;
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
  return [{ site: redundant[0]!.origin.site, verdict: verdictOf(occurrences), redundant, muted }];
}

function verdictOf(occurrences: readonly BiasOccurrence[]): BiasVerdict {
  const others = occurrences.filter((occurrence) => !isRedundant(occurrence));
  if (others.length === 0) return { kind: 'plain' };
  // Training and inference of one model, in one piece of code: without the bias, both would be without it.
  if (others.some(({ fate }) => fate.kind === 'needed' && fate.stored)) return { kind: 'silent' };
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
  const byCall = fates(occurrences, ({ origin }) => {
    const call = origin.calls.at(-1);
    return call === undefined ? '' : placeKey(call);
  });
  const one = isAdded(occurrences[0]!.bias) ? 'uses' : 'layers';
  const [groups, unit] = byCall === null ? ([byKey, one] as const) : ([byCall, 'calls'] as const);
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
