import type * as tfjs from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import {
  biasFate,
  layerParameters,
  variableCount,
  type Application,
  type BiasFate,
  type Layer,
  type ModelGraph,
  type VariableCount,
} from '../../server/src/graph';
import type { Arithmetic } from './arithmetic';
import type { RealGraph } from './build';
import { biasedLayers, measureBiases, type MeasureOptions, type Measurement } from './measure';

/**
 * A dependence may not show in one draw of weights and data (a relu that is open everywhere, a gate that is shut by large
 * inputs): then others are tried.
 */
const DRAWS = Array.from({ length: 16 }, (_, index) => ({ seed: index + 7, scale: [1, 1, 0.1, 0.01][index % 4]! }));

/** How many biased layers were compared, and which of them are said to be needed and make no difference in any draw. */
export interface Compared {
  readonly layers: number;
  readonly unseen: readonly string[];
}

/**
 * Compares what the graph says of every biased layer with what tfjs does.
 *
 * @throws AssertionError where they differ, but for a bias that is needlessly said to be needed: that is counted
 */
export function compareWithTfjs(
  arithmetic: Arithmetic,
  graph: ModelGraph,
  name: string,
  options: Partial<MeasureOptions> = {},
): Compared {
  const fates = new Map(biasedLayers(graph).map((layer) => [layer, biasFate(graph, layer, { callerMode: 'batch' })]));
  let open = [...fates].filter(([, fate]) => fate.kind !== 'none').map(([layer]) => layer);
  const layers = open.length;
  for (const draw of DRAWS) {
    const { real, measured } = measureBiases(arithmetic.tf, graph, open, { ...draw, training: true, ...options });
    const settled = open.filter((layer) => isSettled(layer, fates.get(layer)!, measured.get(layer)!, arithmetic, name));
    open = open.filter((layer) => !settled.includes(layer));
    if (draw === DRAWS[0] && [...measured.values()].every(({ kind }) => kind !== 'threw'))
      compareShapes(real, graph, name);
    real.dispose();
    if (open.length === 0) break;
  }
  return { layers, unseen: open.map((layer) => said(layer, fates.get(layer)!, name)) };
}

function said(layer: Layer, fate: BiasFate, name: string): string {
  return `${name}: ${layer.kind} is said to be ${fate.kind} (${'reason' in fate ? fate.reason : ''})`;
}

/** Whether a measurement settles that the fate is right; not so where it has no difference to show for one that needs it. */
function isSettled(
  layer: Layer,
  fate: BiasFate,
  measured: Measurement,
  { rounding, dependence }: Arithmetic,
  name: string,
): boolean {
  const claim = said(layer, fate, name);
  if (measured.kind === 'threw') {
    assert.equal(fate.kind, 'unknown', `${claim}; tfjs throws ${measured.message}`);
    return true;
  }
  if (fate.kind === 'needed') return measured.value > dependence;
  if (fate.kind === 'unknown') assert.equal(fate.reason, 'no batch norm subtracts it', `${claim}; tfjs runs it`);
  assert.ok(measured.value < rounding, `${claim}; measured difference ${measured.value}`);
  return true;
}

function compareShapes(real: RealGraph, graph: ModelGraph, name: string): void {
  for (const application of graph.applications) compareApplication(real, application, name);
  for (const model of graph.models) compareVariables(variableCount(model), real.model(model), `${name}: model`);
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
  const layer = real.layer(target.layer);
  assert.equal(count, layer.countParams(), `${name}: parameters of ${target.layer.kind}`);
  compareVariables(variableCount(target.layer), layer, `${name}: ${target.layer.kind}`);
}

function compareVariables(counted: VariableCount, real: tfjs.layers.Layer, name: string): void {
  const expected = { all: real.getWeights().length, trainable: real.trainableWeights.length };
  assert.deepEqual(counted, expected, `variables of ${name}`);
  assert.equal(real.weights.length, expected.all);
}
