import type { Place } from '../graph';
import type { RuleId, TextEdit } from '../rules';
import { indentation, lineEnding, lineStart } from './text';

const REASON = 'kept on purpose';

/**
 * Puts a comment above the line on which `place` starts; a directive that stands there already gets one rule more.
 * Where the line above is not code (the first line of a script in HTML, a template literal), the comment goes right
 * before the place.
 *
 * @returns null where such a comment is there already
 */
export function disableLine(place: Place, rule: RuleId, text: string): TextEdit | null {
  const start = lineStart(text, place.start);
  const before = text.slice(start, place.start);
  if (/<script\b/i.test(before) || before.includes('`')) {
    if (before.includes(`layerlint-disable-line ${rule}`)) return null;
    return insert(place.file, place.start, `/* layerlint-disable-line ${rule} -- ${REASON} */ `);
  }
  const above = start === 0 ? '' : text.slice(lineStart(text, start - 1), start);
  const existing = /^(\s*(?:\/\/+|\/\*+)\s*layerlint-disable-next-line)((?:[\s,]+(?!--)[\w-]+)*)/.exec(above);
  if (existing !== null) {
    const [whole, , rules] = existing as unknown as [string, string, string];
    const named = rules.split(/[\s,]+/).filter((name) => name !== '');
    if (named.length === 0 || named.includes(rule)) return null;
    return insert(place.file, start - above.length + whole.length, `, ${rule}`);
  }
  const indent = indentation(text, place.start);
  const comment = `// layerlint-disable-next-line ${rule} -- ${REASON}`;
  return insert(place.file, start, `${indent}${comment}${lineEnding(text)}`);
}

function insert(file: string, at: number, text: string): TextEdit {
  return { file, start: at, end: at, text };
}
