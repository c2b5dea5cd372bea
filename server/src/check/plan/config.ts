import { ConfigObject, isUnknown, type ConfigValue, type Layer } from '../../graph';
import { MAKE, type PlanValue } from './types';

/** What a layer is to the question: how much of its config may be replaced. */
export type Role =
  /** Its output may depend on the bias: whatever decides that must be known. */
  | 'path'
  /** It has the bias: what happens before the bias is added may be replaced, what comes after may not. */
  | 'biased'
  /** Nothing in it decides: every unknown key may be replaced. */
  | 'side';

/** Belongs to the model's bookkeeping, or to shapes that the plan gives itself. */
const LEFT_OUT = new Set(['inputShape', 'batchInputShape', 'batchSize', 'name', 'weights', 'inputDtype', 'trainable']);
/** Keys without influence on which values depend on which. */
const INDIFFERENT =
  /(Initializer|Regularizer|Constraint)$|^(momentum|epsilon|name|dtype|seed|alpha|negativeSlope|stddev)$/;
const SIZES: Readonly<Record<string, number>> = {
  filters: 8,
  units: 8,
  depthMultiplier: 1,
  outputDim: 8,
  inputDim: 16,
};
/** What a convolution does before it adds its bias. */
const BEFORE_BIAS: Readonly<Record<string, PlanValue | undefined>> = {
  kernelSize: 3,
  strides: undefined,
  padding: undefined,
  dilationRate: undefined,
};
const REQUIRED: Readonly<Record<string, PlanValue>> = { kernelSize: 3, rate: 0.5, size: 2, n: 4 };

export interface PlannedConfig {
  readonly config: { readonly [key: string]: PlanValue };
  readonly standIns: readonly string[];
  /** Why it cannot be planned; null when it can. */
  readonly reason: string | null;
}

/** A layer's config as JSON, with named stand-ins for what is unknown and may be replaced in this role. */
export function planConfig(layer: Layer, role: Role): PlannedConfig {
  const config: Record<string, PlanValue> = {};
  const standIns: string[] = [];
  let reason: string | null = null;
  const blocked = (key: string): void => {
    reason ??= `${key} of ${layer.kind} is not known`;
  };
  if (!layer.config.complete) {
    if (role === 'side') standIns.push(`further options of ${layer.kind} unknown: left out`);
    else blocked('part of the config');
  }
  for (const [key, value] of layer.config.entries) {
    if (LEFT_OUT.has(key) || (layer.inner !== null && (key === 'layer' || key === 'cell'))) continue;
    const planned = planValue(value);
    if (planned !== NOT_KNOWN) {
      if (planned !== undefined) config[key] = planned;
      continue;
    }
    const replaced = standIn(key, role);
    if (replaced === NOT_KNOWN) blocked(key);
    else if (replaced === undefined) standIns.push(`${key} of ${layer.kind} unknown: tfjs's default`);
    else {
      config[key] = replaced;
      standIns.push(`${key} of ${layer.kind} unknown: ${JSON.stringify(replaced)}`);
    }
  }
  return { config, standIns, reason };
}

const NOT_KNOWN = Symbol('not known');

function standIn(key: string, role: Role): PlanValue | undefined | typeof NOT_KNOWN {
  if (key in SIZES) return SIZES[key]!;
  if (INDIFFERENT.test(key)) return undefined;
  if (role === 'biased' && key in BEFORE_BIAS) return BEFORE_BIAS[key];
  if (role === 'side') return REQUIRED[key];
  return NOT_KNOWN;
}

/** `undefined` for a key that is certainly not set. */
function planValue(value: ConfigValue): PlanValue | undefined | typeof NOT_KNOWN {
  if (isUnknown(value)) return NOT_KNOWN;
  if (value === undefined || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : NOT_KNOWN;
  if (typeof value !== 'object') return value;
  if (value instanceof ConfigObject) {
    const entries = planRecord(value);
    if (entries === null) return NOT_KNOWN;
    return value.className === null ? entries : { [MAKE]: value.className, config: entries };
  }
  const items = value.map(planValue);
  return items.includes(NOT_KNOWN) ? NOT_KNOWN : (items.map((item) => item ?? null) as PlanValue[]);
}

/** All entries as JSON; null when something in them is not known. */
export function planRecord(object: ConfigObject): { readonly [key: string]: PlanValue } | null {
  if (!object.complete) return null;
  const entries: Record<string, PlanValue> = {};
  for (const [key, value] of object.entries) {
    const planned = planValue(value);
    if (planned === NOT_KNOWN) return null;
    if (planned !== undefined) entries[key] = planned;
  }
  return entries;
}
