import type { InlayHint } from 'vscode-languageserver/node';
import type { CheckResult, Verdict } from '../check';
import { wantedFindings } from './diagnostics';
import { guarded, throwIfCancelled } from './guard';
import type { Session } from './session';
import { verdictText } from './verdicts';

const MARKS: Readonly<Record<Verdict, string>> = { confirmed: '✓', refuted: '✗', inconclusive: '?' };

/** `textDocument/inlayHint`: the verdict of a numerical check at the end of the line on which its finding starts. */
export function handleInlayHints(session: Session): void {
  const { connection, workspace, paths } = session;
  connection.languages.inlayHint.on((params, token) =>
    guarded<InlayHint[]>(connection, 'textDocument/inlayHint', [], async () => {
      await workspace.ready(token);
      throwIfCancelled(token);
      const path = paths.toPath(params.textDocument.uri);
      const document = session.texts.document(path);
      if (!document) return [];
      return wantedFindings(session, path).flatMap((finding) => {
        const result = session.verdicts.get(finding.id, workspace.epoch);
        const { line } = document.positionAt(finding.place.start);
        if (!result || line < params.range.start.line || line > params.range.end.line) return [];
        const text = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
        const character = text.replace(/[\r\n]+$/, '').length;
        return [
          {
            position: { line, character },
            label: `${MARKS[result.verdict]} ${verdictText(result)}`,
            tooltip: claims(result),
            paddingLeft: true,
          },
        ];
      });
    }),
  );
}

function claims(result: CheckResult): string {
  const lines = result.claims.map(({ claim, verdict }) => `${MARKS[verdict]} ${claim}`);
  return [...lines, ...(result.reason === null ? [] : [result.reason])].join('\n');
}
