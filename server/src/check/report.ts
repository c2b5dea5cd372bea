import type { Finding } from '../rules';
import type { CheckResult, Claim, Verdict } from './result';

/** A check and what it is of. */
export interface ReportedCheck {
  readonly finding: Pick<Finding, 'rule' | 'message'>;
  /** Where the finding stands, as it is to be shown: `src/model.ts:12:5`. */
  readonly at: string;
  readonly result: CheckResult;
}

const MEANING: Readonly<Record<string, Readonly<Record<Verdict, string>>>> = {
  'redundant-bias': {
    confirmed:
      'The bias does nothing in training: the batch norm subtracts it. It is harmless waste and can be switched off; ' +
      'a trained checkpoint keeps its predictions when what the bias adds is subtracted from the moving mean.',
    refuted:
      'The bias does change what the model computes. The finding is wrong here: keep the bias, and please report it.',
    inconclusive: 'The measurement neither confirms nor refutes the finding.',
  },
  'updates-not-run': {
    confirmed:
      'Training as it is written never updates the moving statistics of the batch norm. Predictions after training use the ' +
      'initial mean and variance.',
    refuted:
      'The step as it is written does not do what the finding says. The finding is wrong here: please report it.',
    inconclusive: 'The measurement neither confirms nor refutes the finding.',
  },
};

const SIGNS: Readonly<Record<Verdict, string>> = { confirmed: '✓', refuted: '✗', inconclusive: '?' };

/** A report of checks in Markdown, one section a check. */
export function markdownReport(checks: readonly ReportedCheck[]): string {
  const sections = checks.map(({ finding, at, result }) =>
    [
      `## ${finding.rule} at ${code(at)}: ${result.verdict}`,
      finding.message.what,
      meaning(finding.rule, result),
      ...(result.claims.length > 0 ? [claimTable(result.claims)] : []),
      ...(result.standIns.length > 0
        ? [['Stand-ins:', '', ...result.standIns.map((one) => `- ${inline(one)}`)].join('\n')]
        : []),
      `Measured on ${engineText(result)} in ${result.seconds.toFixed(1)} s.`,
    ].join('\n\n'),
  );
  return ['# LayerLint: numerical check', ...sections].join('\n\n') + '\n';
}

/** The same for a terminal: plain lines, no colours. */
export function textReport(checks: readonly ReportedCheck[]): string {
  return checks
    .map(({ finding, at, result }) =>
      [
        `${at}  ${finding.rule}: ${result.verdict}`,
        ...result.claims.map(
          ({ claim, figure, tolerance, verdict }) =>
            `  ${SIGNS[verdict]} ${claim} ${figureText(figure)}${tolerance > 0 ? ` (tolerance ${figureText(tolerance)})` : ''}`,
        ),
        ...(result.reason === null ? [] : [`  reason: ${result.reason}`]),
        ...result.standIns.map((one) => `  stand-in: ${one}`),
        `  ${meaning(finding.rule, { ...result, reason: null })}`,
        `  engine: ${engineText(result)}, ${result.seconds.toFixed(1)} s`,
      ].join('\n'),
    )
    .join('\n\n');
}

function meaning(rule: string, { verdict, reason }: CheckResult): string {
  const sentence = MEANING[rule]?.[verdict] ?? '';
  return reason === null ? sentence : `${sentence} Reason: ${inline(reason)}`;
}

/** The claims with their figures; below them how each was measured, since a preview is narrow. */
function claimTable(claims: readonly Claim[]): string {
  const rows = claims.map(({ claim, figure, tolerance, verdict }) =>
    [claim, figureText(figure), tolerance > 0 ? figureText(tolerance) : '', `${SIGNS[verdict]} ${verdict}`].map(cell),
  );
  const head = ['claim', 'figure', 'tolerance', 'verdict'];
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  const details = claims.map(({ detail }, index) => `${index + 1}. ${inline(detail)}`);
  return [...table, '', 'What was measured, claim by claim:', '', ...details].join('\n');
}

function engineText({ engine }: CheckResult): string {
  return engine.version === '' ? 'no engine' : `${engine.name} ${engine.version}`;
}

/** Three significant digits; `not measured` for null. */
function figureText(value: number | null): string {
  if (value === null) return 'not measured';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 0.001 && size < 10_000 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/** Names from the user's code must not become markup. */
function inline(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/\s+/g, ' ');
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}

function code(text: string): string {
  return `\`${text.replace(/`/g, "'")}\``;
}
