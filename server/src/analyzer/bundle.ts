/** Below this size, no one calls a file with a module wrapper a bundle: people write such wrappers by hand. */
const WRAPPED_BUNDLE = 100 * 1024;
/** Where a wrapper or a bundler's own functions stand: right behind the licence banners. */
const PRELUDE = 4_000;

/** Comments and directives that come before the code. */
const BANNER = /^(?:\s+|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|(['"])use strict\1;?)+/;

/** The wrapper for every kind of module (UMD) as rollup, webpack and others make it, and people copy it. */
const WRAPPER =
  /typeof exports\s*===?\s*['"]object['"]\s*&&\s*typeof module\s*!==?\s*['"]undefined['"]|['"]object['"]\s*===?\s*typeof exports\s*&&\s*['"]undefined['"]\s*!==?\s*typeof module|\bwebpackUniversalModuleDefinition\b/;

/** The function that stands at the start of each bundle of browserify, in its two versions. */
const BROWSERIFY =
  /^(?:require=)?\(function\s*(?:\(\)\s*\{\s*function r\(e,\s*n,\s*t\)|e\(t,\s*n,\s*r\))\s*\{\s*function [os]\(\w,\s*\w\)\s*\{\s*if\s*\(!n\[\w\]\)/;

/** esbuild says of each file where it came from. */
const ESBUILD_HELPER = /^(?:var|let|const) __(?:create|defProp|getOwnPropNames) = Object\./m;
const ESBUILD_FOREIGN = /^\/\/ (?:\.\.?\/)*node_modules\/\S+$/m;

/**
 * The tool that put a file together from others, told from its text; null where nothing says so beyond doubt. Bundlers
 * that name themselves are believed at any size; a mere wrapper only where the file is large and something else speaks
 * for a build: a source map, the licences of several works, or a line that no one has written.
 *
 * @param longLine whether the file has a line that is too long for handwriting
 */
export function bundler(text: string, longLine: boolean): string | null {
  if (/\bfunction __webpack_require__\s*\(/.test(text)) return 'webpack';
  const start = BANNER.exec(text)?.[0].length ?? 0;
  const prelude = text.slice(start, start + PRELUDE);
  if (BROWSERIFY.test(prelude)) return 'browserify';
  if (/\bparcelRequire\w*\s*=/.test(prelude)) return 'Parcel';
  if (ESBUILD_HELPER.test(prelude) && ESBUILD_FOREIGN.test(text)) return 'esbuild';
  if (text.length < WRAPPED_BUNDLE || !WRAPPER.test(prelude)) return null;
  return longLine || hasSourceMap(text) || hasLicences(text) ? 'a bundler' : null;
}

function hasSourceMap(text: string): boolean {
  return /^\/\/# sourceMappingURL=\S+\s*$/m.test(text.slice(-500));
}

function hasLicences(text: string): boolean {
  const first = text.indexOf('@license');
  return first >= 0 && text.includes('@license', first + 1);
}
