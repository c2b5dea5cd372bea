import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { LoadedEngine } from './engine';
import { normals } from './random';
import type { Trace, Tracer } from './trace';

/** The tensors at which the trace ended, in training mode with the weights as they stand. */
export function endValues(tracer: Tracer, trace: Trace): ReadonlyMap<number, Tensor> {
  const ends = new Set(trace.ends.map(({ tensor }) => tensor));
  const values = new Map<number, Tensor>();
  const found = new Map<number, Tensor>();
  for (const node of trace.active) {
    const inputs = node.inputs.map((id) => values.get(id) ?? tracer.value(id));
    const outputs = tracer.apply(node, inputs, node.mode !== 'stored');
    node.outputs.forEach((id, index) => {
      // A free tensor keeps its measured value for what comes after it; an end is where one looks.
      if (trace.pairs.has(id)) values.set(id, outputs[index]!);
      if (ends.has(id)) found.set(id, outputs[index]!);
    });
  }
  return found;
}

/** A drawn linear function of the tensors at which the trace ended. */
export function lossOf({ tf }: LoadedEngine, ends: ReadonlyMap<number, Tensor>): Scalar {
  let sum: Tensor = tf.scalar(0);
  for (const [id, output] of ends) {
    const weights = tf.tensor(normals(output.size, 977 + id), output.shape);
    sum = sum.add(output.mul(weights).mean());
  }
  return sum.asScalar();
}

export function linearLoss(engine: LoadedEngine, tracer: Tracer, trace: Trace): Scalar {
  return lossOf(engine, endValues(tracer, trace));
}
