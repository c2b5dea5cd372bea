import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver/node';
import type { FileSystem } from '../analyzer';
import type { Span } from '../graph';
import type { Paths } from './paths';

/** How many texts of the disk are kept: related places and workspace diagnostics come in runs of few files. */
const KEPT = 32;

/** Texts as the analysis saw them, for turning offsets into positions: open documents first, the disk behind them. */
export class Texts {
  readonly #kept = new Map<string, { readonly stamp: string; readonly document: TextDocument }>();

  constructor(
    private readonly open: (uri: string) => TextDocument | undefined,
    private readonly paths: Paths,
    private readonly fileSystem: FileSystem,
  ) {}

  /** Null where the file is neither open nor readable. */
  document(path: string): TextDocument | null {
    const uri = this.paths.toUri(path);
    const open = this.open(uri);
    if (open) return open;
    const stamp = this.fileSystem.stamp(path);
    if (stamp === null) return null;
    const kept = this.#kept.get(path);
    this.#kept.delete(path);
    const entry = kept?.stamp === stamp ? kept : this.#read(path, uri);
    if (!entry) return null;
    this.#kept.set(path, entry);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return entry.document;
  }

  /** Null where the text is not to be had. */
  range(path: string, span: Span): Range | null {
    const document = this.document(path);
    return document && { start: document.positionAt(span.start), end: document.positionAt(span.end) };
  }

  #read(path: string, uri: string): { stamp: string; document: TextDocument } | null {
    try {
      const { bytes, stamp } = this.fileSystem.read(path);
      // TextDecoder drops a byte order mark, as editors do.
      return { stamp, document: TextDocument.create(uri, '', 0, new TextDecoder().decode(bytes)) };
    } catch {
      return null;
    }
  }
}
