import { madeUpName, type Layer } from '../../graph';
import type { Machine } from '../machine';
import { UnknownValue, type Value } from '../values';

/** The name that tfjs makes up for a layer, `batch_normalization_BatchNormalization3`: known but for the number. */
export class MadeUpName extends UnknownValue {
  constructor(
    id: string,
    readonly start: string,
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

/** What a method of a text gives on a made-up name; undefined where that depends on the number. */
export function callNameMethod(m: Machine, { id, start }: MadeUpName, method: string, args: readonly Value[]): Value {
  if (method === 'toLowerCase' || method === 'toString')
    return m.resolve(new MadeUpName(`${id}.${method}`, method === 'toString' ? start : start.toLowerCase()));
  const [part] = args;
  if (typeof part !== 'string' || args.length !== 1) return undefined;
  switch (method) {
    case 'startsWith':
      return start.startsWith(part) || (isOne(part, start) ? undefined : false);
    case 'includes':
      return start.includes(part) || (mayHold(part, start) ? undefined : false);
    case 'indexOf':
      return start.includes(part) ? start.indexOf(part) : mayHold(part, start) ? undefined : -1;
    case 'endsWith':
      return /\d$/.test(part) ? undefined : false;
  }
  return undefined;
}

/** Whether a text may be the name. */
export function mayBeName({ start }: MadeUpName, text: Value): boolean {
  return typeof text !== 'string' || (isOne(text, start) && text !== start);
}

/** Whether a text is the start with a number behind it, or none. */
function isOne(text: string, start: string): boolean {
  return text.startsWith(start) && /^\d*$/.test(text.slice(start.length));
}

function mayHold(part: string, start: string): boolean {
  return /\d$/.test(part) && start.endsWith(part.replace(/\d+$/, ''));
}
