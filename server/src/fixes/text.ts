import type { Span } from '../graph';
import type { TextEdit } from '../rules';

/** The text of a span. */
export function slice(text: string, span: Span): string {
  return text.slice(span.start, span.end);
}

/** The end of the comment that starts at `at`, or `at` itself where none does. */
export function skipComment(text: string, at: number): number {
  if (text.startsWith('//', at)) {
    const end = text.slice(at).search(/[\r\n]/);
    return end < 0 ? text.length : at + end;
  }
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  return at;
}

/** The offset of the first of `chars` in text that holds white space, comments and punctuation only; -1 if none. */
export function findOutsideComments(text: string, chars: string, from = 0): number {
  for (let at = from; at < text.length; at++) {
    const end = skipComment(text, at);
    if (end > at) at = end - 1;
    else if (chars.includes(text[at]!)) return at;
  }
  return -1;
}

/** Whether code on the same line behind this white space and these comments would be part of a comment. */
export function endsInLineComment(trivia: string): boolean {
  return findOutsideComments(`${trivia}!`, '!') < 0;
}

export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** The white space that the line of `offset` starts with. */
export function indentation(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))![0];
}

/** The line ending that a text uses. */
export function lineEnding(text: string): string {
  return /\r\n|\n/.exec(text)?.[0] ?? '\n';
}

/** The smallest single edit that turns the text of `span` into `replacement`; null where they are equal already. */
export function edit(file: string, text: string, span: Span, replacement: string): TextEdit | null {
  const old = slice(text, span);
  if (old === replacement) return null;
  const shorter = Math.min(old.length, replacement.length);
  let head = 0;
  while (head < shorter && old[head] === replacement[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === replacement[replacement.length - 1 - tail]) tail++;
  return {
    file,
    start: span.start + head,
    end: span.end - tail,
    text: replacement.slice(head, replacement.length - tail),
  };
}
