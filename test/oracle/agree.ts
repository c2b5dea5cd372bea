import assert from 'node:assert/strict';
import {
  biasFate,
  layerParameters,
  type Application,
  type BiasFate,
  type Layer,
  type ModelGraph,
} from '../../server/src/graph';
import type { RealGraph, Tf } from './build';
import { biasedLayers, measureBiases, type MeasureOptions, type Measurement } from './measure';

/** Differences below are rounding. */
const ROUNDING = 1e-4;
/** Differences above are dependence. */
const DEPENDENCE = 1e-3;

/**
 * A dependence may hardly show in one draw of the weights (a relu that is open everywhere, a softmax of a softmax): then
 * others are tried, and with the last one it is enough that it is more than rounding.
 */
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 7);

/** Compares what the graph says of every biased layer with what tfjs does; returns how many layers were compared. */
export function compareWithTfjs(
  tf: Tf,
  graph: ModelGraph,
  name: string,
  options: Partial<MeasureOptions> = {},
): number {
  const fates = new Map(biasedLayers(graph).map((layer) => [layer, biasFate(graph, layer, { callerMode: 'batch' })]));
  let open = [...fates].filter(([, fate]) => fate.kind !== 'none').map(([layer]) => layer);
  const compared = open.length;
  for (const seed of SEEDS) {
    const { real, measured } = measureBiases(tf, graph, open, { seed, training: true, ...options });
    const last = seed === SEEDS.at(-1);
    const hidden = (layer: Layer) => fates.get(layer)!.kind === 'needed' && !last && isSmall(measured.get(layer)!);
    for (const layer of open.filter((entry) => !hidden(entry)))
      agree(layer, fates.get(layer)!, measured.get(layer)!, name);
    open = open.filter(hidden);
    if (seed === SEEDS[0] && [...measured.values()].every(({ kind }) => kind !== 'threw'))
      compareShapes(real, graph, name);
    real.dispose();
    if (open.length === 0) break;
  }
  return compared;
}

function isSmall(measured: Measurement): boolean {
  return measured.kind === 'difference' && measured.value <= DEPENDENCE;
}

function agree(layer: Layer, fate: BiasFate, measured: Measurement, name: string): void {
  const said = `${name}: ${layer.kind} is said to be ${fate.kind} (${'reason' in fate ? fate.reason : ''})`;
  if (measured.kind === 'threw') return assert.equal(fate.kind, 'unknown', `${said}; tfjs throws ${measured.message}`);
  const found = `measured difference ${measured.value}`;
  if (fate.kind === 'unknown') {
    assert.equal(fate.reason, 'no batch norm subtracts it', `${said}; tfjs runs it`);
    assert.ok(measured.value < ROUNDING, `${said}; ${found}`);
  } else if (fate.kind === 'redundant') assert.ok(measured.value < ROUNDING, `${said}; ${found}`);
  else assert.ok(measured.value > ROUNDING, `${said}; ${found}`);
}

function compareShapes(real: RealGraph, graph: ModelGraph, name: string): void {
  for (const application of graph.applications) compareApplication(real, application, name);
}

function compareApplication(real: RealGraph, { target, inputs, outputs }: Application, name: string): void {
  for (const output of outputs) {
    if (output.shape === null) continue;
    assert.deepEqual(output.shape, real.shape(output), `${name}: shape after ${JSON.stringify(target.type)}`);
  }
  if (target.type !== 'layer' || outputs.some((output) => output.shape === null)) return;
  const count = layerParameters(
    target.layer,
    inputs.map((input) => input.shape),
  ).total;
  assert.equal(count, real.layer(target.layer).countParams(), `${name}: parameters of ${target.layer.kind}`);
}
