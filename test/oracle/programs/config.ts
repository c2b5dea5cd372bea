import { ConfigObject, Unknown, type ConfigValue } from '../../../server/src/graph';

/** What initializers, regularizers and constraints were made with. */
const made = new WeakMap<object, ConfigObject>();

/** Notes the call that made an object which configs hold; `className` is its access path after `tf`. */
export function noteMade(object: unknown, className: string, argument: unknown): void {
  if (typeof object !== 'object' || object === null) return;
  const config = configOf(isPlain(argument) ? argument : argument === undefined ? {} : { value: argument });
  made.set(object, new ConfigObject(config.entries, true, className));
}

/** A config as a program gave it, as it is at this moment. */
export function configOf(config: Readonly<Record<string, unknown>> | undefined | null): ConfigObject {
  return new ConfigObject(new Map(Object.entries(config ?? {}).map(([key, value]) => [key, valueOf(value)])));
}

function valueOf(value: unknown): ConfigValue {
  if (value === null || value === undefined) return value;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value === 'object')
    return made.get(value) ?? (isPlain(value) ? configOf(value) : new Unknown('an object'));
  return new Unknown(`a ${typeof value}`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
