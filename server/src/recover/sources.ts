import ts from 'typescript';
import type { Place } from '../graph';
import type { SourceHost } from './host';
import { scriptText } from './html';
import { scriptKind } from './syntax';

/** Parsed files, kept as long as their version stays. */
export class SourceCache {
  private readonly parsed = new Map<string, { readonly version: string; readonly source: ts.SourceFile | null }>();

  constructor(
    private readonly host: SourceHost,
    private readonly capacity = 400,
  ) {}

  get(path: string): ts.SourceFile | null {
    const version = this.host.version(path);
    const known = this.parsed.get(path);
    if (known?.version === version) {
      // Most recently used last.
      this.parsed.delete(path);
      this.parsed.set(path, known);
      return known.source;
    }
    const text = this.host.read(path);
    const source = text === undefined ? null : parse(path, text, known?.source ?? null);
    this.parsed.delete(path);
    this.parsed.set(path, { version, source });
    if (this.parsed.size > this.capacity) this.parsed.delete(this.parsed.keys().next().value!);
    return source;
  }
}

/** Parses a text; what it shares with the tree of the text before it is taken over, and that tree is used up. */
function parse(path: string, text: string, before: ts.SourceFile | null): ts.SourceFile {
  const script = /\.html?$/i.test(path) ? scriptText(text) : text;
  if (before) return ts.updateSourceFile(before, script, changeBetween(before.text, script));
  return ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true, scriptKind(path));
}

/** The smallest range whose replacement makes one text of the other. */
function changeBetween(before: string, after: string): ts.TextChangeRange {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < most - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  return ts.createTextChangeRange(ts.createTextSpan(start, before.length - start - tail), after.length - start - tail);
}

/** What the parser found wrong; the tree around it is usable all the same. */
export function syntaxErrors(source: ts.SourceFile): { place: Place; message: string }[] {
  const { parseDiagnostics } = source as unknown as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] };
  return (parseDiagnostics ?? []).map((diagnostic) => ({
    place: { file: source.fileName, start: diagnostic.start, end: diagnostic.start + diagnostic.length },
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
  }));
}
