import { madeUpName, type Layer } from '../../graph';
import type { Machine } from '../machine';
import { ObjectValue, UnknownValue, type Value } from '../values';

/** A name that tfjs makes up, `batch_normalization_BatchNormalization3`, `dense_Dense1_input`: known but for the number. */
export class MadeUpName extends UnknownValue {
  constructor(
    id: string,
    readonly start: string,
    /** What follows the number. */
    readonly end = '',
  ) {
    super('a name that tfjs gives', id);
  }
}

/** The name of a layer. */
export function nameOf(m: Machine, layer: Layer): Value {
  const given = layer.config.get('name');
  if (typeof given === 'string') return given;
  const id = `layer${layer.id}.name`;
  const start = given === undefined ? madeUpName(layer.kind) : null;
  return m.resolve(start === null ? new UnknownValue('a name that is not known', id) : new MadeUpName(id, start));
}

/** The name of what is made by a config: the one that stands in it, or one made up. */
export function nameIn(config: Value, id: string, start: string): Value {
  if (config === undefined || config === null) return new MadeUpName(id, start);
  const given = config instanceof ObjectValue && !config.open ? (config.properties.get('name') ?? null) : undefined;
  if (given === null) return new MadeUpName(id, start);
  return typeof given === 'string' ? given : new UnknownValue('a name that is not known', id);
}

/** The name of the input that a sequential model makes for its first layer (tfjs-layers/src/models.ts, `add`). */
export function nameOfInput(m: Machine, first: Layer): Value {
  const name = nameOf(m, first);
  if (typeof name === 'string') return `${name}_input`;
  const id = `layer${first.id}.input.name`;
  return name instanceof MadeUpName
    ? new MadeUpName(id, name.start, '_input')
    : new UnknownValue('a name that is not known', id);
}

/** What a method of a text gives on a made-up name; undefined where that depends on the number. */
export function callNameMethod(m: Machine, name: MadeUpName, method: string, args: readonly Value[]): Value {
  const { id, start, end } = name;
  if (method === 'toLowerCase' || method === 'toString') {
    const [from, to] = method === 'toString' ? [start, end] : [start.toLowerCase(), end.toLowerCase()];
    return m.resolve(new MadeUpName(`${id}.${method}`, from, to));
  }
  const [part] = args;
  if (typeof part !== 'string' || args.length !== 1) return undefined;
  const hasDigit = /\d/.test(part);
  switch (method) {
    case 'startsWith':
      return start.startsWith(part) || (part.startsWith(start) && hasDigit ? undefined : false);
    case 'includes':
      return start.includes(part) || end.includes(part) || (hasDigit && mayHold(part, name) ? undefined : false);
    case 'indexOf':
      if (start.includes(part)) return start.indexOf(part);
      return end.includes(part) || (hasDigit && mayHold(part, name)) ? undefined : -1;
    case 'endsWith':
      return (end !== '' && end.endsWith(part)) || (hasDigit && part.endsWith(end) ? undefined : false);
  }
  return undefined;
}

/** Whether a text may be the name. */
export function mayBeName({ start, end }: MadeUpName, text: Value): boolean {
  if (typeof text !== 'string') return true;
  const fits = text.startsWith(start) && text.endsWith(end);
  return fits && /^\d+$/.test(text.slice(start.length, text.length - end.length));
}

/** Whether a text with a digit may be part of the name: what stands around its digits does. */
function mayHold(part: string, { start, end }: MadeUpName): boolean {
  const [, before, after] = /^(.*?)\d+(.*)$/.exec(part) ?? [];
  return start.endsWith(before ?? '') && end.startsWith(after ?? '');
}
