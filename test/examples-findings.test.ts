import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './support/command';

const root = path.resolve(__dirname, '..');

interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly start: { readonly line: number };
  readonly message: string;
  readonly condition: string | null;
  readonly fixes: readonly { readonly title: string; readonly kind: string }[];
}

/** Every finding in `examples/`: rule, file, what its line holds, condition. examples/README.md says why. */
const EXPECTED = [
  ['redundant-bias', 'browser/index.html', 'tf.layers.dense({ units })', null],
  ['redundant-bias', 'dcgan/models.js', 'tf.layers.conv2dTranspose({ filters: 16,', null],
  ['redundant-bias', 'dcgan/models.js', 'tf.layers.conv2d({ filters, kernelSize: 5,', null],
  ['redundant-bias', 'mnist-cnn/model.js', 'filters: 16, kernelSize: 3', null],
  ['redundant-bias', 'mnist-cnn/model.js', 'units: 64, useBias: true', null],
  ['redundant-bias', 'resnet/blocks.ts', 'let y = tf.layers', 'batchNorm'],
  ['updates-not-run', 'vae/train.ts', 'this.encoder.apply(batch)', null],
  ['updates-not-run', 'vae/train.ts', 'this.decoder.predict(code)', null],
] as const;

describe('what LayerLint says about the examples', function () {
  this.timeout(120_000);
  let findings: readonly Finding[];

  before(async () => {
    const { status, stdout, stderr } = await runCommand(['examples', '--format', 'json'], { cwd: root });
    assert.equal(status, 1, stderr);
    assert.equal(stderr, '');
    ({ findings } = JSON.parse(stdout) as { findings: readonly Finding[] });
  });

  it('is what their README explains, and nothing else', () => {
    const found = findings.map(({ rule, file, start, condition }) => {
      const text = readFileSync(path.join(root, file), 'utf8').split('\n')[start.line - 1]!;
      const expected = EXPECTED.find(([, name, part]) => file === `examples/${name}` && text.includes(part));
      return [rule, path.posix.relative('examples', file), expected?.[2] ?? text, condition];
    });
    assert.deepEqual(
      found,
      EXPECTED.map((row) => [...row]),
    );
  });

  it('offers the fix that belongs to each', () => {
    const first = findings.map(({ rule, condition, fixes }) => [rule, condition, fixes[0]?.title.split(' (')[0]]);
    for (const [rule, condition, title] of first) {
      if (rule === 'updates-not-run') assert.match(title!, /training: true/);
      else assert.equal(title, condition === null ? 'Set useBias: false' : `Set useBias: !${condition}`);
    }
  });

  it('says that the biases of the autoencoder become redundant once its training is mended', () => {
    const vae = findings.filter(({ rule }) => rule === 'updates-not-run');
    assert.equal(vae.length, 2);
    for (const { message } of vae) assert.match(message, /biases of 2 layers .* become redundant/);
  });
});

describe('the numerical check of the examples', function () {
  this.timeout(300_000);

  // Convolutions take long in pure JavaScript; what they share with dense layers is measured there.
  const runs = [
    { engine: 'tfjs-node', paths: ['examples'], count: EXPECTED.length },
    { engine: 'tfjs', paths: ['examples/browser', 'examples/vae'], count: 3 },
  ];
  for (const { engine, paths, count } of runs)
    it(`confirms every finding of ${paths.join(', ')} on ${engine}`, async () => {
      const args = ['verify', ...paths, '--engine', engine, '--format', 'json'];
      const { status, stdout, stderr } = await runCommand(args, { cwd: root });
      assert.equal(status, 0, stderr);
      const { checks, engine: used } = JSON.parse(stdout) as {
        engine: { name: string };
        checks: readonly { file: string; verdict: string }[];
      };
      assert.ok(used.name.endsWith(engine), used.name);
      assert.equal(checks.length, count);
      assert.deepEqual(
        checks.filter(({ verdict }) => verdict !== 'confirmed'),
        [],
      );
    });
});
