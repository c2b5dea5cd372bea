import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { CheckParams, CheckResponse } from '../../../protocol';
import { requestWithProgress } from '../progress';
import { checkRequest } from '../protocol';
import type { VirtualDocuments } from '../virtualDocuments';

/**
 * Checks a finding on a real engine: the one that a code action names, or the one at the cursor. The verdict is told in
 * a message and, by the server, beside the finding; the report opens in a preview.
 */
export async function checkNumerically(
  client: LanguageClient,
  reports: VirtualDocuments,
  chosen?: Pick<CheckParams, 'uri' | 'finding'>,
): Promise<CheckResponse | undefined> {
  const target = chosen ?? atCursor(client);
  if (!target) {
    void vscode.window.showInformationMessage('LayerLint: put the cursor on a finding first.');
    return undefined;
  }
  if (!vscode.workspace.isTrusted) {
    await refuseUntrusted();
    return { status: 'untrusted', message: UNTRUSTED };
  }
  const response = await requestWithProgress(client, 'LayerLint: checking numerically', checkRequest, target);
  if (response) await show(client, reports, target.uri, response);
  return response;
}

function atCursor(client: LanguageClient): CheckParams | undefined {
  const editor = vscode.window.activeTextEditor;
  return (
    editor && {
      uri: client.code2ProtocolConverter.asUri(editor.document.uri),
      position: client.code2ProtocolConverter.asPosition(editor.selection.active),
    }
  );
}

const UNTRUSTED = 'The numerical check runs TensorFlow.js from this workspace and needs it to be trusted.';

async function refuseUntrusted(): Promise<void> {
  // Not awaited: the message stays until the user answers, the command is over.
  void vscode.window.showWarningMessage(`LayerLint: ${UNTRUSTED}`, 'Manage Workspace Trust').then((answer) => {
    if (answer) void vscode.commands.executeCommand('workbench.trust.manage');
  });
}

async function show(
  client: LanguageClient,
  reports: VirtualDocuments,
  uri: string,
  response: CheckResponse,
): Promise<void> {
  if (response.status !== 'done') return explain(response.status, response.message);
  const message = `LayerLint: ${response.message}`;
  if (response.verdict === 'confirmed') void vscode.window.showInformationMessage(message);
  else void vscode.window.showWarningMessage(message);
  const report = reports.put(client.protocol2CodeConverter.asUri(uri), '.check.md', response.report);
  await vscode.commands.executeCommand('markdown.showPreviewToSide', report);
}

async function explain(status: CheckResponse['status'], message: string): Promise<void> {
  if (status === 'failed') void vscode.window.showErrorMessage(`LayerLint: ${message}`);
  else if (status === 'no-finding') void vscode.window.showInformationMessage(`LayerLint: ${message}`);
  else if (status === 'untrusted') await refuseUntrusted();
}
