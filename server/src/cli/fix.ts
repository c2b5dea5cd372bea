import { accessSync, chmodSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Analyzer, FileReport, Problem } from '../analyzer';
import type { Fix, TextEdit } from '../rules';
import { diskFileSystem, readableError } from '../node';

/** A fix may make room for another one; more rounds than this never helped anyone. */
const MAX_ROUNDS = 10;

/** A file as it was when it was analysed, and as the fixes leave it. */
export interface FixedFile {
  readonly file: string;
  readonly stamp: string;
  readonly before: string;
  readonly after: string;
}

export interface FixedFiles {
  readonly files: readonly FixedFile[];
  /** How many findings were mended. */
  readonly fixed: number;
  readonly problems: readonly Problem[];
}

/**
 * Applies the preferred fixes to the analyzer's documents, in rounds, and writes nothing. Of two fixes that overlap,
 * the first is applied in this round; the other one is made anew in the next. Edits outside `files` are never made.
 */
export async function applyFixes(analyzer: Analyzer, files: ReadonlySet<string>): Promise<FixedFiles> {
  const problems: Problem[] = [];
  const originals = new Map<string, { readonly stamp: string; readonly text: string }>();
  const texts = new Map<string, string>();
  const refused = new Set<string>();
  let fixed = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const reports = await analyzer.reportAll({ files });
    const edits = new Map<string, TextEdit[]>();
    let accepted = 0;
    for (const fix of preferredFixes(reports)) {
      if (!fix.edits.every(({ file }) => files.has(file) && !refused.has(file))) continue;
      for (const { file } of fix.edits) {
        if (texts.has(file)) continue;
        try {
          const original = readSoundText(analyzer, file);
          originals.set(file, original);
          texts.set(file, original.text);
        } catch (error) {
          refused.add(file);
          problems.push({ file, message: `Not fixed: ${readableError(error)}.`, place: null });
        }
      }
      if (fix.edits.some(({ file }) => refused.has(file)) || fix.edits.some((edit) => overlaps(edit, edits))) continue;
      for (const edit of fix.edits) edits.set(edit.file, [...(edits.get(edit.file) ?? []), edit]);
      accepted++;
    }
    if (accepted === 0) break;
    fixed += accepted;
    for (const [file, list] of edits) {
      const text = applyEdits(texts.get(file)!, list);
      texts.set(file, text);
      analyzer.setOverlay(file, text);
    }
  }
  const changed = [...originals].map(([file, { stamp, text }]) => ({
    file,
    stamp,
    before: text,
    after: texts.get(file)!,
  }));
  return { files: changed.filter(({ before, after }) => before !== after), fixed, problems };
}

/** Writes a file whole or not at all, and only where it still is as it was when it was analysed. */
export function writeFixed({ file, stamp, after }: FixedFile): void {
  // A symbolic link stays one; what it leads to is written.
  const target = realpathSync(file);
  accessSync(target, constants.W_OK);
  const { bytes } = diskFileSystem.read(file);
  if (diskFileSystem.stamp(file) !== stamp) throw new Error('it has changed since it was analysed');
  const mark = hasByteOrderMark(bytes) ? '\ufeff' : '';
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.layerlint-${process.pid}`);
  try {
    writeFileSync(temporary, mark + after, { flag: 'wx' });
    chmodSync(temporary, statSync(target).mode & 0o7777);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Edits of one text that do not overlap, made at once. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start || b.end - a.end))
    result = result.slice(0, start) + replacement + result.slice(end);
  return result;
}

function* preferredFixes(reports: readonly FileReport[]): Generator<Fix> {
  for (const { findings } of reports) for (const { preferred } of findings) if (preferred) yield preferred;
}

/** The text of a file that the analyzer has just reported on, if it has not changed since and can be written back. */
function readSoundText(analyzer: Analyzer, file: string): { stamp: string; text: string } {
  const before = analyzer.version(file);
  const { bytes, stamp } = diskFileSystem.read(file);
  if (before !== stamp) throw new Error('it has changed since it was analysed');
  const text = new TextDecoder().decode(bytes);
  const body = hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes;
  if (!Buffer.from(text, 'utf8').equals(body)) throw new Error('it is not UTF-8 throughout');
  return { stamp, text };
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Touching counts: the order of two insertions at one place would be arbitrary. */
function overlaps(edit: TextEdit, taken: ReadonlyMap<string, readonly TextEdit[]>): boolean {
  return (taken.get(edit.file) ?? []).some((other) => edit.start <= other.end && other.start <= edit.end);
}
