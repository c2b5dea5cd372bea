import type { Application, Layer, ModelGraph, Tensor } from './model';

/** What becomes of a layer's bias in one graph. */
export type BiasFate =
  /** The layer has none: its kind has no bias, or `useBias` is false. */
  | { readonly kind: 'none' }
  /** `useBias` is not known, or the layer is never applied, or it is handed to code that the analysis cannot see. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Every observable is free of it. */
  | {
      readonly kind: 'redundant';
      /** The batch norms that subtract it, in graph order. */
      readonly cancelledBy: readonly Application[];
      /** The applications that carry the shift from the layer to those batch norms, in graph order, without both ends. */
      readonly through: readonly Application[];
    }
  /** Some observable may depend on it. */
  | {
      readonly kind: 'needed';
      /** The application that turned the shift into a dependence of any kind; null when the shift itself is observed. */
      readonly at: Application | null;
      readonly observed: Tensor;
      readonly reason: string;
    };

export interface DependenceOptions {
  /** The mode of applications whose caller decides; `batch` asks about training, `stored` about inference. */
  readonly callerMode: 'batch' | 'stored';
}

/**
 * Decides by one forward walk whether the bias of `layer` does anything (all applications of the layer together).
 * The theory: docs/theory.md.
 */
export function biasFate(_graph: ModelGraph, _layer: Layer, _options: DependenceOptions): BiasFate {
  return { kind: 'unknown', reason: 'not analysed' };
}
