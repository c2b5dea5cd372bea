import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { recoveredModelRequest } from '../protocol';
import type { VirtualDocuments } from '../virtualDocuments';

/** Shows the layers at the cursor, with shapes and parameters, beside the editor. */
export async function showRecoveredModel(client: LanguageClient, models: VirtualDocuments): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage('LayerLint: open a file with model code first.');
    return;
  }
  const { document, selection } = editor;
  const { text } = await client.sendRequest(recoveredModelRequest, {
    uri: client.code2ProtocolConverter.asUri(document.uri),
    position: client.code2ProtocolConverter.asPosition(selection.active),
  });
  if (text === '') {
    void vscode.window.showInformationMessage('LayerLint: no model, layer or training step is built in this file.');
    return;
  }
  const shown = await vscode.workspace.openTextDocument(models.put(document.uri, '.layers', text));
  await vscode.window.showTextDocument(shown, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
