import type { CancellationToken } from 'vscode-languageserver/node';
import type { RecoveredModelParams, RecoveredModelResult } from '../../../protocol';
import { guarded, throwIfCancelled } from './guard';
import { recoveredModelRequest } from './protocol';
import type { Session } from './session';

/** `layerlint/recoveredModel`. */
export function handleRecoveredModel(session: Session): void {
  session.connection.onRequest(recoveredModelRequest, (params, token) => recoveredModel(session, params, token));
}

export async function recoveredModel(
  session: Session,
  { uri, position }: RecoveredModelParams,
  token: CancellationToken,
): Promise<RecoveredModelResult> {
  const { connection, workspace, paths, texts, services } = session;
  return guarded(connection, 'layerlint/recoveredModel', { text: '' }, async () => {
    await workspace.ready(token);
    throwIfCancelled(token);
    const path = paths.toPath(uri);
    const document = texts.document(path);
    if (!document) return { text: '' };
    const offset = position ? document.offsetAt(position) : null;
    const text = services.analyzer.outlineText(path, offset, workspace.nameOf(path));
    return { text: isHeadingOnly(text) ? '' : text };
  });
}

function isHeadingOnly(text: string): boolean {
  return text.trimEnd().split('\n').length === 1;
}
