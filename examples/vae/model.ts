// A variational autoencoder for 28 x 28 grey pictures, flattened to 784 numbers.
import * as tf from '@tensorflow/tfjs';

export const PIXELS = 784;

function denseBlock(x: tf.SymbolicTensor, units: number): tf.SymbolicTensor {
  const y = tf.layers.dense({ units, kernelInitializer: 'heNormal' }).apply(x);
  const normalised = tf.layers.batchNormalization().apply(y);
  return tf.layers.reLU().apply(normalised) as tf.SymbolicTensor;
}

/** Picture to mean and logarithm of the variance of its code. */
export function createEncoder(latentSize: number): tf.LayersModel {
  const picture = tf.input({ shape: [PIXELS] });
  const hidden = denseBlock(denseBlock(picture, 256), 128);
  const mean = tf.layers.dense({ units: latentSize, name: 'mean' }).apply(hidden) as tf.SymbolicTensor;
  const logVariance = tf.layers.dense({ units: latentSize, name: 'logVariance' }).apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs: picture, outputs: [mean, logVariance], name: 'encoder' });
}

/** Code to picture, before the sigmoid. */
export function createDecoder(latentSize: number): tf.LayersModel {
  const code = tf.input({ shape: [latentSize] });
  const hidden = denseBlock(denseBlock(code, 128), 256);
  const logits = tf.layers.dense({ units: PIXELS }).apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs: code, outputs: logits, name: 'decoder' });
}
