import { readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Kinds of files that can hold model code. Type declarations hold none. */
const SOURCE = /\.(?:[cm]?[jt]sx?|html?)$/i;
const NO_SOURCE = /\.d\.[cm]?ts$|[.-]min\.[cm]?js$|\.bundle\.[cm]?js$/i;
/** Folders that hold what others wrote or a tool made. */
const FOREIGN = new Set(['node_modules', 'bower_components', 'jspm_packages', 'dist', 'build', 'out', 'coverage']);
/** Copies of tfjs as its releases name them: `tf.js`, `tf-core.es2017.js`. */
const COPY_OF_TFJS =
  /^tf(?:js)?(?:-(?:core|layers|data|converter|backend-\w+|node|vis))?(?:[.@-]v?\d[\w.-]*|\.f?es\w+|\.min)*\.js$/i;

/** The packages that tfjs itself consists of; their source is no one's model code. Packages that use tfjs are not here. */
const TFJS_PACKAGE =
  /^@tensorflow\/tfjs(?:-(?:core|layers|data|converter|backend-\w+|node|node-gpu|react-native|vis|automl|tflite|tfdf|inference))?$/;

interface IgnoreFile {
  /** The folder that the patterns are relative to, with a slash at its end. */
  readonly folder: string;
  readonly patterns: Ignore;
}

export function toPosix(file: string): string {
  return path.sep === '/' ? file : file.replaceAll(path.sep, '/');
}

/** Whether a file of this name is one that the walk gives, its folder aside. */
export function isSourceName(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return SOURCE.test(name) && !NO_SOURCE.test(name) && !COPY_OF_TFJS.test(name) && !name.startsWith('.');
}

/** Whether a file is of a kind that can hold model code at all; for files that a person names. */
export function isSourceKind(file: string): boolean {
  return SOURCE.test(file);
}

export interface WalkOptions {
  /** Is told of each folder that cannot be listed and each link to nothing. */
  readonly unreadable?: (path: string, error: unknown) => void;
  /** Further patterns in the syntax of `.gitignore`, relative to the folder; they win over the files. */
  readonly exclude?: readonly string[];
}

/**
 * The source files below `folder` in a stable order, depth first; yields often, so that a caller can pause between.
 * Left out: hidden, foreign and generated folders, minified files, copies of tfjs and its packages, and whatever a `.gitignore` of the
 * folder, of those in it or of those around it up to the top of the git work tree ignores. Symbolic links are followed
 * to files, not to folders. `folder` itself may be any folder.
 */
export function* walk(folder: string, options: WalkOptions = {}): Generator<string> {
  const top = toPosix(path.resolve(folder));
  const prefix = top.endsWith('/') ? top : `${top}/`;
  const exclude = ignore().add([...(options.exclude ?? [])]);
  const excluded = (full: string): boolean => exclude.ignores(full.slice(prefix.length));
  yield* walkFolder(prefix, ignoreFilesAbove(top), excluded, options.unreadable ?? (() => undefined));
}

function* walkFolder(
  folder: string,
  above: readonly IgnoreFile[],
  excluded: (full: string) => boolean,
  unreadable: (path: string, error: unknown) => void,
): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    unreadable(folder.slice(0, -1), error);
    return;
  }
  if (entries.some(({ name }) => name === 'package.json') && isTfjsPackage(folder)) return;
  const own = entries.some(({ name }) => name === '.gitignore') ? readIgnoreFile(folder) : null;
  const ignores = own ? [...above, own] : above;
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const full = folder + name;
    if (entry.isDirectory()) {
      if (!FOREIGN.has(name) && !isIgnored(`${full}/`, ignores) && !excluded(`${full}/`)) folders.push(`${full}/`);
    } else if (isSourceName(name) && !isIgnored(full, ignores) && !excluded(full)) {
      if (entry.isFile() || (entry.isSymbolicLink() && leadsToFile(full, unreadable))) yield full;
    }
  }
  for (const inner of folders) yield* walkFolder(inner, ignores, excluded, unreadable);
}

/** The innermost file that says anything about a path decides. */
function isIgnored(full: string, ignores: readonly IgnoreFile[]): boolean {
  for (let at = ignores.length - 1; at >= 0; at--) {
    const { folder, patterns } = ignores[at]!;
    const { ignored, unignored } = patterns.test(full.slice(folder.length));
    if (ignored || unignored) return ignored;
  }
  return false;
}

function readIgnoreFile(folder: string): IgnoreFile | null {
  try {
    return { folder, patterns: ignore().add(readFileSync(`${folder}.gitignore`, 'utf8')) };
  } catch {
    return null;
  }
}

function isTfjsPackage(folder: string): boolean {
  try {
    const text = readFileSync(`${folder}package.json`, 'utf8');
    // Almost every package.json is told from its text; only the few that name tfjs are parsed.
    if (!text.includes('"@tensorflow/tfjs')) return false;
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === 'string' && TFJS_PACKAGE.test(name);
  } catch {
    return false;
  }
}

/** The ignore files of the folders around `top` that are in the same git work tree, outermost first. */
function ignoreFilesAbove(top: string): readonly IgnoreFile[] {
  const found: IgnoreFile[] = [];
  for (let inner = top; !exists(`${inner}/.git`);) {
    const outer = path.posix.dirname(inner);
    if (outer === inner) return [];
    const file = readIgnoreFile(outer.endsWith('/') ? outer : `${outer}/`);
    if (file) found.unshift(file);
    inner = outer;
  }
  return found;
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function leadsToFile(link: string, unreadable: (path: string, error: unknown) => void): boolean {
  try {
    return statSync(link).isFile();
  } catch (error) {
    unreadable(link, error);
    return false;
  }
}
