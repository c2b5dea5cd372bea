import { mayMatter, mayNormalise, mayTrain } from '../recover/relevance';
import { bundler } from './bundle';

/** Files above this size are never parsed. */
export const MAX_BYTES = 2 * 1024 * 1024;
/** Lines above this length are no one's handwriting: what stands in them is a bundle or data. */
const MAX_LINE = 5_000;

/** What is known of a file without parsing it. */
export interface Screening {
  /** It may make layers, take gradient steps or hand on tf (recover/relevance.ts). */
  readonly matters: boolean;
  /** It may normalise: without such a file within reach there is no finding. */
  readonly essential: boolean;
  /** Why the file must not be parsed and nobody need be told: a bundle, a copy of tfjs. Null where it may be. */
  readonly skipped: string | null;
  /** Why the file must not be parsed, for people: it is named as a problem. */
  readonly problem: string | null;
  /** The relative specifiers of its imports, as written. */
  readonly imports: readonly string[];
  /** Its other specifiers, which a configuration may lead to files of the workspace. */
  readonly packages: readonly string[];
  /** It may hand on what it imports: callers of the imported file stand beyond it. */
  readonly forwards: boolean;
  /** Where it may take gradient steps: the names of the methods that it calls, on whatever object. */
  readonly trainsThrough: ReadonlySet<string>;
}

const NOTHING = {
  matters: false,
  essential: false,
  skipped: null,
  problem: null,
  imports: [],
  packages: [],
  forwards: false,
  trainsThrough: new Set<string>(),
};

export function unreadable(problem: string): Screening {
  return { ...NOTHING, problem };
}

/**
 * Screens a file by its bytes. They are looked at as Latin-1, which costs a copy and no decoding: every word looked for
 * is ASCII.
 */
export function screenBytes(path: string, bytes: Uint8Array): Screening {
  if (bytes.includes(0)) return unreadable('it is a binary file');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const screening = screenText(path, buffer.toString('latin1'), bytes.byteLength);
  if (screening.imports.every(isAscii)) return screening;
  const imports = screening.imports.map((specifier) => Buffer.from(specifier, 'latin1').toString('utf8'));
  return { ...screening, imports };
}

export function screenText(path: string, text: string, size = text.length): Screening {
  const matters = mayMatter(text);
  if (size > MAX_BYTES) {
    if (!matters) return NOTHING;
    return unreadable(
      `it has ${(size / 1024 / 1024).toFixed(1)} MB, more than the ${MAX_BYTES >> 20} MB that are analysed`,
    );
  }
  if (matters && isCopyOfTfjs(text)) return { ...NOTHING, skipped: 'it is a copy of TensorFlow.js itself' };
  const generated = matters ? generatedBy(text, isPage(path)) : null;
  if (generated !== null) return { ...NOTHING, skipped: generated };
  return {
    ...NOTHING,
    matters,
    essential: matters && mayNormalise(text),
    imports: isPage(path) ? scriptSources(text) : relativeImports(text),
    packages: packageImports(text),
    forwards: FORWARDS.test(text),
    trainsThrough: new Set(mayTrain(text) ? [...text.matchAll(METHOD_CALL)].map(([, name]) => name!) : []),
  };
}

export function isPage(path: string): boolean {
  return /\.html?$/i.test(path);
}

/** Only tfjs-layers gives a class that name for its serialization (tfjs-layers/src/layers/normalization.ts). */
function isCopyOfTfjs(text: string): boolean {
  return /\bclassName\s*=\s*['"]BatchNormalization['"]/.test(text);
}

/** Why no one has written this text; null where someone may have. A page is written even where its scripts are not. */
function generatedBy(text: string, page: boolean): string | null {
  const written = withoutLongLines(text);
  // All that matters must stand in such lines: a page with an image in one long line is not minified.
  if (written !== text && !mayMatter(written)) return 'it is minified or bundled';
  const tool = page ? null : bundler(text, written !== text);
  return tool === null ? null : `it is put together by ${tool} from other files`;
}

function withoutLongLines(text: string): string {
  let kept = '';
  let from = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    if (stop - start > MAX_LINE) {
      kept += text.slice(from, start);
      from = stop;
    }
    start = stop + 1;
  }
  return from === 0 && kept === '' ? text : kept + text.slice(from);
}

const METHOD_CALL = /\.\s*([\w$]+)\s*\(/g;
const FORWARDS = /\bexport\s*(\*|\{)|\bexports\b[^\n]*\brequire\s*\(/;
const PACKAGE = /\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`\n.:/][^'"`\n:]*)\1/g;
const IMPORT = /\b(?:from|import|require)\s*\(?\s*(['"`])(\.[^'"`\n]*)\1/g;
const SCRIPT_SOURCE = /<script\b[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

function relativeImports(text: string): readonly string[] {
  const specifiers: string[] = [];
  for (const match of text.matchAll(IMPORT)) specifiers.push(match[2]!);
  return specifiers;
}

function packageImports(text: string): readonly string[] {
  const specifiers = new Set<string>();
  for (const match of text.matchAll(PACKAGE)) if (!match[2]!.startsWith('@tensorflow/')) specifiers.add(match[2]!);
  return [...specifiers];
}

function scriptSources(html: string): readonly string[] {
  const specifiers = [...relativeImports(html)];
  for (const match of html.matchAll(SCRIPT_SOURCE)) {
    const source = (match[1] ?? match[2] ?? match[3] ?? '').replace(/[?#].*$/, '');
    if (!/^([a-z][a-z0-9+.-]*:|\/)/i.test(source)) specifiers.push(source.startsWith('.') ? source : `./${source}`);
  }
  return specifiers;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}
