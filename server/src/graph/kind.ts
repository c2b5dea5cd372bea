import { isUnknown } from './config';
import type { Dim, Layer, Model, Shape } from './model';
import type { Row } from './row';
import type { Settings } from './settings';

/** One use of a layer: what shapes and parameters are computed from. */
export interface Use {
  readonly layer: Layer;
  readonly settings: Settings;
  readonly inputs: readonly (Shape | null)[];
}

/** Numbers of weights; `bias` counts the bias that the layer has unless `useBias` is false. */
export interface ParameterCount {
  /** Without the bias. */
  readonly kernel: Dim;
  readonly bias: Dim;
}

/** How many variables a layer has once it is built. */
export interface VariableCount {
  readonly all: Dim;
  /** Those that an optimizer trains as long as nothing is frozen. */
  readonly trainable: Dim;
}

/** Asks the catalogue about a wrapped layer or model. */
export interface Inside {
  shapes(inner: Layer | Model, inputs: readonly (Shape | null)[]): readonly (Shape | null)[];
  parameters(inner: Layer | Model, inputs: readonly (Shape | null)[]): Dim;
  variables(inner: Layer | Model): VariableCount;
}

/** One entry of the catalogue: everything that the product knows of one `tf.layers` factory. */
export interface LayerKind {
  /** Output shapes, one per output; null when tfjs refuses these inputs or the rank is not known. */
  shapes(use: Use, inside: Inside): readonly (Shape | null)[];
  /** Absent: the layer has no weights. */
  readonly parameters?: (use: Use, inside: Inside) => ParameterCount;
  /** Without the bias. Absent: the layer has none. */
  readonly variables?: (use: Pick<Use, 'layer' | 'settings'>, inside: Inside) => VariableCount;
  /**
   * Absent: the layer has no bias. Otherwise `useBias` switches it (default true), and it is added to the output along
   * the last axis (`last`), along the channel axis of the data format (`channel`), or within the layer (`inside`: the
   * row sees to it).
   */
  readonly bias?: 'last' | 'channel' | 'inside';
  /** Whether the `activation` of the config is applied to the output, after the bias. */
  readonly activation?: boolean;
  /** Whether the output is random in training. */
  readonly stochastic?: boolean;
  /** Whether a mask changes what it computes. */
  readonly usesMask?: boolean;
  /** `supportsMasking` of tfjs: a layer without it throws when its input carries a mask. */
  readonly masks?: boolean;
  /** Why tfjs throws when this layer runs on inputs of these shapes in training; null when it does not. */
  readonly throws?: (use: Use, training: boolean) => string | null;
  /** Whether its output does not depend on its inputs at all (a softmax over one element). */
  readonly forgets?: (use: Use) => boolean;
  /** What it does to a shift of its inputs, before its own bias and activation. */
  readonly row: Row;
}

/** That many variables, all of which an optimizer trains. */
export const trained =
  (count: Dim): NonNullable<LayerKind['variables']> =>
  () => ({ all: count, trainable: count });

/** The shape of a layer that keeps it. */
export const sameShape = (use: Use): readonly (Shape | null)[] => [use.inputs[0] ?? null];

/** The single input of that rank; all sizes unknown where the shape is; null where the rank is another. */
export function ofRank(use: Use, rank: number): Shape | null {
  const input = use.inputs[0] ?? null;
  if (input === null) return Array.from({ length: rank }, () => null);
  return input.length === rank ? input : null;
}

/** Layers that have this option throw as soon as they are applied with it (`Layer.apply`, tfjs-layers/src/engine/topology.ts). */
export function noActivityRegularizer({ settings }: Use): string | null {
  const regularizer = settings.value('activityRegularizer');
  if (regularizer === undefined) return null;
  return isUnknown(regularizer) ? 'its activity regularizer is not known' : 'tfjs refuses activity regularizers';
}
