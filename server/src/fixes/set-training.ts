import type { CallSite } from '../graph';
import type { Remedy, TextEdit } from '../rules';
import { withProperty } from './object-literal';
import { edit, findOutsideComments, slice } from './text';

type Api = Extract<Remedy, { type: 'set-training' }>['api'];

const TRAINING = '{ training: true }';
/** Second arguments that certainly carry no flag of a caller's. */
const CONSTANT = /^(true|false|null|undefined|void 0|-?[\d.]+|'[^']*'|"[^"]*")$/;

/**
 * Makes a call run its model in training mode: `apply(x)` and `call(x)` get `{ training: true }`, `predict(x)` becomes
 * `apply(x, { training: true })`, because predict never hands a flag on (tfjs-layers/src/engine/training.ts).
 *
 * @returns null where nothing is left to change, or the flag already comes from elsewhere (`{ training }`, `kwargs`)
 */
export function setTraining(site: CallSite, api: Api, text: string): readonly TextEdit[] | null {
  const [input, second] = site.args;
  if (input === undefined || input.spread || second?.spread === true) return null;
  const edits =
    api === 'predict' || api === 'predictOnBatch'
      ? predictToApply(site, api, text)
      : [passFlag(site, text)].filter((change) => change !== null);
  return edits === null || edits.length === 0 ? null : edits;
}

/** Makes `apply(x)` in the `call` of a layer class `apply(x, kwargs)`. */
export function handOn(site: CallSite, flag: string, text: string): TextEdit | null {
  const [input] = site.args;
  if (input === undefined || input.spread || site.args.length > 1) return null;
  return edit(site.file, text, ...appended(site, input.span.end, text, flag));
}

function passFlag(site: CallSite, text: string): TextEdit | null {
  const [input, second] = site.args;
  if (second === undefined) return edit(site.file, text, ...appended(site, input!.span.end, text));
  if (second.object === null) {
    return CONSTANT.test(slice(text, second.span)) ? edit(site.file, text, second.span, TRAINING) : null;
  }
  const flags = second.object.properties.filter((property) => property.key === 'training');
  const constant = flags.every(({ form, value }) => form === 'property' && CONSTANT.test(slice(text, value)));
  if (!constant) return null;
  const changed = withProperty(text, second.object, 'training', 'true');
  return changed === null ? null : edit(site.file, text, second.object.span, changed);
}

function predictToApply(site: CallSite, api: Api, text: string): readonly TextEdit[] | null {
  const receiver = text.slice(site.callee.start, site.name.start);
  const name = slice(text, site.name);
  // A bare `predict(x)` has lost its model; `m.predict.call(m, x)` is another call.
  if (receiver.trim() === '' || name.replace(/^(['"])(.*)\1$/, '$2') !== api) return null;
  const renamed = edit(site.file, text, site.name, name.replace(api, 'apply'));
  const [input, second] = site.args;
  const last = site.args.at(-1)!;
  const flag =
    second === undefined
      ? edit(site.file, text, ...appended(site, input!.span.end, text))
      : edit(site.file, text, { start: second.span.start, end: last.span.end }, TRAINING);
  return [renamed, flag].filter((change) => change !== null);
}

/** The place behind the last argument, and what to write there: a trailing comma is kept. */
function appended(
  site: CallSite,
  end: number,
  text: string,
  flag = TRAINING,
): [{ start: number; end: number }, string] {
  const comma = findOutsideComments(text.slice(end, site.close), ',');
  const at = comma < 0 ? end : end + comma + 1;
  return [{ start: at, end: at }, comma < 0 ? `, ${flag}` : ` ${flag},`];
}
