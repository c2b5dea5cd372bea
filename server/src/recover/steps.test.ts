import assert from 'node:assert/strict';
import { isUnknown } from '../graph';
import { check } from './testing';

const MODEL = `
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [4], units: 3 })); // bias redundant
  model.add(tf.layers.batchNormalization());
`;

describe('recover: gradient steps', () => {
  it('the mode of every run, by how it is called', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      ${MODEL}
      const optimizer = tf.train.adam(0.01);
      export function steps(x, y, flag) {
        optimizer.minimize(() => tf.losses.meanSquaredError(y, model.predict(x))); // runs stored
        optimizer.minimize(() => model.predict(x, { training: true }).mean()); // runs stored
        optimizer.minimize(() => model.apply(x).mean()); // runs stored
        optimizer.minimize(() => model.apply(x, { training: false }).mean()); // runs stored
        optimizer.minimize(() => model.apply(x, { training: true }).mean()); // runs batch
        optimizer.minimize(() => model.apply(x, { isTraining: true }).mean()); // runs stored
        optimizer.minimize(() => model.call(x, { training: 'false' }).mean()); // runs batch
        optimizer.minimize(() => model.apply(x, { training: flag }).mean()); // runs unknown
        optimizer.minimize(() => model.apply(x, flag).mean()); // runs unknown
        tf.variableGrads(() => model.apply(x).mean()); // runs stored
      }
    `);
  });

  it("through the author's own functions and methods, with the path", () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      export class Vae {
        constructor(private readonly optimizer: tf.Optimizer) {
          const input = tf.input({ shape: [4] });
          const hidden = tf.layers.batchNormalization().apply(tf.layers.dense({ units: 3 }).apply(input)); // bias none redundant
          this.encoder = tf.model({ inputs: input, outputs: hidden as tf.SymbolicTensor });
        }
        encode(x: tf.Tensor) {
          return tf.tidy(() => this.encoder.apply(x)); // runs stored
        }
        loss(x: tf.Tensor) { return this.encode(x).mean(); }
        async train(data: Dataset) {
          for (let epoch = 0; epoch < 100; epoch++) {
            await data.forEachAsync((batch) => {
              this.optimizer.minimize(() => this.loss(batch), true);
            });
          }
        }
      }
    `);
    const run = worlds.flatMap(({ graph }) => graph.steps.flatMap((step) => step.runs))[0]!;
    assert.equal(run.path.length, 3, 'loss, encode, the function given to tidy');
  });

  it('not those whose result no gradient comes back through', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      ${MODEL}
      const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 })] });
      const optimizer = tf.train.adam(0.01);
      const loss = (y, p) => tf.losses.meanSquaredError(y, p);
      const value = (x) => model.predict(x); // runs
      const both = (x) => {
        const first = model.predict(x); // runs
        return { first, rest: [first.mul(2)] };
      };
      const output = (x) => {
        const result = model.apply(x); // runs stored
        return result.mul(2);
      };
      export const step = (x, y) =>
        optimizer.minimize(() => {
          const numbers = value(x).dataSync();
          const { first, rest: [second] } = both(x);
          const more = both(x);
          console.log(first.dataSync(), second.arraySync(), more.first.dataSync(), more.rest[0].dataSync());
          let predicted = model.predict(x); // runs
          let places = predicted.argMax(1);
          const shown = loss(y, model.predict(x)); // runs
          console.log(shown.dataSync()[0]);
          const size = model.predict(x).shape[0]; // runs
          const kept = model.predict(x); // runs
          tf.dispose(kept);
          model.predict(x); // runs
          model.apply(x, { training: true }); // runs batch
          const list = [];
          list.push(model.predict(x)); // runs stored
          const either = x ? model.predict(x) : null; // runs stored
          let changed = model.predict(x); // runs stored
          changed = changed.add(1);
          const aside = loss(y, model.predict(x)); // runs stored
          const shape = aside.shape;
          return loss(tf.tensor1d(numbers), output(x)).add(aside).add(either).add(changed);
        });
    `);
  });

  it('none by the `minimize` of another library, whose function is one of numbers', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      import { Solver } from 'somewhere';
      ${MODEL}
      const solver = new Solver();
      export const nearest = (x) => solver.minimize((shift) => model.predict(x.add(shift)).mean()); // runs
      export const step = (x) => solver.minimize(() => model.predict(x).mean()); // runs stored
    `);
  });

  it('how many samples go in', () => {
    const samples = (input: string) =>
      check(`
        import * as tf from '@tensorflow/tfjs';
        ${MODEL}
        export const step = (x, rows) => tf.variableGrads(() => model.apply(${input}).mean()); // runs stored
      `)
        .worlds.flatMap(({ graph }) => graph.steps)
        .flatMap(({ runs }) => runs.map((run) => run.samples))[0];
    assert.equal(samples('tf.tensor2d([x])'), 1);
    assert.equal(samples('tf.tensor2d(rows, [rows.length, 4])'), null);
    assert.equal(samples('[tf.tensor(x, [1, 4])]'), 1);
    assert.equal(samples('tf.tensor1d([1, 2, 3, 4]).expandDims(0)'), 1);
    assert.equal(samples('tf.zeros([32, 4])'), 32);
    assert.equal(samples('x'), null);
  });

  it('not those whose result is kept where nothing takes more than numbers of it', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      ${MODEL}
      const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 })] });
      const optimizer = tf.train.adam(0.01);
      export class Agent {
        step(x, y) {
          let seen, error, ring;
          optimizer.minimize(() => {
            this.value = model.predict(x); // runs
            this.output = model.predict(x); // runs stored
            seen = model.apply(x); // runs
            error = tf.losses.meanSquaredError(y, model.apply(x)); // runs stored
            ring = model.predict(x); // runs
            ring = ring.mul(2);
            return other.apply(x).add(this.loss(y)).add(error).mean();
          });
          console.log(this.value.dataSync(), seen.arraySync());
        }
        loss(y) {
          return this.output.sub(y);
        }
      }
    `);
  });

  it('of which gradients only numbers are read, none are applied', () => {
    const applied = (code: string) =>
      check(`
        import * as tf from '@tensorflow/tfjs';
        ${MODEL}
        export function run(optimizer, x) {
          const { grads } = tf.variableGrads(() => model.predict(x).mean()); // runs stored
          ${code}
        }
      `).worlds.flatMap(({ graph }) => graph.steps.map((step) => step.applied))[0];
    assert.equal(applied('return Object.values(grads).map((grad) => grad.norm().dataSync()[0]);'), 'none');
    assert.equal(
      applied('return Object.keys(grads).reduce((sum, key) => sum + grads[key].norm().dataSync()[0], 0);'),
      'none',
    );
    assert.equal(
      applied('optimizer.applyGradients(Object.values(grads).map((grad) => grad.clipByValue(0, 1)));'),
      'all',
    );
    assert.equal(applied('return Object.entries(grads).map(([name, tensor]) => ({ name, tensor }));'), 'all');
  });

  it('what updates statistics outside of any step, and what other code may change', () => {
    const found = (code: string) => {
      const { graph } = check(`
        import * as tf from '@tensorflow/tfjs';
        import { other } from 'somewhere';
        import { show } from '@tensorflow/tfjs-vis';
        ${MODEL}
        const norm = model.layers[1];
        export function step(x, flag) {
          tf.variableGrads(() => model.apply(x).mean()); // runs stored
          ${code}
        }
      `).worlds.find(({ graph: { steps } }) => steps.length > 0)!;
      const parts = [graph.models[0]!, graph.layers[1]!];
      return {
        updated: parts.map(({ updates }) => updates.length > 0),
        handed: parts.map(({ escapes }) => escapes.some(({ handed }) => handed)),
        set: parts.map(({ weights }) => weights.length > 0),
        trainable: parts.map(({ trainable }) => trainable),
      };
    };
    assert.deepEqual(found('model.apply(x, { training: true });').updated, [true, false]);
    assert.deepEqual(found('model.apply(x, { training: flag });').updated, [true, false]);
    assert.deepEqual(found('norm.apply(x, { training: true });').updated, [false, true]);
    assert.deepEqual(found('model.predict(x); model.apply(x); norm.apply(x);').updated, [false, false]);
    assert.deepEqual(found('other(model);').handed, [true, false]);
    assert.deepEqual(found('other({ list: [norm] });').handed, [false, true]);
    assert.deepEqual(found('show.modelSummary({ name: "all" }, model); show.layer({}, norm);').handed, [false, false]);
    assert.deepEqual(found('console.log(model); window.model = model; other(model.predict(x));').handed, [
      false,
      false,
    ]);
    for (const write of ['norm.movingMean.write(x);', 'norm.movingVariance.read().assign(x);', 'norm.movingMean = x;'])
      assert.deepEqual(found(write).set, [false, true], write);
    assert.deepEqual(found('Object.assign(norm, { trainable: false });').trainable, [true, false]);
    assert.deepEqual(found('Object.assign(model, { trainable: false });').trainable, [false, true]);
  });

  it('what the gradient is taken of', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      ${MODEL}
      const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 1 })] });
      const optimizer = tf.train.sgd(0.1);
      const step = (x) => {
        optimizer.minimize(() => other.apply(model.apply(x)).mean(), false, other.trainableWeights.map((w) => w.read())); // runs stored
        tf.grad((image) => model.predict(image).mean())(x); // runs stored
        const vars = [...model.trainableWeights, ...other.trainableWeights].map((w) => w.val);
        tf.variableGrads(() => model.apply(x).mean(), vars); // runs stored
      };
      module.exports = step;
    `);
    const steps = worlds.flatMap(({ graph }) => graph.steps);
    const [first, second, third] = steps;
    assert.ok(Array.isArray(first!.variables) && first!.variables.length === 1);
    assert.equal(second!.variables, 'arguments');
    assert.ok(Array.isArray(third!.variables) || typeof third!.variables === 'object');
  });

  it('what is trainable where the list of variables is read, not as the model ends', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), tf.layers.dense({ units: 2 })] });
      model.layers[1].trainable = false;
      const vars = model.trainableWeights.map((weight) => weight.read());
      const same = model.layers.flatMap((layer) => layer.trainableWeights).map((weight) => weight.read());
      model.layers[1].trainable = true;
      model.add(tf.layers.batchNormalization());
      optimizer.minimize(() => model.apply(x).mean(), false, vars); // runs stored
      optimizer.minimize(() => model.apply(x).mean(), false, same); // runs stored
      optimizer.minimize(() => model.apply(x).mean(), false, model.trainableWeights.map((weight) => weight.read())); // runs stored
    `);
    const trained = worlds[0]!.graph.steps.map(({ variables }) => (variables as readonly unknown[]).length);
    assert.deepEqual(trained, [1, 1, 3]);
  });

  it('weights, freezing and training of models', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      ${MODEL}
      const target = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 }), tf.layers.batchNormalization()] });
      target.setWeights(model.getWeights());
      target.trainable = false;
      await model.loadWeights(handler);
      for (const layer of model.layers) layer.trainable = false;
      await model.fit(xs, ys, { epochs: 3 });
    `);
    const [model, target] = worlds[0]!.graph.models;
    assert.deepEqual(
      model!.weights.map(({ kind }) => kind),
      ['loaded'],
    );
    assert.deepEqual(
      model!.trainings.map(({ api }) => api),
      ['fit'],
    );
    assert.deepEqual(
      target!.weights.map(({ kind, from }) => [kind, from === model]),
      [['copied', true]],
    );
    assert.equal(target!.trainable, false);
    assert.ok(worlds[0]!.graph.layers.filter((layer) => layer.trainable === false).length === 2);
  });

  it('what runs in the `call` of layer classes, however deep, by what they hand on', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      class Inner extends tf.layers.Layer {
        constructor() { super({}); this.norm = tf.layers.batchNormalization(); this.other = tf.layers.batchNormalization(); }
        call(inputs, kwargs) {
          const x = this.norm.apply(inputs[0], kwargs); // runs batch
          return this.other.apply(x); // runs stored
        }
      }
      class Outer extends tf.layers.Layer {
        constructor() { super({}); this.inner = new Inner(); this.net = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4] })] }); }
        call(inputs, { training }) {
          const x = this.inner.apply(inputs, { training });
          return training ? this.net.apply(x, { training }) : x; // runs batch
        }
      }
      const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), new Outer()] });
      export const step = (x) => tf.variableGrads(() => model.apply(x, { training: true }).mean()); // runs batch
    `);
    const runs = worlds.flatMap(({ graph }) => graph.steps).flatMap((step) => step.runs);
    const inner = runs.find(({ within, mode }) => within?.layers.length === 2 && mode === 'stored')!;
    assert.deepEqual(
      inner.within!.layers.map(({ kind }) => kind),
      ['custom:Outer', 'custom:Inner'],
    );
    assert.equal(inner.within!.handOn, 'kwargs');
    assert.equal(inner.path.length, 2, 'the run of the model, and that of the inner layer');
  });

  it('nothing in a `call` where the step has a list of variables, or the class may set the statistics itself', () => {
    const program = (call: string, list: string) => `
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        constructor() { super({}); this.norm = tf.layers.batchNormalization(); }
        ${call}
      }
      const block = new Block();
      const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), block] });
      export const step = (x) => tf.variableGrads(() => model.apply(x, { training: true }).mean()${list}); // runs batch`;
    const within = (call: string, list = '') =>
      check(program(call, list))
        .worlds.flatMap(({ graph }) => graph.steps)
        .flatMap((step) => step.runs)
        .filter((run) => run.within !== null)
        .map(({ mode }) => (isUnknown(mode) ? mode.reason : mode));
    assert.deepEqual(within('call(inputs) { return this.norm.apply(inputs[0]); }'), ['stored']);
    assert.deepEqual(
      within('call(inputs) { return this.norm.apply(inputs[0]); }', ', model.trainableWeights.map((w) => w.read())'),
      [],
    );
    assert.match(
      within('call(inputs) { this.mean.assign(inputs[0].mean(0)); return this.norm.apply(inputs[0]); }')[0]!,
      /`Block` may set the statistics of its batch norm itself/,
    );
  });

  it("a layer class of the author's runs its inner layers on what it is handed", () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        constructor(config) {
          super(config);
          this.dense = tf.layers.dense({ units: 3 }); // bias needed
          this.norm = tf.layers.batchNormalization();
        }
        call(inputs, kwargs) {
          return tf.tidy(() => this.norm.apply(this.dense.apply(inputs)));
        }
      }
      export const block = new Block({});
    `);
  });

  it('a training loop that goes on otherwise after some turns', () => {
    check(`
      export function main(x, optimizer) {
        const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), tf.layers.batchNormalization()] });
        for (let epoch = 0; epoch < 20; epoch++) {
          optimizer.minimize(() => {
            if (epoch < 5) return model.apply(x, { training: true }).mean(); // runs batch
            return model.apply(x).mean(); // runs stored
          });
        }
      }
    `);
  });

  it('a list of the trainable weights of layers of which it is not known whether they are', () => {
    const { worlds } = check(`
      export function main(x, optimizer, tune) {
        ${MODEL}
        for (const [at, layer] of model.layers.entries()) layer.trainable = at > 0 || tune;
        optimizer.minimize(() => model.apply(x).mean(), false, model.trainableWeights.map((w) => w.read())); // runs stored
      }
    `);
    for (const { graph } of worlds) assert.ok(graph.steps.every(({ variables }) => isUnknown(variables)));
  });
});
