import ts from 'typescript';
import { ConfigObject, Unknown, type ConfigValue } from '../../graph';
import { settle, settleActing } from '../evaluate';
import type { Machine } from '../machine';
import { getProperty } from '../properties';
import { hasModifier, propertyName } from '../syntax';
import {
  ApiObject,
  ArrayValue,
  ClassValue,
  Deferred,
  LayerValue,
  ModelValue,
  ObjectValue,
  UnknownItems,
  type Value,
} from '../values';

/** Keys on which a verdict can turn: a deferred value of one is decided, so that each world knows it. */
const deciding = new Set([
  'activation',
  'useBias',
  'padding',
  'axis',
  'center',
  'scale',
  'dataFormat',
  'returnSequences',
]);

/** Keys of which only the truth counts. */
const switches = new Set(['useBias', 'center', 'scale', 'returnSequences']);

/** The config that a layer is made with; null when the argument is no object at all. */
export function configOf(m: Machine, argument: Value, node: ts.Node | null = null): ConfigObject | null {
  const value = settleActing(m, argument);
  if (value === undefined || value === null) return ConfigObject.empty;
  if (value instanceof ObjectValue) {
    const entries = new Map<string, ConfigValue>();
    const open = new Map<string, Value>();
    for (const [key, item] of membersOf(m, value, node)) {
      const settled = item instanceof Deferred && deciding.has(key) ? settle(m, item) : m.resolve(item);
      entries.set(key, configValueOf(m, settled));
      // A later decision of this world may still make it known.
      if (settled instanceof Unknown || settled instanceof Deferred) open.set(key, settled);
    }
    if (open.size > 0) m.openConfigs.set(entries, open);
    return new ConfigObject(entries, !value.open);
  }
  if (value instanceof Unknown) return new ConfigObject(new Map(), false);
  return null;
}

/** What reading the members of a config gives, those of its prototypes and what its getters compute among them. */
function membersOf(m: Machine, value: ObjectValue, node: ts.Node | null): ReadonlyMap<string, Value> {
  const keys = new Set<string>();
  for (let at: ObjectValue | null = value; at; at = at.prototype)
    for (const key of [...at.properties.keys(), ...at.accessors.keys()]) keys.add(key);
  for (let at: Value = value.classValue; at instanceof ClassValue; at = at.base)
    for (const member of at.node.members.filter(ts.isGetAccessor)) {
      const name = propertyName(member.name) ?? at.computedNames.get(member);
      if (name !== undefined && !hasModifier(member, ts.SyntaxKind.StaticKeyword)) keys.add(name);
    }
  const { properties } = value;
  const plain = keys.size === properties.size && value.accessors.size === 0;
  if (plain) return properties;
  const read = (key: string): Value =>
    node ? getProperty(m, value, key, node) : m.unknown(`\`${key}\` is computed by code`, null);
  return new Map([...keys].map((key) => [key, read(key)]));
}

export function configValueOf(m: Machine, value: Value, depth = 4): ConfigValue {
  const resolved = m.resolve(value);
  if (resolved instanceof Unknown) return resolved;
  if (typeof resolved !== 'object' || resolved === null) return resolved;
  if (depth === 0) return new Unknown('nested too deeply');
  if (resolved instanceof ArrayValue) {
    if (resolved.items.some((item) => item instanceof UnknownItems)) return new Unknown('a list that is not known');
    return resolved.items.map((item) => configValueOf(m, item, depth - 1));
  }
  if (resolved instanceof ApiObject)
    return new ConfigObject(resolved.config.entries, resolved.config.complete, resolved.path);
  if (resolved instanceof ObjectValue && !resolved.classValue && !resolved.tag) {
    const entries = new Map([...resolved.properties].map(([key, item]) => [key, configValueOf(m, item, depth - 1)]));
    return new ConfigObject(entries, !resolved.open);
  }
  if (resolved instanceof Deferred) return new Unknown('depends on a condition that is not known');
  if (resolved instanceof LayerValue || resolved instanceof ModelValue) return new Unknown('a layer');
  return new Unknown('a value that is not plain data');
}

/** A config with all that the decisions of the whole world have made known of it. */
export function settledConfig(m: Machine, config: ConfigObject): ConfigObject {
  const open = m.openConfigs.get(config.entries);
  const nested = [...config.entries.values()].some((value) => value instanceof ConfigObject);
  if (!open && !nested) return config;
  const entries = new Map<string, ConfigValue>();
  for (const [key, value] of config.entries) {
    const settled = open?.has(key) ? settledValue(m, key, open.get(key)) : value;
    entries.set(key, settled instanceof ConfigObject ? settledConfig(m, settled) : settled);
  }
  return new ConfigObject(entries, config.complete, config.className);
}

function settledValue(m: Machine, key: string, value: Value): ConfigValue {
  const truth = switches.has(key) ? m.truth(value) : null;
  const resolved = m.resolve(value);
  return resolved instanceof Unknown ? (truth ?? resolved) : configValueOf(m, resolved);
}
