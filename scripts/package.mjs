// Builds everything and packs the extension: build/layerlint.vsix. Fails when a file is missing or the whole too large.
import { createVSIX } from '@vscode/vsce';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { buildAll, NOTICES } from './build.mjs';
import { noticesText } from './lib/notices.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** The extension as a folder. Packing from the checkout would look through every node_modules in it. */
const staged = path.join(root, 'build', 'extension');

/** Where the packed extension is put. */
export const vsixPath = path.join(root, 'build', 'layerlint.vsix');

/** What the extension consists of beside its manifest, and nothing else. */
const CONTENTS = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'client/dist/client.js',
  'images/icon.png',
  'server/dist/check-worker.js',
  'server/dist/server.js',
  'server/dist/typescript.js',
  'syntaxes/directives.tmLanguage.json',
  'syntaxes/layers.tmLanguage.json',
];
const MAX_BYTES = 4 * 1024 * 1024;

/** Builds, checks and packs. Resolves to the path of the .vsix. */
export async function packageExtension() {
  const metafiles = await buildAll();
  const missing = CONTENTS.filter((file) => !existsSync(path.join(root, file)));
  if (missing.length > 0) throw new Error(`The extension lacks ${missing.join(', ')}.`);
  rmSync(staged, { recursive: true, force: true });
  for (const file of CONTENTS) cpSync(path.join(root, file), path.join(staged, file));
  const contained = Object.keys(metafiles).filter((bundle) => CONTENTS.includes(bundle));
  writeFileSync(path.join(staged, NOTICES), noticesText(contained.map((bundle) => metafiles[bundle])));
  writeFileSync(path.join(staged, 'package.json'), JSON.stringify(manifest(), null, 2));
  mkdirSync(path.dirname(vsixPath), { recursive: true });
  await createVSIX({ cwd: staged, packagePath: vsixPath, dependencies: false });
  const { size } = statSync(vsixPath);
  if (size > MAX_BYTES) throw new Error(`The extension has ${size} bytes, more than ${MAX_BYTES}.`);
  return vsixPath;
}

/** The manifest without what concerns the checkout alone. */
function manifest() {
  const all = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const ofCheckout = ['scripts', 'workspaces', 'devDependencies', 'private'];
  const kept = Object.fromEntries(Object.entries(all).filter(([key]) => !ofCheckout.includes(key)));
  return { ...kept, files: [...CONTENTS, NOTICES] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await packageExtension();
  console.log(`${path.relative(root, vsixPath)}: ${(statSync(vsixPath).size / 1024).toFixed(0)} KiB`);
}
