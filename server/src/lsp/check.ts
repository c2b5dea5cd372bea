import type { CancellationToken } from 'vscode-languageserver/node';
import type { CheckParams, CheckResponse } from '../../../protocol';
import type { Reported } from '../analyzer';
import type { CheckResult } from '../check';
import { wantedFindings } from './diagnostics';
import { describeError } from './guard';
import { withProgress } from './progress';
import { checkRequest, trustGrantedNotification } from './protocol';
import type { Session } from './session';
import { verdictText } from './verdicts';

/** `layerlint/check`: the one request that runs anything, and only in a workspace that the user trusts. */
export function handleCheck(session: Session): void {
  session.connection.onRequest(checkRequest, (params, token) => checkNumerically(session, params, token));
  session.connection.onNotification(trustGrantedNotification, () => {
    session.trusted = true;
  });
}

export async function checkNumerically(
  session: Session,
  params: CheckParams,
  requestToken: CancellationToken,
): Promise<CheckResponse> {
  if (!session.trusted) {
    return { status: 'untrusted', message: 'A numerical check runs TensorFlow.js and needs a trusted workspace.' };
  }
  try {
    return await withProgress(
      session,
      'Checking numerically',
      params.workDoneToken,
      requestToken,
      (progress, token) => {
        progress.report('rebuilding the layers and measuring');
        return run(session, params, token);
      },
    );
  } catch (error) {
    session.connection.console.error(`layerlint/check: ${describeError(error)}`);
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

const CANCELLED: CheckResponse = { status: 'cancelled', message: 'The check was cancelled.' };

async function run(session: Session, params: CheckParams, token: CancellationToken): Promise<CheckResponse> {
  const { workspace, services, texts, paths, settings } = session;
  await workspace.ready(token);
  const path = paths.toPath(params.uri);
  const finding = choose(session, path, params);
  const diagnosis = finding && services.analyzer.diagnosis(finding.id);
  const range = finding && texts.range(path, finding.place);
  if (!finding || !diagnosis || !range) {
    return { status: 'no-finding', message: 'There is no finding of LayerLint here that could be checked.' };
  }
  const { epoch } = workspace;
  const abort = new AbortController();
  const listener = token.onCancellationRequested(() => abort.abort());
  try {
    if (token.isCancellationRequested) return CANCELLED;
    const result = await services.check(diagnosis, {
      engine: settings.check.engine,
      workspace: workspace.folderOf(path),
      timeoutSeconds: settings.check.timeoutSeconds,
      signal: abort.signal,
    });
    if (token.isCancellationRequested) return CANCELLED;
    session.verdicts.put(finding.id, result, epoch);
    session.refresh();
    const { line, character } = range.start;
    const at = `${workspace.nameOf(path)}:${line + 1}:${character + 1}`;
    const report = services.checkReport(diagnosis, at, result);
    return { status: 'done', verdict: result.verdict, message: sentence(finding, result), report, range };
  } catch (error) {
    if (token.isCancellationRequested) return CANCELLED;
    throw error;
  } finally {
    listener.dispose();
  }
}

/** The finding of that id; else the innermost at the position; else the first one on its line. */
function choose(session: Session, path: string, { finding: id, position }: CheckParams): Reported | undefined {
  const findings = wantedFindings(session, path);
  if (id != null) return findings.find((finding) => finding.id === id);
  const document = session.texts.document(path);
  if (!document || !position) return undefined;
  const offset = document.offsetAt(position);
  const around = findings.filter(({ place }) => place.start <= offset && offset <= place.end);
  const innermost = around.sort((a, b) => a.place.end - a.place.start - (b.place.end - b.place.start))[0];
  return innermost ?? findings.find(({ place }) => document.positionAt(place.start).line === position.line);
}

function sentence({ rule }: Reported, result: CheckResult): string {
  const reason = result.reason === null ? '' : `: ${result.reason}`;
  return `${rule} ${verdictText(result)}${reason}`.replace(/\.?$/, '.');
}
