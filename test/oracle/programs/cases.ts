/** Programs that use more of tfjs than those of the grammar do. */
export const programs: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'layers by index and by name',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const base = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] });
      const a = tf.input({ shape: [4] });
      const shared = tf.layers.dense({ units: 4, name: 'shared' });
      const x = shared.apply(a);
      const model = tf.model({ inputs: a, outputs: tf.layers.add().apply([x, base.apply(a)]) });
      tf.model({ inputs: model.inputs, outputs: model.layers[1].output });
      tf.model({ inputs: model.inputs, outputs: model.getLayer('shared').output });
    `,
  },
  {
    name: 'a loop over the layers of a functional model',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const a = tf.input({ shape: [4] });
      let x = a;
      for (let i = 0; i < 3; i++) x = tf.layers.dense({ units: 4, name: \`d\${i}\` }).apply(x);
      const model = tf.model({ inputs: a, outputs: x });
      let y = tf.input({ shape: [4] });
      const start = y;
      for (const layer of model.layers.slice(1)) y = layer.apply(y);
      tf.model({ inputs: start, outputs: y });
      for (const layer of model.layers) layer.trainable = false;
    `,
  },
  {
    name: 'layers and models that are frozen',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), tf.layers.batchNormalization()] });
      m.layers.forEach((l, i) => { l.trainable = i > 0; });
      m.trainable = false;
    `,
  },
  {
    name: 'a first layer that is in another model already',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const d = tf.layers.dense({ inputShape: [4], units: 4 });
      const a = tf.sequential({ layers: [d, tf.layers.reLU()] });
      const b = tf.sequential({ layers: [d, tf.layers.batchNormalization()] });
    `,
  },
  {
    name: 'a layer that is popped after its output has been used',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), tf.layers.reLU()] });
      const whole = tf.model({ inputs: m.inputs, outputs: tf.layers.dense({ units: 2 }).apply(m.output) });
      m.pop();
      m.add(tf.layers.batchNormalization());
    `,
  },
  {
    name: 'gradient steps with flags and lists of variables',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), tf.layers.batchNormalization()] });
      const opt = tf.train.adam(0.1);
      const x = tf.ones([2, 4]);
      const loss = (training) => () => m.apply(x, { training }).sub(1).square().mean();
      for (const training of [true, false]) opt.minimize(loss(training));
      opt.minimize(() => m.predict(x).mean(), false, m.trainableWeights.map((w) => w.read()));
      const { grads } = tf.variableGrads(loss(true), m.layers[0].trainableWeights.map((w) => w.read()));
      opt.applyGradients(grads);
    `,
  },
  {
    name: 'wrappers, and a layer with several outputs',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const i = tf.input({ shape: [3, 4] });
      let x = tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4 }) }).apply(i);
      x = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2, returnSequences: true }), mergeMode: 'concat' }).apply(x);
      const [seq, h] = tf.layers.simpleRNN({ units: 2, returnState: true }).apply(x);
      tf.model({ inputs: i, outputs: [seq, h] });
    `,
  },
  {
    name: 'an array where a config should be',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential([tf.layers.dense({ units: 1, inputShape: [2] })]); m.add(tf.layers.dense({ units: 4, inputShape: [3] }));
    `,
  },
  {
    name: 'a generator of layers, and what is bound',
    text: `
      import * as tf from '@tensorflow/tfjs';
      function* parts(n) { for (let i = 0; i < n; i++) { yield tf.layers.dense({ units: 4, inputShape: [4] }); if (i % 2) yield tf.layers.batchNormalization(); } }
      tf.sequential({ layers: [...parts(3)] });
      const m = tf.sequential(); for (const l of parts(2)) m.add(l);
      const add = m.add.bind(m);
      [tf.layers.reLU()].forEach((l) => add(l));
    `,
  },
  {
    name: 'a model of several inputs and outputs',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const a = tf.input({ shape: [4] }), b = tf.input({ shape: [4] });
      const two = tf.model({ inputs: [a, b], outputs: [tf.layers.dense({ units: 4 }).apply(a), tf.layers.dense({ units: 4 }).apply(b)] });
      const c = tf.input({ shape: [4] });
      const [p, q] = two.apply([c, tf.layers.reLU().apply(c)]);
      tf.model({ inputs: c, outputs: tf.layers.concatenate().apply([p, q]) });
    `,
  },
];
