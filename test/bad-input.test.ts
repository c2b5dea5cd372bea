import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { builtLauncher, foundIn, runCommand, withFolder } from './support/command';

/** A sound file beside each bad one: its one finding must be there whatever happens to the other. */
const GOOD = `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }));
model.add(tf.layers.batchNormalization());
`;
const GOOD_FINDING = 'good.js:3';

const HEAD = `import * as tf from '@tensorflow/tfjs';\n`;
const BLOCK = `function block(x) {
  return tf.layers.batchNormalization().apply(tf.layers.conv2d({ filters: 8, kernelSize: 3 }).apply(x));
}
`;
const MEGABYTES = 700;

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Analyses the files beside the sound one; gives the findings and stderr. Asserts a proper end. */
async function analysed(
  files: Files,
  prepare?: (folder: string) => void,
): Promise<{ found: string[]; stderr: string }> {
  let outcome = { found: [] as string[], stderr: '' };
  await withFolder({ 'good.js': GOOD, ...files }, async (folder) => {
    prepare?.(folder);
    const run = await runCommand(['.', '--format', 'json'], { cwd: folder, megabytes: MEGABYTES });
    assert.equal(run.status, 1, `status of a run with a finding; stderr: ${run.stderr.slice(0, 2000)}`);
    assert.doesNotMatch(run.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'no stack trace');
    outcome = { found: foundIn(run), stderr: run.stderr };
  });
  return outcome;
}

async function isSilent(files: Files): Promise<void> {
  const { found, stderr } = await analysed(files);
  assert.deepEqual(found, [GOOD_FINDING]);
  assert.doesNotMatch(stderr, /fault of LayerLint/);
}

async function isNamed(name: string, content: string | Uint8Array, reason: RegExp): Promise<void> {
  const { found, stderr } = await analysed({ [name]: content });
  assert.deepEqual(found, [GOOD_FINDING]);
  const line = stderr.split('\n').find((text) => text.includes(name));
  assert.match(line ?? '', reason, `what stderr says of ${name}: ${stderr}`);
}

describe('bad input to the command line', () => {
  before(function () {
    this.timeout(120_000);
    builtLauncher();
  });

  describe('paths and files', () => {
    it('a path that does not exist: exit code 2, named on stderr, nothing on stdout', async () => {
      await withFolder({ 'good.js': GOOD }, async (folder) => {
        const run = await runCommand(['absent/model.js', '--format', 'json'], { cwd: folder });
        assert.equal(run.status, 2);
        assert.match(run.stderr, /absent\/model\.js/);
        assert.equal(run.stdout, '');
      });
    });

    it('an unknown option: exit code 2', async () => {
      await withFolder({ 'good.js': GOOD }, async (folder) => {
        const run = await runCommand(['.', '--no-such-option'], { cwd: folder });
        assert.equal(run.status, 2);
        assert.match(run.stderr, /no-such-option/);
        assert.equal(run.stdout, '');
      });
    });

    it('links that lead nowhere, to themselves or back up do not end the walk', async () => {
      const { found } = await analysed({ 'sub/readme.txt': '' }, (folder) => {
        symlinkSync('absent.js', path.join(folder, 'broken.js'));
        symlinkSync('circle.js', path.join(folder, 'circle.js'));
        symlinkSync('..', path.join(folder, 'sub', 'up'));
        mkdirSync(path.join(folder, 'folder.js'));
      });
      assert.deepEqual(found, [GOOD_FINDING]);
    });

    it('a file without read permission is named on stderr', async () => {
      // The superuser may read every file: then the file is read, and has a finding of its own.
      const superuser = process.getuid?.() === 0;
      const { found, stderr } = await analysed({ 'locked.js': GOOD }, (folder) => {
        chmodSync(path.join(folder, 'locked.js'), 0);
      });
      assert.deepEqual(found, superuser ? [GOOD_FINDING, 'locked.js:3'] : [GOOD_FINDING]);
      if (!superuser) assert.match(stderr, /locked\.js/);
    });

    it('a binary file', () => isNamed('binary.js', Buffer.concat([Buffer.from(GOOD), Buffer.alloc(64)]), /binary/i));

    it('a file of 5 MB', () => {
      const line = `// ${'x'.repeat(77)}\n`;
      return isNamed('large.js', GOOD + line.repeat(Math.ceil(5_000_000 / line.length)), /large|MB/i);
    });

    it('syntax errors: named with their line, and the sound part of the file is still judged', async () => {
      const broken = `${GOOD}const half = tf.layers.dense({ units: \n`;
      const { found, stderr } = await analysed({ 'broken.js': broken });
      assert.deepEqual(found, ['broken.js:3', GOOD_FINDING]);
      assert.match(stderr, /broken\.js:[56]/);
    });

    it('names with spaces, other alphabets and signs', async () => {
      const names = ['a b.js', 'módèle.js', '模型.js', 'a#b%20.js', "it's.js"];
      const { found } = await analysed(Object.fromEntries(names.map((name) => [name, GOOD])));
      assert.deepEqual(found.sort(), [...names, 'good.js'].map((name) => `${name}:3`).sort());
    });

    it('an empty file, a byte-order mark alone, CRLF, and a file in UTF-16', async () => {
      const { found } = await analysed({
        'empty.js': '',
        'mark.js': '\ufeff',
        'crlf.js': GOOD.replaceAll('\n', '\r\n'),
        'wide.js': Buffer.from(`\ufeff${GOOD}`, 'utf16le'),
      });
      assert.deepEqual(found.filter((where) => !where.startsWith('wide')).sort(), ['crlf.js:3', GOOD_FINDING]);
    });

    it('HTML with scripts that never close, of unknown types, and with the end of a script in a string', () =>
      isSilent({
        'page.html': `<script>const s = "<\\/script>";</script><script type="x-shader">${GOOD}</script><script>let a = (`,
      }));
  });

  describe('sources that would not end', () => {
    it('imports in a circle: each finding once', async () => {
      const { found } = await analysed({
        'a.js': `${HEAD}import { b } from './b.js';\nexport ${BLOCK}export const x = b;\nblock(tf.input({ shape: [8, 8, 1] }));\n`,
        'b.js': `${HEAD}import { block } from './a.js';\nexport const b = () => block(tf.input({ shape: [9, 9, 1] }));\n`,
        'self.js': `export * from './self.js';\nimport * as me from './self.js';\nexport const tf = me.tf;\n`,
      });
      assert.equal(new Set(found).size, found.length);
      assert.ok(found.includes(GOOD_FINDING));
    });

    const endless: Readonly<Record<string, string>> = {
      'a loop of a million': `const m = tf.sequential();
for (let i = 0; i < 1e6; i++) m.add(tf.layers.dense({ units: i, inputShape: [4] }));\n`,
      'a loop without end': `const m = tf.sequential();\nwhile (true) { m.add(tf.layers.batchNormalization()); }\n`,
      'a loop without end and body': `for (;;);\ntf.layers.batchNormalization();\n`,
      'loops in loops': `let n = 0;\n${'for (let i = 0; i < 1000; i++) '.repeat(8)}n += tf.layers.dense({ units: 1 }).units;\n`,
      'a helper that calls itself without end': `${BLOCK}const again = (x) => again(block(x));
again(tf.input({ shape: [32, 32, 3] }));\n`,
      'helpers that call each other without end': `${BLOCK}const ping = (x) => pong(block(x));
const pong = (x) => ping(block(x));\nping(tf.input({ shape: [32, 32, 3] }));\n`,
      'deep recursion': `${BLOCK}const deep = (x, n) => (n === 0 ? x : deep(block(x), n - 1));
deep(tf.input({ shape: [32, 32, 3] }), 1e6);\n`,
      'helpers that call the next one twice, forty deep': `const f0 = () => tf.layers.batchNormalization();
${Array.from({ length: 40 }, (_, i) => `const f${i + 1} = () => [f${i}(), f${i}()];`).join('\n')}\nf40();\n`,
      'forty unknown flags': `export function build(o) {\nconst m = tf.sequential();
${Array.from({ length: 40 }, (_, i) => `if (o.f${i}) m.add(tf.layers.conv2d({ filters: ${i + 1}, kernelSize: 1 }));`).join('\n')}
m.add(tf.layers.batchNormalization());\nm.add(tf.layers.reLU());\nreturn m;\n}\n`,
      'an array that grows while it is walked': `const xs = [1];
for (const x of xs) xs.push(tf.layers.dense({ units: x }));\nxs.forEach((x) => xs.push(x));\n`,
      'callbacks that call their own method': `const walk = (xs) => xs.map(() => walk([...xs, tf.layers.dense({ units: 1 })]));\nwalk([1, 2, 3]);\n`,
      'objects that hold themselves': `const o = { units: 1 };\no.self = o;\no.list = [o, o];
tf.layers.dense({ ...o, o });\ntf.sequential({ layers: o.list });\nJSON.stringify(o);\n`,
      'getters and classes in a circle': `class A extends B {}\nclass B extends A { get x() { return this.x; } }
const a = new A();\ntf.layers.dense({ units: a.x });\n`,
    };
    it('a model that holds itself takes nothing else with it', async () => {
      const text = `const m = tf.sequential();\nm.add(m);\nm.add(tf.layers.batchNormalization());
const n = tf.sequential({ layers: [m] });\nm.add(n);\nm.summary();\n`;
      await isSilent({ 'bad.js': HEAD + text });
    });

    for (const [name, text] of Object.entries(endless)) it(name, () => isSilent({ 'bad.js': HEAD + text }));
  });

  describe('sources that would fill the memory', () => {
    const greedy: Readonly<Record<string, string>> = {
      'strings that double': `let s = 'x';\nfor (let i = 0; i < 60; i++) s += s;\ntf.layers.dense({ name: s });\n`,
      'strings that repeat': `const s = 'x'.repeat(2 ** 29 - 25);\nconst p = 'y'.padEnd(2 ** 29 - 25);
const all = [s, p, s + 'a', s + 'b', p + 'c'];\ntf.layers.dense({ name: all.join('') });\n`,
      'arrays that double': `let a = [tf.layers.dense({ units: 1 })];\nfor (let i = 0; i < 60; i++) a = [...a, ...a];
let b = [1];\nfor (let i = 0; i < 60; i++) b = b.concat(b);\ntf.sequential({ layers: a });\n`,
      'arrays of a given length': `const a = new Array(1e9).fill(0);\nconst b = Array.from({ length: 1e9 }, (_, i) => i);
const c = [];\nc.length = 4e9;\nc[4e9] = 1;\nc[1e9] = tf.layers.dense({ units: 1 });\ntf.sequential({ layers: [...a, ...b, ...c] });\n`,
      'sums of unknown values that double': `export function f(n, x) {\n  const m = tf.sequential();
  for (let i = 0; i < 100; i++) {\n    n = n + n;\n    x = x > n ? x * n : n - x;\n    m.add(tf.layers.dense({ units: n, name: \`\${x}\` }));\n  }
  return m;\n}\n`,
      'a regular expression that backtracks without end': `const slow = /^(a+)+$/.test('${'a'.repeat(60)}!');
if (slow) tf.layers.dense({ units: 1 });\n'${'a'.repeat(60)}!'.replace(/^(a+)+$/, '');\n`,
      'numbers beyond all bounds': `const n = 10n ** 10000000n;\nconst m = 2 ** 5000;
tf.layers.dense({ units: m, inputShape: [1e308 * 10, NaN, -1] });\ntf.layers.reshape({ targetShape: [-1, -1, 0] });\n`,
      'keys that every object has': `const config = { __proto__: { units: 3 }, constructor: 1, toString: 2, hasOwnProperty: null };
tf.layers.dense(config);\ntf.layers.constructor({});\ntf.layers.toString();\ntf.layers['__proto__'].x = 1;\ntf.layers.hasOwnProperty('dense');\n`,
      'an array literal of 100,000 numbers': `const data = [\n${'0.12345, 6789,\n'.repeat(50_000)}];\ntf.layers.dense({ units: data.length });\n`,
      'an object literal of 30,000 keys': `const table = {\n${Array.from({ length: 30_000 }, (_, i) => `  k${i}: ${i},`).join('\n')}\n};
tf.layers.dense({ ...table });\n`,
      'a sum of 20,000 terms': `const sum = ${Array.from({ length: 20_000 }, (_, i) => `${i}`).join(' +\n')};\ntf.layers.dense({ units: sum });\n`,
      'parentheses 20,000 deep': `const deep = ${'('.repeat(20_000)}1${')\n'.repeat(20_000)};\ntf.layers.dense({ units: deep });\n`,
      'arrays 20,000 deep': `const deep = ${'[\n'.repeat(20_000)}${']\n'.repeat(20_000)};\ntf.layers.dense({ units: deep });\n`,
      'blocks 20,000 deep': `${'{\n'.repeat(20_000)}tf.layers.dense({ units: 1 });\n${'}\n'.repeat(20_000)}`,
      'a chain of 20,000 calls': `tf.sequential()${'\n.add(tf.layers.dense({ units: 1 }))'.repeat(20_000)};\n`,
      'twenty thousand statements': `const m = tf.sequential();\n${'m.add(tf.layers.dense({ units: 3, activation: "relu" }));\n'.repeat(20_000)}`,
    };
    for (const [name, text] of Object.entries(greedy)) it(name, () => isSilent({ 'bad.js': HEAD + text }));
  });
});
