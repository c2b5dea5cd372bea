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

const MODEL = `import * as tf from '@tensorflow/tfjs';
export const model = tf.sequential({
  layers: [tf.layers.dense({ inputShape: [4], units: 4, activation: 'relu' }), tf.layers.batchNormalization()],
});
export const mean = tf.variable(tf.zeros([4]), false);
export const variance = tf.variable(tf.ones([4]), false);
`;
const STEP = `import * as tf from '@tensorflow/tfjs';
import { mean, model, variance } from './model';
const offset = tf.variable(tf.zeros([4]));
const scale = tf.variable(tf.ones([4]));
const optimizer = tf.train.sgd(0.1);
export const train = (x) => optimizer.minimize(() => model.predict(x).mean());
export const trainOps = (x, filter) =>
  optimizer.minimize(() => tf.batchNorm(tf.conv2d(x, filter, 1, 'same'), mean, variance, offset, scale).mean());
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

describe('what files share', () => {
  /** How many findings the file with the steps has, by itself and among all. */
  const counts = async (more: Readonly<Record<string, string>>): Promise<readonly number[]> => {
    const files = { '/w/model.js': MODEL, '/w/step.js': STEP, ...more };
    const alone = workspace(files).analyzer.report('/w/step.js').findings.length;
    const analyzer = workspace(files).analyzer;
    const together = await analyzer.reportAll();
    const [asked] = await workspace(files).analyzer.reportAll({ files: ['/w/step.js'] });
    return [alone, together.find(({ file }) => file === '/w/step.js')!.findings.length, asked!.findings.length];
  };

  it('a file may update, freeze or set what a step of another one runs', async () => {
    assert.deepEqual(await counts({}), [2, 2, 2]);
    for (const other of [
      'export const fit = (x, y) => model.fit(x, y);',
      'export const warm = (x) => void model.apply(x, { training: true });',
      'export function freeze() { model.layers[1].trainable = false; }',
      'export const restore = (weights) => model.layers[1].setWeights(weights);',
      'import { freeze } from "somewhere"; export const init = () => freeze(model);',
    ])
      assert.deepEqual(await counts({ '/w/other.js': `import { model } from './model';\n${other}` }), [1, 1, 1], other);
    const assigns = `import { mean } from './model';\nexport const restore = (tf, from) => mean.assign(tf.tensor1d(from));`;
    assert.deepEqual(await counts({ '/w/other.js': assigns }), [1, 1, 1]);
    const reads = `import { model } from './model';\nexport const answer = (x) => model.predict(x);`;
    assert.deepEqual(await counts({ '/w/other.js': reads }), [2, 2, 2]);
  });

  it('follows changes of the other file', async () => {
    const { disk, analyzer } = workspace({ '/w/model.js': MODEL, '/w/step.js': STEP, '/w/other.js': '' });
    assert.equal(analyzer.report('/w/step.js').findings.length, 2);
    disk.write('/w/other.js', `import { model } from './model';\nexport const fit = (x, y) => model.fit(x, y);`);
    analyzer.invalidate(['/w/other.js']);
    assert.equal(analyzer.report('/w/step.js').findings.length, 1);
    disk.write('/w/other.js', '');
    analyzer.invalidate(['/w/other.js']);
    assert.equal(analyzer.report('/w/step.js').findings.length, 2);
  });
});

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
