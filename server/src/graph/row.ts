import type { Application, Dim, Layer, Model, Shape } from './model';
import type { Settings } from './settings';
import type { Shift, Sources } from './shift';

/**
 * The state of one tensor with regard to one bias.
 *
 * - `free`: does not depend on it;
 * - `shifted`: a value that is free of it, plus a shift;
 * - `any`: may depend on it in any way. `certain` is false where that is only not known.
 */
export type State =
  | { readonly kind: 'free' }
  | { readonly kind: 'shifted'; readonly shift: Shift }
  | {
      readonly kind: 'any';
      readonly certain: boolean;
      /** Half a sentence: why the shift is lost here. */
      readonly reason: string;
      /** Where it was lost; the walk fills it in. */
      readonly at: Application | null;
    };

export const FREE: State = { kind: 'free' };

/** The shift is lost: the output certainly depends on the bias in another way. */
export function lost(reason: string): State {
  return { kind: 'any', certain: true, reason, at: null };
}

/** It is not known what becomes of the shift. */
export function unsure(reason: string): State {
  return { kind: 'any', certain: false, reason, at: null };
}

/** No terms: nothing of the bias is left. */
export function shifted(shift: Shift): State {
  return shift.length === 0 ? FREE : { kind: 'shifted', shift };
}

export function shiftOf(state: State): Shift {
  return state.kind === 'shifted' ? state.shift : [];
}

/** A tensor as the walk sees it. */
export interface Value {
  readonly shape: Shape | null;
  readonly state: State;
  /** Whether it may carry a mask (`masking`, `embedding` with `maskZero`). */
  readonly masked: boolean;
}

/** What a row is asked: one application of a layer to inputs that are free or shifted, at least one of them shifted. */
export interface RowInput {
  readonly layer: Layer;
  readonly settings: Settings;
  readonly inputs: readonly Value[];
  readonly outputs: readonly (Shape | null)[];
  /** Whether it runs in training mode: batch statistics, active noise. */
  readonly training: boolean;
  /** Sizes of the axes that are held by wrappers around. */
  readonly held: readonly Dim[];
  /** The layer whose bias is followed; null where the bias is none of a layer. */
  readonly followed: Layer | null;
  readonly sources: Sources;
  /** Applies a wrapped layer or model, with the first axis of every input held. */
  readonly perStep: (inner: Layer | Model, inputs: readonly Value[]) => readonly Value[];
}

/** One state per output. Rows never throw. */
export type Row = (input: RowInput) => State | readonly State[];
