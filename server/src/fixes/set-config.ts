import type { CallSite } from '../graph';
import type { TextEdit } from '../rules';
import { withProperty } from './object-literal';
import { edit, slice } from './text';

/**
 * Sets `key` in the config that a layer's creating call hands over, at this call only: a config that is a variable
 * may be shared with other layers, so it is copied (`{ ...config, useBias: false }`) and not changed.
 *
 * @returns null where nothing is left to change or the call cannot be edited safely
 */
export function setConfig(
  site: CallSite,
  key: string,
  value: string,
  drop: readonly string[],
  text: string,
): TextEdit | null {
  const [config] = site.args;
  if (config === undefined) {
    const at = { start: site.close, end: site.close };
    return edit(site.file, text, at, `{ ${key}: ${value} }`);
  }
  if (config.spread) return null;
  if (config.object !== null) {
    const changed = withProperty(text, config.object, key, value, drop);
    return changed === null ? null : edit(site.file, text, config.object.span, changed);
  }
  const expression = slice(text, config.span);
  if (/^(undefined|null|void 0)$/.test(expression)) {
    return edit(site.file, text, config.span, `{ ${key}: ${value} }`);
  }
  const simple = /^[\w$.]+(\([^()]*\))?$/.test(expression);
  return edit(site.file, text, config.span, `{ ...${simple ? expression : `(${expression})`}, ${key}: ${value} }`);
}
