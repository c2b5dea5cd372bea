import assert from 'node:assert/strict';
import { Analyzer } from './analyzer';
import { LineTable } from './lines';
import { MemoryFileSystem } from './testing';

const HEAD = `import * as tf from '@tensorflow/tfjs';\n`;

function analyse(files: Readonly<Record<string, string>>): Analyzer {
  const analyzer = new Analyzer(new MemoryFileSystem(files));
  analyzer.setFiles(Object.keys(files));
  return analyzer;
}

/** `line reason` of every silence of `/main.js`. */
function explained(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  const lines = new LineTable(HEAD + text);
  return analyse({ '/main.js': HEAD + text, ...others })
    .explain('/main.js')
    .map(({ place, reason }) => `${lines.position(place.start).line} ${reason}`);
}

/** A model whose second line is `line`, and whose last layer is batch norm. */
function model(line: string): string {
  return `const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] });
${line}
m.add(tf.layers.batchNormalization());
`;
}

const FATE = '2 what the bias of this dense does is not known: ';
const ADDED = '3 a layer that is not known is added: ';

describe('why layers are not judged', () => {
  it('names a helper that is not there, where it makes a layer and where it is handed a tensor', () => {
    assert.deepEqual(explained(model('m.add(mystery());')), [
      `${FATE}\`mystery()\` is not in the workspace`,
      `${ADDED}\`mystery()\` is not in the workspace`,
    ]);
    assert.deepEqual(
      explained(`const input = tf.input({ shape: [4] });
const c = tf.layers.dense({ units: 4 }).apply(input);
const x = mystery(c);
tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(x) });
`),
      [
        '4 `mystery(c)` is not in the workspace',
        '5 `tf.layers.batchNormalization().apply(x)` is given something that is not known: `mystery(c)` is not in the workspace',
      ],
    );
  });

  it('names an import that leads nowhere, and one that does not export the name', () => {
    const use = model('m.add(block(4));');
    assert.deepEqual(explained(`import { block } from './blocks';${use}`), [
      `${FATE}\`block(4)\` is not followed: \`block\` is imported, and \`./blocks\` is not in the workspace`,
      `${ADDED}\`block(4)\` is not followed: \`block\` is imported, and \`./blocks\` is not in the workspace`,
    ]);
    assert.deepEqual(
      explained(`import { block } from './blocks';${use}`, { '/blocks.js': 'export const other = 1;' }),
      [
        `${FATE}\`block(4)\` is not followed: \`block\` is not exported, or not yet`,
        `${ADDED}\`block(4)\` is not followed: \`block\` is not exported, or not yet`,
      ],
    );
  });

  it('names what of a config is not known', () => {
    const config = (text: string): string =>
      `export function build(options) {
  return tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4, ${text} }), tf.layers.batchNormalization()] });
}`;
    assert.match(explained(config('useBias: options.bias'))[0]!, /^3 .*this dense.*`options` is decided by a caller/);
    assert.match(explained(config('activation: options.activation'))[0]!, /^3 .*this dense.*not known/);
    assert.match(explained(config('...options'))[0]!, /^3 .*this dense.*not known/);
    assert.deepEqual(explained(config('kernelInitializer: options.init')), []);
  });

  it('names a kind of layer that tfjs does not have, and one that is not known', () => {
    assert.match(explained(model('m.add(tf.layers.wonder());')).join('\n'), /^3 .*`wonder` is not a layer of tfjs$/m);
    const table = explained(`export function build(kind) {\n${model('m.add(tf.layers[kind]({ units: 4 }));')}}`);
    assert.match(table.join('\n'), /^4 `tf\.layers\[kind\]`: which layer it makes is not known$/m);
  });

  it('names a layer class of the author in the way, and says nothing of the bias of the class itself', () => {
    const text = `class Twice extends tf.layers.Layer { call(inputs) { return tf.mul(inputs[0], 2); } }\n`;
    const found = explained(text + model('m.add(new Twice());')).join('\n');
    assert.equal(
      found,
      '3 what the bias of this dense does is not known: what the layer class `Twice` computes is not known',
    );
  });

  it('names an added bias of which nothing is known', () => {
    const text = (bias: string): string => `const own = tf.variable(tf.zeros([8]));
export function f(x, filter, given) {
  const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias: ${bias} });
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  return tf.batchNorm(y, mean, variance);
}`;
    assert.deepEqual(explained(text('given')), [
      '4 what the bias `given` of this tf.fused.conv2d does is not known: the shape of what is added is not known',
    ]);
    assert.deepEqual(explained(text('own')), []);
  });

  it('names a spread and a list that are not known', () => {
    const text = `export function build(extra) {
  return tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), ...extra, tf.layers.batchNormalization()] });
}`;
    const reason = '`...extra` is a list that is not known: `extra` is decided by a caller that is not known';
    assert.deepEqual(explained(text), [
      `3 a layer that is not known is added: ${reason}`,
      `3 what the bias of this dense does is not known: ${reason}`,
    ]);
  });

  it('names a layer that goes where it cannot be followed, and one that goes nowhere', () => {
    assert.deepEqual(explained(model('registry.keep(m.layers[0]);')), [
      `${FATE}handed to \`registry.keep\`, which is not in the workspace`,
      '3 `registry.keep(m.layers[0])` is not followed: `registry` is not in the workspace',
    ]);
    assert.deepEqual(explained(model('const idle = tf.layers.conv2d({ filters: 4, kernelSize: 3 });')), [
      '3 this conv2d is not applied to anything',
    ]);
  });

  it('names a tensor that is kept under a key that is not known', () => {
    const text = `export function build(key) {
  const input = tf.input({ shape: [4] });
  const kept = {};
  kept[key] = tf.layers.dense({ units: 4 }).apply(input);
  return tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(kept[key]) });
}`;
    assert.match(
      explained(text).join('\n'),
      /^5 a tensor is not followed further: stored under a key that is not known$/m,
    );
  });

  it('names a budget that ran out, a recursion without end and a loop of very many turns', () => {
    const flags = Array.from({ length: 12 }, (_, at) => `if (o.f${at}) m.add(tf.layers.dense({ units: ${at + 1} }));`);
    assert.match(
      explained(`export function build(o) {\n${model(flags.join(' '))}}`).join('\n'),
      /^2 too many conditions/m,
    );
    assert.match(
      explained(`const again = (x) => again(tf.layers.dense({ units: 1 }).apply(x));
again(tf.input({ shape: [1] }));`).join('\n'),
      /^2 only \d+ calls of this function inside each other are followed$/m,
    );
    assert.match(
      explained(model('for (let i = 0; i < 1000; i++) m.add(tf.layers.reLU());')).join('\n'),
      /^3 only the first \d+ turns of this loop are followed$/m,
    );
  });

  it('names what is not known of a training step', () => {
    const step = (f: string, list = ''): string => `${model('')}tf.train.sgd(1).minimize(${f}${list});`;
    assert.match(explained(step('loss')).join('\n'), /^5 .*the function of this gradient step is not known$/m);
    assert.match(
      explained(step('() => m.predict(x)', ', true, pick(m)')).join('\n'),
      /^5 .*which variables it trains is not known$/m,
    );
    assert.match(explained(step('() => m.apply(x, options)')).join('\n'), /^5 the training flag is not known$/m);
    assert.match(
      explained(`const base = await tf.loadLayersModel('model.json');\n`).join('\n'),
      /^2 .* loads a model that is not in the source$/m,
    );
  });

  it('names what leaves open whether a training step trains what it runs on stored statistics', () => {
    const step = (use: string): readonly string[] =>
      explained(`${model(use)}
export const step = (x) => tf.train.sgd(1).minimize(() => m.apply(x).mean());
export const set = (w) => { m.setWeights(w); };`);
    const why = 'on stored statistics is not judged: its weights are set to something that is not known';
    assert.deepEqual(step(''), [`6 \`apply\` ${why}`, `7 what a training step runs ${why}`]);
    // Something else updates the statistics.
    assert.deepEqual(step('m.fit(x, y);'), []);
    assert.match(
      step('watch(m);').join('\n'),
      /^6 `apply` on stored .*: it is handed to `watch`, which is not in the workspace$/m,
    );
    assert.match(step('m.trainable = flags.on;').join('\n'), /^6 `apply` on stored .*: it is frozen, or may be$/m);
  });

  it('says nothing of what is recovered, and nothing of biases that no batch norm sees', () => {
    assert.deepEqual(explained(model('m.add(tf.layers.dense({ units: 4, activation: "relu" }));')), []);
    assert.deepEqual(
      explained(`export const make = (activation) =>
  tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4, activation })] });`),
      [],
    );
  });
});

describe('the outline of what is recovered', () => {
  it('has a line for every layer call, and says in place what is not known', () => {
    const analyzer = analyse({ '/main.js': HEAD + model('m.add(mystery(4));') });
    assert.equal(
      analyzer.outlineText('/main.js', null, 'main.js'),
      `# main.js
model sequential at 2:11
  layer dense              at 2:36  [null, 4]  20 parameters  bias unknown: \`mystery(4)\` is not in the workspace
  silent at 3:7: \`mystery(4)\` is not in the workspace
  layer batchNormalization at 4:7
silent at 3:1: a layer that is not known is added: \`mystery(4)\` is not in the workspace
`,
    );
  });

  it('names layers that are not in any model', () => {
    const analyzer = analyse({
      '/main.js': `${HEAD}export const block = (x) => tf.layers.batchNormalization().apply(tf.layers.dense({ units: 2, ...more }).apply(x));`,
    });
    assert.match(
      analyzer.outlineText('/main.js', null, 'main.js'),
      /^layer dense at 2:\d+ .*bias unknown: .+\n|\nlayer batchNormalization at 2:\d+/,
    );
  });

  it('names the calls that no code comes to', () => {
    assert.deepEqual(
      explained(`${model('')}
if (2 < 1) m.add(tf.layers.dense({ units: 1 }));
`),
      ['6 `tf.layers.dense` is not judged: no code that is followed comes here'],
    );
    assert.deepEqual(explained(`export const f = (x, mean, variance) => tf.batchNorm(x, mean, variance);`), [
      '2 `tf.batchNorm` is not judged: no tensor that is followed comes here',
    ]);
  });

  it('names the code past a bound that would judge a call, and its file', () => {
    const conditions = Array.from({ length: 60 }, (_, i) => `if (o.f${i}) m.add(tf.layers.reLU());`).join('\n');
    const block = `export function block(m) {
  m.add(tf.layers.dense({ units: 4, inputShape: [4] }));
  m.add(tf.layers.batchNormalization());
}
`;
    const user = `${HEAD}import { block } from './main';
export function build(o, optimizer) { const m = tf.sequential(); block(m); ${conditions}
  optimizer.minimize(() => m.predict(o.x).mean()); return m; }`;
    const why = '`build` of user.js, which comes here, is left out: too many conditions are not known';
    assert.deepEqual(explained(block, { '/user.js': user }), [
      `3 \`tf.layers.dense\` is not judged: ${why}`,
      `4 \`tf.layers.batchNormalization\` is not judged: ${why}`,
    ]);
  });

  it('says nothing of a bias that code past a bound may train otherwise, whoever else calls what makes it', () => {
    const conditions = Array.from({ length: 60 }, (_, i) => `if (o.f${i}) m.add(tf.layers.reLU());`).join('\n');
    const block = `export function block(x) {
  const y = tf.layers.dense({ units: 4 }).apply(x);
  return tf.layers.batchNormalization().apply(y);
}
`;
    const user = (train: string): string => `${HEAD}import { block } from './main';
export function build(o, optimizer) {
  const x = tf.input({ shape: [4] });
  const m = tf.sequential({ layers: tf.model({ inputs: x, outputs: block(x) }).layers });
  ${conditions} ${train} return m; }`;
    const other = `${HEAD}import { block } from './main';
export function plain() { const x = tf.input({ shape: [4] }); return tf.model({ inputs: x, outputs: block(x) }); }`;
    const findings = (train: string): readonly string[] =>
      analyse({ '/main.js': HEAD + block, '/user.js': user(train), '/plain.js': other })
        .report('/main.js')
        .findings.map(({ rule }) => rule);
    assert.deepEqual(findings('m.compile({ optimizer }); m.fit(o.x, o.y);'), ['redundant-bias']);
    const step = 'optimizer.minimize(() => m.predict(o.x).mean());';
    assert.deepEqual(findings(step), []);
    assert.deepEqual(explained(block, { '/user.js': user(step), '/plain.js': other }), [
      '3 what the bias does is not known: `build` of user.js, which comes here too, is left out: too many conditions are not known',
    ]);
  });
  it('says nothing of a bias that code past a bound may use otherwise', () => {
    const conditions = Array.from({ length: 60 }, (_, i) => `if (o.f${i}) m.add(tf.layers.reLU());`).join('\n');
    const main = `${HEAD}export const dense = (m) => m.add(tf.layers.dense({ units: 4, inputShape: [4] }));
export const all = { dense };
`;
    const other = `${HEAD}import { dense } from './main';
export function plain() { const m = tf.sequential(); dense(m); m.add(tf.layers.batchNormalization()); return m; }`;
    const findings = (use: string): readonly string[] =>
      analyse({
        '/main.js': main,
        '/plain.js': other,
        '/user.js': `${HEAD}import * as main from './main';
export function build(o) { const m = tf.sequential(); ${conditions} ${use} return m; }`,
      })
        .report('/main.js')
        .findings.map(({ rule }) => rule);
    assert.deepEqual(findings(''), ['redundant-bias']);
    assert.deepEqual(findings('main.dense(m);'), []);
    assert.deepEqual(findings('const { dense: add } = main; add(m);'), []);
    assert.deepEqual(findings('main.all[o.way](m);'), []);
    // Only worlds past the bound come here.
    assert.deepEqual(findings('if (!o.f0) main.dense(m);'), []);
  });
});
