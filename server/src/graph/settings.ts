import { Unknown, isUnknown, type ConfigObject, type ConfigValue } from './config';
import type { Dim } from './model';

/**
 * Reads a layer's config as the constructors of tfjs-layers do, and the arguments of an op alike: null and undefined mean
 * the default. What is not known, or is no value that tfjs takes, comes back as null (numbers) or Unknown (everything else).
 */
export class Settings {
  constructor(private readonly of: { readonly config: ConfigObject }) {}

  /** The value of `key`; undefined where the default holds. */
  value(key: string): ConfigValue {
    const value = this.of.config.get(key);
    return value === null ? undefined : value;
  }

  number(key: string, fallback: Dim = null): Dim {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return typeof value === 'number' && !Number.isNaN(value) ? value : null;
  }

  /** A tuple of `count` numbers; one number stands for all of them (`normalizeArray`, tfjs-layers/src/utils/conv_utils.ts). */
  tuple(key: string, count: number, fallback: Dim = null): readonly Dim[] {
    return spread(this.value(key), count, fallback);
  }

  text(key: string, fallback: string): string | Unknown {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return typeof value === 'string' ? value : unknown(key, value);
  }

  /** A flag by its truth, as an `if` in tfjs takes it: `'false'` is true, 0 and '' are false. */
  flag(key: string, fallback: boolean): boolean | Unknown {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return isUnknown(value) ? value : Boolean(value);
  }

  /** The axes of a `number | number[]` key, as given (negative ones count from the end); null when not known. */
  axes(key: string, fallback: number): readonly number[] | null {
    const value = this.value(key);
    if (value === undefined) return [fallback];
    const list = Array.isArray(value) ? (value as readonly ConfigValue[]) : [value];
    const axes = list.map((axis) => (typeof axis === 'string' && axis !== '' ? Number(axis) : axis));
    return axes.every((axis) => typeof axis === 'number' && Number.isInteger(axis)) ? (axes as number[]) : null;
  }

  /** The name of the activation; `linear` when there is none. */
  activation(fallback = 'linear'): string | Unknown {
    return this.text('activation', fallback);
  }

  get channelsFirst(): boolean | Unknown {
    const format = this.text('dataFormat', 'channelsLast');
    return isUnknown(format) ? format : format === 'channelsFirst';
  }

  /** A fraction that acts only strictly between 0 and 1, as the rates of all dropout layers do. */
  acts(key: string): boolean | Unknown {
    const value = this.value(key);
    if (value === undefined) return false;
    return typeof value === 'number' ? value > 0 && value < 1 : unknown(key, value);
  }
}

function spread(value: ConfigValue, count: number, fallback: Dim): readonly Dim[] {
  if (value === undefined) return Array.from({ length: count }, () => fallback);
  if (typeof value === 'number') return Array.from({ length: count }, () => value);
  if (!Array.isArray(value) || value.length !== count) return Array.from({ length: count }, () => null);
  return (value as readonly ConfigValue[]).map((entry) => (typeof entry === 'number' ? entry : null));
}

/** A pair of pairs, the borders of two axes: `1`, `[1, 2]`, `[[1, 1], [2, 2]]` (padding and cropping). */
export function borders(value: ConfigValue, fallback: Dim): readonly (readonly [Dim, Dim])[] {
  const rows = Array.isArray(value) && value.length === 2 ? (value as readonly ConfigValue[]) : null;
  const sides = rows ?? [value, value];
  return sides.map((side) => {
    const [before, after] = spread(side, 2, fallback);
    return [before ?? null, after ?? null] as const;
  });
}

function unknown(key: string, value: ConfigValue): Unknown {
  return isUnknown(value) ? value : new Unknown(`\`${key}\` has a value that tfjs does not take`);
}

/** The product of sizes; null when one is not known. */
export function product(sizes: readonly Dim[]): Dim {
  return sizes.reduce<Dim>((total, size) => (total === null || size === null ? null : total * size), 1);
}

/** The sum of sizes; null when one is not known. */
export function sum(sizes: readonly Dim[]): Dim {
  return sizes.reduce<Dim>((total, size) => (total === null || size === null ? null : total + size), 0);
}
