import { statSync } from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../analyzer';
import { diskFileSystem } from '../node';
import { select } from './selection';
import { printable, Sheets, write } from './output';
import { UsageError, type ModelCommand } from './arguments';
import { formatModelJson } from './formats/model-json';

/** `layerlint model <file>`: the models that a file builds, as `.layers` text or JSON; the exit code. */
export async function model({ file: named, format }: ModelCommand, cwd: string): Promise<number> {
  const { files, candidates, problems } = select([named], cwd);
  if (statSync(path.resolve(cwd, named)).isDirectory())
    throw new UsageError('layerlint model takes a file, not a folder');
  const [file] = files;
  if (file === undefined) throw new UsageError(problems[0]?.message ?? `${named} cannot be read`);
  const analyzer = new Analyzer(diskFileSystem);
  analyzer.setFiles(candidates);
  const { problems: found } = analyzer.report(file);
  const sheets = new Sheets(cwd);
  for (const { message, place } of found)
    await write(process.stderr, `layerlint: ${printable(place ? sheets.at(place) : named)}: ${printable(message)}\n`);
  const text =
    format === 'json'
      ? formatModelJson(analyzer.outline(file), sheets)
      : analyzer.outlineText(file, null, sheets.name(file));
  await write(process.stdout, text);
  return 0;
}
