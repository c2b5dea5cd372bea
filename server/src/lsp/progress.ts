import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { CancellationToken, ProgressToken, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import type { Session } from './session';

/**
 * Runs something long with a progress report: on the token that the client gave with its request, or else on one that
 * the server asks for, where the client can show it. Either side's cancellation cancels the token handed to `body`.
 */
export async function withProgress<R>(
  session: Session,
  title: string,
  given: ProgressToken | undefined,
  requestToken: CancellationToken,
  body: (progress: WorkDoneProgressReporter, token: CancellationToken) => Promise<R>,
): Promise<R> {
  const { window } = session.connection;
  const source = new CancellationTokenSource();
  const tokens = [requestToken];
  let progress: WorkDoneProgressReporter;
  if (given === undefined && session.client.workDoneProgress) {
    const created = await window.createWorkDoneProgress();
    tokens.push(created.token);
    progress = created;
  } else {
    progress = window.attachWorkDoneProgress(given);
  }
  if (tokens.some((token) => token.isCancellationRequested)) source.cancel();
  const listeners = tokens.map((token) => token.onCancellationRequested(() => source.cancel()));
  progress.begin(title, 0, undefined, true);
  try {
    return await body(progress, source.token);
  } finally {
    progress.done();
    for (const listener of listeners) listener.dispose();
    source.dispose();
  }
}
