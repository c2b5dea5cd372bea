import * as vscode from 'vscode';
import { WorkDoneProgress } from 'vscode-languageclient/node';
import type { LanguageClient, RequestType, WorkDoneProgressParams } from 'vscode-languageclient/node';

let requests = 0;

/**
 * Sends a long request with a progress notification that can be cancelled, and shows there what the server reports.
 *
 * @returns undefined where the user cancelled
 */
export async function requestWithProgress<P extends WorkDoneProgressParams, R>(
  client: LanguageClient,
  title: string,
  type: RequestType<P, R, void>,
  params: Omit<P, keyof WorkDoneProgressParams>,
): Promise<R | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const workDoneToken = `layerlint-${++requests}`;
    let percentage = 0;
    const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === 'end') return;
      const next = value.percentage ?? percentage;
      progress.report({ ...(value.message ? { message: value.message } : {}), increment: next - percentage });
      percentage = next;
    });
    try {
      return await client.sendRequest<R>(type.method, { ...params, workDoneToken }, token);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    } finally {
      listener.dispose();
    }
  });
}
