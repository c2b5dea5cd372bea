import { isUnknown } from './config';
import type { Dim } from './model';
import { axisKey, constantAxis, distinctAxis, isConstant, type Axis } from './pattern';
import { FREE, lost, shifted, shiftOf, unsure, type Row, type RowInput, type State, type Value } from './row';
import {
  addShifts,
  axisIndex,
  constantBut,
  permuteTerm,
  reshapeTerm,
  scaleShift,
  shiftKey,
  untangle,
  type Layout,
  type Shift,
  type Term,
} from './shift';
import type { WindowResult } from './window';

/** The output is the input, or differs from it by something free of the bias. */
export const keep: Row = (input) => input.inputs[0]!.state;

/** Whatever it is, it is no longer a shift. */
export function lose(reason: string): Row {
  return () => lost(reason);
}

/** A row that takes the terms of the single input one by one; a state in place of a term ends it. */
export function termwise(map: (term: Term, input: RowInput) => Term | State): Row {
  return (input) => mapTerms(input.inputs[0]!, (term) => map(term, input));
}

export function mapTerms(value: Value, map: (term: Term) => Term | State): State {
  const terms: Term[] = [];
  for (const term of shiftOf(value.state)) {
    const mapped = map(term);
    if ('kind' in mapped) return mapped;
    terms.push(mapped);
  }
  return shifted(addShifts([terms]));
}

const UNKNOWN_RANK = 'the rank of its input is not known';
const UNKNOWN_OPTION = 'an option or a size that it depends on is not known';

/** The term on exactly `count` axes; null where it has another number of them. */
export function onAxes(term: Term, count: number): Term | null {
  const { layout } = term;
  if (!layout.open) return layout.axes.length === count ? term : null;
  if (layout.axes.length > count) return null;
  const missing = Array.from({ length: count - layout.axes.length }, () => constantAxis(null));
  return { ...term, layout: { ...layout, open: false, axes: [...missing, ...layout.axes] } };
}

/**
 * Maps each of some axes by itself, keeping constants constant with their value (pooling, cropping, resampling), or by
 * weights of the layer's own.
 *
 * @param key names the map; maps with equal keys are equal
 * @param weighted false: a shift that is constant along these axes before and after is the same function of the bias
 */
export function alongAxes(
  term: Term,
  input: Pick<RowInput, 'sources'>,
  indices: readonly number[],
  key: string,
  weighted: boolean,
  map: (axis: Axis, position: number) => WindowResult,
): Term | State {
  const plain = untangle(term, input.sources);
  const axes = [...plain.layout.axes];
  const before: string[] = [];
  let constant = true;
  for (const [position, index] of indices.entries()) {
    const old = axes[index];
    if (old === undefined) return unsure(UNKNOWN_RANK);
    const axis = map(old, position);
    if (axis === 'unknown') return unsure(UNKNOWN_OPTION);
    if (axis === 'lost') return lost('its shift varies within a pooling window');
    constant &&= isConstant(old) && isConstant(axis);
    before.push(axisKey(old));
    axes[index] = axis;
  }
  const same = constant && !weighted;
  const source = same ? plain.source : input.sources.image(plain.source, `${key} ${before.join()}`);
  return { ...plain, source, layout: { ...plain.layout, axes } };
}

/** A weighted sum over the last axis: a dense layer without bias. */
export const lastAxisProduct: Row = termwise((term, input) => {
  const last = term.layout.axes.length - 1;
  if (last < 0) return unsure(UNKNOWN_RANK);
  const units = input.settings.number('units');
  return alongAxes(term, input, [last], `layer ${input.layer.id}`, true, () => distinctAxis(units));
});

/** The mean (or, where it commutes, the maximum) over axes that then are gone. */
export function reduceAxes(
  indices: (input: RowInput) => readonly number[] | null,
  count: number,
  kind: 'mean' | 'max',
): Row {
  return termwise((term, input) => {
    const reduced = indices(input);
    const ranked = onAxes(term, count);
    if (reduced === null || ranked === null) return unsure(UNKNOWN_OPTION);
    const mapped = alongAxes(ranked, input, reduced, `reduce ${kind}`, false, (axis) => {
      return kind === 'max' && !isConstant(axis) ? 'lost' : [];
    });
    if ('kind' in mapped) return mapped;
    const axes = mapped.layout.axes.filter((_, index) => !reduced.includes(index));
    return { ...mapped, layout: { ...mapped.layout, axes } };
  });
}

/** The same values in the shape of the output. */
export const reshapeToOutput: Row = termwise((term, input) => {
  const shape = input.outputs[0];
  return (shape && reshapeTerm(term, shape.slice(1))) ?? unsure('it reshapes to sizes that are not known');
});

/** The axes in another order (old indices without the batch). */
export function permuteAxes(term: Term, input: RowInput, order: readonly number[]): Term | State {
  const ranked = onAxes(term, order.length);
  return ranked === null ? unsure(UNKNOWN_RANK) : permuteTerm(ranked, order, input.sources);
}

/** The terms of an input as they stand on the output of an elementwise merge (tfjs-layers/src/layers/merge.ts). */
export function broadcast(value: Value, input: RowInput): Shift | null {
  const output = input.outputs[0];
  if (!output) return value.shape === null ? shiftOf(value.state) : null;
  const terms = shiftOf(value.state).map((term): Term | null => {
    if (term.layout.open) return term;
    const missing = output.length - 1 - term.layout.axes.length;
    if (missing < 0) return null;
    const plain = missing > 0 ? untangle(term, input.sources) : term;
    const axes = [...Array<Axis>(missing).fill([]), ...plain.layout.axes];
    const stretched = axes.map((axis, index) => (isConstant(axis) ? constantAxis(output[index + 1]!) : axis));
    return { ...plain, layout: { ...plain.layout, axes: stretched } };
  });
  return terms.includes(null) ? null : (terms as Term[]);
}

/** The sum of all inputs, times a factor. */
export function addInputs(factor: (count: number) => number): Row {
  return (input) => {
    const shifts = input.inputs.map((value) => broadcast(value, input));
    if (shifts.includes(null)) return unsure(UNKNOWN_RANK);
    return shifted(scaleShift(addShifts(shifts as Shift[]), factor(input.inputs.length)));
  };
}

/** Maximum or minimum: commutes with a shift that all inputs have alike. */
export const extremeOfInputs: Row = (input) => {
  const shifts = input.inputs.map((value) => broadcast(value, input));
  if (shifts.includes(null)) return unsure(UNKNOWN_RANK);
  const keys = new Set((shifts as Shift[]).map(shiftKey));
  return keys.size === 1 ? shifted(shifts[0]!) : lost('it compares tensors that do not have the same shift');
};

/** Multiplies by a vector along one axis that is free of the bias: batch norm on stored statistics. */
export function scaleAlong(term: Term, input: RowInput, index: number, key: string): Term | State {
  const size = (axis: Axis): Dim =>
    axis.reduce<Dim>((n, part) => (n === null || part.size === null ? null : n * part.size), 1);
  return alongAxes(term, input, [index], key, true, (axis) => distinctAxis(size(axis)));
}

/** Subtracts the mean over all axes but one (batch norm, and the batch with them). */
export function subtractMeanBut(input: RowInput, axis: number): State {
  const shift = shiftOf(input.inputs[0]!.state);
  const constant = constantBut(shift, (layout) => axisIndex(layout, axis));
  if (constant === null) return unsure(UNKNOWN_RANK);
  return constant ? shifted([]) : lost('the shift varies along axes that it averages over');
}

/** Subtracts the mean over the given axes (layer norm), or anything else that a constant along them does not change. */
export function subtractMeanOver(value: Value, axes: readonly number[], name: string): State {
  for (const { layout } of shiftOf(value.state)) {
    const indices = axes.filter((axis) => axis !== 0).map((axis) => axisIndex(layout, axis));
    if (indices.includes(null)) return unsure(UNKNOWN_RANK);
    if (!indices.every((index) => isConstant(layout.axes[index!] ?? []))) {
      return lost(`the shift varies along the axes of ${name}`);
    }
  }
  return shifted([]);
}

/** What an activation does to a shift. */
export function activate(name: unknown, value: Value): State {
  const softmax = name === 'softmax' || name === 'logSoftmax';
  if (softmax && value.shape?.at(-1) === 1) return FREE;
  if (value.state.kind !== 'shifted' || name === 'linear') return value.state;
  if (isUnknown(name) || typeof name !== 'string') return unsure('its activation is not known');
  if (softmax) return subtractMeanOver(value, [-1], name);
  return lost(`activation \`${name}\` is not linear`);
}

/** The layout of something that varies along one axis of a shape only; `axis` counts without the batch, -1 is the last. */
export function alongOne(shape: readonly Dim[] | null, axis: number, size: Dim, held: readonly Dim[]): Layout {
  const lead = held.map(constantAxis);
  if (shape === null) return { open: true, held: lead, axes: [distinctAxis(size)], tangled: null };
  const sizes = shape.slice(1);
  const at = axis < 0 ? sizes.length + axis : axis;
  const axes = sizes.map((length, index) => (index === at ? distinctAxis(size) : constantAxis(length)));
  return { open: false, held: lead, axes, tangled: null };
}
