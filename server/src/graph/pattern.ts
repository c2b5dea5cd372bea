import type { Dim } from './model';

/**
 * How a shift depends on a coordinate: not at all (`same`), in a different way at every position (`distinct`), or by
 * explicit classes: positions with equal numbers have equal shifts.
 */
export type Pattern = 'same' | 'distinct' | readonly number[];

/** A stretch of an axis' index in mixed radix; null is a size that is not known. Parts of size 1 do not occur. */
export interface Part {
  readonly size: Dim;
  readonly pattern: Pattern;
}

/** One axis as parts in row-major order (outermost first); no parts: an axis of size 1. */
export type Axis = readonly Part[];

/** Longer axes are not written out position by position: they count as distinct where they are not the same. */
const LONGEST = 4096;

export function constantAxis(size: Dim): Axis {
  return size === 1 ? [] : [{ size, pattern: 'same' }];
}

export function distinctAxis(size: Dim): Axis {
  return size === 1 ? [] : [{ size, pattern: 'distinct' }];
}

export function isConstant(axis: Axis): boolean {
  return axis.every((part) => part.pattern === 'same');
}

export function axisSize(axis: Axis): Dim {
  return axis.reduce<Dim>((size, part) => (size === null || part.size === null ? null : size * part.size), 1);
}

/** The axis whose index runs through these parts in row-major order, in its one canonical form. */
export function joinParts(parts: readonly Part[]): Axis {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.size === 1) continue;
    if (last !== undefined && last.pattern === part.pattern && typeof part.pattern === 'string') {
      const size = last.size === null || part.size === null ? null : last.size * part.size;
      joined[joined.length - 1] = { size, pattern: part.pattern };
    } else joined.push(part);
  }
  return joined;
}

/** The class of every position along an axis; null when the axis is too long or of unknown size. */
export function classesOf(axis: Axis): readonly number[] | null {
  const size = axisSize(axis);
  if (size === null || size > LONGEST) return null;
  let classes: number[] = [0];
  for (const part of axis) {
    const inner = partClasses(part);
    const width = Math.max(...inner) + 1;
    classes = classes.flatMap((outer) => inner.map((label) => outer * width + label));
  }
  return classes;
}

function partClasses(part: Part): readonly number[] {
  if (typeof part.pattern !== 'string') return part.pattern;
  const varies = part.pattern === 'distinct';
  return Array.from({ length: part.size ?? 1 }, (_, index) => (varies ? index : 0));
}

/** The axis on which positions with equal keys have equal shifts, in its simplest form. */
export function axisFromKeys(keys: readonly (string | number)[]): Axis {
  const numbers = new Map<string | number, number>();
  const classes = keys.map((key) => {
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key)!;
  });
  const period = smallestPeriod(classes);
  const run = longestRun(classes, period);
  const core = classes.slice(0, period).filter((_, index) => index % run === 0);
  const pattern = new Set(core).size === core.length ? 'distinct' : core;
  return joinParts([
    { size: classes.length / period, pattern: 'same' },
    { size: core.length, pattern },
    { size: run, pattern: 'same' },
  ]);
}

function smallestPeriod(classes: readonly number[]): number {
  for (let period = 1; period < classes.length; period++) {
    if (classes.length % period === 0 && classes.every((label, index) => label === classes[index % period])) {
      return period;
    }
  }
  return classes.length;
}

function longestRun(classes: readonly number[], period: number): number {
  for (let run = period; run > 1; run--) {
    if (period % run !== 0) continue;
    if (classes.slice(0, period).every((label, index) => label === classes[index - (index % run)])) return run;
  }
  return 1;
}

/** Equal exactly for axes along which the shift is described equally. */
export function axisKey(axis: Axis): string {
  return axis
    .map((part) => {
      const pattern = typeof part.pattern === 'string' ? part.pattern[0]! : `(${part.pattern.join()})`;
      return `${part.size ?? '?'}${pattern}`;
    })
    .join('*');
}

/**
 * Cuts one row-major index into axes of the given sizes.
 *
 * @returns null where the parts do not line up with the sizes, or sizes are missing that would be needed
 */
export function cutAxis(flat: Axis, sizes: readonly Dim[]): readonly Axis[] | null {
  const rest = [...flat];
  const axes: Axis[] = [];
  for (let index = sizes.length - 1; index >= 0; index--) {
    if (rest.every((part) => part.pattern === 'same')) {
      axes.unshift(...sizes.slice(0, index + 1).map(constantAxis));
      return axes;
    }
    if (index === 0) {
      axes.unshift(joinParts(rest));
      return axes;
    }
    const axis = takeInner(rest, sizes[index]!);
    if (axis === null) return null;
    axes.unshift(axis);
  }
  return axes;
}

/** Takes `size` positions off the inner end of the parts. */
function takeInner(parts: Part[], size: Dim): Axis | null {
  const taken: Part[] = [];
  let missing = size;
  if (missing === null) return null;
  while (missing > 1) {
    // What is left of a size that is not known: the sizes fit, or tfjs refuses.
    if (parts.length > 0 && parts.every((part) => part.pattern === 'same' && part.size === null)) {
      taken.unshift({ size: missing, pattern: 'same' });
      break;
    }
    const part = parts.pop();
    if (part === undefined || part.size === null) return null;
    if (missing % part.size === 0) {
      taken.unshift(part);
      missing /= part.size;
    } else if (part.size % missing === 0 && typeof part.pattern === 'string') {
      taken.unshift({ size: missing, pattern: part.pattern });
      parts.push({ size: part.size / missing, pattern: part.pattern });
      missing = 1;
    } else return null;
  }
  return joinParts(taken);
}

/**
 * The finest description, axis by axis, of a row-major index that does not line up with the axes: along each axis two
 * positions are in one class exactly when all that lies across them is equal.
 */
export function tangledAxes(classes: readonly number[], sizes: readonly number[]): readonly Axis[] {
  let stride = classes.length;
  return sizes.map((size) => {
    stride /= size;
    const slices: string[][] = Array.from({ length: size }, () => []);
    classes.forEach((label, index) => slices[Math.floor(index / stride) % size]!.push(String(label)));
    return axisFromKeys(slices.map((slice) => slice.join()));
  });
}
