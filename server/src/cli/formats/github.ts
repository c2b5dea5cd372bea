import type { Severity } from '../../rules';
import { wholeMessage, type LintResult } from '../result';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/** Workflow commands, which GitHub shows at the lines of a pull request. One line a finding. */
export function formatGithub({ findings, problems, sheets }: LintResult): string {
  const lines = findings.map((finding) => {
    const [start, end] = [sheets.start(finding.place), sheets.end(finding.place)];
    const where: Record<string, string | number> = { file: sheets.name(finding.place.file), line: start.line };
    where['endLine'] = end.line;
    // Columns are refused for a range of several lines.
    if (start.line === end.line) Object.assign(where, { col: start.column, endColumn: end.column });
    where['title'] = `layerlint ${finding.rule}`;
    const condition = finding.condition === null ? '' : ` (${finding.condition})`;
    return command(COMMANDS[finding.severity], where, wholeMessage(finding) + condition);
  });
  for (const { file, message } of problems) lines.push(command('notice', { file: sheets.name(file) }, message));
  return lines.map((line) => `${line}\n`).join('');
}

/** Escapes as the runner unescapes (actions/toolkit, packages/core/src/command.ts). */
function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${name} ${list.join(',')}::${data(message)}`;
}
