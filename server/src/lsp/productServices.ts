import { setImmediate } from 'node:timers/promises';
import { Analyzer } from '../analyzer';
import { checkNumerically, markdownReport } from '../check';
import { diskFileSystem, walk } from '../node';
import type { Services } from './services';

/** How many files are listed before other work gets in. */
const SLICE = 200;

/** The real analysis, on the real disk. */
export function productServices(log: (message: string) => void): Services {
  return {
    fileSystem: diskFileSystem,
    analyzer: new Analyzer(diskFileSystem),
    listFiles: (folder, exclude) => listFiles(folder, exclude, log),
    check: ({ witness }, options) => checkNumerically(witness, options),
    checkReport: ({ finding }, at, result) => markdownReport([{ finding, at, result }]),
  };
}

async function listFiles(
  folder: string,
  exclude: readonly string[],
  log: (message: string) => void,
): Promise<readonly string[]> {
  const files: string[] = [];
  let seen = 0;
  const unreadable = (path: string, error: unknown): void => log(`${path} cannot be read: ${String(error)}`);
  for (const file of walk(folder, { exclude, unreadable })) {
    if (++seen % SLICE === 0) await setImmediate();
    files.push(file);
  }
  return files;
}
