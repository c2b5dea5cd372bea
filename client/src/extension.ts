import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { CheckParams } from '../../protocol';
import { analyzeWorkspace } from './commands/analyzeWorkspace';
import { checkNumerically } from './commands/checkNumerically';
import { showRecoveredModel } from './commands/showRecoveredModel';
import { createLanguageClient } from './languageClient';
import { VirtualDocuments } from './virtualDocuments';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const started = (client = createLanguageClient(context));
  const models = new VirtualDocuments('layerlint-model').register(context);
  const reports = new VirtualDocuments('layerlint-report').register(context);
  const commands: Record<string, (...args: never[]) => unknown> = {
    analyzeWorkspace: () => analyzeWorkspace(started),
    showRecoveredModel: () => showRecoveredModel(started, models),
    checkNumerically: (chosen?: Pick<CheckParams, 'uri' | 'finding'>) => checkNumerically(started, reports, chosen),
    fixAll: () =>
      vscode.commands.executeCommand('editor.action.sourceAction', {
        kind: 'source.fixAll.layerlint',
        apply: 'first',
      }),
    restartServer: () => started.restart(),
    showOutput: () => started.outputChannel.show(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`layerlint.${name}`, run));
  }
  await started.start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}
