import type { PushDiagnostics } from './pushDiagnostics';
import type { Session } from './session';

/** Open documents: their texts win over the disk from the first to the last moment that they are open. */
export function handleDocuments({ documents, workspace, paths }: Session, push: PushDiagnostics | null): void {
  documents.onDidOpen(({ document }) => {
    paths.open(document.uri, document.languageId);
  });
  documents.onDidChangeContent(({ document }) => {
    workspace.setText(paths.toPath(document.uri), document.getText());
    push?.schedule();
  });
  documents.onDidSave(({ document }) => {
    workspace.invalidate([paths.toPath(document.uri)]);
    push?.schedule();
  });
  documents.onDidClose(({ document }) => {
    workspace.setText(paths.toPath(document.uri), null);
    paths.close(document.uri);
    push?.schedule();
  });
}
