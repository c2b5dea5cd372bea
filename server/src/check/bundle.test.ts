import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type * as check from '.';
import { convThen } from './testing/witness';

/** The check as a package has it: two bundles in a folder of their own, no checkout and no engine around. */
describe('the bundled check', () => {
  let folder: string;
  let bundled: typeof check;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerlint-bundle-'));
    await build({
      entryPoints: {
        check: path.join(__dirname, 'index.ts'),
        'check-worker': path.join(__dirname, 'worker', 'main.ts'),
      },
      outdir: folder,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'error',
    });
    bundled = createRequire(path.join(folder, 'noop.js'))('./check.js') as typeof check;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs on the pure-JavaScript tfjs that it carries where no other engine is installed', async () => {
    const result = await bundled.checkNumerically(convThen(), { engine: 'auto', workspace: folder });
    assert.deepEqual(result.engine, { name: 'tfjs', version: '4.22.0' });
    assert.equal(result.verdict, 'confirmed');
    assert.deepEqual(result.standIns, []);
  });

  it('says what to do where the engine that was asked for is not installed', async () => {
    await assert.rejects(bundled.checkNumerically(convThen(), { engine: 'tfjs-node', workspace: folder }), {
      name: 'EngineError',
      message:
        `tfjs-node is not installed: neither in ${folder} nor beside LayerLint. Install it with ` +
        "`npm install @tensorflow/tfjs-node`, or use the engine 'tfjs', which is built in.",
    });
  });
});
