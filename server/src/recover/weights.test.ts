import assert from 'node:assert/strict';
import { isUnknown, type WeightSource } from '../graph';
import { recoverText } from './testing';

const MODELS = `
  import * as tf from '@tensorflow/tfjs';
  const build = () => tf.sequential({ layers: [
    tf.layers.dense({ inputShape: [4], units: 3 }),
    tf.layers.batchNormalization(),
  ] });
  const model = build();
  const other = build();
`;

const check = (text: string) => recoverText({ '/main.ts': text });

/** Where the weights of `model` come from, by code that sets them; one line a world that has any. */
function sources(code: string): string[] {
  const { worlds } = check(`${MODELS}\nexport function set(x, given, flag) {\n${code}\n}`);
  const kinds = ({ weights }: { readonly weights: readonly WeightSource[] }): string[] =>
    weights.map(({ kind, from }) => (from ? `${kind} from ${from.id}` : kind));
  const found = worlds.map(({ graph }) =>
    [...graph.models.slice(0, 1), ...graph.layers.slice(0, 2)].flatMap(kinds).join(),
  );
  return [...new Set(found)].filter((text) => text !== '');
}

describe('recover: the weights of layers and models', () => {
  describe('are their own', () => {
    const own: Record<string, string> = {
      'with noise, in a loop': `
        const list = [];
        for (let i = 0; i < model.getWeights().length; i++) {
          const weight = model.getWeights()[i];
          list.push(tf.add(weight, tf.randomNormal(weight.shape, 0, given)));
        }
        model.setWeights(list);`,
      'with noise, by map': `model.setWeights(model.getWeights().map((w) => w.add(tf.randomUniform(w.shape).mul(0.01))));`,
      'with noise on the left': `model.setWeights(model.getWeights().map((w) => tf.randomNormal(w.shape).add(w)));`,
      clipped: `model.setWeights(model.getWeights().map((w) => tf.tidy(() => w.clipByValue(-given, given))));`,
      scaled: `model.setWeights(model.getWeights().map((w) => w.mul(tf.scalar(0.99)).div(2)));`,
      'masked by noise': `
        model.setWeights(model.getWeights().map((w) => tf.where(tf.randomUniform(w.shape).less(0.1), tf.zerosLike(w), w)));`,
      'by a condition': `
        const list = [];
        for (const w of model.getWeights()) {
          if (Math.random() < given) list.push(w.add(tf.randomNormal(w.shape)));
          else list.push(w);
        }
        model.setWeights(list);`,
      'by a condition in an expression': `
        model.setWeights(model.getWeights().map((w) => Math.random() < given ? w.add(tf.randomNormal(w.shape)) : w.clone()));`,
      'kept and set again': `
        const best = model.getWeights().map((w) => w.clone());
        model.fit(x, x);
        model.setWeights(best);`,
      'made anew': `
        const [kernel, bias, gamma, beta, mean, variance] = model.getWeights();
        model.setWeights([tf.randomNormal(kernel.shape), tf.zerosLike(bias), tf.ones(gamma.shape), tf.zeros(beta.shape), mean, variance]);`,
      'one by one': `for (const w of model.weights) w.write(w.read().clipByValue(-1, 1));`,
      'one by one, by forEach': `model.weights.forEach((w) => w.write(tf.clipByValue(w.val, -1, 1)));`,
      'an average of themselves over time': `
        let average = model.getWeights();
        average = average.map((a, i) => a.mul(0.9).add(model.getWeights()[i].mul(0.1)));
        model.setWeights(average);`,
      'of a layer': `model.layers[0].setWeights(model.layers[0].getWeights().map((w) => w.mul(0.5)));`,
      'of a batch norm, as they are': `model.layers[1].setWeights(model.layers[1].getWeights().map((w) => w.clone()));`,
      'of its layers': `for (const layer of model.layers) layer.setWeights(layer.getWeights().map((w) => tf.identity(w)));`,
      'in a list of another order': `
        const list = model.getWeights();
        for (let i = 0; i < list.length; i++) list[i] = list[i].add(tf.truncatedNormal(list[i].shape));
        model.setWeights(list);`,
    };
    for (const [name, code] of Object.entries(own))
      it(name, () => {
        const found = sources(code);
        assert.ok(found.length > 0 && found.every((text) => /^own(,own)*$/.test(text)), found.join(' | '));
      });
  });

  describe('are not their own', () => {
    const set: Record<string, string> = {
      'tensors of data': `model.setWeights(given.map((values) => tf.tensor(values)));`,
      'their numbers, changed': `
        model.setWeights(model.getWeights().map((w) => {
          const values = w.dataSync().slice();
          values[0] = Math.random();
          return tf.tensor(values, w.shape);
        }));`,
      'numbers that are not known': `model.setWeights(model.getWeights().map((w) => w.add(tf.scalar(given))));`,
      'a parameter': `model.setWeights(model.getWeights().map((w, i) => w.mul(0.9).add(given[i])));`,
      'a parameter that may be a tensor': `model.setWeights(model.getWeights().map((w) => w.mul(given)));`,
      'the moments of a batch': `
        const [gamma, beta, mean] = model.layers[1].getWeights();
        const { mean: now, variance } = tf.moments(x, 0);
        model.layers[1].setWeights([gamma, beta, mean.mul(0.9).add(now), variance]);`,
      'statistics that are computed by hand': `
        const [gamma, beta, mean, variance] = model.layers[1].getWeights();
        model.layers[1].setWeights([gamma, beta, mean.mul(0.9), variance]);`,
      'statistics by their name': `model.layers[1].movingMean.write(model.layers[1].movingMean.read().mul(0.9));`,
      'statistics by their place': `model.weights[4].write(model.weights[4].read().add(tf.randomNormal([3])));`,
      'statistics by a place that is not known': `model.weights[given].write(model.weights[given].read().mul(0.9));`,
      'statistics of zeros and ones': `
        const [gamma, beta] = model.layers[1].getWeights();
        model.layers[1].setWeights([gamma, beta, tf.zeros([3]), tf.ones([3])]);`,
      'one that is found by its name': `
        const mean = model.weights.find((w) => w.name.endsWith('moving_mean'));
        mean.write(mean.read().mul(0.9));`,
      'of one place at another': `
        const list = model.getWeights();
        for (let i = 0; i + 1 < list.length; i++) list[i] = list[i + 1];
        model.setWeights(list);`,
      'of one place, with those of another': `
        const list = model.getWeights();
        model.setWeights(list.map((w, i) => list[(i + 1) % 6].mul(0.1).add(w)));`,
      'one at a place with that of another': `
        for (let i = 0; i < 3; i++) model.weights[i].write(model.weights[i + 3].read());`,
      'each with the last one': `
        let last = tf.zeros([3]);
        const list = [];
        for (const w of model.getWeights()) {
          list.push(w.add(last));
          last = w;
        }
        model.setWeights(list);`,
      'a tensor in their list': `
        const list = model.getWeights();
        list[2] = tf.tensor1d(given);
        model.setWeights(list);`,
      'constants in the code': `model.layers[1].setWeights([tf.ones([3]), tf.zeros([3]), tf.tensor1d([1, 2, 3]), tf.ones([3])]);`,
      'a list that other code may change': `
        const list = model.getWeights();
        given(list);
        model.setWeights(list);`,
      'a variable': `
        const shadow = model.getWeights().map((w) => tf.variable(w));
        model.setWeights(shadow);`,
    };
    for (const [name, code] of Object.entries(set))
      it(name, () => assert.deepEqual([...new Set(sources(code).flatMap((text) => text.split(',')))], ['set']));
  });

  it('are not known to be their own where other code may have replaced what was kept', () => {
    const kept = (code: string): string[] =>
      check(`${MODELS}\n${code}`).worlds.flatMap(({ graph }) =>
        graph.models.flatMap(({ weights }) => weights.map(({ kind }) => kind)),
      );
    const restore = 'export function restore() { model.setWeights(kept); }';
    const track = `export function track() {
      other.getWeights().forEach((w, i) => { kept[i] = kept[i].mul(0.9).add(w.mul(0.1)); });
    }`;
    assert.deepEqual(kept(`const kept = model.getWeights();\n${restore}\n${track}`), ['set']);
    assert.deepEqual(kept(`const kept = model.getWeights();\n${track}\n${restore}`), ['copied']);
    assert.deepEqual(kept(`let kept = [];\n${restore}\nexport function save() { kept = other.getWeights(); }`), [
      'set',
    ]);
    assert.deepEqual(
      kept(`const kept = model.getWeights();\n${restore.replace('kept', 'kept.map((w, i) => kept[i])')}\n${track}`),
      ['set'],
    );
    const shadow = `let noise = tf.zeros([3]);
      export function shake() { model.setWeights(model.getWeights().map((w) => w.add(noise))); }
      export function save() { [noise] = other.getWeights(); }`;
    assert.deepEqual(kept(shadow), ['set']);
    assert.deepEqual(kept(shadow.replace('tf.zeros([3])', 'tf.scalar(0)').replace(/export function save.*/, '')), [
      'own',
    ]);
    const inClass = `export class Kept {
      constructor() { this.kept = model.getWeights(); }
      restore() { model.setWeights(this.kept); }
      save(from) { this.kept = from.getWeights(); }
    }`;
    assert.deepEqual(kept(inClass), ['set']);
  });

  it('are their own in one world, and set in another', () => {
    assert.deepEqual(sources('model.setWeights(flag ? model.getWeights() : given);').sort(), ['own', 'set']);
  });

  describe('are copied of another', () => {
    const copied: Record<string, string> = {
      'as they are': `model.setWeights(other.getWeights());`,
      'in a loop': `
        const list = [];
        for (let i = 0; i < other.getWeights().length; i++) list.push(other.getWeights()[i].clone());
        model.setWeights(list);`,
      'as an average over time, by map': `
        model.setWeights(model.getWeights().map((w, i) => w.mul(0.99).add(other.getWeights()[i].mul(0.01))));`,
      'as an average over time, the other way round': `
        model.setWeights(other.getWeights().map((w, i) => w.mul(given).add(model.getWeights()[i].mul(1 - given))));`,
      'as an average over time, in place': `
        const list = model.getWeights();
        const source = other.getWeights();
        for (let i = 0; i < list.length; i++) list[i] = list[i].mul(0.99).add(source[i].mul(0.01));
        model.setWeights(list);`,
      'one by one': `
        for (let i = 0; i < model.weights.length; i++)
          model.weights[i].write(tf.add(model.weights[i].read().mul(0.99), other.weights[i].read().mul(0.01)));`,
      'at a place that is not known': `
        model.setWeights(model.getWeights().map((w) => tf.add(w.mul(0.99), other.getWeights()[given].mul(0.01))));`,
    };
    for (const [name, code] of Object.entries(copied))
      it(name, () => {
        const found = sources(code);
        assert.ok(
          found.length > 0 && found.every((text) => /^copied from \d(,copied from \d)*$/.test(text)),
          found.join(' | '),
        );
      });
  });

  it('have a list of known length where all their layers are known', () => {
    const { worlds } = check(`
      ${MODELS}
      const counts = [model.getWeights().length, model.weights.length, model.trainableWeights.length,
        model.layers[1].getWeights().length, model.layers[1].trainableWeights.length];
      for (const units of counts) tf.layers.dense({ units });
    `);
    const made = worlds[0]!.graph.layers.slice(4).map(({ config }) => config.get('units'));
    assert.deepEqual(made, [6, 6, 4, 4, 2]);
  });

  it('have none where a layer is not known, or has not been built', () => {
    const { worlds } = check(`
      ${MODELS}
      export function main(layer) {
        model.add(layer);
        const dense = tf.layers.dense({ units: 1 });
        for (const units of [model.getWeights().length, dense.getWeights().length]) tf.layers.dense({ units });
      }
    `);
    for (const { graph } of worlds)
      for (const { config } of graph.layers.slice(5)) assert.ok(isUnknown(config.get('units')));
  });

  it('are a list of variables where none of them is left out', () => {
    const trained = (list: string): unknown[] =>
      check(`
        ${MODELS}
        export function step(optimizer, x, given) {
          ${list}
          optimizer.minimize(() => model.apply(x).mean(), false, variables);
        }`)
        .worlds.flatMap(({ graph }) => graph.steps)
        .map(({ variables }) => (isUnknown(variables) ? '?' : variables.length));
    assert.deepEqual(trained('const variables = model.trainableWeights.map((w) => w.read());'), [2]);
    assert.deepEqual(
      trained('const variables = []; for (const w of model.trainableWeights) variables.push(w.val);'),
      [2],
    );
    assert.deepEqual(
      trained('const variables = [...model.trainableWeights, ...other.trainableWeights].map((w) => w.read());'),
      [4],
    );
    assert.deepEqual(trained('const variables = model.trainableWeights.slice(1).map((w) => w.read());'), ['?']);
    assert.deepEqual(
      trained('const variables = model.trainableWeights.filter((w) => w.name !== given).map((w) => w.read());'),
      ['?'],
    );
    assert.deepEqual(
      trained('model.layers[0].trainable = false; const variables = model.trainableWeights.map((w) => w.read());'),
      [1],
    );
  });

  it('may be set by code that is handed them', () => {
    const handed = (code: string): boolean[] =>
      check(`${MODELS}\n${code}`).worlds[0]!.graph.models.map(({ escapes }) => escapes.some((escape) => escape.handed));
    assert.deepEqual(handed('softUpdate(model.weights, other.trainableWeights);'), [true, true]);
    assert.deepEqual(handed('softUpdate({ to: model.weights[2] });'), [true, false]);
    assert.deepEqual(handed('for (const w of model.weights) softUpdate(w);'), [true, false]);
    assert.deepEqual(handed('keep(model.getWeights()); console.log(model.weights);'), [false, false]);
  });

  it('may be frozen one by one', () => {
    for (const code of [
      "model.weights.filter((w) => w.name.includes('gamma')).forEach((w) => { w.trainable = false; });",
      'for (const w of model.trainableWeights) w.trainable = false;',
      'model.weights[2].trainable = false;',
    ])
      for (const { graph } of check(`${MODELS}\n${code}`).worlds)
        assert.ok(isUnknown(graph.models[0]!.trainable), code);
  });
});
