import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { checkProgram, recover, type FlaggedCall } from './check';
import { programs as more } from './cases';
import { Runnable } from './program';
import { record } from './recorder';
import { judgeWorlds } from './worlds';

/** Each program is recovered and run, and nothing may differ; how many layers its runs have is given as a control. */
const programs: readonly { readonly name: string; readonly text: string; readonly calls?: readonly FlaggedCall[] }[] = [
  {
    name: 'a sequential model, by add and by layers, nested',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const inner = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 }), tf.layers.reLU()] });
      const m = tf.sequential();
      m.add(tf.layers.dense({ units: 4, inputShape: [2], kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) }));
      m.add(inner);
      m.pop();
      m.add(tf.layers.dropout({ rate: 0.5 }));
      m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    `,
  },
  {
    name: 'a functional model with a shared layer and a model in it',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const base = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] });
      const a = tf.input({ shape: [4] });
      const shared = tf.layers.dense({ units: 4, name: 'shared' });
      const x = shared.apply(shared.apply(a));
      const y = tf.layers.add().apply([x, base.apply(a)]);
      const model = tf.model({ inputs: a, outputs: [y, tf.layers.activation({ activation: 'relu' }).apply(y)] });
      const cut = tf.model({ inputs: model.inputs, outputs: model.outputs[0] });
    `,
  },
  {
    name: 'gradient steps',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 }), tf.layers.batchNormalization()] });
      const optimizer = tf.train.sgd(0.1);
      function step(x, training) {
        optimizer.minimize(() => model.apply(x, { training }).square().mean());
      }
      const x = tf.ones([2, 4]);
      step(x, true);
      tf.tidy(() => tf.variableGrads(() => tf.mean(model.predict(x))));
    `,
  },
  {
    name: 'an entry with a flag',
    text: `
      import * as tf from '@tensorflow/tfjs';
      export function build(useBn) {
        const m = tf.sequential();
        m.add(tf.layers.dense({ units: 4, inputShape: [2], useBias: !useBn }));
        if (useBn) m.add(tf.layers.batchNormalization());
        return m;
      }
    `,
    calls: [true, false].map((useBn) => ({ name: 'build', args: () => [useBn], flags: { useBn } })),
  },
  {
    name: 'the call of a class of layers as an entry',
    text: `
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        static className = 'Block';
        constructor() { super({}); this.convs = [3, 1].map((kernelSize) => tf.layers.conv2d({ filters: 4, kernelSize, padding: 'same' })); }
        build(shape) { this.norm = tf.layers.batchNormalization(); super.build(shape); }
        call(inputs, kwargs) {
          let x = inputs[0];
          for (const conv of this.convs) x = conv.apply(x).relu();
          return tf.tidy(() => this.norm.apply(x.add(inputs[0]), kwargs));
        }
      }
      const block = new Block();
      tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [8, 8, 4] }), block] });
    `,
    calls: [{ name: 'call', of: 'Block', args: (api) => [[api.ones([1, 8, 8, 4])], { training: true }], flags: {} }],
  },
];

describe('the recorder of what programs build on real tfjs', () => {
  before(() => tf.setBackend('cpu'));
  for (const { name, text, calls } of [...programs, ...more.map((each) => ({ ...each, calls: [] }))]) {
    it(name, async () => {
      const { judgement } = await checkProgram({ '/main.ts': text }, calls);
      assert.deepEqual(judgement.disagreements, []);
      assert.ok(judgement.facts > 5, 'nothing was compared');
    });
  }

  /** What is recovered of one text is compared with what another one, of the same length, builds. */
  const different: readonly (readonly [what: string, recovered: string, run: string, expected: RegExp])[] = [
    ['a config', 'm.add(tf.layers.dense({ units: 4, inputShape: [2] }))', 'm.add(tf.layers.dense({ units: 5, inputShape: [2] }))', /units is 4, really 5/],
    ['a layer', 'if (1) m.add(tf.layers.reLU({ inputShape: [2] }))', 'if (0) m.add(tf.layers.reLU({ inputShape: [2] }))', /additional layer: reLU/],
    ['an edge', 'm.add(tf.layers.dense({ units: 4, inputShape: [2] })); y.apply(y.apply(i))', 'm.add(tf.layers.dense({ units: 4, inputShape: [2] })); y.apply(i); y.apply(i)', /edge: reLU/],
    ['a mode', 'm.add(tf.layers.reLU({ inputShape: [2] })); s(() => m.apply(o, { training: true }))', 'm.add(tf.layers.reLU({ inputShape: [2] })); s(() => m.apply(o, { training: false }))', /step/],
    ['an argument of a function on tensors', 'tf.matMul(o, tf.variable(o), true, false).relu()', 'tf.matMul(o, tf.variable(o), false, true).relu()', /transposeA is true, really false/],
    ['what a function on tensors is given as what', 'const v = tf.matMul(o, tf.variable(o), true); tf.sub(v, 1)', 'const v = tf.matMul(o, tf.variable(o), true); tf.sub(1, v)', /missing edge: tf.sub\(b: tf.matMul\)/],
  ]; // prettier-ignore
  for (const [what, left, right, expected] of different) {
    it(`${what} that differs is a disagreement`, async () => {
      const around = (text: string): string => `
        import * as tf from '@tensorflow/tfjs';
        const m = tf.sequential(), i = tf.input({ shape: [2] }), y = tf.layers.reLU(), o = tf.ones([1, 2]);
        const s = (f) => tf.grad((x) => tf.add(f(), x).sum())(o);
        ${text}`;
      const found = recover({ '/main.ts': around(left) }).worlds;
      const recorded = await record(await Runnable.of({ '/main.ts': around(right) }));
      const { disagreements } = judgeWorlds(found, [{ recorded, flags: {} }]);
      assert.match(disagreements.join('\n'), expected);
    });
  }
});
