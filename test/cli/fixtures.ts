/** A small package: a redundant bias, one under a flag, one that is needed, and a loop that never updates statistics. */
export const FILES = {
  'package.json': '{"name": "fixture", "private": true}\n',
  'src/model.js': `import * as tf from '@tensorflow/tfjs';

export function createModel() {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.reLU());
  model.add(tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}
`,
  'src/block.ts': `import * as tf from '@tensorflow/tfjs';

export function block(x: tf.SymbolicTensor, filters: number, useBn: boolean): tf.SymbolicTensor {
  let y = tf.layers.conv2d({
    filters,
    kernelSize: 3,
  }).apply(x) as tf.SymbolicTensor;
  if (useBn) y = tf.layers.batchNormalization().apply(y) as tf.SymbolicTensor;
  return tf.layers.activation({ activation: 'relu' }).apply(y) as tf.SymbolicTensor;
}
`,
  'src/build.ts': `import * as tf from '@tensorflow/tfjs';
import { block } from './block';

export function build(useBn: boolean) {
  const input = tf.input({ shape: [32, 32, 3] });
  const output = tf.layers.globalAveragePooling2d({}).apply(block(input, 8, useBn)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}
`,
  'src/train.js': `import * as tf from '@tensorflow/tfjs';

export function train(batches) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [8], units: 16, useBias: false }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.dense({ units: 1 }));
  const optimizer = tf.train.adam();
  for (const { x, y } of batches) optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(x)));
}
`,
  'src/clean.js': 'export const answer = 42;\n',
} as const;

/** One redundant bias; `extra` makes room for what a test adds. */
export function modelWith(extra = '', head = ''): string {
  return `${head}import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 }));
model.add(tf.layers.batchNormalization());
${extra}`;
}
