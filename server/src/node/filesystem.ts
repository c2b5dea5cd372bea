import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import type { FileContent, FileSystem } from '../analyzer';

/** Files above this size are not even looked into. */
const MAX_READ = 32 * 1024 * 1024;

/** The disk, as the analyzer wants it. */
export const diskFileSystem: FileSystem = {
  read(path: string): FileContent {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      throw new Error(readableError(error), { cause: error });
    }
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new Error('it is not a file');
      if (stats.size > MAX_READ) throw new Error(`it has ${(stats.size / 1024 / 1024).toFixed(0)} MB`);
      const bytes = Buffer.allocUnsafe(stats.size);
      let length = 0;
      while (length < bytes.length) {
        const count = readSync(descriptor, bytes, length, bytes.length - length, length);
        if (count === 0) break;
        length += count;
      }
      return { bytes: bytes.subarray(0, length), stamp: stampOf(stats) };
    } catch (error) {
      throw new Error(readableError(error), { cause: error });
    } finally {
      closeSync(descriptor);
    }
  },

  stamp(path: string): string | null {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() ? stampOf(stats) : null;
    } catch {
      return null;
    }
  },
};

function stampOf(stats: Stats): string {
  return `${stats.size} ${stats.mtimeMs} ${stats.ino}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
};

/** What a file-system error means, in words. */
export function readableError(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return (code !== undefined && REASONS[code]) || message || String(error);
}
