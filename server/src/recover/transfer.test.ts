import { check } from './testing';

const HEAD = `
  import * as tf from '@tensorflow/tfjs';
  const base = tf.sequential();
  base.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, name: 'first' })); `;

describe('recover: models built from parts of other models', () => {
  it('getLayer(name).output and layers[i].output', () => {
    check(`${HEAD}// bias redundant
      base.add(tf.layers.batchNormalization({ name: 'norm' }));
      base.add(tf.layers.conv2d({ filters: 4, kernelSize: 3 })); // bias needed
      const cut = base.getLayer('norm');
      const head = tf.layers.dense({ units: 2 }).apply(tf.layers.flatten().apply(cut.output)); // bias needed none
      tf.model({ inputs: base.inputs, outputs: head });
    `);
    check(`${HEAD}// bias redundant
      base.add(tf.layers.batchNormalization());
      base.add(tf.layers.conv2d({ filters: 4, kernelSize: 3 })); // bias redundant
      base.add(tf.layers.batchNormalization());
      const x = base.layers[base.layers.length - 1].output;
      tf.model({ inputs: base.input, outputs: x });
    `);
    check(`${HEAD}// bias needed
      base.add(tf.layers.batchNormalization());
      tf.model({ inputs: base.layers[0].input, outputs: [base.layers[0].output, base.output] });
    `);
  });

  it('outputs[0] of a model, continued with batch norm', () => {
    check(`${HEAD}// bias needed
      const x = tf.layers.batchNormalization().apply(base.outputs[0]);
      tf.model({ inputs: base.inputs[0], outputs: x });
    `);
  });

  it('getLayer by index, in both spellings', () => {
    check(`${HEAD}// bias needed
      base.add(tf.layers.batchNormalization());
      tf.model({ inputs: base.inputs, outputs: base.getLayer(null, 0).output });
    `);
    check(`${HEAD}// bias redundant
      base.add(tf.layers.batchNormalization());
      tf.model({ inputs: base.inputs, outputs: base.getLayer(undefined, 1).output });
    `);
  });

  it('a name that is put together, and find over layers', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const base = tf.sequential({ layers: [0, 1].flatMap((i) => [
        tf.layers.dense({ inputShape: [4], units: 4, name: \`dense_\${i}\` }), // bias needed redundant
        tf.layers.batchNormalization({ name: 'norm_' + i }),
      ]) });
      const cut = base.layers.find((layer) => layer.name === 'dense_1');
      tf.model({ inputs: base.inputs, outputs: cut.output });
    `);
  });

  it('models inside models, sequential and functional, and what is read of them', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      // What the inner model gives by itself shows the bias.
      const inner = tf.sequential({ name: 'inner' });
      inner.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias needed
      const outer = tf.sequential();
      outer.add(inner);
      outer.add(tf.layers.batchNormalization());
      outer.add(tf.layers.dense({ units: 2 })); // bias needed
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      const a = tf.input({ shape: [4] });
      const inner = tf.model({ inputs: a, outputs: tf.layers.dense({ units: 4 }).apply(a) }); // bias needed
      const b = tf.input({ shape: [4] });
      let x = tf.layers.batchNormalization().apply(inner.apply(b));
      tf.model({ inputs: b, outputs: x });
    `);
  });

  it('model.pop before and after use', () => {
    check(`${HEAD}// bias redundant
      base.add(tf.layers.batchNormalization());
      base.add(tf.layers.dense({ units: 4 })); // absent
      base.pop();
    `);
    check(`${HEAD}// bias needed
      base.add(tf.layers.batchNormalization());
      base.pop();
      base.add(tf.layers.reLU());
    `);
  });

  it('layers moved from one model to another', () => {
    check(`${HEAD}// bias redundant
      base.add(tf.layers.batchNormalization());
      base.add(tf.layers.flatten());
      const next = tf.sequential();
      for (const layer of base.layers.slice(0, 2)) { layer.trainable = false; next.add(layer); }
      next.add(tf.layers.flatten());
      next.add(tf.layers.dense({ units: 2 })); // bias needed
    `);
  });

  it('a model added to itself is refused by tfjs, and silent', () => {
    check(`${HEAD}// bias unknown
      base.add(tf.layers.batchNormalization());
      base.add(base);
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      const a = tf.sequential();
      const b = tf.sequential();
      a.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias unknown
      a.add(tf.layers.batchNormalization());
      a.add(b);
      b.add(a);
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      const a = tf.sequential();
      a.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias unknown
      a.add(tf.layers.batchNormalization());
      a.add(tf.layers.timeDistributed({ layer: a }));
    `);
  });
});
