import type { LineTable } from '../analyzer';
import type { Span } from '../graph';
import { printable, type Colors } from './output';

const CONTEXT = 1;
/** Lines of a span that are shown; the middle of a longer one is left out. */
const MAX_LINES = 8;
const MAX_WIDTH = 140;
const TAB = '  ';

/**
 * The lines around a span, with what belongs to the span underlined:
 *
 *     11 │ const model = tf.sequential();
 *   > 12 │ model.add(tf.layers.dense({ units: 3 }));
 *        │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 */
export function codeFrame(table: LineTable, span: Span, colors: Colors): string {
  const first = table.position(span.start);
  const last = table.position(span.end);
  const from = Math.max(1, first.line - CONTEXT);
  const to = Math.min(table.count, last.line + CONTEXT);
  const width = String(to).length;
  const lines: string[] = [];
  const gutter = (text: string): string => colors.dim(text.padStart(width));
  for (let number = from; number <= to; number++) {
    const marked = number >= first.line && number <= last.line;
    if (marked && last.line - first.line >= MAX_LINES && number === first.line + MAX_LINES - 2) {
      lines.push(`  ${gutter('')} ${colors.dim('│')} ${colors.dim('…')}`);
      number = last.line - 1;
      continue;
    }
    const raw = table.line(number);
    if (!marked && raw.trim() === '') continue;
    const mark = marked ? colors.red('>') : ' ';
    lines.push(`${mark} ${gutter(String(number))} ${colors.dim('│')} ${shown(raw)}`.trimEnd());
    if (!marked) continue;
    const indent = raw.length - raw.trimStart().length;
    const start = number === first.line ? first.column - 1 : indent;
    const end = number === last.line ? last.column - 1 : raw.trimEnd().length;
    const offset = shown(raw.slice(0, start)).length;
    const length = Math.min(shown(raw.slice(0, end)).length, MAX_WIDTH) - offset;
    if (length > 0)
      lines.push(`  ${gutter('')} ${colors.dim('│')} ${' '.repeat(offset)}${colors.red('^'.repeat(length))}`);
  }
  return lines.join('\n');
}

function shown(text: string): string {
  const plain = printable(text.replaceAll('\t', TAB));
  return plain.length > MAX_WIDTH ? `${plain.slice(0, MAX_WIDTH - 1)}…` : plain;
}
