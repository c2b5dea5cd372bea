// A realistic model file of 500 lines: block helpers, functional and sequential models, a training loop, plain code.

const residualBlock = (i) => `
/** Residual block ${i}: two convolutions with batch norm, and a projection where the width changes. */
function residualBlock${i}(input: tf.SymbolicTensor, filters: number, stride: number): tf.SymbolicTensor {
  let x = tf.layers.conv2d({ filters, kernelSize: 3, strides: stride, padding: 'same' }).apply(input) as tf.SymbolicTensor;
  x = tf.layers.batchNormalization({ momentum: 0.9 }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.reLU().apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: 'heNormal' })
    .apply(x) as tf.SymbolicTensor;
  x = tf.layers.batchNormalization({ momentum: 0.9 }).apply(x) as tf.SymbolicTensor;
  const shortcut =
    stride === 1
      ? input
      : (tf.layers.conv2d({ filters, kernelSize: 1, strides: stride }).apply(input) as tf.SymbolicTensor);
  const sum = tf.layers.add().apply([x, shortcut]) as tf.SymbolicTensor;
  return tf.layers.reLU().apply(sum) as tf.SymbolicTensor;
}

export function residualNetwork${i}(size: number): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 3] });
  let x = input;
  for (const [filters, stride] of [[16, 1], [16, 1], [32, 2], [64, 2]]) x = residualBlock${i}(x, filters, stride);
  x = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 10, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
`;

const classifier = (i) => `
const widths${i} = [${16 + i}, ${32 + i}, ${64 + i}];

export function classifier${i}(inputShape: [number, number, number], rate = 0.25): tf.Sequential {
  const model = tf.sequential();
  widths${i}.forEach((filters, index) => {
    const first = index === 0 ? { inputShape } : {};
    model.add(tf.layers.conv2d({ ...first, filters, kernelSize: 3, activation: 'relu' }));
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.dropout({ rate }));
  });
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 64 }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}
`;

const dataLoader = (i) => `
export interface Batch${i} {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor2D;
}

/** Splits pixels of one byte into batches of floats between 0 and 1. */
export function* batches${i}(pixels: Uint8Array, labels: Uint8Array, size: number): Generator<Batch${i}> {
  const count = labels.length;
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [order[index], order[other]] = [order[other], order[index]];
  }
  for (let start = 0; start + size <= count; start += size) {
    const data = new Float32Array(size * 32 * 32 * 3);
    const chosen: number[] = [];
    for (let row = 0; row < size; row++) {
      const from = order[start + row] * 3072;
      for (let k = 0; k < 3072; k++) data[row * 3072 + k] = pixels[from + k] / 255;
      chosen.push(labels[order[start + row]]);
    }
    const images = tf.tensor4d(data, [size, 32, 32, 3]);
    yield { images, labels: tf.oneHot(tf.tensor1d(chosen, 'int32'), 10) as tf.Tensor2D };
  }
}
`;

const trainingLoop = (i) => `
export class Trainer${i} {
  private readonly model = residualNetwork${i}(32);
  private readonly optimizer = tf.train.sgd(0.1);
  private readonly history: number[] = [];

  private forward(images: tf.Tensor4D): tf.Tensor {
    return this.model.apply(images, { training: true }) as tf.Tensor;
  }

  step(batch: Batch${i}): number {
    const loss = this.optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(batch.labels, this.forward(batch.images)) as tf.Scalar,
      true,
    )!;
    const value = loss.dataSync()[0];
    loss.dispose();
    this.history.push(value);
    return value;
  }

  epoch(pixels: Uint8Array, labels: Uint8Array, size = 64): number {
    let total = 0;
    let count = 0;
    for (const batch of batches${i}(pixels, labels, size)) {
      total += this.step(batch);
      count += 1;
      tf.dispose([batch.images, batch.labels]);
    }
    return count === 0 ? NaN : total / count;
  }
}
`;

const FILLER = [
  'export function percent(value: number): string {',
  '  return `${(100 * value).toFixed(1)} %`;',
  '}',
  '',
];

/**
 * The text of a TypeScript model file of exactly `lines` lines. It has redundant biases (the first convolution of each
 * residual block, the hidden dense layer of each classifier) and needed ones, and it parses.
 */
export function modelFile(lines = 500) {
  const text = ["import * as tf from '@tensorflow/tfjs';"];
  const add = (part) => text.push(...part.trimEnd().split('\n'));
  for (let i = 0; ; i++) {
    const parts = [residualBlock(i), dataLoader(i), classifier(i), trainingLoop(i)];
    const length = parts.reduce((sum, part) => sum + part.trimEnd().split('\n').length, 0);
    if (text.length + length > lines) break;
    parts.forEach(add);
  }
  for (let i = 0; text.length < lines; i++) {
    const room = lines - text.length;
    if (room < FILLER.length) text.push(`// end of the helpers`);
    else text.push(...FILLER.map((line) => line.replace('percent', `percent${i}`)));
  }
  return text.join('\n') + '\n';
}
