import { TextDocuments, TextDocumentSyncKind } from 'vscode-languageserver/node';
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { handleAnalyzeWorkspace } from './analyzeWorkspace';
import { handleCheck } from './check';
import { clientFeatures } from './clientFeatures';
import type { ClientFeatures } from './clientFeatures';
import { FIX_ALL, handleCodeActions } from './codeActions';
import { apply, handleConfiguration, startConfiguration, watchConfiguration } from './configuration';
import { handleDocuments } from './documents';
import { handleExecuteCommand } from './executeCommand';
import { handleFolders, initialFolders } from './folders';
import { guarded } from './guard';
import { handleHover } from './hover';
import { handleInlayHints } from './inlayHints';
import { Paths } from './paths';
import { commands } from './protocol';
import { handlePullDiagnostics } from './pullDiagnostics';
import { PushDiagnostics } from './pushDiagnostics';
import { handleRecoveredModel } from './recoveredModel';
import type { Services } from './services';
import type { Session } from './session';
import { defaultSettings, readSettings } from './settings';
import { Texts } from './texts';
import { Verdicts } from './verdicts';
import { handleWatchedFiles, startWatching } from './watchedFiles';
import { Workspace } from './workspace';
import { handleWorkspaceDiagnostics } from './workspaceDiagnostics';

/** Name and version as `initialize` tells them. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

/** Serves one client on this connection; the connection is not listened to before all handlers stand. */
export function serve(connection: Connection, services: Services, serverInfo: ServerInfo): void {
  const documents = new TextDocuments(TextDocument);
  connection.onInitialize((params): InitializeResult => {
    const { client } = startSession(connection, documents, services, params);
    return { capabilities: capabilities(client), serverInfo };
  });
  documents.listen(connection);
  connection.listen();
}

function startSession(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  services: Services,
  params: InitializeParams,
): Session {
  const client = clientFeatures(params);
  const paths = new Paths();
  const options = (params.initializationOptions ?? {}) as { trusted?: unknown; settings?: unknown };
  const session: Session = {
    connection,
    documents,
    services,
    client,
    paths,
    texts: new Texts((uri) => documents.get(uri), paths, services.fileSystem),
    workspace: new Workspace(services, (message) => connection.console.warn(message)),
    verdicts: new Verdicts(),
    settings: defaultSettings,
    trusted: options.trusted === true,
    wholeWorkspace: true,
    refresh: () => {},
  };
  const push = client.pullDiagnostics ? null : new PushDiagnostics(session);
  let started: (settled: Promise<void>) => void = () => {};
  session.workspace.startAfter(new Promise((resolve) => (started = resolve)));
  session.workspace.setFolders(initialFolders(session, params));
  apply(session, readSettings(options.settings));
  handleDocuments(session, push);
  handlePullDiagnostics(session);
  handleWorkspaceDiagnostics(session);
  handleCodeActions(session);
  handleHover(session);
  handleInlayHints(session);
  handleConfiguration(session);
  handleWatchedFiles(session);
  handleAnalyzeWorkspace(session);
  handleRecoveredModel(session);
  handleCheck(session);
  handleExecuteCommand(session);
  // Before that, the protocol allows the server no request.
  connection.onInitialized(() => {
    session.refresh = () => refresh(session, push);
    started(start(session));
  });
  connection.onShutdown(() => push?.dispose());
  return session;
}

async function start(session: Session): Promise<void> {
  await guarded(session.connection, 'initialized', undefined, async () => {
    handleFolders(session);
    await startConfiguration(session);
  });
  // Answers need not wait for the client to confirm that it will tell of changes.
  void guarded(session.connection, 'client/registerCapability', undefined, async () => {
    await watchConfiguration(session);
    await startWatching(session);
  });
}

function refresh({ connection, client, workspace }: Session, push: PushDiagnostics | null): void {
  // A client that does not answer, or is going away, is no fault of the server's.
  const ignore = (): void => {};
  workspace.wake();
  push?.schedule();
  if (client.refreshDiagnostics) connection.languages.diagnostics.refresh().catch(ignore);
  if (client.refreshInlayHints) connection.languages.inlayHint.refresh().catch(ignore);
}

function capabilities(client: ClientFeatures): InitializeResult['capabilities'] {
  return {
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
    ...(client.pullDiagnostics
      ? {
          diagnosticProvider: { identifier: 'layerlint', interFileDependencies: true, workspaceDiagnostics: true },
        }
      : {}),
    codeActionProvider: client.codeActionLiterals
      ? { codeActionKinds: ['quickfix', FIX_ALL], resolveProvider: client.resolveEdit }
      : true,
    hoverProvider: true,
    inlayHintProvider: true,
    executeCommandProvider: { commands: Object.values(commands), workDoneProgress: true },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
}
