import { createColors } from 'picocolors';
import path from 'node:path';
import { LineTable, type Position } from '../analyzer';
import type { Place } from '../graph';
import { diskFileSystem } from '../node';

export type Colors = ReturnType<typeof createColors>;

/** Colours where a terminal shows them, unless the environment says otherwise (no-color.org). */
export function colorsFor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return createColors(false);
  if (FORCE_COLOR && FORCE_COLOR !== '0') return createColors(true);
  return createColors(stream.isTTY === true && TERM !== 'dumb');
}

/** Writes all of it, also into a slow pipe; a reader that has gone (`| head`) is no error. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (text === '') return;
  await new Promise<void>((resolve, reject) => {
    const gone = (error: NodeJS.ErrnoException): void => (error.code === 'EPIPE' ? resolve() : reject(error));
    stream.once('error', gone);
    stream.write(text, (error) => {
      if (error) return gone(error as NodeJS.ErrnoException);
      stream.removeListener('error', gone);
      resolve();
    });
  });
}

/** Texts, line tables and printed names of files. */
export class Sheets {
  private readonly tables = new Map<string, LineTable>();

  constructor(readonly cwd: string) {}

  table(file: string): LineTable {
    let table = this.tables.get(file);
    if (!table) this.tables.set(file, (table = new LineTable(readText(file))));
    return table;
  }

  /** The text of a file is another one now. */
  replace(file: string, text: string): void {
    this.tables.set(file, new LineTable(text));
  }

  start(place: Place): Position {
    return this.table(place.file).position(place.start);
  }

  end(place: Place): Position {
    return this.table(place.file).position(place.end);
  }

  /** Relative to the working folder where the file is inside, else absolute. */
  name(file: string): string {
    const relative = path.relative(this.cwd, file).replaceAll(path.sep, '/');
    return relative === '' || relative.startsWith('../') || path.isAbsolute(relative) ? file : relative;
  }

  /** `src/model.js:12:15` */
  at(place: Place): string {
    const { line, column } = this.start(place);
    return `${this.name(place.file)}:${line}:${column}`;
  }
}

function readText(file: string): string {
  try {
    return new TextDecoder().decode(diskFileSystem.read(file).bytes);
  } catch {
    return '';
  }
}

/** `1 finding`, `2 findings`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Source text and file names may hold control characters; a terminal must not obey them. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\u00b7');
}
