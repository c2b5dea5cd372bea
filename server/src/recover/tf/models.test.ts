import { check } from '../testing';

const HEAD = `
  import * as tf from '@tensorflow/tfjs';
  const input = tf.input({ shape: [4] });`;

describe('recover: models as tfjs makes them', () => {
  it('layers of a functional model: by depth, those of its inputs among them', () => {
    check(`${HEAD}
      const late = tf.layers.dense({ units: 4 }); // bias redundant
      const x = tf.layers.dense({ units: 4 }).apply(input); // bias needed
      const y = tf.layers.dense({ units: 4 }).apply(x); // bias needed
      const model = tf.model({ inputs: input, outputs: [y, tf.layers.batchNormalization().apply(late.apply(x))] });
      tf.model({ inputs: model.layers[0].output, outputs: model.layers[1].output });
      tf.model({ inputs: model.inputs, outputs: model.getLayer(null, 3).output });
    `);
  });

  it('a layer that is popped is not in the model, whatever was made of its output', () => {
    check(
      `${HEAD}
      const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] }); // bias redundant
      m.add(tf.layers.dense({ units: 4 })); // bias needed
      tf.model({ inputs: m.inputs, outputs: m.output });
      m.pop();
      m.add(tf.layers.batchNormalization());
    `.replace('bias redundant', 'bias needed'),
    );
    check(`${HEAD}
      const m = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] }); // bias redundant
      m.add(tf.layers.reLU());
      m.summary(); m.apply(tf.ones([1, 4]));
      m.pop();
      m.add(tf.layers.batchNormalization());
    `);
  });

  it('a first layer that is applied already is taken over', () => {
    check(`${HEAD}
      const first = tf.layers.dense({ inputShape: [4], units: 4 }); // bias needed
      tf.sequential({ layers: [first, tf.layers.batchNormalization()] });
      tf.sequential({ layers: [first, tf.layers.reLU()] });
    `);
  });

  it('an array is no config of a sequential model', () => {
    check(`${HEAD}
      const m = tf.sequential([tf.layers.dense({ inputShape: [4], units: 4 })]);
      m.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
      m.add(tf.layers.batchNormalization());
    `);
  });
});
