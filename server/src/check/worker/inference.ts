import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { PlanNode } from '../plan/types';
import type { LoadedEngine } from './engine';
import { Unmeasurable } from './errors';
import { float32Tolerance } from './float32';
import type { Pair, Trace, Tracer } from './trace';

export interface Inference {
  /** Bias kept against bias dropped with the moving mean moved: largest difference over the largest value. */
  readonly figure: number;
  /** The same with the moving mean left as it was. */
  readonly dropped: number;
  readonly tolerance: number;
}

/**
 * Runs the traced nodes in inference mode, with the bias, and without it but with the moving mean of each batch norm that
 * cancelled it moved by what the bias adds to that batch norm's input. What it adds is measured there, per channel, as the
 * mean of the difference of the two inputs; where it varies within a channel the figure shows it.
 */
export function measureInference(engine: LoadedEngine, tracer: Tracer, trace: Trace): Inference {
  const { tf } = engine;
  const ends = new Map(trace.ends.map((end) => [end.tensor, end]));
  const moved = new Map<number, Tensor>();
  const pairs = new Map<number, Pair>();
  let [figure, dropped, tolerance] = [0, 0, 0];
  for (const node of trace.active) {
    const inputs = node.inputs.map((id): Pair => pairs.get(id) ?? both(tracer.value(id)));
    const end = node.outputs.map((id) => ends.get(id)).find((one) => one !== undefined);
    const norm = end ? tracer.normAxis(node, inputs[0]?.without.rank ?? 0) : null;
    const run = (which: keyof Pair): Tensor[] => {
      if (tracer.isBiased(node)) tracer.setBias(which === 'with' ? trace.drawn : null);
      return tracer.apply(
        node,
        inputs.map((pair) => pair[which]),
        false,
      );
    };
    const kept = run('with');
    if (!end || norm === null) {
      const left = run('without');
      node.outputs.forEach((id, index) => {
        pairs.set(id, { without: left[index]!, with: kept[index]! });
        if (ends.has(id) && relative(engine, kept[index]!, left[index]!) > 30 * ends.get(id)!.tolerance) {
          throw new Unmeasurable(
            'the bias is cancelled by something else than a batch norm layer, which has no moving mean',
          );
        }
      });
      continue;
    }
    const left = run('without');
    const shift = shiftOf(engine, inputs[0]!, norm);
    const layer = (node.target as { readonly layer: number }).layer;
    const before = moved.get(layer);
    if (before && relative(engine, before, shift) > 30 * end.tolerance) {
      throw new Unmeasurable('a shared batch norm would have to move its mean by different amounts for its inputs');
    }
    moved.set(layer, shift);
    const compensated = withMovedMean(tracer, node, shift, () => run('without'))[0]!;
    figure = Math.max(figure, relative(engine, kept[0]!, compensated));
    dropped = Math.max(dropped, relative(engine, kept[0]!, left[0]!));
    tolerance = Math.max(tolerance, end.tolerance, storedTolerance(engine, tracer, node, inputs[0]!));
    tf.dispose([left[0]!]);
  }
  return { figure, dropped, tolerance };
}

function both(value: Tensor): Pair {
  return { without: value, with: value };
}

function relative({ tf }: LoadedEngine, one: Tensor, other: Tensor): number {
  return tf.tidy(() => {
    const scale = tf.maximum(one.abs().max(), other.abs().max()).dataSync()[0]!;
    return scale > 0 ? one.sub(other).abs().max().dataSync()[0]! / scale : 0;
  });
}

/** What the bias adds to each channel of a batch norm's input. */
function shiftOf({ tf }: LoadedEngine, input: Pair, axis: number): Tensor {
  const over = input.with.shape.map((_, index) => index).filter((index) => index !== axis);
  return tf.tidy(() => input.with.sub(input.without).mean(over));
}

function withMovedMean(tracer: Tracer, node: PlanNode, shift: Tensor, run: () => Tensor[]): Tensor[] {
  const mean = statistic(tracer, node, 'moving_mean');
  const before = mean.clone();
  mean.assign(mean.sub(shift));
  const outputs = run();
  mean.assign(before as Tensor);
  return outputs;
}

function statistic(tracer: Tracer, node: PlanNode, name: string): Variable {
  const layer = tracer.layers.get((node.target as { readonly layer: number }).layer);
  const found = layer.weights.find((weight) => weight.originalName.split('/').at(-1)!.startsWith(name));
  if (!found) throw new Unmeasurable('the batch norm has no moving statistics');
  return found.read() as Variable;
}

/** As in training, with the stored variance in place of the batch's. */
function storedTolerance({ tf }: LoadedEngine, tracer: Tracer, node: PlanNode, input: Pair): number {
  return tf.tidy(() => {
    const largest = input.with.abs().max().dataSync()[0]!;
    const spread = statistic(tracer, node, 'moving_variance').sqrt().min().dataSync()[0]!;
    return float32Tolerance(input.with.size / (input.with.shape.at(-1) || 1), largest / spread);
  });
}
