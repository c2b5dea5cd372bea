import * as tf from '@tensorflow/tfjs';
import { LATENT_SIZE, createDiscriminator, createGenerator } from './models.js';

const variables = (model) => model.trainableWeights.map((weight) => weight.read());

/** How far the discriminator's answers are from "all real" or "all made up". */
const distance = (answers, real) =>
  tf.losses.sigmoidCrossEntropy(real ? tf.onesLike(answers) : tf.zerosLike(answers), answers);

/** The two networks and the optimizers that train them against each other. */
export function createGan({ learningRate = 2e-4 } = {}) {
  return {
    generator: createGenerator(),
    discriminator: createDiscriminator(),
    generatorOptimizer: tf.train.adam(learningRate, 0.5),
    discriminatorOptimizer: tf.train.adam(learningRate, 0.5),
  };
}

/** One step of each network on one batch of real pictures. */
export function trainStep(gan, real) {
  const { generator, discriminator } = gan;
  const noise = tf.randomNormal([real.shape[0], LATENT_SIZE]);

  const discriminatorLoss = gan.discriminatorOptimizer.minimize(
    () => {
      // The generator only delivers pictures here; it is not trained in this step.
      const fake = generator.predict(noise);
      const onReal = discriminator.apply(real, { training: true });
      const onFake = discriminator.apply(fake, { training: true });
      return tf.add(distance(onReal, true), distance(onFake, false));
    },
    true,
    variables(discriminator),
  );

  const generatorLoss = gan.generatorOptimizer.minimize(
    () => distance(discriminator.apply(generator.apply(noise, { training: true })), true),
    true,
    variables(generator),
  );

  noise.dispose();
  return { discriminatorLoss, generatorLoss };
}
