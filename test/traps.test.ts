import assert from 'node:assert/strict';
import { analyse } from './support/analyse';
import { judge, trapsIn } from './support/traps';

const TRAPS: Readonly<Record<string, string>> = {
  'the weights of the layer are taken apart': `
    const layer = tf.layers.dense({ inputShape: [4], units: 8 });
    const model = tf.sequential({ layers: [layer, tf.layers.batchNormalization()] });
    const [kernel, bias] = layer.getWeights(); // trap
    const [kernel] = layer.getWeights(); // plain
    export const project = (x) => x.matMul(kernel).add(1);`,
  'one of the weights is read': `
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [4], units: 8 }));
    model.add(tf.layers.batchNormalization());
    const offset = model.layers[0].getWeights()[1]; // trap
    const offset = model.layers[0].getWeights()[0]; // plain
    export const shifted = (x) => x.add(offset);`,
  'the weights are given back': `
    const layer = tf.layers.dense({ inputShape: [4], units: 8 });
    export const model = tf.sequential({ layers: [layer, tf.layers.batchNormalization()] });
    const weights = () => layer.getWeights(); // trap
    const weights = () => model.getWeights().length; // plain
    console.log(weights());`,
  'the bias itself is read': `
    const layer = tf.layers.dense({ inputShape: [4], units: 8 });
    export const model = tf.sequential({ layers: [layer, tf.layers.batchNormalization()] });
    console.log(layer.bias.read()); // trap
    console.log(layer.kernel.read()); // plain`,
  'another layer is made from its config': `
    const layer = tf.layers.dense({ inputShape: [4], units: 8 });
    export const model = tf.sequential({ layers: [layer, tf.layers.batchNormalization()] });
    const options = layer.getConfig(); // trap
    const options = { units: layer.getConfig().units }; // plain
    export const plain = tf.sequential({ layers: [tf.layers.dense({ ...options, inputShape: [4] })] });`,
  'a factory of tfjs is replaced': `
    const original = tf.layers.dense;
    tf.layers.dense = (options) => original({ activation: 'relu', ...options }); // trap
    tf.layers.dense = (options) => original({ activation: 'linear', ...options }); // plain
    export const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [4], units: 8 }));
    model.add(tf.layers.batchNormalization());`,
  'batch norm is replaced': `
    tf.layers.batchNormalization = () => tf.layers.layerNormalization(); // trap
    export const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [4], units: 8 }));
    model.add(tf.layers.batchNormalization());`,
  'the tensor before batch norm is exported': `
    const input = tf.input({ shape: [4] });
    export const features = tf.layers.dense({ units: 8 }).apply(input); // trap
    const features = tf.layers.dense({ units: 8 }).apply(input); // plain
    export const model = tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(features) });`,
  'the tensor before batch norm is among module.exports': `
    const input = tf.input({ shape: [4] });
    const features = tf.layers.dense({ units: 8 }).apply(input);
    const model = tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(features) });
    module.exports = { features, model }; // trap
    module.exports = { model }; // plain`,
  'the tensor before batch norm is made global': `
    const input = tf.input({ shape: [4] });
    const features = tf.layers.dense({ units: 8 }).apply(input);
    window.features = features; // trap
    export const model = tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(features) });`,
  'frozen for the time of the step': `
    ${judge()}
    const generator = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 4 })] });
    function setTrainable(model, value) {
      model.trainable = value;
      for (const layer of model.layers) layer.trainable = value;
    }
    export function step(noise) {
      setTrainable(judge, false); // trap
      optimizer.minimize(() => judge.apply(generator.apply(noise, { training: true })).mean());
      setTrainable(judge, true);
    }`,
  'one weight after the other is frozen': `
    ${judge()}
    judge.weights.forEach((weight) => { weight.trainable = false; }); // trap
    export const step = (x) => optimizer.minimize(() => judge.apply(x).mean());`,
  'an average over time, set as a whole': `
    ${judge()}
    const online = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    export function follow(decay) {
      const [now, then] = [online.getWeights(), judge.getWeights()];
      judge.setWeights(now.map((weight, i) => then[i].mul(decay).add(weight.mul(1 - decay)))); // trap
    }
    export const step = (x) => optimizer.minimize(() => judge.predict(x).sub(online.apply(x)).square().mean());`,
  'a target network, set layer by layer': `
    ${judge()}
    const online = tf.models.modelFromJSON(await (await fetch('online.json')).json());
    export function follow() {
      judge.layers.forEach((layer, i) => layer.setWeights(online.layers[i].getWeights())); // trap
    }
    export const step = (x) => optimizer.minimize(() => judge.predict(x).square().mean());`,
  'a target network, assigned weight by weight': `
    ${judge()}
    const online = tf.models.modelFromJSON(await (await fetch('online.json')).json());
    export function follow() {
      judge.build([null, 4]);
      online.weights.forEach((weight, i) => judge.weights[i].val.assign(weight.val)); // trap
    }
    export const step = (x) => optimizer.minimize(() => judge.predict(x).square().mean());`,
  'only numbers of the run are used': `
    ${judge()}
    const actor = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    export const step = (x) =>
      optimizer.minimize(() => {
        const value = judge.predict(x).mean().dataSync()[0]; // trap
        const value = judge.predict(x).mean(); // plain
        return actor.apply(x).mul(value).mean();
      });`,
  'only the place of the largest output is used': `
    ${judge()}
    const actor = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] });
    export const step = (x) =>
      optimizer.minimize(() => {
        const best = tf.oneHot(judge.predict(x).argMax(1), 2); // trap
        const other = tf.oneHot(tf.argMax(judge.predict(x), 1), 2); // trap
        const best = judge.predict(x); // plain
        return tf.losses.softmaxCrossEntropy(best, actor.apply(x));
      });`,
  'only numbers of the run are used, by a name': `
    ${judge()}
    const actor = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    export const step = (x) =>
      optimizer.minimize(() => {
        const values = judge.predict(x);
        const advantage = tf.tensor(values.arraySync()).sub(1); // trap
        const advantage = tf.tensor(values.arraySync()).sub(values); // plain
        return actor.apply(x).mul(advantage).mean();
      });`,
};

describe('traps: what looks like a finding and is none', () => {
  trapsIn(TRAPS);

  it('a flag that is compared: the condition and its fix have the right sign', () => {
    for (const [condition, keeps] of [
      ["norm !== 'none'", "norm === 'none'"],
      ["norm === 'batch'", "norm !== 'batch'"],
      ['norm != null', 'norm == null'],
    ]) {
      const text = `import * as tf from '@tensorflow/tfjs';
        export function build(norm) {
          const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 8 })] });
          if (${condition}) model.add(tf.layers.batchNormalization());
          model.add(tf.layers.reLU());
          return model;
        }`;
      const [finding] = analyse(new Map([['/program.js', text]]));
      assert.equal(finding?.edits[0]?.title, `Set useBias: ${keeps}`);
    }
  });

  it('weights that the program gives to the layer: the fix is offered, and not made unasked', () => {
    for (const [options, after] of [
      ['weights: [kernel, bias]', ''],
      ['', 'layer.setWeights([kernel, bias]);'],
    ]) {
      const text = `import * as tf from '@tensorflow/tfjs';
        import { kernel, bias } from './weights';
        const layer = tf.layers.dense({ inputShape: [4], units: 8, ${options} });
        export const model = tf.sequential({ layers: [layer, tf.layers.batchNormalization()] });
        ${after}`;
      const [finding] = analyse(new Map([['/program.js', text]]));
      assert.equal(finding?.edits[0]?.kind, 'suggestion');
      assert.match(finding.message.todo, /unless weights that were saved with the bias must still load/);
    }
  });
});
