import { statSync } from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../analyzer';
import { diskFileSystem } from '../node';
import { select } from './selection';
import { printable, Sheets, write } from './output';
import { UsageError } from './arguments';

/** `layerlint model <file>`: the models that a file builds, as `.layers` text; the exit code. */
export async function model(named: string, cwd: string): Promise<number> {
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
  await write(process.stdout, analyzer.outline(file, null, sheets.name(file)));
  return 0;
}
