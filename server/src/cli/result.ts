import type { Problem, Reported } from '../analyzer';
import type { Silence } from '../graph';
import type { RuleId } from '../rules';
import { ruleMetas } from '../rules/meta';
import type { Sheets } from './output';

/** What a run found: what every format prints. */
export interface LintResult {
  readonly findings: readonly Reported[];
  readonly problems: readonly Problem[];
  /** Null unless asked for. */
  readonly silences: readonly Silence[] | null;
  /** Files looked at, and those among them that can hold model code. */
  readonly files: number;
  readonly relevant: number;
  /** How many fixes were applied, or would be; null unless asked for. */
  readonly fixed: number | null;
  /** What applying the fixes changes, as a unified diff; null unless asked for. */
  readonly diff: string | null;
  readonly sheets: Sheets;
}

export interface Summary {
  readonly files: number;
  readonly relevant: number;
  readonly findings: number;
  readonly byRule: Readonly<Record<RuleId, number>>;
  /** Findings that `--fix` mends. */
  readonly fixable: number;
  readonly fixed: number;
  readonly problems: number;
}

export function summarize({ files, relevant, findings, problems, fixed }: LintResult): Summary {
  const byRule = Object.fromEntries(
    Object.keys(ruleMetas).map((id) => [id, findings.filter(({ rule }) => rule === id).length]),
  ) as Record<RuleId, number>;
  const fixable = findings.filter(({ preferred }) => preferred !== null).length;
  return { files, relevant, findings: findings.length, byRule, fixable, fixed: fixed ?? 0, problems: problems.length };
}

/** The three parts of a message as one string. */
export function wholeMessage({ message }: Pick<Reported, 'message'>): string {
  return [message.what, message.why, message.todo].filter((part) => part !== '').join(' ');
}
