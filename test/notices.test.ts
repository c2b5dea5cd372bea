import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { withFolder } from './support/command';

type Metafile = { readonly outputs: Readonly<Record<string, { readonly inputs: Inputs }>> };
type Inputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;
const { noticesText } = require('../scripts/lib/notices.mjs') as {
  noticesText(metafiles: readonly Metafile[], root: string): string;
};

const root = path.join(__dirname, '..');

function bundle(...inputs: readonly string[]): Metafile {
  return { outputs: { 'out.js': { inputs: Object.fromEntries(inputs.map((file) => [file, { bytesInOutput: 1 }])) } } };
}

function packageJson(name: string, version: string, more: object = { license: 'MIT' }): string {
  return JSON.stringify({ name, version, ...more });
}

/** The files of which something is in a bundle, by bundle; the build is a module of its own kind, so it is run apart. */
function bundledFiles(): Readonly<Record<string, readonly string[]>> {
  const script = `import { buildAll } from './scripts/build.mjs';
    const bundled = ([, { bytesInOutput }]) => bytesInOutput > 0;
    const filesOf = ({ outputs }, out) => Object.entries(outputs[out].inputs).filter(bundled).map(([file]) => file);
    const entries = Object.entries(await buildAll()).map(([out, metafile]) => [out, filesOf(metafile, out)]);
    console.log(JSON.stringify(Object.fromEntries(entries)));`;
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options));
}

describe('the notices of third parties', () => {
  it('have the name, version and licence text of what is bundled, and of nothing else', async () => {
    const files = {
      'node_modules/@scope/one/package.json': packageJson('@scope/one', '1.0.0'),
      'node_modules/@scope/one/LICENSE.md': 'the licence of one',
      'node_modules/@scope/one/ThirdPartyNotices.txt': 'what one contains',
      'node_modules/two/package.json': packageJson('two', '2.0.0'),
      'node_modules/two/License.txt': 'the licence of two',
      'node_modules/two/node_modules/three/package.json': packageJson('three', '3.0.0'),
      'node_modules/two/node_modules/three/COPYING': 'the licence of three',
      'node_modules/unused/package.json': packageJson('unused', '4.0.0'),
    };
    await withFolder(files, async (folder) => {
      const dropped = { outputs: { 'out.js': { inputs: { 'node_modules/unused/a.js': { bytesInOutput: 0 } } } } };
      const metafiles = [
        bundle('node_modules/@scope/one/lib/a.js', 'src/own.ts'),
        bundle('node_modules/two/node_modules/three/a.js', 'node_modules/two/b.js', 'node_modules/@scope/one/b.js'),
        dropped,
      ];
      const text = noticesText(metafiles, folder);
      for (const part of ['licence of one', 'what one contains', 'licence of two', 'licence of three'])
        assert.equal(text.split(part).length, 2, part);
      assert.deepEqual(text.match(/^ {2}\S.*$/gm), [
        '  @scope/one 1.0.0 (MIT)',
        '  three 3.0.0 (MIT)',
        '  two 2.0.0 (MIT)',
      ]);
    });
  });

  it('have the standard text where a package names its licence only, and fail where it does not', async () => {
    const files = {
      'node_modules/named/package.json': packageJson('named', '1.0.0', {
        license: 'Apache-2.0 AND MIT',
        author: 'Some Body <a@b.invalid>',
      }),
      'node_modules/silent/package.json': packageJson('silent', '1.0.0', {}),
      'node_modules/other/package.json': packageJson('other', '1.0.0', { license: 'SEE ELSEWHERE' }),
    };
    await withFolder(files, async (folder) => {
      const text = noticesText([bundle('node_modules/named/a.js')], folder);
      assert.match(text, /Copyright \(c\) Some Body\n/);
      assert.match(text, /Apache License\s+Version 2\.0/);
      for (const name of ['silent', 'other'])
        assert.throws(() => noticesText([bundle(`node_modules/${name}/a.js`)], folder), new RegExp(`package ${name}`));
    });
  });

  it('name every package that is in the bundles of the npm package and of the extension', async () => {
    execFileSync(process.execPath, ['scripts/package.mjs'], { cwd: root, stdio: 'pipe' });
    const bundles = bundledFiles();
    const named = (...file: string[]): ReadonlySet<string> =>
      new Set(
        readFileSync(path.join(root, ...file), 'utf8')
          .match(/^ {2}\S+ (?=\S+ \()/gm)
          ?.map((line) => line.trim()),
      );
    const inExtension = named('build', 'extension', 'THIRD-PARTY-NOTICES.txt');
    const inServer = named('server', 'THIRD-PARTY-NOTICES.txt');
    for (const [out, files] of Object.entries(bundles)) {
      const names = files
        .map((input) => input.split('node_modules/').slice(1).pop())
        .filter((inside) => inside !== undefined)
        .map((inside) =>
          inside
            .split('/')
            .slice(0, inside.startsWith('@') ? 2 : 1)
            .join('/'),
        );
      assert.ok(names.length > 0, out);
      for (const name of names) {
        if (out.startsWith('server/')) assert.ok(inServer.has(name), `${name} of ${out}, in the npm package`);
        if (out !== 'server/dist/cli.js') assert.ok(inExtension.has(name), `${name} of ${out}, in the extension`);
      }
    }
  });
});
