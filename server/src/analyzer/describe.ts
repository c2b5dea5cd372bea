import { biasFate, describeFate, layerParameters, type Bias, type BiasFate, type Layer } from '../graph';
import type { ModelGraph, Shape, World } from '../graph';
import { cancellingNorms } from '../rules/biases';
import { mayTrainOnStored } from '../rules/stored-training';
import type { BiasRow } from './outline-rows';
import { whyUnknown } from './silences';
import type { LayerDescription } from './types';

/** What becomes of a bias in one world. */
export interface BiasFacts {
  readonly fate: BiasFate;
  /** Batch norm would cancel the bias, but a training step as it is written may run it on stored statistics. */
  readonly muted: boolean;
}

/** One layer that a call creates, in one world, and all that is known of it. */
export interface LayerFacts extends BiasFacts {
  readonly layer: Layer;
  /** Known shapes of its outputs, each once. */
  readonly outputShapes: readonly Shape[];
  readonly parameters: number | null;
  readonly biasParameters: number | null;
}

/** What the call around `offset` creates, over all worlds; null where no layer is created there. */
export function describeLayer(worlds: readonly World[], file: string, offset: number): LayerDescription | null {
  let innermost: { start: number; end: number } | null = null;
  for (const { graph } of worlds) {
    for (const { site } of graph.layers) {
      if (site?.file !== file || offset < site.call.start || offset > site.call.end) continue;
      if (!innermost || site.call.end - site.call.start < innermost.end - innermost.start) innermost = site.call;
    }
  }
  if (!innermost) return null;
  const { start, end } = innermost;
  const facts: LayerFacts[] = [];
  for (const { graph } of worlds) {
    for (const layer of graph.layers) {
      const { site } = layer;
      if (site?.file === file && site.call.start === start && site.call.end === end)
        facts.push(layerFacts(graph, layer));
    }
  }
  return {
    place: { file, start, end },
    kind: facts[0]!.layer.kind,
    outputShapes: unique(facts.flatMap((fact) => fact.outputShapes)),
    parameters: agreed(facts.map((fact) => fact.parameters)),
    biasParameters: agreed(facts.map((fact) => fact.biasParameters)),
    bias: facts.some(({ muted }) => muted) ? MUTED : biasSentence(facts.map((fact) => fact.fate)),
  };
}

export function layerFacts(graph: ModelGraph, layer: Layer): LayerFacts {
  const applications = graph.applications.filter(({ target }) => target.type === 'layer' && target.layer === layer);
  const inputs = applications[0]?.inputs.map((tensor) => tensor.shape) ?? [];
  const { total, bias } = layerParameters(layer, inputs);
  const shapes = applications.flatMap(({ outputs }) => outputs.map((tensor) => tensor.shape));
  return {
    layer,
    outputShapes: unique(shapes.filter((shape): shape is Shape => shape !== null)),
    parameters: total,
    biasParameters: bias,
    ...biasFacts(graph, layer),
  };
}

export function biasFacts(graph: ModelGraph, bias: Bias): BiasFacts {
  const fate = biasFate(graph, bias, { callerMode: 'batch' });
  return { fate, muted: fate.kind === 'redundant' && mayTrainOnStored({ graph }, bias, cancellingNorms(fate)) };
}

/** The same for one row of an outline; null where there is no bias, or nothing to say of it. */
export function biasRow(bias: Bias, { fate, muted }: BiasFacts): BiasRow | null {
  const unknown = whyUnknown(bias, fate);
  if (unknown !== null) return { verdict: 'unknown', reason: unknown };
  if (fate.kind === 'redundant') return { verdict: 'redundant', onBatchStatisticsOnly: muted };
  return fate.kind === 'needed' ? { verdict: 'needed' } : null;
}

const MUTED =
  'Its bias would do nothing if batch norm ran on batch statistics, but a training step runs it on stored ones.';

/** One sentence over all layers that a call makes; where they differ, how many are redundant. */
function biasSentence(fates: readonly BiasFate[]): string {
  const redundant = fates.filter(({ kind }) => kind === 'redundant').length;
  if (redundant === 0 || redundant === fates.length) {
    const order: readonly BiasFate['kind'][] = ['redundant', 'needed', 'unknown', 'none'];
    return describeFate([...fates].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0]!);
  }
  return `Its bias does nothing in ${redundant} of the ${fates.length} layers that this call makes; in the others it is needed or not known.`;
}

function agreed(values: readonly (number | null)[]): number | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

function unique(shapes: readonly Shape[]): readonly Shape[] {
  return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}
