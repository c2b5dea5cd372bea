import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Tensor } from '../../../server/src/graph';

export type Real = tf.Tensor | tf.SymbolicTensor;

/** Which tensors of the recording the real ones are. */
export class RealTensors {
  private readonly known = new WeakMap<object, Tensor>();
  private readonly pending = new WeakMap<object, () => void>();

  constructor(private readonly builder: GraphBuilder) {}

  get(real: Real): Tensor | undefined {
    return this.known.get(real);
  }

  set(real: Real, tensor: Tensor): void {
    this.known.set(real, tensor);
  }

  /** From here on it is data that comes from nowhere. */
  delete(real: Real): void {
    this.known.delete(real);
  }

  /** What is to be done before it is known which tensor this is. */
  linkedBy(real: Real, link: () => void): void {
    this.pending.set(real, link);
  }

  of(real: Real): Tensor {
    let tensor = this.known.get(real);
    if (!tensor) {
      this.pending.get(real)?.();
      tensor = this.known.get(real);
    }
    if (!tensor) this.known.set(real, (tensor = this.builder.input(null)));
    return tensor;
  }

  /** Whether something that is recorded has made it. */
  isTracked(real: Real): boolean {
    return (this.known.get(real)?.producer ?? null) !== null;
  }
}

/** The tensors among arguments, in lists and objects too. */
export function tensorsIn(args: readonly unknown[], depth = 2): Real[] {
  return args.flatMap((arg): Real[] => {
    if (arg instanceof tf.Tensor || arg instanceof tf.SymbolicTensor) return [arg];
    if (depth === 0 || typeof arg !== 'object' || arg === null) return [];
    if (Array.isArray(arg)) return tensorsIn(arg, depth - 1);
    return Object.getPrototypeOf(arg) === Object.prototype ? tensorsIn(Object.values(arg), depth - 1) : [];
  });
}
