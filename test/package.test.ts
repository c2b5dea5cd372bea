import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..');

/** The names of a zip file's entries, read from its central directory. */
function entries(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}

describe('the packed extension', () => {
  it('holds the bundles, grammars and pages, and nothing of the checkout', () => {
    execFileSync(process.execPath, ['scripts/package.mjs'], { cwd: root, stdio: 'pipe' });
    const names = entries(readFileSync(path.join(root, 'build', 'layerlint.vsix')))
      .filter((name) => name.startsWith('extension/'))
      .map((name) => name.slice('extension/'.length).toLowerCase());
    assert.deepEqual(names.sort(), [
      'changelog.md',
      'client/dist/client.js',
      'images/icon.png',
      'license.txt',
      'package.json',
      'readme.md',
      'server/dist/check-worker.js',
      'server/dist/server.js',
      'server/dist/typescript.js',
      'syntaxes/directives.tmlanguage.json',
      'syntaxes/layers.tmlanguage.json',
      'third-party-notices.txt',
    ]);
  });
});
