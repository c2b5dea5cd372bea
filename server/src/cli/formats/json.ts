import type { Place } from '../../graph';
import type { TextEdit } from '../../rules';
import type { Sheets } from '../output';
import { summarize, wholeMessage, type LintResult } from '../result';

/** For programs. The contract is described in README.md; it grows by new keys only. */
export function formatJson(result: LintResult): string {
  const { sheets, silences, diff } = result;
  const document = {
    version: 1,
    findings: result.findings.map((finding) => ({
      rule: finding.rule,
      severity: finding.severity,
      message: wholeMessage(finding),
      ...located(finding.place, sheets),
      condition: finding.condition,
      related: finding.related.map(({ place, message }) => ({ message, ...located(place, sheets) })),
      fixes: finding.edits.map(({ title, kind, edits }) => ({
        title,
        kind,
        edits: edits.map((edit: TextEdit) => ({ ...located(edit, sheets), text: edit.text })),
      })),
    })),
    summary: summarize(result),
    ...(silences && { silences: silences.map(({ place, reason }) => ({ reason, ...located(place, sheets) })) }),
    ...(diff !== null && { diff }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A place in terms that need no text of the file. */
export function located(place: Place, sheets: Sheets) {
  return { file: sheets.name(place.file), start: sheets.start(place), end: sheets.end(place) };
}
