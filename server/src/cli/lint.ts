import { Analyzer, type FileReport, type Problem } from '../analyzer';
import type { Silence } from '../graph';
import { diskFileSystem, readableError } from '../node';
import type { LintCommand } from './arguments';
import { unifiedDiff } from './diff';
import { applyFixes, writeFixed, type FixedFiles } from './fix';
import { formatGithub } from './formats/github';
import { formatJson } from './formats/json';
import { formatSarif } from './formats/sarif';
import { formatText } from './formats/text';
import { colorsFor, count, printable, Sheets, write } from './output';
import { summarize, type LintResult } from './result';
import { select } from './selection';

/** `layerlint [paths]`; the exit code. */
export async function lint(command: LintCommand, cwd: string, version: string): Promise<number> {
  const { files, candidates, problems } = select(command.paths, cwd);
  const analyzer = new Analyzer(diskFileSystem, command.rules.length > 0 ? { rules: command.rules } : {});
  analyzer.setFiles(candidates);
  const sheets = new Sheets(cwd);
  const before = await analyzer.reportAll({ files });
  const fixes = command.fix === 'no' ? null : await applyFixes(analyzer, files);
  const written = command.fix === 'write' && fixes ? writeAll(fixes, analyzer, sheets) : [];
  const after = command.fix === 'write' ? await analyzer.reportAll({ files }) : before;
  const result: LintResult = {
    findings: after.flatMap((report) => report.findings),
    problems: [...problems, ...after.flatMap((report) => report.problems), ...(fixes?.problems ?? []), ...written],
    silences: command.explain ? silences(analyzer, after) : null,
    ...analyzer.statistics(files),
    fixed: fixes && command.fix === 'write' ? fixes.fixed : null,
    diff: fixes && command.fix === 'show' ? diffOf(fixes, sheets) : null,
    sheets,
  };
  await print(result, command, version);
  return result.findings.length > 0 ? 1 : 0;
}

async function print(result: LintResult, command: LintCommand, version: string): Promise<void> {
  const { sheets, diff } = result;
  for (const { file, message, place } of result.problems)
    await write(
      process.stderr,
      `layerlint: ${printable(place ? sheets.at(place) : sheets.name(file))}: ${printable(message)}\n`,
    );
  switch (command.format) {
    case 'json':
      return write(process.stdout, formatJson(result));
    case 'sarif':
      return write(process.stdout, formatSarif(result, version));
    case 'github':
      return write(process.stdout, formatGithub(result));
    case 'text':
      if (diff === null) return write(process.stdout, formatText(result, colorsFor(process.stdout, process.env)));
      // The diff alone goes to stdout, so that it can be piped into a tool that applies it.
      await write(process.stdout, diff);
      return write(process.stderr, `${count(summarize(result).findings, 'finding')}; nothing was written.\n`);
  }
}

function silences(analyzer: Analyzer, reports: readonly FileReport[]): readonly Silence[] {
  return reports.flatMap(({ file }) => analyzer.explain(file));
}

function diffOf({ files }: FixedFiles, sheets: Sheets): string {
  return files.map(({ file, before, after }) => unifiedDiff(sheets.name(file), before, after)).join('');
}

function writeAll({ files }: FixedFiles, analyzer: Analyzer, sheets: Sheets): readonly Problem[] {
  const problems: Problem[] = [];
  for (const fixed of files) {
    try {
      writeFixed(fixed);
      sheets.replace(fixed.file, fixed.after);
    } catch (error) {
      problems.push({ file: fixed.file, message: `Not fixed: ${readableError(error)}.`, place: null });
    }
    // From here on the disk counts, whether it has the fixes or not.
    analyzer.setOverlay(fixed.file, null);
  }
  return problems;
}
