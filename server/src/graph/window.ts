import { isUnknown } from './config';
import { reach, samePadding, transposedLength, windowLength, type WindowSpec } from './length';
import type { Dim } from './model';
import { axisFromKeys, axisSize, classesOf, constantAxis, distinctAxis, isConstant, type Axis } from './pattern';

/**
 * What becomes of the description of a shift along one axis when a window slides over it. `unknown`: it hangs on a
 * size or an option that is not known. `lost`: the result is no shift.
 */
export type WindowResult = Axis | 'unknown' | 'lost';

/**
 * How a window makes one value of many: a weighted sum with one weight a tap (`weights`: zeros at a padded border
 * count), the mean over the taps in bounds (`mean`), the maximum over the taps in bounds (`max`).
 */
export type WindowKind = 'weights' | 'mean' | 'max';

/** A convolution or pooling along one axis (shifts are the same for every sample, so only positions matter). */
export function slide(axis: Axis, spec: WindowSpec, kind: WindowKind): WindowResult {
  const length = axisSize(axis);
  const outputs = windowLength(length, spec);
  const { size, stride, dilation, padding } = spec;
  if (isUnknown(padding)) return 'unknown';
  const constant = isConstant(axis);
  if (constant && (kind !== 'weights' || padding !== 'same')) return constantAxis(outputs);
  if (size === null || stride === null || dilation === null) return 'unknown';
  if (constant && size === 1) return constantAxis(outputs);
  if (length === null || outputs === null) return slideUnknown(constant, spec as KnownSpec, kind);
  const before = padding === 'same' ? samePadding(length, size, stride, dilation)[0] : 0;
  const classes = constant ? null : classesOf(axis);
  if (!constant && classes === null) return slideLong(outputs, size, kind);
  const keys: string[] = [];
  for (let output = 0; output < outputs; output++) {
    const taps: [number, number][] = [];
    for (let tap = 0; tap < size; tap++) {
      const index = output * stride + tap * dilation - before;
      if (index >= 0 && index < length) taps.push([tap, classes?.[index] ?? 0]);
    }
    const key = windowKey(taps, kind);
    if (key === null) return 'lost';
    keys.push(key);
  }
  return axisFromKeys(keys);
}

type KnownSpec = WindowSpec & { readonly size: number; readonly stride: number; readonly dilation: number };

/** An axis of unknown size: only what holds for every size. */
function slideUnknown(constant: boolean, spec: KnownSpec, kind: WindowKind): WindowResult {
  // A window no wider than its stride needs padding for some sizes only.
  if (constant) return reach(spec.size, spec.dilation) <= spec.stride ? 'unknown' : distinctAxis(null);
  if (kind === 'max' && spec.size > 1) return 'lost';
  return distinctAxis(null);
}

function slideLong(outputs: Dim, size: number, kind: WindowKind): WindowResult {
  if (kind === 'max' && size > 1) return 'lost';
  return distinctAxis(outputs);
}

/** Equal for windows that give equal shifts; null where the result is no shift. */
function windowKey(taps: readonly (readonly [number, number])[], kind: WindowKind): string | null {
  if (kind === 'weights') return taps.map(([tap, label]) => `${tap}:${label}`).join();
  const counts = new Map<number, number>();
  for (const [, label] of taps) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (kind === 'max') return counts.size > 1 ? null : String([...counts.keys()][0] ?? '');
  const shares = [...counts].sort(([a], [b]) => a - b);
  return shares.map(([label, count]) => `${label}:${(count / taps.length).toFixed(9)}`).join();
}

/** A transposed convolution along one axis. */
export function slideTransposed(axis: Axis, spec: WindowSpec): WindowResult {
  const length = axisSize(axis);
  const outputs = transposedLength(length, spec);
  const { size, stride, padding } = spec;
  if (isUnknown(padding) || size === null || stride === null) return 'unknown';
  if (size === 1 && stride === 1) return axis;
  if (length === null || outputs === null) return distinctAxis(null);
  const classes = classesOf(axis);
  if (classes === null || outputs > 4 * classes.length * stride) return distinctAxis(outputs);
  const before = padding === 'same' ? Math.floor(Math.max(size - stride, 0) / 2) : 0;
  const keys: string[] = [];
  for (let output = 0; output < outputs; output++) {
    const taps: string[] = [];
    for (let tap = 0; tap < size; tap++) {
      const index = (output + before - tap) / stride;
      if (Number.isInteger(index) && index >= 0 && index < length) taps.push(`${tap}:${classes[index]}`);
    }
    keys.push(taps.join());
  }
  return axisFromKeys(keys);
}

/** Zeros put before and after an axis. */
export function pad(axis: Axis, before: Dim, after: Dim): WindowResult {
  if (before === null || after === null) return 'unknown';
  if (before === 0 && after === 0) return axis;
  const classes = classesOf(axis);
  if (classes === null) {
    const length = axisSize(axis);
    return distinctAxis(length === null ? null : length + before + after);
  }
  return axisFromKeys([...Array(before).fill('zero'), ...classes, ...Array(after).fill('zero')]);
}

/** A part of an axis cut off at both ends. */
export function crop(axis: Axis, before: Dim, after: Dim): WindowResult {
  const length = axisSize(axis);
  const left = length === null || before === null || after === null ? null : length - before - after;
  if (isConstant(axis)) return constantAxis(left);
  if (before === null || after === null) return 'unknown';
  const classes = classesOf(axis);
  if (classes === null) return distinctAxis(left);
  return axisFromKeys(classes.slice(before, classes.length - after));
}
