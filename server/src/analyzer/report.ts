import { createHash } from 'node:crypto';
import { makeFix } from '../fixes';
import { placeKey } from '../graph';
import { withoutAside } from '../rules/aside';
import { suppress } from '../rules/suppress';
import type { Finding, Fix, Remedy, RuleId } from '../rules';
import type { FileReport, Problem, Reported } from './types';

/** What a report of one file is made from. */
export interface ReportInput {
  readonly file: string;
  /** The current text; undefined where it could not be read, and then there are no findings. */
  readonly text: string | undefined;
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** The rules to report; all by default. */
  readonly rules: readonly RuleId[] | undefined;
  /** The text of another file, for a fix that has to be made there. */
  readonly read: (path: string) => string | undefined;
}

/** Leaves out what comments suppress, makes the edits, and names the result. */
export function makeReport({ file, text, findings, problems, rules, read }: ReportInput): FileReport {
  if (text === undefined) return withId({ file, findings: [], problems });
  const suppression = suppress(text, findings);
  const isOff = (rule: RuleId): boolean => rules !== undefined && !rules.includes(rule);
  const wanted = suppression.kept.filter(({ rule }) => !isOff(rule)).map((finding) => withoutAside(finding, isOff));
  const malformed = suppression.problems
    .filter((problem) => problem.kind === 'malformed')
    .map(({ start, end, message }) => ({ file, message, place: { file, start, end } }));
  const reported = wanted.map((finding): Reported => {
    const made = finding.fixes.map((fix) => {
      const target = fileOfRemedy(fix.remedy);
      const source = target === file ? text : read(target);
      return source === undefined ? null : makeFix(fix, source);
    });
    const [first] = finding.fixes;
    const preferable = first?.kind === 'quickfix' && first.remedy.type !== 'disable-line';
    return {
      ...finding,
      id: findingId(finding),
      edits: made.filter((fix): fix is Fix => fix !== null),
      preferred: preferable ? made[0]! : null,
    };
  });
  return withId({ file, findings: reported, problems: [...problems, ...malformed] });
}

export function emptyReport(file: string): FileReport {
  return withId({ file, findings: [], problems: [] });
}

/** Rule and place: two findings of one rule never share a place. */
export function findingId(finding: Finding): string {
  return `${finding.rule}@${placeKey(finding.place)}`;
}

/** The file that a finding's id names; null for what is no id. */
export function fileOfFindingId(id: string): string | null {
  return /^[\w-]+@(.+):\d+:\d+$/.exec(id)?.[1] ?? null;
}

function fileOfRemedy(remedy: Remedy): string {
  return 'site' in remedy ? remedy.site.file : remedy.place.file;
}

function withId(content: Omit<FileReport, 'resultId'>): FileReport {
  const shown = { ...content, findings: content.findings.map(({ fixes: _remedies, ...finding }) => finding) };
  return { ...content, resultId: createHash('sha1').update(JSON.stringify(shown)).digest('base64url') };
}
