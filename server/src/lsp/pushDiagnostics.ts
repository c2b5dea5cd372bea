import { CancellationToken } from 'vscode-languageserver/node';
import { analyzeAll } from './analyzeWorkspace';
import { toDiagnostics, wantedFindings } from './diagnostics';
import { guarded } from './guard';
import type { Session } from './session';

/** Long enough for a burst of changes, short enough not to be noticed. */
const COALESCE_MS = 30;

/**
 * `textDocument/publishDiagnostics` for clients that cannot pull: after each burst of changes, the problems of every
 * document whose problems are others than the client has. A change in one file can change them in another.
 */
export class PushDiagnostics {
  #timer: NodeJS.Timeout | null = null;
  /** What the client has, by URI. */
  readonly #published = new Map<string, string>();

  constructor(private readonly session: Session) {}

  schedule(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void guarded(this.session.connection, 'textDocument/publishDiagnostics', undefined, () => this.#publish());
    }, COALESCE_MS);
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #publish(): Promise<void> {
    const { session } = this;
    const { connection, documents, paths, workspace } = session;
    await workspace.ready();
    const { epoch } = workspace;
    const wanted = new Set(documents.keys());
    if (session.wholeWorkspace) {
      const progress = connection.window.attachWorkDoneProgress(undefined);
      // What was started on sources that have changed since is for nothing; their change has scheduled another run.
      const token = CancellationToken.None;
      for (const { file } of await analyzeAll(session, progress, token)) wanted.add(paths.toUri(file));
      if (workspace.epoch !== epoch) return this.schedule();
    }
    for (const uri of new Set([...wanted, ...this.#published.keys()])) {
      const path = paths.toPath(uri);
      const diagnostics = wanted.has(uri) ? toDiagnostics(session, wantedFindings(session, path)) : [];
      const version = documents.get(uri)?.version;
      const state = JSON.stringify([version, diagnostics]);
      const before = this.#published.get(uri);
      if (before === state || (before === undefined && diagnostics.length === 0 && version === undefined)) continue;
      if (diagnostics.length === 0 && version === undefined) this.#published.delete(uri);
      else this.#published.set(uri, state);
      void connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) });
    }
  }
}
