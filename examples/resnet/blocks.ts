import * as tf from '@tensorflow/tfjs';

export interface BlockOptions {
  filters: number;
  strides?: number;
  /** Off for very small batches, where batch statistics are noise. */
  batchNorm: boolean;
}

/** A 3 x 3 convolution, normalised if asked for, with ReLU at its end unless it is the last of a residual branch. */
export function convBlock(
  x: tf.SymbolicTensor,
  { filters, strides = 1, batchNorm }: BlockOptions,
  relu = true,
): tf.SymbolicTensor {
  let y = tf.layers
    .conv2d({ filters, kernelSize: 3, strides, padding: 'same', kernelInitializer: 'heNormal' })
    .apply(x) as tf.SymbolicTensor;
  if (batchNorm) {
    y = tf.layers.batchNormalization({ momentum: 0.9 }).apply(y) as tf.SymbolicTensor;
  }
  return relu ? (tf.layers.reLU().apply(y) as tf.SymbolicTensor) : y;
}

/** Brings the input to the shape that a residual branch has, so that the two can be added. */
export function projection(x: tf.SymbolicTensor, { filters, strides = 1, batchNorm }: BlockOptions): tf.SymbolicTensor {
  const conv = tf.layers.conv2d({ filters, kernelSize: 1, strides, useBias: !batchNorm });
  const y = conv.apply(x) as tf.SymbolicTensor;
  return batchNorm ? (tf.layers.batchNormalization({ momentum: 0.9 }).apply(y) as tf.SymbolicTensor) : y;
}

/** Two convolutions and a shortcut around them. */
export function residualBlock(x: tf.SymbolicTensor, options: BlockOptions): tf.SymbolicTensor {
  const inner = convBlock(x, options);
  const branch = convBlock(inner, { ...options, strides: 1 }, false);
  const sameShape = (options.strides ?? 1) === 1 && x.shape[3] === options.filters;
  const shortcut = sameShape ? x : projection(x, options);
  return tf.layers.reLU().apply(tf.layers.add().apply([branch, shortcut]) as tf.SymbolicTensor) as tf.SymbolicTensor;
}
