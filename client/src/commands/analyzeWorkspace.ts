import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { requestWithProgress } from '../progress';
import { analyzeWorkspaceRequest } from '../protocol';

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

export async function analyzeWorkspace(client: LanguageClient): Promise<void> {
  const result = await requestWithProgress(client, 'LayerLint: analyzing workspace', analyzeWorkspaceRequest, {});
  if (!result || result.cancelled) return;
  if (result.findings === 0) {
    void vscode.window.showInformationMessage(`LayerLint: nothing found in ${count(result.files, 'file')}.`);
    return;
  }
  const found = `${count(result.findings, 'finding')} in ${count(result.filesWithFindings, 'file')}`;
  const answer = await vscode.window.showInformationMessage(
    `LayerLint: ${found} (of ${count(result.files, 'file')}).`,
    'Show Problems',
  );
  if (answer) await vscode.commands.executeCommand('workbench.actions.view.problems');
}
