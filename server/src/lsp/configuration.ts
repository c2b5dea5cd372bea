import { DidChangeConfigurationNotification } from 'vscode-languageserver/node';
import { guarded } from './guard';
import type { Session } from './session';
import { readSettings } from './settings';
import type { Settings } from './settings';

/**
 * The settings `layerlint.*`: asked of a client that can be asked, else taken from what it sends. Before a client that
 * cannot be asked has sent any, those of `initializationOptions.settings` hold.
 */
export function handleConfiguration(session: Session): void {
  const { connection, client } = session;
  connection.onDidChangeConfiguration(({ settings }: { settings?: { layerlint?: unknown } | null }) => {
    if (client.configuration) void pullConfiguration(session);
    else apply(session, readSettings(settings?.layerlint));
  });
}

/** To be called once the client is initialized. */
export async function startConfiguration(session: Session): Promise<void> {
  if (session.client.configuration) await pullConfiguration(session);
}

/** To be called once the client is initialized. */
export async function watchConfiguration({ connection, client }: Session): Promise<void> {
  if (!client.registerConfiguration) return;
  await connection.client.register(DidChangeConfigurationNotification.type, { section: 'layerlint' });
}

async function pullConfiguration(session: Session): Promise<void> {
  const { connection } = session;
  await guarded(connection, 'workspace/configuration', undefined, async () => {
    apply(session, readSettings(await connection.workspace.getConfiguration('layerlint')));
  });
}

export function apply(session: Session, settings: Settings): void {
  if (settings.scope !== session.settings.scope) session.wholeWorkspace = settings.scope === 'workspace';
  session.settings = settings;
  session.workspace.configure(settings);
  session.refresh();
}
