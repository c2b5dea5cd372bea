import * as tf from '@tensorflow/tfjs';
import { createDecoder, createEncoder } from './model';

export interface VaeOptions {
  latentSize: number;
  learningRate: number;
}

export class VariationalAutoencoder {
  readonly encoder: tf.LayersModel;
  readonly decoder: tf.LayersModel;
  private readonly optimizer: tf.Optimizer;

  constructor({ latentSize, learningRate }: VaeOptions) {
    this.encoder = createEncoder(latentSize);
    this.decoder = createDecoder(latentSize);
    this.optimizer = tf.train.adam(learningRate);
  }

  /** One gradient step on a batch of pictures [batch, 784]; resolves to its loss. */
  async trainStep(batch: tf.Tensor2D): Promise<number> {
    const loss = this.optimizer.minimize(() => this.loss(batch), true) as tf.Scalar;
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }

  private loss(batch: tf.Tensor2D): tf.Scalar {
    const { logits, mean, logVariance } = this.forward(batch);
    const reconstruction = tf.losses.sigmoidCrossEntropy(batch, logits).mul(batch.shape[1]);
    const divergence = tf.add(1, logVariance).sub(mean.square()).sub(logVariance.exp()).sum(1).mul(-0.5).mean();
    return reconstruction.add(divergence).asScalar();
  }

  private forward(batch: tf.Tensor2D) {
    const [mean, logVariance] = this.encoder.apply(batch) as [tf.Tensor2D, tf.Tensor2D];
    const noise = tf.randomNormal(mean.shape);
    const code = mean.add(noise.mul(logVariance.mul(0.5).exp()));
    const logits = this.decoder.predict(code) as tf.Tensor2D;
    return { logits, mean, logVariance };
  }

  /** New pictures [count, 784] from random codes. */
  sample(count: number): tf.Tensor2D {
    return tf.tidy(() => {
      const code = tf.randomNormal([count, this.decoder.inputs[0]!.shape[1]!]);
      return tf.sigmoid(this.decoder.predict(code) as tf.Tensor2D);
    });
  }
}
