import type { Dim } from './model';
import {
  axisKey,
  axisSize,
  classesOf,
  constantAxis,
  cutAxis,
  isConstant,
  joinParts,
  tangledAxes,
  type Axis,
} from './pattern';

/** How one term of a shift depends on the position within a sample (the batch axis is not among the axes, but see `whole`). */
export interface Layout {
  /** The rank is not known: an unknown number of axes, along which it is constant, stands before `axes`. */
  readonly open: boolean;
  /** Axes that the current computation runs over one by one (the time axes of `timeDistributed`), outermost first. */
  readonly held: readonly Axis[];
  readonly axes: readonly Axis[];
  /**
   * Whether `axes` are all axes of the tensor, the first one included. Only functions on tensors make such shifts: one
   * that varies from sample to sample, or that of a tensor without samples (a variable, a mean). Absent: no.
   */
  readonly whole?: boolean;
  /**
   * The exact description of the row-major index where it does not line up with the axes (after a reshape); `axes` then
   * says of each axis by itself what holds.
   */
  readonly tangled: Axis | null;
}

/** `factor` times a linear image of the bias. Equal sources and equal layouts mean equal functions of the bias. */
export interface Term {
  readonly source: number;
  readonly factor: number;
  readonly layout: Layout;
}

/** A sum of terms, each linear in the bias, the same for every sample of the batch. No terms: zero. */
export type Shift = readonly Term[];

/** Numbers the linear images of the bias: the same way from the bias always gets the same number. */
export class Sources {
  private readonly numbers = new Map<string, number>();

  named(key: string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.numbers.size);
    return this.numbers.size - 1;
  }

  /** The image of `source` under the map that `key` names. */
  image(source: number, key: string): number {
    return this.named(`${key}<${source}`);
  }

  /** A name that is used once. */
  fresh(): string {
    return `once ${this.named(`once ${this.numbers.size}`)}`;
  }

  /** The bias itself. */
  readonly bias = this.named('bias');
}

function layoutKey(layout: Layout): string {
  const axes = (list: readonly Axis[]) => list.map(axisKey).join();
  const tangled = layout.tangled === null ? '' : axisKey(layout.tangled);
  return `${layout.whole ? 'all' : ''}${layout.open ? '..' : ''}|${axes(layout.held)}|${axes(layout.axes)}|${tangled}`;
}

/** Terms that are the same function of the bias add up; what cancels is gone. */
export function addShifts(shifts: readonly Shift[]): Shift {
  const all = shifts.flat();
  if (all.length < 2) return all.filter(isSome);
  const terms = new Map<string, Term>();
  for (const term of all) {
    const key = `${term.source}@${layoutKey(term.layout)}`;
    const known = terms.get(key);
    terms.set(key, known === undefined ? term : { ...term, factor: known.factor + term.factor });
  }
  return [...terms.values()].filter(isSome);
}

function isSome({ factor }: Term): boolean {
  return Math.abs(factor) > 1e-12;
}

export function scaleShift(shift: Shift, factor: number): Shift {
  return factor === 0 ? [] : shift.map((term) => ({ ...term, factor: term.factor * factor }));
}

/** Equal exactly for shifts that are the same function of the bias, as far as that can be told. */
export function shiftKey(shift: Shift): string {
  return shift
    .map((term) => `${term.factor.toPrecision(9)}*${term.source}@${layoutKey(term.layout)}`)
    .sort()
    .join('+');
}

/** The index of an axis given as in tfjs (batch axis 0, negative from the end), among the layout's axes; null when not known. */
export function axisIndex(layout: Layout, axis: number): number | null {
  if (axis < 0) return layout.axes.length + axis >= 0 ? layout.axes.length + axis : null;
  return layout.open ? null : axis - 1;
}

/** Whether the shift is constant along every axis but `axis` (an index among the axes; -1: along every one). */
export function constantBut(shift: Shift, axis: (layout: Layout) => number | null): boolean | null {
  for (const { layout } of shift) {
    const kept = axis(layout);
    if (kept === null) return null;
    if (!layout.axes.every((part, index) => index === kept || isConstant(part))) return false;
  }
  return true;
}

/** The layout with its axes alone; a function that was exact only as a tangle gets a name of its own. */
export function untangle(term: Term, sources: Sources): Term {
  if (term.layout.tangled === null) return term;
  const source = sources.image(term.source, `untangle ${layoutKey(term.layout)}`);
  return { ...term, source, layout: { ...term.layout, tangled: null } };
}

/**
 * The same values in another shape.
 *
 * @param sizes the new sizes without the batch
 * @returns null where it hangs on a size that is not known
 */
export function reshapeTerm(term: Term, sizes: readonly Dim[]): Term | null {
  const { layout } = term;
  const front: Axis = layout.open ? constantAxis(null) : [];
  const flat = layout.tangled ?? joinParts([...front, ...layout.axes.flat()]);
  const target = resolveSizes(sizes, axisSize(flat));
  const axes = cutAxis(flat, target);
  if (axes !== null) return { ...term, layout: { ...layout, open: false, axes, tangled: null } };
  const known = target.filter((size) => size !== null);
  if (known.length < target.length || axisSize(flat) === null) return null;
  const classes = classesOf(flat);
  // Too long to be written out: distinct along every axis says no more than is true.
  const split =
    classes === null ? known.map((size) => joinParts([{ size, pattern: 'distinct' }])) : tangledAxes(classes, known);
  return { ...term, layout: { ...layout, open: false, axes: split, tangled: flat } };
}

/** The one size that is missing follows from the total. */
function resolveSizes(sizes: readonly Dim[], total: Dim): readonly Dim[] {
  const known = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  if (total === null || total % known !== 0 || sizes.filter((size) => size === null).length !== 1) return sizes;
  return sizes.map((size) => size ?? total / known);
}

/** The axes in another order; `order[i]` is the old index of the new axis i. */
export function permuteTerm(term: Term, order: readonly number[], sources: Sources): Term {
  const plain = untangle(term, sources);
  const axes = order.map((index) => plain.layout.axes[index]!);
  const varying = order.filter((index) => !isConstant(plain.layout.axes[index]!));
  const kept = varying.every((index, at) => at === 0 || varying[at - 1]! < index);
  const source = kept ? plain.source : sources.image(plain.source, `permute ${varying.join()}`);
  return { ...plain, source, layout: { ...plain.layout, axes } };
}
