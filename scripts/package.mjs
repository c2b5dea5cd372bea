// Builds everything and packs the extension: build/layerlint.vsix. Fails when a file is missing, too many or too large.
import { createVSIX, listFiles } from '@vscode/vsce';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { buildAll } from './build.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Where the packed extension is put. */
export const vsixPath = path.join(root, 'build', 'layerlint.vsix');

/** What the extension consists of, and nothing else. */
const CONTENTS = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'client/dist/client.js',
  'images/icon.png',
  'package.json',
  'server/dist/server.js',
  'server/dist/typescript.js',
  'syntaxes/directives.tmLanguage.json',
  'syntaxes/layers.tmLanguage.json',
];
/** Parts that are not built in every state of the sources. */
const OPTIONAL = ['server/dist/check-worker.js'];
const MAX_BYTES = 4 * 1024 * 1024;

/** Builds, checks what would be packed, and packs. Resolves to the path of the .vsix. */
export async function packageExtension() {
  await buildAll();
  const packed = (await listFiles({ cwd: root, dependencies: false })).map((file) => file.replaceAll('\\', '/'));
  const missing = CONTENTS.filter((file) => !packed.includes(file));
  const extra = packed.filter((file) => !CONTENTS.includes(file) && !OPTIONAL.includes(file));
  if (missing.length > 0) throw new Error(`The extension lacks ${missing.join(', ')}.`);
  if (extra.length > 0) throw new Error(`The extension would hold ${extra.join(', ')} (see .vscodeignore).`);
  mkdirSync(path.dirname(vsixPath), { recursive: true });
  await createVSIX({ cwd: root, packagePath: vsixPath, dependencies: false });
  const { size } = statSync(vsixPath);
  if (size > MAX_BYTES) throw new Error(`The extension has ${size} bytes, more than ${MAX_BYTES}.`);
  return vsixPath;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await packageExtension();
  console.log(`${path.relative(root, vsixPath)}: ${(statSync(vsixPath).size / 1024).toFixed(0)} KiB`);
}
