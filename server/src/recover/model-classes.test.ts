import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

describe('recover: model classes of the author', () => {
  it('a sequential model that its constructor and its methods add to', () => {
    const { silences } = check(
      `
      class Net extends tf.Sequential {
        constructor(units) {
          super();
          this.units = units;
          this.add(tf.layers.dense({ units: this.units, inputShape: [4] })); // bias redundant
          this.norm();
        }
        norm() { this.add(tf.layers.batchNormalization()); return this; }
        train(x) { return this.fit(x, x); }
      }
      const net = new Net(3);
      net.train(tf.ones([2, 4]));
      export const outer = tf.sequential({ layers: [net, tf.layers.dense({ units: 1 })] });`,
    );
    assert.deepEqual(silences, []);
  });

  it('a functional model, and one without a constructor of its own', () => {
    check(`
      class Net extends tf.LayersModel {
        constructor() {
          const x = tf.input({ shape: [4] });
          const y = tf.layers.dense({ units: 3 }).apply(x); // bias needed
          const z = tf.layers.dense({ units: 3 }).apply(x); // bias redundant
          super({ inputs: x, outputs: [y, tf.layers.batchNormalization().apply(y), tf.layers.batchNormalization().apply(z)] });
        }
      }
      class Plain extends tf.Sequential { grow() { this.add(tf.layers.batchNormalization()); return this; } }
      const plain = new Plain();
      plain.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant
      plain.grow();
      export const net = new Net();`);
  });

  it('what a step runs: itself, by a method of its own that calls the one of tfjs', () => {
    check(`
      export class Net extends tf.Sequential {
        constructor() {
          super({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), tf.layers.batchNormalization()] });
        }
        predict(x) {
          return super.predict(x); // runs stored
        }
        step(opt, x) { return opt.minimize(() => this.predict(x).mean()); }
      }`);
  });

  it('are silent where they compute otherwise, or extend something else of tfjs', () => {
    for (const base of ['tf.LayersModel', 'tf.Something']) {
      const { worlds } = recoverText({
        '/main.ts': `
          export class Net extends ${base} {
            constructor() {
              const x = tf.input({ shape: [4] });
              const y = tf.layers.dense({ units: 3 }).apply(x);
              super({ inputs: x, outputs: tf.layers.batchNormalization().apply(y), hidden: y });
            }
            call(x) { return this.other(x); }
          }
          new Net();`,
      });
      for (const { graph } of worlds) {
        const hidden = graph.tensors.find(
          ({ producer }) => producer?.target.type === 'layer' && producer.target.layer.kind === 'dense',
        );
        assert.ok(hidden && hidden.escapes.length > 0, base);
      }
      assert.ok(worlds.length > 0);
    }
  });
});
