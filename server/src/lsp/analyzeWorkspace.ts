import type { CancellationToken, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import type { AnalyzeWorkspaceResult } from '../../../protocol';
import type { FileReport } from '../analyzer';
import { wantedFindings } from './diagnostics';
import { guarded } from './guard';
import { withProgress } from './progress';
import { analyzeWorkspaceRequest } from './protocol';
import type { Session } from './session';

/** Analyses every file of the workspace, in slices between which messages get in. Incomplete when cancelled. */
export async function analyzeAll(
  session: Session,
  progress: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<readonly FileReport[]> {
  let shown = -1;
  return session.services.analyzer.reportAll({
    cancelled: () => token.isCancellationRequested,
    progress: ({ done, total }) => {
      const percentage = total === 0 ? 100 : Math.floor((100 * done) / total);
      if (percentage === shown) return;
      shown = percentage;
      progress.report(percentage, `${done} of ${total} files`);
    },
  });
}

/** `layerlint/analyzeWorkspace`; afterwards the problems of all files are shown and kept up to date. */
export function handleAnalyzeWorkspace(session: Session): void {
  session.connection.onRequest(analyzeWorkspaceRequest, (params, token) =>
    analyzeWorkspace(session, params?.workDoneToken, token),
  );
}

export async function analyzeWorkspace(
  session: Session,
  workDoneToken: string | number | undefined,
  requestToken: CancellationToken,
): Promise<AnalyzeWorkspaceResult> {
  const nothing = { files: 0, findings: 0, filesWithFindings: 0, cancelled: true };
  const { connection, workspace } = session;
  return guarded<AnalyzeWorkspaceResult>(connection, 'layerlint/analyzeWorkspace', nothing, () =>
    withProgress(session, 'Analyzing workspace', workDoneToken, requestToken, async (progress, token) => {
      workspace.relist();
      await workspace.ready(token);
      const reports = await analyzeAll(session, progress, token);
      if (token.isCancellationRequested) return nothing;
      session.wholeWorkspace = true;
      const counts = reports.map(({ file }) => wantedFindings(session, file).length);
      session.refresh();
      return {
        files: workspace.fileCount,
        findings: counts.reduce((sum, count) => sum + count, 0),
        filesWithFindings: counts.filter((count) => count > 0).length,
        cancelled: false,
      };
    }),
  );
}
