// Handwritten digits: a small convolutional network as one would write it on a first afternoon with TensorFlow.js.
import * as tf from '@tensorflow/tfjs';

const CLASSES = 10;

export function createModel() {
  const model = tf.sequential();

  // Convolution, normalisation, ReLU: the usual order.
  model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3 }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.reLU());
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));

  // ReLU comes before the normalisation here.
  model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));

  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 64, useBias: true, biasInitializer: 'zeros' }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.reLU());
  model.add(tf.layers.dropout({ rate: 0.4 }));
  model.add(tf.layers.dense({ units: CLASSES, activation: 'softmax' }));

  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/**
 * @param {tf.LayersModel} model
 * @param {tf.Tensor4D} images [examples, 28, 28, 1], from 0 to 1
 * @param {tf.Tensor2D} labels [examples, 10], one-hot
 */
export async function train(model, images, labels, epochs = 5) {
  return model.fit(images, labels, {
    batchSize: 128,
    epochs,
    validationSplit: 0.1,
    callbacks: {
      onEpochEnd: (epoch, logs) => console.log(`epoch ${epoch + 1}: loss ${logs.loss.toFixed(4)}`),
    },
  });
}
