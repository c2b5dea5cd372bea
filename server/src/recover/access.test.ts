import { check } from './testing';

/** One model, built by what the head has bound `L` (the layers), `seq` (sequential) and `tfjs` to. */
const body = `
  const m = seq();
  m.add(L.dense({ inputShape: [4], units: 4 })); // bias redundant
  m.add(L.batchNormalization());
  m.add(L.dense({ units: 4, activation: 'relu' })); // bias needed
  m.add(L.batchNormalization());
`;

const program = (head: string): void => void check({ '/main.js': `${head}\n${body}` });

describe('recover: access to tf', () => {
  it('aliases, destructuring of tf and named imports', () => {
    program(`import * as tf from '@tensorflow/tfjs'; const { layers: L, sequential: seq } = tf;`);
    program(`import { layers as L, sequential as seq } from '@tensorflow/tfjs-layers';`);
    program(`import tf from '@tensorflow/tfjs-node-gpu'; const L = tf.layers, seq = () => tf.sequential();`);
    program(
      `const { layers: L, sequential } = require('@tensorflow/tfjs-node'); const seq = (...args) => sequential(...args);`,
    );
    program(`const all = { nn: require('@tensorflow/tfjs') }; const { nn: { layers: L, sequential: seq } } = all;`);
    program(`import * as tfl from '@tensorflow/tfjs-layers'; const L = tfl.layers; const seq = tfl.sequential;`);
    program(
      `import * as tf from '@tensorflow/tfjs'; const { dense, batchNormalization } = tf.layers; const L = { dense, batchNormalization }; const seq = tf.sequential.bind(tf);`,
    );
  });

  it('tf that is set later, by whichever engine is there', () => {
    program(`let tf; try { tf = require('@tensorflow/tfjs-node-gpu'); } catch { tf = require('@tensorflow/tfjs'); }
      const L = tf.layers; const seq = () => tf.sequential();`);
    program(`let tf = null; if (typeof window === 'undefined') tf = require('@tensorflow/tfjs-node'); else tf = window.tf;
      const L = tf.layers; const seq = () => tf.sequential();`);
    program(`const tf = typeof window !== 'undefined' ? window.tf : require('@tensorflow/tfjs-node');
      const L = tf.layers; const seq = () => tf.sequential();`);
    program(
      `const tf = globalThis.tf ?? require('@tensorflow/tfjs'); const L = tf.layers; const seq = () => tf.sequential();`,
    );
    program(`const tf = process.env.GPU ? require('@tensorflow/tfjs-node-gpu') : require('@tensorflow/tfjs-node');
      const L = tf.layers; const seq = () => tf.sequential();`);
  });

  it('tf that functions load or are handed', () => {
    check({
      '/main.js': `
        let tf;
        async function init() { tf = await import('@tensorflow/tfjs'); }
        async function main() {
          await init();
          const L = tf.layers, seq = tf.sequential;
          ${body}
        }
        main();`,
    });
    check({
      '/main.js': `
        export function build(tf) {
          const L = tf.layers, seq = tf.sequential;
          ${body}
          return m;
        }`,
    });
    check({
      '/main.js': `
        class Net {
          constructor(tf) { this.tf = tf; }
          build() {
            const L = this.tf.layers, seq = this.tf.sequential;
            ${body}
            return m;
          }
        }
        new Net(require('@tensorflow/tfjs')).build();`,
    });
    check({
      '/main.js': `
        const load = async () => (await import('@tensorflow/tfjs')).default;
        load().then((tf) => {
          const L = tf.layers, seq = tf.sequential;
          ${body}
        });`,
    });
  });
});
