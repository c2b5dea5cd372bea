import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyse } from './support/analyse';

/** A step that runs a dense layer and batch norm on `rows` samples. */
const program = (rows: string): string => `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [4], units: 8, useBias: false }));
model.add(tf.layers.batchNormalization());
model.add(tf.layers.dense({ units: 1 }));
const optimizer = tf.train.sgd(0.1);
export const step = (state, y) =>
  optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(tf.tensor2d(${rows}))));
`;

/** How far a step with the flag moves the layer in front of batch norm. */
function moved(samples: number): number {
  return tf.tidy(() => {
    const dense = tf.layers.dense({ inputShape: [4], units: 8, useBias: false });
    const model = tf.sequential({
      layers: [dense, tf.layers.batchNormalization(), tf.layers.dense({ units: 1 })],
    });
    const before = dense.getWeights()[0]!.clone();
    const x = tf.randomNormal([samples, 4], 0, 1, 'float32', 3);
    const y = tf.randomNormal([samples, 1], 5, 1, 'float32', 4);
    tf.train
      .sgd(0.1)
      .minimize(() => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar);
    return dense.getWeights()[0]!.sub(before).abs().max().dataSync()[0]!;
  });
}

describe('updates-not-run on a batch of one sample', () => {
  before(() => tf.setBackend('cpu'));

  it('has no fix where tfjs lets nothing through batch norm', () => {
    for (const [rows, samples] of [
      ['[state]', 1],
      ['[state, state.map((one) => -one)]', 2],
    ] as const) {
      const [finding, ...more] = analyse(new Map([['/program.js', program(rows)]]));
      assert.deepEqual([finding!.rule, more.length], ['updates-not-run', 0]);
      const fixes = finding!.fixes.filter(({ kind }) => kind === 'quickfix');
      assert.equal(fixes.length > 0, moved(samples) > 1e-3, rows);
    }
  });
});
