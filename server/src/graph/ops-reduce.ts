import { isUnknown, type ConfigValue } from './config';
import type { Shape } from './model';
import { axisSize, constantAxis, isConstant, type Axis } from './pattern';
import { FREE, lost, shiftOf, unsure, type State } from './row';
import { alongAxes } from './rows';
import { axisOf, eachTerm, UNKNOWN_ARGUMENT, UNKNOWN_RANK, withAxes } from './op';
import type { OpInput, OpKind, OpRow, OpUse } from './op';
import { product, type Settings } from './settings';
import type { Term } from './shift';

/** tfjs-core/src/ops: reductions over axes, moments among them. */

/** The `axis` argument as given; `all` where there is none; null where it is not known. */
function axesGiven(settings: Settings): readonly number[] | 'all' | null {
  return settings.value('axis') === undefined ? 'all' : settings.axes('axis', Number.NaN);
}

/** The reduced axes of a tensor of known rank, in order; null where they are not known, or are no axes of it. */
function reducedAxes(settings: Settings, rank: number): readonly number[] | null {
  const given = axesGiven(settings);
  if (given === null) return null;
  const axes = given === 'all' ? Array.from({ length: rank }, (_, axis) => axis) : given.map((a) => axisOf(a, rank));
  return axes.includes(null) ? null : [...new Set(axes as number[])].sort((a, b) => a - b);
}

function reducedShape({ inputs, settings }: OpUse): Shape | null {
  const shape = inputs[0] ?? null;
  const keep = settings.flag('keepDims', false);
  const given = axesGiven(settings);
  if (given === 'all' && keep === false) return [];
  if (shape === null || isUnknown(keep)) return null;
  const axes = reducedAxes(settings, shape.length);
  if (axes === null) return null;
  return keep
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** The indices of the reduced axes among a term's axes, on a tensor whose rank may not be known; null: not known. */
function reducedOf(term: Term, settings: Settings, rank: number | null): readonly number[] | null {
  const { axes, open } = term.layout;
  if (!open) return reducedAxes(settings, axes.length);
  if (rank !== null) return null;
  const given = axesGiven(settings);
  if (given === null) return null;
  if (given === 'all') return axes.map((_, index) => index);
  // The shift is constant along the unknown number of axes in front: which of them are reduced makes no difference, as
  // long as the axes that may be the ones that are meant are constant, too.
  const indices = given.map((axis) => (axis < 0 ? axisOf(axis, axes.length) : axis));
  if (indices.some((index) => index === null || index >= axes.length)) return null;
  const fromFront = given.filter((axis) => axis >= 0);
  if (!axes.slice(0, Math.max(-1, ...fromFront) + 1).every(isConstant)) return null;
  return [...new Set(indices as number[])];
}

/** The term on as many axes as its tensor has, where that is known. */
function ranked(term: Term, rank: number | null): Term {
  if (rank === null || !term.layout.open || term.layout.axes.length > rank) return term;
  const missing = Array.from({ length: rank - term.layout.axes.length }, () => constantAxis(null));
  return withAxes(term, [...missing, ...term.layout.axes], false);
}

type Kind = 'mean' | 'sum' | 'max';

function reduce(kind: Kind): OpRow {
  return (input) => {
    const { shape, state } = input.operands[0]!;
    return eachTerm(state, (term) => reduceTerm(ranked(term, shape?.length ?? null), input, kind));
  };
}

function reduceTerm(term: Term, input: OpInput, kind: Kind): Term | State {
  const { shape } = input.operands[0]!;
  const keep = input.settings.flag('keepDims', false);
  const reduced = reducedOf(term, input.settings, shape?.length ?? null);
  if (reduced === null || isUnknown(keep)) return unsure(reduced === null ? UNKNOWN_RANK : UNKNOWN_ARGUMENT);
  const before = term.layout.axes;
  if (kind === 'max' && reduced.some((index) => !isConstant(before[index]!))) {
    return lost('its shift varies along the axes of which it takes the extreme');
  }
  const mapped = alongAxes(term, input, reduced, `reduce ${kind}`, false, (): Axis => []);
  if ('kind' in mapped) return mapped;
  const all = input.settings.value('axis') === undefined;
  const axes = mapped.layout.axes.filter((_, index) => keep === true || !reduced.includes(index));
  const open = term.layout.open && (!all || keep === true);
  // Where a varying axis is summed, the sum over it is the named image; the constant ones repeat it.
  const counted = reduced.filter((index) => isConstant(before[index]!));
  const count =
    kind !== 'sum' ? 1 : term.layout.open ? null : product(counted.map((index) => sizeOf(before, index, shape)));
  if (count === null) return unsure('the number of elements that it sums is not known');
  return { ...withAxes(mapped, axes, open), factor: mapped.factor * count };
}

function sizeOf(axes: readonly Axis[], index: number, shape: Shape | null): number | null {
  return axisSize(axes[index]!) ?? shape?.[index] ?? null;
}

/** Mean and variance: a shift that is constant along the axes is in the mean, and the variance does not see it. */
const moments: OpRow = (input) => {
  const { shape, state } = input.operands[0]!;
  const mean = reduce('mean')(input) as State;
  if (mean.kind === 'any') return [mean, mean];
  for (const term of shiftOf(state)) {
    const whole = ranked(term, shape?.length ?? null);
    const reduced = reducedOf(whole, input.settings, shape?.length ?? null);
    if (reduced === null) return [mean, unsure(UNKNOWN_RANK)];
    if (reduced.some((index) => !isConstant(whole.layout.axes[index]!))) {
      return [mean, lost('the shift varies along the axes that it averages over')];
    }
  }
  return [mean, FREE];
};

const reduction = (row: OpRow): OpKind => ({ shapes: (use) => [reducedShape(use)], row });

export const REDUCE: Readonly<Record<string, OpKind>> = {
  mean: reduction(reduce('mean')),
  sum: reduction(reduce('sum')),
  max: reduction(reduce('max')),
  min: reduction(reduce('max')),
  prod: reduction(() => lost('it is not linear')),
  logSumExp: reduction(() => lost('it is not linear')),
  euclideanNorm: reduction(() => lost('it is not linear')),
  norm: { shapes: () => [null], row: () => lost('it is not linear') },
  moments: { shapes: (use) => [reducedShape(use), reducedShape(use)], row: moments },
};

/** A list of numbers, as far as it is one. */
export function numbers(value: ConfigValue): readonly (number | null)[] | null {
  if (typeof value === 'number') return [value];
  if (!Array.isArray(value)) return null;
  return (value as readonly ConfigValue[]).map((entry) => (typeof entry === 'number' ? entry : null));
}
