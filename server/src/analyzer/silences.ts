import {
  GraphIndex,
  type BiasFate,
  biasFate,
  isBatchNormOp,
  placeKey,
  type Layer,
  type ModelGraph,
  type Place,
  type Silence,
  type World,
} from '../graph';

/** Ways of a tensor that are uses of it like any other, or that recovery has named a silence for. */
const PLAIN_USES = /^(the loss|given back to|its data is read|used in|handed to)/;
/** The fate of what no batch norm ever sees: there is nothing to say of it. */
const UNNORMALISED = 'no batch norm subtracts it';

/**
 * Why layers of this file are not judged although batch norm is about: their biases have an unknown fate, they are never
 * applied, or their outputs go where they cannot be followed.
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
    for (const { producer, escapes } of graph.tensors) {
      for (const { place, reason } of producer ? escapes : [])
        if (place?.file === file && !PLAIN_USES.test(reason))
          note(place, `a tensor is not followed further: ${reason}`);
    }
  }
  for (const [key, silence] of idle) if (!busy.has(key)) note(silence.place, silence.reason);
  return [...silences.values()];
}

/** Why the fate of a layer's bias is not known; null where it is, or where there is nothing to say of it. */
export function whyUnknown(layer: Layer, fate: BiasFate): string | null {
  // What a layer class of the author's adds, its own code shows.
  if (fate.kind !== 'unknown' || fate.reason === UNNORMALISED || layer.kind.startsWith('custom:')) return null;
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
