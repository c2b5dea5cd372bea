import { check } from './testing';

describe('recover: code that can touch the graph', () => {
  it('is told from what methods, fields and lists lead to', () => {
    const start = 'n.model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias needed redundant';
    const end = 'n.model.add(tf.layers.batchNormalization()); return n.model;';
    const fields = 'this.model = tf.sequential(); this.act = tf.layers.reLU();';
    for (const [text, make, use] of [
      [
        `function Net() { ${fields} }
         Net.prototype.grow = function (f) { if (f) this.one(); };
         Net.prototype.one = function () { this.model.add(this.act); };`,
        'new Net()',
        'n.grow(f)',
      ],
      [
        `class Net { constructor() { ${fields} } one = () => { this.model.add(this.act); }; grow(f) { if (f) this.one(); } }`,
        'new Net()',
        'n.grow(f)',
      ],
      [
        `const net = { init() { ${fields} return this; }, grow(f) { if (f) this.one(); }, one() { this.model.add(this.act); } };`,
        'net.init()',
        'n.grow(f)',
      ],
      [
        'const each = (fs, f) => { if (f) fs.forEach((g) => g()); };',
        '{ model: tf.sequential(), act: tf.layers.reLU() }',
        'each([() => n.model.add(n.act)], f)',
      ],
      [
        'const each = (fs, f) => { if (f) for (const g of fs) g(); };',
        '{ model: tf.sequential(), act: tf.layers.reLU() }',
        'each([() => n.model.add(n.act)], f)',
      ],
    ] as const) {
      const body = `const n = ${make};\n${start}\n${use};\n${end}`;
      check({ '/main.js': `${text}\nexports.main = function main(f) { ${body} };` });
    }
  });

  it('counts a loop of turns that are not known, with and without one', () => {
    check(`
      export function main(n) {
        const x = tf.input({ shape: [4] });
        const a = tf.layers.dense({ units: 3 }).apply(x); // bias needed redundant
        const b = tf.layers.reLU().apply(a);
        let y = b;
        for (let i = 0; i < n; i++) y = a;
        return tf.model({ inputs: x, outputs: tf.layers.batchNormalization().apply(y) });
      }`);
  });
});
