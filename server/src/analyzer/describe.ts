import { biasFate, biasParameters, type BiasFate, type Layer, type ModelGraph, type Shape, type World } from '../graph';
import type { LayerDescription } from './types';

/** One layer that a call creates, in one world, and all that is known of it. */
export interface LayerFacts {
  readonly layer: Layer;
  /** Known shapes of its outputs, each once. */
  readonly outputShapes: readonly Shape[];
  readonly parameters: number | null;
  readonly biasParameters: number | null;
  readonly fate: BiasFate;
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
    bias: biasSentence(facts.map((fact) => fact.fate)),
  };
}

export function layerFacts(graph: ModelGraph, layer: Layer): LayerFacts {
  const applications = graph.applications.filter(({ target }) => target.type === 'layer' && target.layer === layer);
  const inputs = applications[0]?.inputs.map((tensor) => tensor.shape) ?? [];
  const shapes = applications.flatMap(({ outputs }) => outputs.map((tensor) => tensor.shape));
  return {
    layer,
    outputShapes: unique(shapes.filter((shape): shape is Shape => shape !== null)),
    parameters: null,
    biasParameters: biasParameters(layer, inputs),
    fate: biasFate(graph, layer, { callerMode: 'batch' }),
  };
}

function biasSentence(fates: readonly BiasFate[]): string {
  const redundant = fates.filter((fate) => fate.kind === 'redundant').length;
  const needed = fates.find((fate) => fate.kind === 'needed');
  const unknown = fates.find((fate) => fate.kind === 'unknown');
  if (redundant === fates.length) return 'Its bias is redundant: in training, batch normalization subtracts it again.';
  if (redundant > 0)
    return `Its bias is redundant in ${redundant} of ${fates.length} ways in which this call makes a layer, and needed or not known in the others.`;
  if (needed) return `Its bias is needed: ${sentence(needed.reason)}`;
  if (unknown) return `What happens to its bias is not known: ${sentence(unknown.reason)}`;
  return 'It has no bias.';
}

function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function agreed(values: readonly (number | null)[]): number | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

function unique(shapes: readonly Shape[]): readonly Shape[] {
  return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}
