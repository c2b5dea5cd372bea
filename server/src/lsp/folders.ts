import type { InitializeParams } from 'vscode-languageserver/node';
import type { Session } from './session';

/** The workspace folders that the client has at the start; older clients name one root. */
export function initialFolders({ paths }: Session, params: InitializeParams): readonly string[] {
  const { workspaceFolders, rootUri, rootPath } = params;
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => folderPath(paths.toPath(uri)));
  if (rootUri != null) return [folderPath(paths.toPath(rootUri))];
  return rootPath != null ? [folderPath(rootPath)] : [];
}

/** `workspace/didChangeWorkspaceFolders`; to be called once the client is initialized. */
export function handleFolders({ connection, client, workspace, paths, refresh }: Session): void {
  if (!client.workspaceFolders) return;
  connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
    const gone = new Set(removed.map(({ uri }) => folderPath(paths.toPath(uri))));
    const kept = workspace.folders.filter((folder) => !gone.has(folder));
    workspace.setFolders([...new Set([...kept, ...added.map(({ uri }) => folderPath(paths.toPath(uri)))])]);
    refresh();
  });
}

function folderPath(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
