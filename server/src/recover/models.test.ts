import { check } from './testing';

const CONV = `tf.layers.conv2d({ filters: 4, kernelSize: 3 })`;
const BN = `tf.layers.batchNormalization()`;

describe('recover: how models are put together', () => {
  it('model.add, statement by statement', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const model = tf.sequential();
      model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 })); // bias redundant
      model.add(${BN});
      model.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' })); // bias needed
      model.add(${BN}); // bias none
      model.add(tf.layers.flatten());
      model.add(tf.layers.dense({ units: 2, useBias: false })); // bias none
      model.add(tf.layers.dense({ units: 2 })); // bias needed
    `);
  });

  it('sequential({layers}) with spreads, shared constants and conditional elements', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const common = { kernelSize: 3, padding: 'same' } as const;
      const block = (filters: number): tf.layers.Layer[] => [
        tf.layers.conv2d({ filters, ...common }), // bias redundant
        ${BN},
        tf.layers.reLU(),
      ];
      export const model = tf.sequential({
        layers: [tf.layers.inputLayer({ inputShape: [8, 8, 3] }), ...block(4), ...block(8)],
      });
    `);
  });

  it('apply through variables, nested calls and casts', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export function build() {
        const input = tf.input({ shape: [8, 8, 3] });
        let x = ${CONV}.apply(input) as tf.SymbolicTensor; // bias redundant
        x = ${BN}.apply(x) as tf.SymbolicTensor;
        x = (${BN}.apply(
          ${CONV}.apply(tf.layers.reLU().apply(x))) as tf.SymbolicTensor); // bias none redundant
        const out = tf.layers.dense({ units: 2 }).apply(x) as tf.SymbolicTensor; // bias needed
        return tf.model({ inputs: input, outputs: out });
      }
    `);
  });

  it('a second use of the output is seen', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const input = tf.input({ shape: [8, 8, 3] });
      const a = ${CONV}.apply(input); // bias needed
      const b = ${BN}.apply(a);
      tf.model({ inputs: input, outputs: tf.layers.add().apply([a, b]) });
    `);
  });

  it('an intermediate output read through model.layers or getLayer is seen', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const model = tf.sequential();
      model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, name: 'first' })); // bias needed
      model.add(${BN});
      tf.model({ inputs: model.inputs, outputs: model.getLayer('first').output });
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      export function probe(name) {
        const model = tf.sequential();
        model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 })); // bias unknown
        model.add(${BN});
        return tf.model({ inputs: model.inputs, outputs: model.getLayer(name).output });
      }
    `);
  });

  it('helpers, reducers, forEach, map and counted loops', () => {
    check(`
      const tf = require('@tensorflow/tfjs-node');
      function convBlock(x, filters, last) {
        x = tf.layers.conv2d({ filters, kernelSize: 3, activation: last ? 'tanh' : undefined }).apply(x); // bias needed redundant
        return last ? x : tf.layers.batchNormalization().apply(x);
      }
      const sequence = (input, ...layers) => layers.reduce((x, layer) => layer.apply(x), input);
      const input = tf.input({ shape: [16, 16, 3] });
      let x = input;
      [8, 16].forEach((filters) => {
        x = convBlock(x, filters, false);
      });
      for (let i = 0; i < 2; i++) {
        x = sequence(x,
          tf.layers.conv2d({ filters: 4, kernelSize: 1 }), // bias redundant
          tf.layers.batchNormalization());
      }
      const heads = ['a', 'b'].map((name) =>
        tf.layers.conv2d({ filters: 1, kernelSize: 1, name }).apply(x)); // bias needed
      tf.model({ inputs: input, outputs: [...heads, convBlock(x, 3, true)] });
    `);
  });

  it('a list of unknown length is not taken for one of known length', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export function build(sizes) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias needed
        sizes.forEach(() => model.add(tf.layers.reLU()));
        model.add(${BN});
        return model;
      }
      export function other(extra) {
        return tf.sequential({
          layers: [tf.layers.dense({ inputShape: [4], units: 4 }), ...extra, ${BN}]}); // bias unknown none
      }
    `);
  });

  it('classes: fields, methods, getters, inheritance', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      abstract class Base {
        protected readonly filters = 4;
        abstract head(): tf.layers.Layer;
        build() {
          const model = tf.sequential();
          model.add(this.stem);
          model.add(${BN});
          model.add(this.head());
          return model;
        }
        get stem() {
          return tf.layers.conv2d({ inputShape: [8, 8, 3], filters: this.filters, kernelSize: 3 }); // bias redundant
        }
      }
      export class Net extends Base {
        constructor(private readonly units: number) { super(); }
        override head() { return tf.layers.dense({ units: this.units }); } // bias needed
      }
      export const net = new Net(3).build();
    `);
  });

  it('dynamic import, let tf assigned later, tf as a parameter, the global tf, destructuring', () => {
    check(`
      let tf;
      async function load() { tf = await import('@tensorflow/tfjs'); }
      export async function build() {
        await load();
        return tf.sequential({ layers: [
          tf.layers.dense({ inputShape: [4], units: 4 }), // bias redundant
          tf.layers.batchNormalization()] });
      }
    `);
    check(`
      export function build(tf) {
        const { layers: { dense, batchNormalization }, sequential } = tf;
        return sequential({ layers: [
          dense({ inputShape: [4], units: 4 }), // bias redundant
          batchNormalization()] });
      }
    `);
    check({
      '/page.js': `
        (function () {
          const model = window.tf.sequential();
          model.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
          model.add(tf.layers.batchNormalization());
        })();
      `,
    });
  });

  it('relative imports, re-exports and module.exports', () => {
    check({
      '/app/model.ts': `
        import { block, LAST } from './blocks';
        import tf from './tf';
        const input = tf.input({ shape: [8, 8, 3] });
        export default tf.model({ inputs: input, outputs: tf.layers.dense(LAST).apply(block(input)) }); // bias needed
      `,
      '/app/blocks/index.ts': `export * from './conv'; export { LAST } from './constants.js';`,
      '/app/blocks/conv.ts': `
        import * as tf from '@tensorflow/tfjs';
        export const block = (x: any) => tf.layers.batchNormalization().apply(
          tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x)); // bias redundant
      `,
      '/app/blocks/constants.ts': `export const LAST = { units: 3 };`,
      '/app/tf.ts': `export * as default from '@tensorflow/tfjs';`,
    });
    check({
      '/a.js': `
        const { conv } = require('./b');
        const tf = require('@tensorflow/tfjs');
        const m = tf.sequential();
        m.add(conv(3));
        m.add(tf.layers.batchNormalization());
      `,
      '/b.js': `
        const tf = require('@tensorflow/tfjs');
        module.exports = { conv: (n) => tf.layers.conv2d({ filters: n, kernelSize: 1, inputShape: [4, 4, 3] }) }; // bias redundant
      `,
    });
  });

  it('scripts of an HTML page', () => {
    check({
      '/index.html': `<html><script src="https://example.org/tf.min.js"></script><body><script>
        const model = tf.sequential();
        model.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
        model.add(tf.layers.batchNormalization());
        model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
      </script></body></html>`,
    });
  });

  it('nested models and wrappers', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const encoder = tf.sequential();
      encoder.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias needed
      const model = tf.sequential({ layers: [encoder, ${BN}] });
      const steps = tf.sequential();
      steps.add(tf.layers.timeDistributed({ inputShape: [3, 4], layer:
        tf.layers.dense({ units: 4, activation: 'relu' }) })); // bias needed
      steps.add(${BN});
    `);
  });

  it('code that the analysis cannot see silences', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      import { mystery } from 'somewhere';
      const input = tf.input({ shape: [8, 8, 3] });
      const a = ${CONV}.apply(input); // bias needed
      const b = mystery(a);
      tf.model({ inputs: input, outputs: ${BN}.apply(b) });
      const c = ${CONV}; // bias unknown
      mystery(c);
      tf.model({ inputs: input, outputs: ${BN}.apply(c.apply(input)) });
    `);
  });
});
