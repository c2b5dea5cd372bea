import path from 'node:path';
import { Analyzer, type Reported } from '../analyzer';
import type { CheckNumerically, CheckResult, Verdict } from '../check';
import { diskFileSystem, toPosix } from '../node';
import { UsageError, type VerifyCommand } from './arguments';
import { colorsFor, count, printable, Sheets, write, type Colors } from './output';
import { packageRoot, select } from './selection';

interface Checked {
  readonly finding: Reported;
  readonly result: CheckResult;
}

/** `layerlint verify [paths]`: measures findings one after the other; the exit code. */
export async function verify(command: VerifyCommand, cwd: string, check: CheckNumerically): Promise<number> {
  const { files, candidates, problems } = select(command.paths, cwd);
  const analyzer = new Analyzer(diskFileSystem);
  analyzer.setFiles(candidates);
  const sheets = new Sheets(cwd);
  const reports = await analyzer.reportAll({ files });
  for (const { file, message } of [...problems, ...reports.flatMap((report) => report.problems)])
    await write(process.stderr, `layerlint: ${printable(sheets.name(file))}: ${printable(message)}\n`);
  const all = reports.flatMap((report) => report.findings);
  const findings = command.finding ? matching(all, command.finding, sheets) : all;
  const colors = colorsFor(process.stdout, process.env);
  const done: Checked[] = [];
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    for (const finding of findings) {
      const diagnosis = analyzer.diagnosis(finding.id);
      if (!diagnosis) continue;
      const workspace = packageRoot(path.posix.dirname(finding.place.file)) ?? toPosix(cwd);
      const options = { engine: command.engine, workspace, signal: interrupt.signal };
      const checked = { finding, result: await check(diagnosis.witness, options) };
      if (interrupt.signal.aborted) return 2;
      done.push(checked);
      if (command.format === 'text') await write(process.stdout, `${checkText(checked, sheets, colors)}\n\n`);
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  await write(process.stdout, command.format === 'json' ? checksJson(done, sheets) : `${summaryText(done, colors)}\n`);
  return done.some(({ result }) => result.verdict === 'refuted') ? 1 : 0;
}

/** The findings that start on the line, or else whose call spans it. */
function matching(
  findings: readonly Reported[],
  { file, line }: { readonly file: string; readonly line: number },
  sheets: Sheets,
): readonly Reported[] {
  const full = toPosix(path.resolve(sheets.cwd, file));
  const inFile = findings.filter(({ place }) => place.file === full);
  const exact = inFile.filter(({ place }) => sheets.start(place).line === line);
  if (exact.length > 0) return exact;
  const spanning = inFile.filter(({ place }) => sheets.start(place).line <= line && line <= sheets.end(place).line);
  if (spanning.length > 0) return spanning;
  const lines = inFile.map(({ place }) => sheets.start(place).line).join(', ');
  const known = lines === '' ? 'it has no findings' : `its findings are on: ${lines}`;
  throw new UsageError(`there is no finding at ${file}:${line}; ${known}`);
}

function checkText({ finding, result }: Checked, sheets: Sheets, colors: Colors): string {
  const lines = [
    `${verdictText(result.verdict, colors)}  ${colors.bold(printable(sheets.at(finding.place)))}  ${finding.rule}`,
    `  ${printable(finding.message.what)}`,
    ...result.claims.flatMap(({ claim, figure, tolerance, verdict, detail }) => [
      `  ${verdictText(verdict, colors)}  ${printable(claim)}`,
      `      ${figure === null ? 'not measured' : `measured ${number(figure)}, tolerance ${number(tolerance)}`}${colors.dim(`  ${printable(detail)}`)}`,
    ]),
  ];
  if (result.reason !== null) lines.push(`  ${printable(result.reason)}`);
  for (const standIn of result.standIns) lines.push(colors.dim(`  stand-in: ${printable(standIn)}`));
  const { name, version } = result.engine;
  lines.push(colors.dim(`  ${name} ${version}, ${result.seconds.toFixed(1)} s`));
  return lines.join('\n');
}

function summaryText(done: readonly Checked[], colors: Colors): string {
  if (done.length === 0) return `${colors.green('No findings')} to check.`;
  const by = (verdict: Verdict): number => done.filter(({ result }) => result.verdict === verdict).length;
  return `${count(done.length, 'finding')} checked: ${by('confirmed')} confirmed, ${by('refuted')} refuted, ${by('inconclusive')} inconclusive.`;
}

function verdictText(verdict: Verdict, colors: Colors): string {
  const paint = { confirmed: colors.green, refuted: colors.red, inconclusive: colors.yellow }[verdict];
  return paint(verdict.padEnd('inconclusive'.length));
}

/** The contract is described in README.md. `engine` is that of the checks; null where nothing was checked. */
function checksJson(done: readonly Checked[], sheets: Sheets): string {
  const checks = done.map(({ finding, result }) => ({
    rule: finding.rule,
    file: sheets.name(finding.place.file),
    start: sheets.start(finding.place),
    verdict: result.verdict,
    claims: result.claims.map(({ claim, figure, tolerance, verdict, detail }) => ({
      claim,
      figure,
      tolerance,
      verdict,
      detail,
    })),
    standIns: result.standIns,
    reason: result.reason,
  }));
  const engine = done.at(-1)?.result.engine ?? null;
  return `${JSON.stringify({ version: 1, engine, checks }, null, 2)}\n`;
}

function number(figure: number): string {
  return Number.isInteger(figure) ? String(figure) : figure.toPrecision(3);
}
