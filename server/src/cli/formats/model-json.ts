import type { Outline } from '../../analyzer';
import type { Place } from '../../graph';
import { located } from './json';
import type { Sheets } from '../output';

/** An outline for programs: its rows as they are, but for every place as a file with lines and columns. */
export function formatModelJson({ file, blocks, silences }: Outline, sheets: Sheets): string {
  const document = {
    version: 1,
    file: sheets.name(file),
    models: blocks.map(({ row, condition }) => ({ ...(withPositions(row, sheets) as object), condition })),
    silences: silences.map((silence) => withPositions(silence, sheets)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function withPositions(value: unknown, sheets: Sheets): unknown {
  if (Array.isArray(value)) return value.map((entry) => withPositions(entry, sheets));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, entry]): [string, unknown][] => {
    if (key !== 'place') return [[key, withPositions(entry, sheets)]];
    return entry === null ? [] : Object.entries(located(entry as Place, sheets));
  });
  return Object.fromEntries(entries);
}
