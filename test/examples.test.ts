import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { parse } from 'parse5';
import { createResNet } from '../examples/resnet/model';
import { VariationalAutoencoder } from '../examples/vae/train';

const examples = path.resolve(__dirname, '../examples');

// The examples in JavaScript have no types.
interface Gan {
  readonly generator: tf.LayersModel;
  readonly discriminator: tf.LayersModel;
}
const { createModel }: { createModel(): tf.LayersModel } = require('../examples/mnist-cnn/model.js');
const {
  createGan,
  trainStep,
}: {
  createGan(): Gan;
  trainStep(gan: Gan, real: tf.Tensor): { generatorLoss: tf.Scalar };
} = require('../examples/dcgan/train.js');

/** How far the moving means of a model's batch norms are from where they began, zero. */
function movedMeans(model: tf.LayersModel): number {
  const weights = model.layers.flatMap((layer) => layer.weights);
  const means = weights.filter((weight) => weight.originalName.endsWith('moving_mean'));
  assert.ok(means.length > 0, 'the model has batch norms');
  return Math.max(...means.map((mean) => tf.tidy(() => mean.read().abs().max().dataSync()[0]!)));
}

/** The text of the inline scripts of an HTML file. */
function inlineScript(file: string): string {
  const scripts: string[] = [];
  const visit = (node: object): void => {
    if ('tagName' in node && node.tagName === 'script' && 'childNodes' in node)
      for (const child of node.childNodes as { value?: string }[]) scripts.push(child.value ?? '');
    else if ('childNodes' in node) (node.childNodes as object[]).forEach(visit);
  };
  visit(parse(readFileSync(file, 'utf8')));
  return scripts.join('\n');
}

describe('the examples are programs that run', () => {
  before(() => tf.setBackend('cpu'));

  it('mnist-cnn: builds and predicts', () => {
    const model = createModel();
    const answer = model.predict(tf.zeros([2, 28, 28, 1])) as tf.Tensor;
    assert.deepEqual(answer.shape, [2, 10]);
  });

  for (const batchNorm of [true, false])
    it(`resnet: builds and predicts, ${batchNorm ? 'with' : 'without'} batch norm`, () => {
      const model = createResNet({ inputShape: [16, 16, 3], classes: 4, batchNorm });
      assert.equal(
        model.layers.some((layer) => layer.getClassName() === 'BatchNormalization'),
        batchNorm,
      );
      assert.deepEqual((model.predict(tf.zeros([1, 16, 16, 3])) as tf.Tensor).shape, [1, 4]);
    });

  it('dcgan: a step trains both networks and updates the statistics of both', () => {
    const gan = createGan();
    const { generatorLoss } = trainStep(gan, tf.randomNormal([2, 28, 28, 1]));
    assert.ok(Number.isFinite(generatorLoss.dataSync()[0]));
    assert.ok(movedMeans(gan.generator) > 0);
    assert.ok(movedMeans(gan.discriminator) > 0);
  });

  it('vae: steps train the networks and never update their statistics', async () => {
    const vae = new VariationalAutoencoder({ latentSize: 4, learningRate: 1e-3 });
    const batch = tf.randomUniform<tf.Rank.R2>([8, 784], 0, 1, 'float32', 1);
    const first = await vae.trainStep(batch);
    for (let step = 0; step < 5; step++) await vae.trainStep(batch);
    assert.ok((await vae.trainStep(batch)) < first);
    assert.equal(movedMeans(vae.encoder), 0);
    assert.equal(movedMeans(vae.decoder), 0);
    assert.deepEqual(vae.sample(3).shape, [3, 784]);
  });

  it('browser: the page trains on a click', async () => {
    const output = { textContent: 'not trained yet' };
    let clicked = (): Promise<void> => assert.fail('the button has no listener');
    const button = { addEventListener: (_type: string, listener: () => Promise<void>) => (clicked = listener) };
    const document = { getElementById: (id: string) => (id === 'train' ? button : output) };
    vm.runInNewContext(inlineScript(path.join(examples, 'browser/index.html')), { tf, document });
    await clicked();
    assert.match(output.textContent, /^\d+\.\d{3}$/);
  });
});
