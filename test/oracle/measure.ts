import type * as tfjs from '@tensorflow/tfjs';
import { catalog, type Layer, type Model, type ModelGraph, type Shape, type Tensor } from '../../server/src/graph';
import { RealGraph, type Tf } from './build';
import { normals, randomStream, withRandom } from './random';

const BATCH = 4;

export interface MeasureOptions {
  readonly seed: number;
  readonly training: boolean;
  /** The standard deviation of model inputs. */
  readonly scale?: number;
  /** Fills a model input with numbers of about N(0, 1); such numbers by default. */
  readonly fill?: (shape: readonly number[], next: () => number) => number[];
}

/** What the bias of one layer does to the outputs of the models around it, as measured. */
export type Measurement =
  | { readonly kind: 'threw'; readonly message: string }
  /** The greatest difference that the bias makes, over the greatest value of that output (at least 0.1). */
  | { readonly kind: 'difference'; readonly value: number };

/**
 * Runs every model of a graph on tfjs with all weights drawn at random, and then again for each of the
 * given layers, with numbers of N(0, 2) added to its bias. The same data, other weights and noise in all runs.
 */
export function measureBiases(
  tf: Tf,
  graph: ModelGraph,
  layers: readonly Layer[],
  options: MeasureOptions,
): { readonly real: RealGraph; readonly measured: ReadonlyMap<Layer, Measurement> } {
  const real = new RealGraph(tf, graph);
  const measured = new Map<Layer, Measurement>();
  try {
    for (const model of graph.models) real.model(model);
    tf.tidy(() => {
      drawWeights(real, options.seed);
      const before: Outputs = layers.length > 0 ? runModels(tf, real, graph.models, options) : new Map();
      for (const layer of layers) measured.set(layer, measureBias(tf, real, layer, before, options));
    });
  } catch (error) {
    for (const layer of layers) measured.set(layer, { kind: 'threw', message: String(error) });
  }
  return { real, measured };
}

/** Kernels are scaled so that outputs keep about unit variance. */
function drawWeights(real: RealGraph, seed: number): void {
  const next = randomStream(seed);
  const done = new Set<tfjs.LayerVariable>();
  for (const layer of real.graph.layers) {
    if (!real.built.has(layer)) continue;
    for (const variable of real.weights(layer)) {
      if (done.has(variable)) continue;
      done.add(variable);
      variable.write(drawn(real, variable, next));
    }
  }
}

function drawn(real: RealGraph, variable: tfjs.LayerVariable, next: () => number): tfjs.Tensor {
  const shape = variable.shape as number[];
  const size = shape.reduce((product, length) => product * length, 1);
  const name = variable.originalName.split('/').pop()!;
  const fanIn = size / shape.at(-1)!;
  const sd = /kernel/.test(name) ? 1 / Math.sqrt(fanIn) : 0.3;
  const values = normals(size, sd, next);
  if (/gamma/.test(name)) values.forEach((value, index) => (values[index] = 1 + value));
  if (/variance/.test(name)) values.forEach((value, index) => (values[index] = 0.5 + Math.abs(value)));
  return real.tensorOf(values, shape);
}

function measureBias(tf: Tf, real: RealGraph, layer: Layer, before: Outputs, options: MeasureOptions): Measurement {
  // A layer that no model needs: nothing of it can be seen.
  if (!real.runs(layer)) return { kind: 'difference', value: 0 };
  const biases = real.weights(layer).filter((variable) => variable.originalName.endsWith('bias'));
  if (biases.length === 0) throw new Error(`layer ${layer.kind} has no bias in tfjs`);
  const next = randomStream(options.seed + 2);
  const kept = biases.map((variable) => variable.read().clone());
  for (const [index, variable] of biases.entries()) {
    const shape = variable.shape as number[];
    variable.write(kept[index]!.add(real.tensorOf(normals(shape[0]!, 2, next), shape)));
  }
  const own = new Set<unknown>(biases);
  const concerned = real.graph.models.filter((model) => real.model(model).weights.some((weight) => own.has(weight)));
  const measurement = compare(runModels(tf, real, concerned, options), before);
  biases.forEach((variable, index) => variable.write(kept[index]!));
  return measurement;
}

type Outputs = ReadonlyMap<Tensor, readonly number[]>;

/** Every output of some models, each model run on inputs of its own. */
function runModels(tf: Tf, real: RealGraph, models: readonly Model[], options: MeasureOptions): Outputs {
  const outputs = new Map<Tensor, readonly number[]>();
  for (const model of models) {
    const results = withRandom(options.seed, () => runModel(tf, real, model, options));
    model.outputs.forEach((tensor, index) => outputs.set(tensor, results[index]!));
  }
  return outputs;
}

function runModel(tf: Tf, real: RealGraph, model: Model, options: MeasureOptions): readonly (readonly number[])[] {
  const next = randomStream(options.seed + 1);
  const { scale = 1 } = options;
  const fill =
    options.fill ??
    ((shape: readonly number[]) =>
      normals(
        shape.reduce((a, b) => a * b, 1),
        1,
        next,
      ));
  const results: (readonly number[])[] = [];
  tf.tidy(() => {
    const inputs = model.inputs.map((tensor) => {
      const shape = sizes(tensor.shape!);
      return tf.tensor(
        fill(shape, next).map((value) => value * scale),
        shape,
      );
    });
    const kwargs = options.training ? { training: true } : {};
    const outputs = real.model(model).apply(inputs.length === 1 ? inputs[0]! : inputs, kwargs);
    for (const output of [outputs].flat() as tfjs.Tensor[]) results.push([...output.dataSync()]);
  });
  return results;
}

function sizes(shape: Shape): number[] {
  return shape.map((size, axis) => size ?? (axis === 0 ? BATCH : 6));
}

function compare(some: Outputs, all: Outputs): Measurement {
  let value = 0;
  for (const [tensor, left] of some) {
    const right = all.get(tensor)!;
    const scale = left.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0.1);
    left.forEach((entry, index) => {
      const difference = Math.abs(entry - right[index]!) / scale;
      if (!(difference <= value)) value = difference;
    });
  }
  return { kind: 'difference', value };
}

/** Layers of a graph that have a bias by their kind. */
export function biasedLayers(graph: ModelGraph): readonly Layer[] {
  return graph.layers.filter((layer) => catalog.get(layer.kind)?.bias !== undefined);
}
