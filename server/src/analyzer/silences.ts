import {
  addedBiases,
  GraphIndex,
  isAdded,
  originOf,
  type Bias,
  type BiasFate,
  biasFate,
  isBatchNormOp,
  isUnknown,
  placeKey,
  type Layer,
  type ModelGraph,
  type Place,
  type Silence,
  type World,
} from '../graph';
import { addedName } from '../rules/added-bias';
import { Elsewhere } from '../rules/elsewhere';
import { stepRuns } from '../rules/stored-training';
import type { LeftOut, Mention } from '../recover';

/** Ways of a tensor that are uses of it like any other, or that recovery has named a silence for. */
const PLAIN_USES = /^(the loss|given back to|its data is read|used in|handed to)/;
/** The fate of what no batch norm ever sees: there is nothing to say of it. */
const UNNORMALISED = 'no batch norm subtracts it';

/**
 * Why layers and biases of this file are not judged although batch norm is about: what a bias does is not known, layers are
 * never applied, or their outputs go where they cannot be followed.
 */
export function unjudged(worlds: readonly World[], file: string): readonly Silence[] {
  const silences = new Map<string, Silence>();
  const note = (place: Place, reason: string): void =>
    void silences.set(`${placeKey(place)} ${reason}`, { place, reason });
  const idle = new Map<string, Silence>();
  const busy = new Set<string>();
  for (const { graph } of worlds) {
    if (!hasBatchNorm(graph)) continue;
    for (const layer of graph.layers) {
      if (layer.site?.file !== file) continue;
      const place = placeOf(layer);
      const key = placeKey(place);
      if (GraphIndex.of(graph).isUnused(layer)) {
        idle.set(key, { place, reason: `this ${layer.kind} is not applied to anything` });
        continue;
      }
      busy.add(key);
      const reason = whyUnknown(layer, biasFate(graph, layer, { callerMode: 'batch' }));
      if (reason !== null) note(place, `what the bias of this ${layer.kind} does is not known: ${reason}`);
    }
    for (const bias of addedBiases(graph)) {
      const site = originOf(bias)?.site;
      if (site?.file !== file) continue;
      const reason = whyUnknown(bias, biasFate(graph, bias, { callerMode: 'batch' }));
      if (reason !== null)
        note({ file, ...site.call }, `what the bias ${addedName(bias)} does is not known: ${reason}`);
    }
    for (const { producer, escapes } of graph.tensors) {
      for (const { place, reason } of producer ? escapes : [])
        if (place?.file === file && !PLAIN_USES.test(reason))
          note(place, `a tensor is not followed further: ${reason}`);
    }
  }
  for (const [key, silence] of idle) if (!busy.has(key)) note(silence.place, silence.reason);
  return [...silences.values()];
}

/**
 * Why runs of batch norm on stored statistics in training steps are not judged, at the call, and at what leaves it open
 * where that stands elsewhere. Where the list of variables is not known, or what the call is handed, recovery tells.
 */
export function undecided(worlds: readonly World[], file: string): readonly Silence[] {
  const elsewhere = new Elsewhere(worlds);
  return worlds
    .flatMap((world) => stepRuns(world, elsewhere))
    .flatMap(({ step, run, verdict }) => {
      if (!isUnknown(verdict) || verdict === step.variables || run.mode !== 'stored' || run.deliberate) return [];
      const { reason, place } = verdict;
      const call = { file: run.site.file, ...run.site.call };
      const found = [{ place: call, reason: `\`${run.api}\` on stored statistics is not judged: ${reason}` }];
      if (place)
        found.push({ place, reason: `what a training step runs on stored statistics is not judged: ${reason}` });
      return found;
    })
    .filter(({ place }) => place.file === file);
}

/**
 * The calls of a file that make layers or normalise and stand in no world, where nothing else says why: code that is left
 * out calls them, or no code that is followed does.
 *
 * @param mentions all such calls of the file
 * @param silences what is known to be silent in the file already
 */
export function unreached(
  mentions: readonly Mention[],
  leftOut: readonly LeftOut[],
  worlds: readonly World[],
  silences: readonly Silence[],
): readonly Silence[] {
  const reached = new Set<string>();
  for (const { graph } of worlds) {
    for (const { site } of graph.layers) if (site) reached.add(startKey({ file: site.file, ...site.call }));
    for (const { target } of graph.applications)
      if (target.type === 'op' && target.call)
        reached.add(startKey({ file: target.call.site.file, ...target.call.site.call }));
  }
  return mentions
    .filter(({ place }) => !reached.has(startKey(place)))
    .filter(
      ({ place }) => !silences.some((silence) => silence.place.start <= place.end && place.start <= silence.place.end),
    )
    .map(({ place, text, normalises }) => {
      const left = comingTo(place, leftOut);
      const why = left
        ? `${left.name}, which comes here, is left out: ${left.reason}`
        : normalises
          ? 'no tensor that is followed comes here'
          : 'no code that is followed comes here';
      return { place, reason: `\`${text}\` is not judged: ${why}` };
    });
}

/** Code that is left out and calls the functions around a place; what it does with what is made there is not known. */
export function comingTo({ file, start, end }: Place, leftOut: readonly LeftOut[]): LeftOut | null {
  const holds = (around: Place): boolean => around.file === file && around.start <= start && end <= around.end;
  return leftOut.find(({ functions }) => functions.some(holds)) ?? null;
}

function startKey({ file, start }: Place): string {
  return `${file}:${start}`;
}

/** Why the fate of a bias is not known; null where it is, or where there is nothing to say of it. */
export function whyUnknown(bias: Bias, fate: BiasFate): string | null {
  if (fate.kind !== 'unknown' || fate.reason === UNNORMALISED) return null;
  // What a layer class of the author's adds, its own code shows.
  if (!isAdded(bias) && bias.kind.startsWith('custom:')) return null;
  return fate.reason.replace(
    /`custom:(\w+)` is not (known|a layer of tfjs)/,
    'what the layer class `$1` computes is not known',
  );
}

function hasBatchNorm(graph: ModelGraph): boolean {
  return (
    graph.layers.some(({ kind }) => kind === 'batchNormalization') ||
    graph.applications.some(({ target }) => target.type === 'op' && isBatchNormOp(target.name))
  );
}

function placeOf({ site }: Layer): Place {
  return { file: site!.file, ...site!.call };
}
