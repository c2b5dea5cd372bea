import type * as tfjs from '@tensorflow/tfjs';
import {
  addedTensor,
  isAdded,
  isUnknown,
  type Application,
  type Bias,
  type ConfigValue,
  type ModelGraph,
  type Tensor,
} from '../../server/src/graph';
import { applyOp } from '../../server/src/check/worker/ops';
import { RealGraph, type Tf } from './build';
import { normals, randomStream, withRandom } from './random';

const BATCH = 4;

/** What a bias does to the tensors that are handed on, as measured: the greatest difference over the greatest value. */
export type EagerMeasurement = { readonly threw: string } | { readonly difference: number };

/** Runs a graph of ops and layers on data, with the bias and without it. */
export function measureEager(tf: Tf, graph: ModelGraph, bias: Bias, seed: number): EagerMeasurement {
  try {
    const run = new EagerRun(tf, graph, seed);
    const [drawn, zero] = [run.outputs(bias, 2), run.outputs(bias, 0)];
    return { difference: greatestDifference(drawn, zero) };
  } catch (error) {
    return { threw: String(error) };
  }
}

/** The shapes that tfjs gives to the tensors of a graph. */
export function eagerShapes(tf: Tf, graph: ModelGraph, seed: number): ReadonlyMap<Tensor, readonly number[]> {
  return new EagerRun(tf, graph, seed).shapes();
}

class EagerRun {
  private readonly real: RealGraph;
  private readonly data = new Map<Tensor, tfjs.Tensor>();

  constructor(
    private readonly tf: Tf,
    private readonly graph: ModelGraph,
    private readonly seed: number,
  ) {
    this.real = new RealGraph(tf, graph);
    const next = randomStream(seed);
    for (const tensor of graph.tensors) if (tensor.producer === null) this.data.set(tensor, this.drawn(tensor, next));
    this.build(next);
  }

  /** What escapes, one array a tensor. */
  outputs(bias: Bias, sd: number): readonly (readonly number[])[] {
    const next = randomStream(this.seed + 1);
    const layerBias = isAdded(bias)
      ? null
      : this.real.weights(bias).find(({ originalName }) => /bias$/.test(originalName))!;
    const shape = isAdded(bias) ? this.data.get(addedTensor(bias))!.shape : (layerBias!.shape as number[]);
    const values = this.real.tensorOf(normals(size(shape), sd, next), [...shape]);
    layerBias?.write(values);
    const tensors = this.run(isAdded(bias) ? { ...bias, values } : null);
    const escaped = this.graph.tensors.filter(({ escapes }) => escapes.length > 0);
    return escaped.map((tensor) => [...tensors.get(tensor)!.dataSync()]);
  }

  shapes(): ReadonlyMap<Tensor, readonly number[]> {
    return new Map([...this.run(null)].map(([tensor, { shape }]) => [tensor, shape]));
  }

  private run(
    added: { application: Application; input: number; values: tfjs.Tensor } | null,
  ): Map<Tensor, tfjs.Tensor> {
    const tensors = new Map(this.data);
    for (const application of this.graph.applications) {
      const inputs = application.inputs.map((tensor) => tensors.get(tensor)!);
      if (added?.application === application) inputs[added.input] = added.values;
      const outputs = withRandom(this.seed, () => this.apply(application, inputs));
      application.outputs.forEach((tensor, index) => tensors.set(tensor, outputs[index]!));
    }
    return tensors;
  }

  private apply({ target, mode }: Application, inputs: tfjs.Tensor[]): tfjs.Tensor[] {
    if (target.type === 'layer') {
      const training = mode !== 'stored';
      return [
        this.real.layer(target.layer).apply(inputs.length === 1 ? inputs[0]! : inputs, { training }),
      ].flat() as tfjs.Tensor[];
    }
    if (target.type !== 'op') throw new Error(`cannot run ${target.type}`);
    if (/^batchNorm/.test(target.name) && inputs[1]!.rank !== 1) return [batchNormByFormula(this.tf, target, inputs)];
    const entries = [...target.attributes.entries].map(([key, value]) => [key, plain(value)] as const);
    return applyOp(this.tf, { ...target, attributes: Object.fromEntries(entries) as never }, inputs);
  }

  private drawn(tensor: Tensor, next: () => number): tfjs.Tensor {
    const shape = tensor.shape!.map((length, axis) => length ?? (axis === 0 ? BATCH : 6));
    const values = normals(size(shape), 1, next);
    const positive = tensor.uses.some(({ target, inputs }) =>
      inputs.some((input, at) => input === tensor && target.type === 'op' && /variance|scale/.test(target.roles[at]!)),
    );
    return this.tf.tensor(positive ? values.map((value) => 0.5 + Math.abs(value)) : values, shape);
  }

  /** Draws all weights of layers, once they are built. */
  private build(next: () => number): void {
    this.run(null);
    for (const layer of this.graph.layers) {
      if (!this.real.built.has(layer)) continue;
      for (const variable of this.real.weights(layer)) {
        const shape = variable.shape as number[];
        const values = normals(size(shape), 0.5, next);
        const positive = /variance|gamma/.test(variable.originalName);
        variable.write(this.tf.tensor(positive ? values.map((value) => 0.5 + Math.abs(value)) : values, shape));
      }
    }
  }
}

/** tfjs-backend-cpu (kernels/BatchNorm) is right for statistics of rank 1 only; the formula itself stands in. */
function batchNormByFormula(
  tf: Tf,
  target: { readonly roles: readonly string[] },
  inputs: readonly tfjs.Tensor[],
): tfjs.Tensor {
  const input = (role: string) => inputs[target.roles.indexOf(role)];
  const normed = tf.div(tf.sub(input('x')!, input('mean')!), tf.sqrt(tf.add(input('variance')!, 1e-3)));
  const scaled = input('scale') ? tf.mul(normed, input('scale')!) : normed;
  return input('offset') ? tf.add(scaled, input('offset')!) : scaled;
}

function plain(value: ConfigValue): unknown {
  if (isUnknown(value)) throw new Error('an unknown value cannot be run');
  return Array.isArray(value) ? value.map((entry: ConfigValue) => plain(entry)) : value;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function greatestDifference(left: readonly (readonly number[])[], right: readonly (readonly number[])[]): number {
  let greatest = 0;
  left.forEach((values, at) => {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
    values.forEach((value, index) => {
      const difference = Math.abs(value - right[at]![index]!) / scale;
      if (!(difference <= greatest)) greatest = difference;
    });
  });
  return greatest;
}
