import type { CallSite } from '../graph';
import type { TextEdit } from '../rules';
import { withoutProperty } from './object-literal';
import { setConfig } from './set-config';
import { edit } from './text';

/**
 * Hands over nothing for `key` in the object that an op takes its arguments in: the property goes, or is `undefined`
 * where a spread may give it as well.
 *
 * @returns null where the call cannot be edited safely
 */
export function dropArgument(site: CallSite, key: string, text: string): TextEdit | null {
  const object = site.args[0]?.object ?? null;
  if (object === null || object.properties.some(({ key: name }) => name === null)) {
    return setConfig(site, key, 'undefined', [], text);
  }
  const changed = withoutProperty(text, object, key);
  return changed === null ? null : edit(site.file, text, object.span, changed);
}
