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
  {
    name: 'classes of models',
    text: `
      import * as tf from '@tensorflow/tfjs';
      class Tower extends tf.Sequential {
        constructor(depth) {
          super({ layers: [tf.layers.dense({ units: 4, inputShape: [4] })] });
          for (let i = 0; i < depth; i++) this.add(tf.layers.batchNormalization());
        }
      }
      class Twin extends Tower {
        constructor() { super(2); this.add(tf.layers.reLU()); }
      }
      const twin = new Twin();
      const i = tf.input({ shape: [4] });
      class Whole extends tf.LayersModel {}
      new Whole({ inputs: i, outputs: twin.apply(new Tower(1).apply(i)) });
    `,
  },
  {
    name: 'a class of layers that makes layers in its constructor and in build',
    text: `
      import * as tf from '@tensorflow/tfjs';
      class Base extends tf.layers.Layer {
        constructor(config) { super(config); this.norm = tf.layers.batchNormalization(); }
        computeOutputShape(shape) { return shape; }
      }
      class Block extends Base {
        build(shape) {
          this.dense = tf.layers.dense({ units: shape[shape.length - 1] });
          super.build(shape);
        }
        call(inputs, kwargs) { return this.norm.apply(this.dense.apply(inputs[0]), kwargs); }
      }
      Block.className = 'Block';
      const i = tf.input({ shape: [4] });
      const shared = new Block({ name: 'shared' });
      const x = shared.apply(shared.apply(i));
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), new Block({})] });
      tf.model({ inputs: i, outputs: [x, model.apply(i)] });
    `,
  },
  {
    name: 'gradient steps through the call of a class of layers',
    text: `
      import * as tf from '@tensorflow/tfjs';
      class Inner extends tf.layers.Layer {
        constructor() { super({}); this.norms = [tf.layers.batchNormalization(), tf.layers.batchNormalization()]; }
        call(inputs, { training }) { return this.norms.reduce((x, norm) => norm.apply(x, { training }), inputs[0]); }
      }
      class Outer extends tf.layers.Layer {
        constructor() { super({}); this.inner = new Inner(); this.dense = tf.layers.dense({ units: 4 }); }
        call(inputs, kwargs) { return this.dense.apply(this.inner.apply(inputs, kwargs)); }
      }
      Inner.className = 'Inner';
      Outer.className = 'Outer';
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4] }), new Outer()] });
      const optimizer = tf.train.sgd(0.1);
      const x = tf.ones([2, 4]);
      optimizer.minimize(() => model.apply(x, { training: true }).square().mean());
      optimizer.minimize(() => model.predict(x).square().mean());
      const { grads } = tf.variableGrads(() => model.apply(x).mean(), model.trainableWeights.map((w) => w.read()));
      optimizer.applyGradients(grads);
    `,
  },
  {
    name: 'lists of weights, as long as they really are',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const count = (list) => tf.layers.dense({ units: list.length + 1 }).apply(tf.input({ shape: [2] }));
      const inner = tf.sequential({ layers: [
        tf.layers.conv1d({ inputShape: [8, 2], filters: 3, kernelSize: 3, useBias: false }),
        tf.layers.batchNormalization(),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }),
      ] });
      const input = tf.input({ shape: [8, 2] });
      const rnn = tf.layers.bidirectional({ layer: tf.layers.gru({ units: 2 }), mergeMode: 'concat' });
      let x = rnn.apply(inner.apply(input));
      x = tf.layers.batchNormalization().apply(tf.layers.dense({ units: 3 }).apply(x));
      const model = tf.model({ inputs: input, outputs: x });
      count(model.getWeights());
      count(model.weights);
      count(model.trainableWeights);
      for (const layer of model.layers) {
        count(layer.getWeights());
        count(layer.trainableWeights);
      }
      const norm = tf.layers.batchNormalization({ scale: false });
      norm.apply(tf.input({ shape: [4] }));
      count(norm.getWeights());
      count(norm.trainableWeights);
      model.layers.at(-1).trainable = false;
      count(model.getWeights());
      for (let i = 0; i < inner.getWeights().length; i++) count([...inner.getWeights().slice(i), i]);
      const [first, ...rest] = inner.weights;
      count(rest);
      count(inner.getWeights().concat(rnn.getWeights()).filter((w, i) => i % 2 === 0));
      const shaken = inner.getWeights().map((w) => w.add(tf.randomNormal(w.shape)));
      count(shaken);
      inner.setWeights(shaken);
      const optimizer = tf.train.sgd(0.1);
      const variables = [];
      const net = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), tf.layers.batchNormalization()] });
      for (const w of net.trainableWeights) variables.push(w.read());
      optimizer.minimize(() => net.apply(tf.ones([2, 4])).mean(), false, variables);
    `,
  },
  {
    name: 'functions on tensors with variables that are made and assigned',
    text: `
      import * as tf from '@tensorflow/tfjs';
      const filter = tf.variable(tf.randomNormal([3, 3, 3, 4]));
      const bias = tf.variable(tf.zeros([4]));
      const mean = tf.variable(tf.zeros([4]), false);
      const variance = tf.variable(tf.ones([4]), false);
      const x = tf.ones([2, 8, 8, 3]);
      const y = tf.conv2d(x, filter, [1, 1], 'same').add(bias);
      const moments = tf.moments(y, [0, 1, 2]);
      mean.assign(tf.movingAverage(mean, moments.mean, 0.9, 1, false));
      const [left, right] = tf.split(tf.batchNorm(y, mean, variance), 2, -1);
      const z = tf.concat([left.relu(), right.reshape([2, 8, 8, 2])], 3).flatten().asType('float32');
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', bias, activation: 'relu' }).mean([1, 2]).as2D(2, 4);
      tf.matMul(z.reshape([2, -1]), tf.variable(tf.ones([256, 3]))).sub(tf.scalar(1)).stack(tf.zeros([2, 3]));
    `,
  },
];
