// A residual network for small colour pictures, built from the blocks next door.
import * as tf from '@tensorflow/tfjs';
import { convBlock, residualBlock } from './blocks';

export interface ResNetOptions {
  inputShape: [number, number, number];
  classes: number;
  batchNorm: boolean;
}

const STAGES = [
  { filters: 16, blocks: 2, strides: 1 },
  { filters: 32, blocks: 2, strides: 2 },
  { filters: 64, blocks: 2, strides: 2 },
];

export function createResNet({ inputShape, classes, batchNorm }: ResNetOptions): tf.LayersModel {
  const input = tf.input({ shape: inputShape });
  let x = convBlock(input, { filters: 16, batchNorm });
  for (const { filters, blocks, strides } of STAGES) {
    for (let block = 0; block < blocks; block++) {
      x = residualBlock(x, { filters, strides: block === 0 ? strides : 1, batchNorm });
    }
  }
  const features = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: classes, activation: 'softmax' }).apply(features) as tf.SymbolicTensor;

  const model = tf.model({ inputs: input, outputs: output, name: 'resnet' });
  model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'categoricalCrossentropy' });
  return model;
}
