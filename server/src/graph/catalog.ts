import type { Layer, Shape } from './model';

/** The number of parameters of a layer's bias on an input of this shape; null when it is not known. */
export function biasParameters(_layer: Layer, _inputs: readonly (Shape | null)[]): number | null {
  return null;
}
