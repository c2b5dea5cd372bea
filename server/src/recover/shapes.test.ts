import { check } from './testing';

const HEAD = `import * as tf from '@tensorflow/tfjs';\n`;

describe('recover: shapes of programs', () => {
  it('a class that builds on demand: lazy getters, singletons, options with defaults', () => {
    check(`${HEAD}
      class Net {
        static instance;
        static get() { return (Net.instance ??= new Net({ filters: 8 })); }
        constructor(options = {}) { this.options = { useNorm: true, activation: undefined, ...options }; this._model = null; }
        get model() {
          if (!this._model) this._model = this.build();
          return this._model;
        }
        build() {
          const { filters = 4, useNorm, activation } = this.options;
          const model = tf.sequential();
          model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters, kernelSize: 3, activation })); // bias redundant
          if (useNorm) model.add(tf.layers.batchNormalization());
          return model;
        }
        train(x, y) { return this.model.fit(x, y); }
      }
      Net.get().train(xs, ys);
    `);
  });

  it('objects with methods, of which some call others by this', () => {
    check(`${HEAD}
      export const net = {
        filters: 4,
        conv(x, activation) { return tf.layers.conv2d({ filters: this.filters, kernelSize: 3, activation }).apply(x); }, // bias needed redundant
        norm: (x) => tf.layers.batchNormalization().apply(x),
        build: function (input) { return this.norm(this.conv(this.norm(this.conv(input, 'relu')))); },
      };
      const input = tf.input({ shape: [8, 8, 3] });
      tf.model({ inputs: input, outputs: net.build(input) });
    `);
    check(`${HEAD}
      export default {
        data() { return { model: null }; },
        methods: {
          create() {
            this.model = tf.sequential();
            this.model.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
            this.model.add(tf.layers.batchNormalization());
          },
        },
      };
    `);
  });

  it('functions that hand a model on', () => {
    check(`${HEAD}
      const add = (model, ...layers) => { layers.forEach((layer) => model.add(layer)); return model; };
      let m = add(tf.sequential(), tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
      m = add(m, tf.layers.batchNormalization());
      const n = [tf.layers.dense({ units: 4 }), tf.layers.batchNormalization()].reduce((model, layer) => (model.add(layer), model), m); // bias none redundant
      [tf.layers.dense({ units: 3 })].forEach(n.add, n); // bias redundant
      [tf.layers.batchNormalization()].forEach(n.add.bind(n));
    `);
  });

  it('queues, counters and powers', () => {
    check(`${HEAD}
      const input = tf.input({ shape: [64, 64, 3] });
      let x = input;
      const queue = 'c,b,c,r'.split(',');
      while (queue.length) {
        const kind = queue.shift();
        if (kind === 'c') x = tf.layers.conv2d({ filters: 2 ** queue.length, kernelSize: 3 }).apply(x); // bias needed redundant
        else if (['b', 'n'].includes(kind)) x = tf.layers.batchNormalization().apply(x);
        else x = tf.layers.reLU().apply(x);
      }
      for (let i = 0, n = 2; i < n; ++i) x = tf.layers.conv2d({ filters: 1 << i, kernelSize: Math.max(1, 3 - i), activation: 'relu' }).apply(x); // bias needed
      tf.model({ inputs: input, outputs: x });
    `);
  });

  it('deep copies of definitions, and objects put together under conditions', () => {
    check(`${HEAD}
      const base = { filters: 4, kernelSize: 3, activation: 'relu' };
      const linear = true;
      const a = JSON.parse(JSON.stringify(base)); a.activation = 'linear';
      const b = structuredClone(base); delete b.activation;
      const c = { ...base, ...(linear ? { activation: undefined } : {}), ...(!linear && { activation: 'tanh' }) };
      const d = Object.assign({}, base, linear && { activation: null });
      const e = Object.freeze({ ...base, ['activ' + 'ation']: 'linear' });
      const input = tf.input({ shape: [64, 64, 3] });
      let x = input;
      for (const config of [a, b, c, d, e]) x = tf.layers.batchNormalization().apply(tf.layers.conv2d(config).apply(x)); // bias none redundant
      x = tf.layers.conv2d(base).apply(x); // bias needed
      x = tf.layers.batchNormalization().apply(x);
      tf.model({ inputs: input, outputs: x });
    `);
  });

  it('objects that other code changes, and properties that are defined', () => {
    const program = (change: string, mark: string): void =>
      void check(`${HEAD}
      import { merge } from 'somewhere';
      const config = { inputShape: [4], units: 4 };
      ${change}
      const m = tf.sequential();
      m.add(tf.layers.dense(config)); // bias ${mark}
      m.add(tf.layers.batchNormalization());
    `);
    program(`Object.defineProperty(config, 'activation', { get() { return 'relu'; } });`, 'needed');
    program(`Object.defineProperty(config, 'activation', { value: 'linear' });`, 'redundant');
    program(`Object.defineProperty(config, window.key, { value: 'relu' });`, 'unknown');
    program(
      `config.activation = undefined; const own = { get activation() { return 'tanh'; } }; Object.setPrototypeOf(config, own);`,
      'unknown',
    );
    program(`merge(config, window.settings);`, 'unknown');
    program(`console.log(config);`, 'redundant');
  });

  it('configs whose members are computed or inherited', () => {
    check(`${HEAD}
      class Config {
        inputShape = [4];
        constructor(units) { this.units = units; }
        get activation() { return this.units > 4 ? 'relu' : 'linear'; }
      }
      class Wide extends Config { constructor() { super(8); } }
      const literal = { inputShape: [4], units: 4, get activation() { return 'relu'; } };
      const inherited = Object.create({ inputShape: [4], units: 4, activation: 'relu' });
      const m = tf.sequential();
      const add = (layer) => { m.add(layer); m.add(tf.layers.batchNormalization()); };
      add(tf.layers.dense(new Config(4))); // bias redundant
      add(tf.layers.dense(new Wide())); // bias needed
      add(tf.layers.dense(literal)); // bias needed
      add(tf.layers.dense({ ...literal })); // bias needed
      add(tf.layers.dense(inherited)); // bias needed
    `);
  });

  it('nested definitions that a function goes through', () => {
    check(`${HEAD}
      const spec = ['seq', ['conv', 4], ['bn'], ['seq', ['conv', 8, 'relu'], ['bn']]];
      const input = tf.input({ shape: [32, 32, 3] });
      function run([kind, ...args], x) {
        switch (kind) {
          case 'seq':
            return args.reduce((y, part) => run(part, y), x);
          case 'conv': {
            const [filters, activation] = args;
            return tf.layers.conv2d({ filters, kernelSize: 3, activation }).apply(x); // bias needed redundant
          }
          case 'bn':
            return tf.layers.batchNormalization().apply(x);
          default:
            throw new Error('unknown');
        }
      }
      tf.model({ inputs: input, outputs: run(spec, input) });
    `);
  });

  it('an application whose handlers share a model', () => {
    check(`${HEAD}
      class App {
        constructor() { document.getElementById('go').addEventListener('click', () => this.create()); }
        create() {
          this.model = tf.sequential();
          this.addDense();
          this.model.add(tf.layers.batchNormalization());
        }
        addDense() { this.model.add(tf.layers.dense({ inputShape: [4], units: 4 })); } // bias redundant
        async train() { await this.model.fit(xs, ys); }
      }
      new App();
    `);
  });

  it('values that are functions, layers or names of layers', () => {
    check(`${HEAD}
      const input = tf.input({ shape: [64, 64, 3] });
      const make = (what, x) => {
        if (typeof what === 'function') return what(x);
        if (what instanceof tf.layers.Layer) return what.apply(x);
        if (Array.isArray(what)) return what.reduce((y, part) => make(part, y), x);
        if (typeof what === 'string') return tf.layers[what]().apply(x);
        throw new TypeError('what is that');
      };
      let x = make([(y) => tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(y), 'batchNormalization', // bias redundant
        [tf.layers.conv2d({ filters: 4, kernelSize: 3 }), 'reLU'], 'batchNormalization'], input); // bias needed
      tf.model({ inputs: input, outputs: x });
    `);
  });

  it('a residual network of blocks with stages, strides and shortcuts', () => {
    check(`${HEAD}
      const convBn = (x, filters, kernelSize, strides, relu = true) => {
        x = tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same' }).apply(x); // bias redundant
        x = tf.layers.batchNormalization().apply(x);
        return relu ? tf.layers.activation({ activation: 'relu' }).apply(x) : x;
      };
      function block(x, filters, strides) {
        const shortcut = strides > 1 || x.shape[3] !== filters ? convBn(x, filters, 1, strides, false) : x;
        const y = convBn(convBn(x, filters, 3, strides), filters, 3, 1, false);
        return tf.layers.reLU().apply(tf.layers.add().apply([y, shortcut]));
      }
      const input = tf.input({ shape: [32, 32, 3] });
      let x = convBn(input, 16, 7, 2);
      [[16, 2], [32, 2]].forEach(([filters, repeat], stage) => {
        for (let i = 0; i < repeat; i++) x = block(x, filters, stage > 0 && i === 0 ? 2 : 1);
      });
      x = tf.layers.globalAveragePooling2d({}).apply(x);
      tf.model({ inputs: input, outputs: tf.layers.dense({ units: 10, activation: 'softmax' }).apply(x) }); // bias needed
    `);
  });

  it('an encoder and a decoder with skips by name', () => {
    check(`${HEAD}
      const input = tf.input({ shape: [32, 32, 3] });
      const skips = {};
      let x = input;
      for (const [level, filters] of [8, 16].entries()) {
        x = tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' }).apply(x); // bias redundant
        x = tf.layers.batchNormalization().apply(x);
        skips[\`level\${level}\`] = x = tf.layers.reLU().apply(x);
        x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
      }
      for (let level = 1; level >= 0; level--) {
        x = tf.layers.conv2dTranspose({ filters: 8, kernelSize: 2, strides: 2 }).apply(x); // bias needed
        x = tf.layers.concatenate().apply([x, skips['level' + level]]);
        x = tf.layers.leakyReLU().apply(x);
        x = tf.layers.conv2d({ filters: 8, kernelSize: 3 , padding: 'same' }).apply(x); // bias redundant
        x = tf.layers.batchNormalization().apply(x);
      }
      tf.model({ inputs: input, outputs: x });
    `);
  });

  it('transfer from a model that is loaded: the head is judged, the base is not', () => {
    check(`${HEAD}
      async function main() {
        const base = await tf.loadLayersModel('https://example.org/model.json');
        const cut = base.getLayer('conv_pw_13_relu');
        const truncated = tf.model({ inputs: base.inputs, outputs: cut.output });
        const head = tf.sequential({ layers: [
          tf.layers.flatten({ inputShape: truncated.outputs[0].shape.slice(1) }),
          tf.layers.dense({ units: 100 }), // bias redundant
          tf.layers.batchNormalization(),
          tf.layers.dense({ units: 3, activation: 'softmax' }), // bias needed
        ] });
        for (const layer of base.layers) layer.trainable = false;
        await head.fit(truncated.predict(xs), ys);
      }
      main();
    `);
    check(`${HEAD}
      async function main() {
        const base = await tf.loadLayersModel('https://example.org/model.json');
        const x = tf.layers.dense({ units: 100 }).apply(base.output); // bias redundant
        const y = tf.layers.batchNormalization().apply(x);
        return tf.model({ inputs: base.inputs, outputs: y });
      }
      main();
    `);
  });

  it('an object that iterates over itself, and a class of helpers that is never made', () => {
    check(`${HEAD}
      const input = tf.input({ shape: [8, 8, 3] });
      class Stack {
        layers = [];
        push(layer) { this.layers.push(layer); return this; }
        *[Symbol.iterator]() { yield* this.layers; }
        get last() { return this.layers[this.layers.length - 1]; }
        apply(x) { for (const layer of this) x = layer.apply(x); return x; }
      }
      const stack = new Stack().push(tf.layers.conv2d({ filters: 4, kernelSize: 3 })).push(tf.layers.batchNormalization()); // bias none redundant
      tf.model({ inputs: input, outputs: stack.apply(input) });
    `);
  });
});
