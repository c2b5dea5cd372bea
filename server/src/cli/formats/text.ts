import type { Reported } from '../../analyzer';
import { codeFrame } from '../frame';
import { count, printable, type Colors, type Sheets } from '../output';
import { summarize, type LintResult } from '../result';

/** For people: code frames, the three-part message, the evidence path, a summary. */
export function formatText(result: LintResult, colors: Colors): string {
  const blocks = result.findings.map((finding) => findingText(finding, result.sheets, colors));
  if (result.silences) blocks.push(silencesText(result, colors));
  blocks.push(summaryText(result, colors));
  return `${blocks.join('\n\n')}\n`;
}

export function findingText(finding: Reported, sheets: Sheets, colors: Colors): string {
  const { message, place, rule, severity, condition, related, preferred } = finding;
  const severityText = severity === 'warning' || severity === 'error' ? colors.yellow(severity) : colors.cyan(severity);
  const lines = [
    `${colors.bold(printable(sheets.at(place)))}  ${severityText}  ${rule}${condition === null ? '' : colors.dim(`  (${condition})`)}`,
    codeFrame(sheets.table(place.file), place, colors),
    ...[message.what, message.why, message.todo].filter((part) => part !== '').map((part) => `  ${printable(part)}`),
    ...related.map((step) => colors.dim(`    → ${printable(sheets.at(step.place))}  ${printable(step.message)}`)),
  ];
  if (preferred) lines.push(`  ${colors.green('fix')}  ${printable(preferred.title)} (--fix)`);
  return lines.join('\n');
}

function silencesText({ silences, sheets }: LintResult, colors: Colors): string {
  if (!silences || silences.length === 0) return 'Everything that can hold model code was analysed.';
  const lines = silences.map(
    ({ place, reason }) => `  ${printable(sheets.at(place))}  ${colors.dim(printable(reason))}`,
  );
  return [`Not analysed, and therefore silent:`, ...lines].join('\n');
}

function summaryText(result: LintResult, colors: Colors): string {
  const { findings, byRule, files, relevant, fixable, fixed } = summarize(result);
  const scope = `${count(files, 'file')}, ${relevant} of them with code that can matter`;
  const parts: string[] = [];
  if (result.fixed !== null) parts.push(`${count(fixed, 'fix').replace('fixs', 'fixes')} applied.`);
  if (findings === 0) parts.push(`${colors.green('No findings')} in ${scope}.`);
  else {
    const rules = Object.entries(byRule).filter(([, number]) => number > 0);
    const detail = rules.map(([rule, number]) => `${number} ${rule}`).join(', ');
    parts.push(`${colors.bold(count(findings, 'finding'))} (${detail}) in ${scope}.`);
  }
  if (fixable > 0) parts.push(`${fixable} can be fixed with --fix.`);
  return parts.join(' ');
}
