import { statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Problem } from '../analyzer';
import { isSourceKind, readableError, toPosix, walk } from '../node';
import { UsageError } from './arguments';

/** The files that a command line names. Absolute paths with forward slashes. */
export interface Selection {
  readonly files: ReadonlySet<string>;
  /** Those and the other files of their packages: what is called in one file is judged by its callers in others. */
  readonly candidates: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/**
 * Walks the folders named, and takes the files named whatever ignores them.
 *
 * @throws UsageError where there is no such path
 */
export function select(paths: readonly string[], cwd: string): Selection {
  const files = new Set<string>();
  const problems: Problem[] = [];
  const roots = new Set<string>();
  const unreadable = (file: string, error: unknown): void => {
    problems.push({ file, message: `Not analysed: ${readableError(error)}.`, place: null });
  };
  for (const named of paths) {
    const full = toPosix(path.resolve(cwd, named));
    let isFolder: boolean;
    try {
      isFolder = statSync(full).isDirectory();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`there is no such path: ${named}`);
      throw new UsageError(`${named}: ${readableError(error)}`);
    }
    if (isFolder) for (const file of walk(full, { unreadable })) files.add(file);
    else if (isSourceKind(full)) files.add(full);
    else unreadable(full, new Error('it is no JavaScript, TypeScript or HTML file'));
    const root = packageRoot(isFolder ? full : path.posix.dirname(full));
    // A folder that is its package's own root has been walked already.
    if (root !== null && !(isFolder && root === full)) roots.add(root);
  }
  const candidates = new Set(files);
  for (const root of roots) for (const file of walk(root)) candidates.add(file);
  return { files, candidates, problems };
}

/**
 * The innermost folder around with a package.json, not beyond its git work tree; null where there is none. A
 * package.json that lies in the home folder or the folder for temporary files is there by accident.
 */
export function packageRoot(folder: string): string | null {
  const never = [os.homedir(), os.tmpdir()].map(toPosix);
  for (let at = folder; !never.includes(at); at = path.posix.dirname(at)) {
    if (exists(`${at}/package.json`)) return at;
    if (exists(`${at}/.git`) || path.posix.dirname(at) === at) return null;
  }
  return null;
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
