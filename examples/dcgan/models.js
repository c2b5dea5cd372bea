// Generator and discriminator of a DCGAN for 28 x 28 grey pictures.
import * as tf from '@tensorflow/tfjs';

export const LATENT_SIZE = 64;

export function createGenerator() {
  return tf.sequential({
    name: 'generator',
    layers: [
      // One bias a unit, but the batch norm behind the reshape averages over 49 units at a time.
      tf.layers.dense({ inputShape: [LATENT_SIZE], units: 7 * 7 * 32 }),
      tf.layers.reshape({ targetShape: [7, 7, 32] }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),

      tf.layers.conv2dTranspose({ filters: 16, kernelSize: 5, strides: 2, padding: 'same' }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),

      tf.layers.conv2dTranspose({ filters: 1, kernelSize: 5, strides: 2, padding: 'same', activation: 'tanh' }),
    ],
  });
}

export function createDiscriminator() {
  const layers = [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 5, strides: 2, padding: 'same' }),
    tf.layers.leakyReLU({ alpha: 0.2 }),
  ];
  for (const filters of [32, 64]) {
    layers.push(
      tf.layers.conv2d({ filters, kernelSize: 5, strides: 2, padding: 'same' }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.dropout({ rate: 0.3 }),
    );
  }
  layers.push(tf.layers.flatten(), tf.layers.dense({ units: 1 }));
  return tf.sequential({ name: 'discriminator', layers });
}
