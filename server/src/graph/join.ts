import type { Dim } from './model';
import { axisKey, axisSize, constantAxis, distinctAxis, isConstant, joinParts, type Axis } from './pattern';
import { shifted, type State } from './row';
import { sum } from './settings';
import { addShifts, type Layout, type Shift, type Sources, type Term } from './shift';
import { pad } from './window';

/** The index of the axis among a layout's axes; null where it is not known. */
type AxisIndex = (layout: Layout) => number | null;

/**
 * The shift of tensors that are joined along an axis: a term that all of them have alike repeats itself; any other
 * stands in its slot, with zeros around.
 *
 * @param sizes of the tensors along the axis
 * @returns null where the axis is not known
 */
export function joinShifts(
  shifts: readonly Shift[],
  at: AxisIndex,
  sizes: readonly Dim[],
  sources: Sources,
): State | null {
  if (shifts.flat().some((term) => at(term.layout) === null)) return null;
  return shifted(addShifts([...joinAlike(shifts, at), ...embedRest(shifts, at, sizes, sources)]));
}

/** Equal for terms that are one function of the bias but for the length of a constant axis. */
function keyOff(term: Term, index: number): string {
  const axes = term.layout.axes.map((axis, at) => (at === index && isConstant(axis) ? '' : axisKey(axis)));
  return `${term.source}*${term.factor}@${axes.join()}|${term.layout.held.map(axisKey).join()}`;
}

function alikeKeys(shifts: readonly Shift[], at: AxisIndex): Set<string> {
  const keys = shifts.map((shift) => new Set(shift.map((term) => keyOff(term, at(term.layout)!))));
  return new Set([...keys[0]!].filter((key) => keys.every((set) => set.has(key))));
}

function joinAlike(shifts: readonly Shift[], at: AxisIndex): readonly Shift[] {
  const alike = alikeKeys(shifts, at);
  const joined = shifts[0]!.flatMap((term) => {
    const index = at(term.layout)!;
    const key = keyOff(term, index);
    if (!alike.has(key)) return [];
    const parts = shifts.map((shift) => shift.find((other) => keyOff(other, index) === key)!.layout.axes[index]!);
    return [withAxis(term, index, repeatAxis(parts))];
  });
  return [joined];
}

function repeatAxis(parts: readonly Axis[]): Axis {
  if (isConstant(parts[0]!)) return constantAxis(sum(parts.map(axisSize)));
  return joinParts([{ size: parts.length, pattern: 'same' }, ...parts[0]!]);
}

function embedRest(shifts: readonly Shift[], at: AxisIndex, sizes: readonly Dim[], sources: Sources): readonly Shift[] {
  const alike = alikeKeys(shifts, at);
  return shifts.map((shift, slot) =>
    shift.flatMap((term) => {
      const index = at(term.layout)!;
      if (alike.has(keyOff(term, index))) return [];
      const [before, after] = [sum(sizes.slice(0, slot)), sum(sizes.slice(slot + 1))];
      const axis = term.layout.axes[index]!;
      const embedded = pad(axis, before, after);
      const key = `embed ${before ?? '?'} ${after ?? '?'} ${slot} ${axisKey(axis)}`;
      const result = typeof embedded === 'string' ? distinctAxis(null) : embedded;
      return [{ ...withAxis(term, index, result), source: sources.image(term.source, key) }];
    }),
  );
}

function withAxis(term: Term, index: number, axis: Axis): Term {
  const axes = term.layout.axes.map((old, at) => (at === index ? axis : old));
  return { ...term, layout: { ...term.layout, axes } };
}
