import { DidChangeWatchedFilesNotification, FileChangeType } from 'vscode-languageserver/node';
import type { Session } from './session';

const SOURCES = '**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts,html,htm}';
const IGNORES = '**/.gitignore';

/** `workspace/didChangeWatchedFiles`: what changed on the disk is read anew; files come and go. */
export function handleWatchedFiles(session: Session): void {
  const { connection, workspace, paths } = session;
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const changed = changes.map(({ uri, type }) => ({ path: paths.toPath(uri), type }));
    const relevant = changed.filter(({ path }) => workspace.concerns(path));
    if (relevant.length === 0) return;
    workspace.invalidate(relevant.map(({ path }) => path));
    if (relevant.some(({ path, type }) => path.endsWith('/.gitignore') || cameOrWent(session, path, type))) {
      workspace.relist();
    }
    session.refresh();
  });
}

function cameOrWent({ workspace }: Session, path: string, type: FileChangeType): boolean {
  if (type === FileChangeType.Created) return !workspace.knows(path);
  return type === FileChangeType.Deleted && workspace.knows(path);
}

/** To be called once the client is initialized. */
export async function startWatching({ connection, client }: Session): Promise<void> {
  if (!client.registerWatchedFiles) return;
  await connection.client.register(DidChangeWatchedFilesNotification.type, {
    watchers: [{ globPattern: SOURCES }, { globPattern: IGNORES }],
  });
}
