import type { DocumentDiagnosticReport } from 'vscode-languageserver/node';
import { resultId, toDiagnostics, wantedFindings } from './diagnostics';
import { guarded, throwIfCancelled } from './guard';
import type { Session } from './session';

/** `textDocument/diagnostic`: the problems of one document, or that they are what the client has already. */
export function handlePullDiagnostics(session: Session): void {
  const { connection, workspace, paths } = session;
  connection.languages.diagnostics.on((params, token) =>
    guarded<DocumentDiagnosticReport>(connection, 'textDocument/diagnostic', { kind: 'full', items: [] }, async () => {
      await workspace.ready(token);
      throwIfCancelled(token);
      const items = toDiagnostics(session, wantedFindings(session, paths.toPath(params.textDocument.uri)));
      const id = resultId(items);
      return params.previousResultId === id
        ? { kind: 'unchanged', resultId: id }
        : { kind: 'full', resultId: id, items };
    }),
  );
}
