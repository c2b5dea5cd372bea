import type {
  CancellationToken,
  Diagnostic,
  WorkDoneProgressReporter,
  WorkspaceDiagnosticReport,
  WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { analyzeAll } from './analyzeWorkspace';
import { resultId, toDiagnostics, wantedFindings } from './diagnostics';
import { guarded, throwIfCancelled } from './guard';
import type { Session } from './session';

/**
 * `workspace/diagnostic`: the problems of every file. Only files that have problems, or had some in the client's last
 * state, are named.
 *
 * To a client that takes partial results and asks again as soon as it has an answer, the request stays open while
 * there is nothing new to tell (as the protocol intends), so that an idle editor costs nothing.
 */
export function handleWorkspaceDiagnostics(session: Session): void {
  const { connection, workspace } = session;
  connection.languages.diagnostics.onWorkspace((params, token, progress, partial) =>
    guarded<WorkspaceDiagnosticReport>(connection, 'workspace/diagnostic', { items: [] }, async () => {
      const previous = new Map(params.previousResultIds.map(({ uri, value }) => [uri, value]));
      for (;;) {
        await workspace.ready(token);
        throwIfCancelled(token);
        const { revision } = workspace;
        const items = await collect(session, previous, progress, token);
        throwIfCancelled(token);
        const news = items.filter((item) => item.kind === 'full');
        if (!partial) return { items };
        if (news.length > 0) {
          partial.report({ items: news });
          return { items: [] };
        }
        await workspace.nextChange(revision, token);
      }
    }),
  );
}

async function collect(
  session: Session,
  previous: ReadonlyMap<string, string>,
  progress: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<WorkspaceDocumentDiagnosticReport[]> {
  const { paths, documents } = session;
  const seen = new Set<string>();
  const items: WorkspaceDocumentDiagnosticReport[] = [];
  const files = new Set(documents.keys().map((uri) => paths.toPath(uri)));
  if (session.wholeWorkspace) for (const { file } of await analyzeAll(session, progress, token)) files.add(file);
  for (const path of files) {
    const uri = paths.toUri(path);
    const before = previous.get(uri);
    const diagnostics = toDiagnostics(session, wantedFindings(session, path));
    seen.add(uri);
    if (diagnostics.length === 0 && (before === undefined || before === NOTHING)) continue;
    items.push(report(uri, documents.get(uri)?.version ?? null, before, diagnostics));
  }
  // A file that is gone, or no longer of the workspace, has no problems.
  for (const [uri, before] of previous) {
    if (!seen.has(uri) && before !== NOTHING) items.push(report(uri, documents.get(uri)?.version ?? null, before, []));
  }
  return items;
}

const NOTHING = resultId([]);

function report(
  uri: string,
  version: number | null,
  before: string | undefined,
  items: Diagnostic[],
): WorkspaceDocumentDiagnosticReport {
  const id = resultId(items);
  return before === id
    ? { kind: 'unchanged', uri, version, resultId: id }
    : { kind: 'full', uri, version, resultId: id, items };
}
