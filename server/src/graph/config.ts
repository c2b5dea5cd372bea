import type { Place } from './place';

/** A value that the analysis does not know, and why. Unknown is a value, and unknown silences. */
export class Unknown {
  constructor(
    readonly reason: string,
    readonly place: Place | null = null,
  ) {}
}

export type ConfigPrimitive = null | undefined | boolean | number | string;

/** What a key of a layer's config holds, as far as the analysis knows it. */
export type ConfigValue = ConfigPrimitive | Unknown | ConfigObject | readonly ConfigValue[];

/**
 * A config object, or an object made by a factory (`tf.regularizers.l2({...})`: then `className` is the access path
 * after `tf`, here `regularizers.l2`, and the entries are its arguments). A nested layer or model (the `layer` of
 * `timeDistributed`) is held by the layer as `inner`, never here.
 */
export class ConfigObject {
  static readonly empty = new ConfigObject(new Map());

  /**
   * @param entries the keys that are set, in source order
   * @param complete false when further keys may be set that the analysis cannot see (a spread of an unknown value)
   */
  constructor(
    readonly entries: ReadonlyMap<string, ConfigValue>,
    readonly complete = true,
    readonly className: string | null = null,
  ) {}

  static of(record: Readonly<Record<string, ConfigValue>>): ConfigObject {
    return new ConfigObject(new Map(Object.entries(record)));
  }

  /** The value of `key`; `undefined` when it is certainly not set, an Unknown when it may be. */
  get(key: string): ConfigValue {
    if (this.entries.has(key)) return this.entries.get(key);
    return this.complete ? undefined : new Unknown('the config is made from a value that is not known here');
  }
}

export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown;
}
