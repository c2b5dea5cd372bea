import { isUnknown, type Unknown } from './config';
import type { Dim } from './model';

/** One axis of a convolution or a pooling: all that decides which input positions an output position sees. */
export interface WindowSpec {
  readonly size: Dim;
  readonly stride: Dim;
  readonly dilation: Dim;
  readonly padding: string | Unknown;
}

/**
 * The output length along one axis (`convOutputLength`, tfjs-layers/src/utils/conv_utils.ts); null when not known.
 * Zero or less where the window does not fit, which tfjs refuses when it runs.
 */
export function windowLength(length: Dim, spec: WindowSpec): Dim {
  if (length === null || spec.stride === null || isUnknown(spec.padding)) return null;
  if (spec.padding === 'same') return Math.floor((length + spec.stride - 1) / spec.stride);
  if (spec.size === null || spec.dilation === null) return null;
  return Math.floor((length - reach(spec.size, spec.dilation) + spec.stride) / spec.stride);
}

/** The output length of a transposed convolution along one axis (`deconvLength`, same file). */
export function transposedLength(length: Dim, spec: WindowSpec): Dim {
  if (length === null || spec.stride === null || isUnknown(spec.padding)) return null;
  if (spec.padding === 'same') return length * spec.stride;
  return spec.size === null ? null : length * spec.stride + Math.max(spec.size - spec.stride, 0);
}

/** How many zeros 'same' padding puts before and after an axis (`getPadAndOutInfo`, tfjs-core/src/ops/conv_util.ts). */
export function samePadding(length: number, size: number, stride: number, dilation: number): [number, number] {
  const outputs = Math.ceil(length / stride);
  const total = Math.max((outputs - 1) * stride + reach(size, dilation) - length, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** How many positions a dilated kernel spans. */
export function reach(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}
