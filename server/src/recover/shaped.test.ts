import assert from 'node:assert/strict';
import { check } from './testing';

describe('recover: what one piece of code leaves for another by a condition', () => {
  it('a layer that the constructor makes under a condition and a method applies where it is there', () => {
    const { worlds } = check(`
      export class Net {
        constructor(useBn) {
          this.dense = tf.layers.dense({ units: 3 }); // bias redundant needed
          if (useBn) this.norm = tf.layers.batchNormalization();
        }
        forward(x) {
          let y = this.dense.apply(x);
          if (this.norm) y = this.norm.apply(y);
          return tf.layers.reLU().apply(y);
        }
      }`);
    const told = worlds.flatMap(({ decisions }) => decisions.map(({ text, value }) => `${text} ${String(value)}`));
    assert.deepEqual([...new Set(told)].sort(), ['useBn false', 'useBn true']);
  });

  it('in a variable of the file, through optional chaining and a default', () => {
    check(`
      let norm = null;
      if (process.env.NORM) norm = tf.layers.batchNormalization();
      export function forward(x) {
        const y = tf.layers.dense({ units: 3 }).apply(x); // bias redundant needed
        return norm?.apply(y) ?? y;
      }`);
  });

  it('in a list and in a map', () => {
    check(`
      export class Net {
        constructor(o) {
          this.layers = [tf.layers.dense({ units: 3 })]; // bias redundant needed
          this.named = new Map([['dense', tf.layers.dense({ units: 3 })]]); // bias redundant needed
          if (o.relu) this.layers.push(tf.layers.reLU());
          if (o.elu) this.named.set('elu', tf.layers.elu());
        }
        chain(x) { return this.end(this.layers.reduce((y, layer) => layer.apply(y), x)); }
        keyed(x) {
          for (const layer of this.named.values()) x = layer.apply(x);
          return this.end(x);
        }
        end(x) { return tf.layers.batchNormalization().apply(x); }
      }`);
  });

  it('in what a closure holds', () => {
    check(`
      export function block(o) {
        let act = null;
        if (o.act) { act = tf.layers.reLU(); }
        const dense = tf.layers.dense({ units: 3 }); // bias redundant needed
        return { forward(x) {
          let y = dense.apply(x);
          if (act !== null) y = act.apply(y);
          return tf.layers.batchNormalization().apply(y);
        } };
      }`);
  });

  it('in one method for another, by an early end', () => {
    check(`
      export class Net {
        prepare(o) {
          this.dense = tf.layers.dense({ units: 3 }); // bias redundant needed
          if (!o.act) return;
          this.act = tf.layers.reLU();
        }
        run(x) {
          this.prepare(this.options);
          return 1;
        }
        forward(x) {
          let y = this.dense.apply(x);
          if (this.act) y = this.act.apply(y);
          return tf.layers.batchNormalization().apply(y);
        }
      }`);
  });

  it('what has been added to a model', () => {
    const { worlds } = check(`
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant needed
      if (process.env.NORM) model.add(tf.layers.batchNormalization());
      export function train(x, opt) {
        opt.minimize(() => model.predict(x).mean()); // runs stored
      }`);
    const training = worlds.filter(({ graph }) => graph.steps.length > 0);
    assert.deepEqual(training.map(({ graph }) => graph.layers.length).sort(), [1, 2]);
  });

  it('costs no world where the state is the same on both sides', () => {
    const { worlds } = check(`
      export class Net {
        constructor(o) {
          this.dense = tf.layers.dense({ units: 3 }); // bias redundant
          if (o.other) tf.layers.dense({ units: 2 }).apply(tf.input({ shape: [3] }));
        }
        forward(x) { return tf.layers.batchNormalization().apply(this.dense.apply(x)); }
      }`);
    assert.equal(
      worlds.filter(({ graph }) => graph.layers.some(({ kind }) => kind === 'batchNormalization')).length,
      1,
    );
  });
});
