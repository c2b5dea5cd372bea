import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver/node';
import type { Diagnostic, DiagnosticRelatedInformation } from 'vscode-languageserver/node';
import { createHash } from 'node:crypto';
import type { Reported } from '../analyzer';
import type { RuleId, Severity } from '../rules';
import { withoutAside } from '../rules/aside';
import type { Session } from './session';
import { verdictText } from './verdicts';

export const SOURCE = 'layerlint';
const PAGES = 'https://github.com/layerlint/layerlint/blob/main/docs/rules';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The page that explains a rule. */
export function rulePage(rule: RuleId): string {
  return `${PAGES}/${rule}.md`;
}

/** The findings of a file that the settings let through, with the severity that they give. */
export function wantedFindings(session: Session, path: string): readonly Reported[] {
  const { settings, workspace } = session;
  if (!settings.enable || !workspace.concerns(path)) return [];
  const isOff = (rule: RuleId): boolean => settings.rules[rule] === 'off';
  return workspace
    .report(path)
    .findings.flatMap((finding) => withSeverity(withoutAside(finding, isOff), settings.rules[finding.rule]));
}

function withSeverity(finding: Reported, severity: Severity | 'off' | undefined): readonly Reported[] {
  if (severity === 'off') return [];
  return [severity === undefined ? finding : { ...finding, severity }];
}

/** Everything that the client is to show of these findings: one diagnostic each, and a hint on every dead text. */
export function toDiagnostics(session: Session, findings: readonly Reported[]): Diagnostic[] {
  return findings.flatMap((finding) => {
    const main = toDiagnostic(session, finding);
    return main ? [main, ...deadTexts(session, finding)] : [];
  });
}

/** A result id: equal exactly when the client would show the same. Offsets alone would not do, lines can move. */
export function resultId(diagnostics: readonly Diagnostic[]): string {
  return createHash('sha1').update(JSON.stringify(diagnostics)).digest('base64url');
}

/** Null where the text that the finding stands in is gone. */
export function toDiagnostic(session: Session, finding: Reported): Diagnostic | null {
  const range = session.texts.range(finding.place.file, finding.place);
  if (!range) return null;
  const { what, why, todo } = finding.message;
  const checked = session.verdicts.get(finding.id, session.workspace.epoch);
  const measured = checked ? [`Checked numerically: ${verdictText(checked)}.`] : [];
  const related = session.client.relatedInformation ? relatedInformation(session, finding) : [];
  return {
    range,
    severity: SEVERITIES[finding.severity],
    source: SOURCE,
    code: finding.rule,
    ...(session.client.codeDescription ? { codeDescription: { href: rulePage(finding.rule) } } : {}),
    message: [what, why, todo, ...measured].join(' '),
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

function relatedInformation(session: Session, finding: Reported): DiagnosticRelatedInformation[] {
  return finding.related.flatMap(({ place, message }) => {
    const range = session.texts.range(place.file, place);
    return range ? [{ location: { uri: session.paths.toUri(place.file), range }, message }] : [];
  });
}

/** Hints of their own, since a tag fades the whole range of its diagnostic. */
function deadTexts(session: Session, finding: Reported): Diagnostic[] {
  if (!session.client.unnecessaryTag) return [];
  return finding.unnecessary.flatMap((place) => {
    const range = place.file === finding.place.file ? session.texts.range(place.file, place) : null;
    if (!range) return [];
    return [
      {
        range,
        severity: DiagnosticSeverity.Hint,
        source: SOURCE,
        code: finding.rule,
        message: 'This option has no effect: the bias is redundant.',
        tags: [DiagnosticTag.Unnecessary],
      },
    ];
  });
}
