import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { trustGrantedNotification } from './protocol';

const LANGUAGES = ['javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'html'];
/** Documents of other schemes (a diff's left side, an output channel) are nobody's model code. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs'];

/**
 * The client of the language server that is bundled beside it, over node-ipc. No `runtime` is given: the server runs on
 * the extension host's own Node, whatever is first on the user's PATH.
 */
export function createLanguageClient(context: vscode.ExtensionContext): LanguageClient {
  const module = context.asAbsolutePath('server/dist/server.js');
  const serverOptions: ServerOptions = {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } },
  };
  const clientOptions: LanguageClientOptions = {
    documentSelector: SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
    outputChannel: vscode.window.createOutputChannel('LayerLint', { log: true }),
    // A function, so that a restarted server hears of trust that was granted meanwhile.
    initializationOptions: () => ({
      trusted: vscode.workspace.isTrusted,
      checkCommand: 'layerlint.checkNumerically',
    }),
  };
  const client = new LanguageClient('layerlint', 'LayerLint', serverOptions, clientOptions);
  context.subscriptions.push(
    client,
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (client.isRunning()) void client.sendNotification(trustGrantedNotification);
    }),
  );
  return client;
}
