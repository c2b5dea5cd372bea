import assert from 'node:assert/strict';
import { Analyzer } from './analyzer';
import { MemoryFileSystem } from './testing';

const BLOCK = `import * as tf from '@tensorflow/tfjs';
export const block = (x, relu) =>
  tf.layers.batchNormalization().apply(tf.layers.dense({ units: 4, activation: relu ? 'relu' : 'linear' }).apply(x));
`;
/** Names nothing of tfjs by itself. */
const caller = (specifier: string, relu: boolean): string =>
  `import { block } from '${specifier}';
export const build = (x) => block(x, ${String(relu)});
`;

function workspace(files: Readonly<Record<string, string>>) {
  const disk = new MemoryFileSystem(files);
  const analyzer = new Analyzer(disk);
  const sources = Object.keys(files).filter((path) => /\.[jt]s$/.test(path));
  analyzer.setFiles(sources);
  /** How many biases of the block are reported when all files are. */
  const redundant = async (): Promise<number> =>
    (await analyzer.reportAll()).reduce((sum, { findings }) => sum + findings.length, 0);
  return { disk, analyzer, redundant };
}

describe('which files call which', () => {
  it('a helper is judged by callers that import it through paths of tsconfig.json', async () => {
    const config = '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }';
    const files = { '/w/src/block.js': BLOCK, '/w/tsconfig.json': config };
    assert.equal(await workspace({ ...files, '/w/app/a.js': caller('@/block', true) }).redundant(), 0);
    assert.equal(await workspace({ ...files, '/w/app/a.js': caller('@/block', false) }).redundant(), 1);
    assert.equal(await workspace({ ...files, '/w/app/a.js': caller('elsewhere/block', true) }).redundant(), 1);
  });

  it('a helper of another package of the workspace is judged by its callers', async () => {
    const files = {
      '/w/package.json': '{ "workspaces": ["packages/*"] }',
      '/w/packages/nn/package.json': '{ "name": "@our/nn", "main": "dist/index.js" }',
      '/w/packages/nn/src/index.ts': BLOCK,
    };
    assert.equal(await workspace({ ...files, '/w/packages/app/a.ts': caller('@our/nn', true) }).redundant(), 0);
    assert.equal(await workspace({ ...files, '/w/packages/app/a.ts': caller('@our/nn', false) }).redundant(), 1);
  });

  it('follows changes of the configuration', async () => {
    const { disk, analyzer, redundant } = workspace({
      '/w/src/block.js': BLOCK,
      '/w/app/a.js': caller('@/block', true),
      '/w/tsconfig.json': '{}',
    });
    // Nobody is known to call it: redundant under a condition.
    assert.equal(await redundant(), 1);
    disk.write('/w/tsconfig.json', '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }');
    analyzer.invalidate(['/w/tsconfig.json']);
    assert.equal(await redundant(), 0);
    disk.write('/w/tsconfig.json', '{ }');
    analyzer.invalidate(['/w/tsconfig.json']);
    assert.equal(await redundant(), 1);
  });
});
