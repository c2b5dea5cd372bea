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
    const source = text === undefined ? null : parse(path, text);
    this.parsed.delete(path);
    this.parsed.set(path, { version, source });
    if (this.parsed.size > this.capacity) this.parsed.delete(this.parsed.keys().next().value!);
    return source;
  }
}

function parse(path: string, text: string): ts.SourceFile {
  const script = /\.html?$/i.test(path) ? scriptText(text) : text;
  return ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true, scriptKind(path));
}

/** What the parser found wrong; the tree around it is usable all the same. */
export function syntaxErrors(source: ts.SourceFile): { place: Place; message: string }[] {
  const { parseDiagnostics } = source as unknown as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] };
  return (parseDiagnostics ?? []).map((diagnostic) => ({
    place: { file: source.fileName, start: diagnostic.start, end: diagnostic.start + diagnostic.length },
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
  }));
}
