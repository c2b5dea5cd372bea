import { check } from './testing';

describe('recover: classes', () => {
  it('inherited methods run on derived instances, and super calls on the base', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      abstract class Net {
        protected model = tf.sequential();
        constructor(protected readonly filters: number) {
          this.head();
          this.body();
        }
        head() {
          this.model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: this.filters, kernelSize: 3, activation: this.activation() })); // bias needed redundant
        }
        abstract activation(): 'relu' | undefined;
        body() {
          this.model.add(tf.layers.batchNormalization());
        }
      }
      class Plain extends Net {
        activation() { return undefined; }
        body() {
          super.body();
          this.model.add(tf.layers.conv2d({ filters: this.filters, kernelSize: 1 })); // bias redundant
          super.body();
        }
      }
      class Relu extends Net {
        activation() { return 'relu' as const; }
      }
      new Plain(4);
      new Relu(8);
    `);
  });

  it('three levels, a default constructor in between, and super with spread arguments', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class A { constructor(a, b) { this.a = a; this.b = b; } }
      class B extends A {}
      class C extends B {
        constructor(...args) {
          super(...args);
          this.model = tf.sequential({ layers: [
            tf.layers.dense({ inputShape: [this.a], units: this.b }), // bias redundant
            tf.layers.batchNormalization(),
            tf.layers.dense({ units: 1, activation: this.b > 4 ? 'tanh' : 'linear' }), // bias needed
            tf.layers.batchNormalization(),
          ] });
        }
      }
      new C(3, 5);
    `);
  });

  it('fields set in other methods, private fields and private methods', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export class Encoder {
        #conv = tf.layers.conv2d({ filters: 4, kernelSize: 3 }); // bias redundant
        #norm;
        _second = null;
        build() {
          this.#norm = tf.layers.batchNormalization();
          this._second = tf.layers.conv2d({ filters: 4, kernelSize: 3 }); // bias needed
        }
        #first(x) { return this.#norm.apply(this.#conv.apply(x)); }
        run() {
          this.build();
          const input = tf.input({ shape: [8, 8, 3] });
          return tf.model({ inputs: input, outputs: this._second.apply(this.#first(input)) });
        }
      }
    `);
  });

  it('static fields, static methods, static blocks and factories', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Blocks {
        static filters = 4;
        static useBias;
        static { Blocks.useBias = true; }
        static conv(x, activation) {
          return tf.layers.conv2d({ filters: this.filters, kernelSize: 3, useBias: Blocks.useBias, activation }).apply(x); // bias needed redundant
        }
        static create() { return new Blocks(); }
        model() {
          const input = tf.input({ shape: [8, 8, 3] });
          let x = tf.layers.batchNormalization().apply(Blocks.conv(input));
          x = tf.layers.batchNormalization().apply(Blocks.conv(x, 'relu'));
          return tf.model({ inputs: input, outputs: x });
        }
      }
      Blocks.create().model();
      class More extends Blocks {
        static create() { return super.create(); }
        static conv(x) { return super.conv(tf.layers.conv2d({ filters: 2, kernelSize: 1 }).apply(x)); } // bias redundant
      }
      const input = tf.input({ shape: [8, 8, 3] });
      tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(More.conv(input)) });
    `);
  });

  it('getters, setters and inherited accessors', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Base {
        get norm() { return tf.layers.batchNormalization(); }
        set rate(value) { this._units = value * 2; }
        get units() { return this._units; }
        get activation() { return undefined; }
      }
      class Net extends Base {
        get activation() { return super.activation ?? 'linear'; }
        make() {
          this.rate = 4;
          const input = tf.input({ shape: [this.units] });
          const dense = tf.layers.dense({ units: this.units, activation: this.activation }); // bias redundant
          return tf.model({ inputs: input, outputs: this.norm.apply(dense.apply(input)) });
        }
      }
      new Net().make();
    `);
  });

  it('methods that are arrows in fields, bound methods and methods handed on as values', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Net {
        constructor() {
          this.block = this.block.bind(this);
          this.filters = 4;
        }
        norm = (x) => tf.layers.batchNormalization().apply(x);
        block(x) {
          return this.norm(tf.layers.conv2d({ filters: this.filters, kernelSize: 3 }).apply(x)); // bias redundant
        }
        build() {
          const input = tf.input({ shape: [32, 32, 3] });
          const twice = (f, x) => f(f(x));
          const { block } = this;
          return tf.model({ inputs: input, outputs: twice(block, input) });
        }
      }
      new Net().build();
    `);
  });

  it('a class that a mixin or a function makes', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const Normed = (Base) => class extends Base {
        norm(x) { return tf.layers.batchNormalization().apply(x); }
      };
      class Plain { conv(x) { return tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x); } } // bias redundant
      class Net extends Normed(Plain) {
        build(input) { return this.norm(this.conv(input)); }
      }
      const input = tf.input({ shape: [8, 8, 3] });
      tf.model({ inputs: input, outputs: new Net().build(input) });
    `);
  });

  it('constructor functions and prototypes', () => {
    check(`
      const tf = require('@tensorflow/tfjs');
      function Net(units) { this.units = units; this.model = tf.sequential(); }
      Net.prototype.dense = function (activation) {
        this.model.add(tf.layers.dense({ inputShape: [4], units: this.units, activation })); // bias redundant
        return this;
      };
      Net.prototype = Object.assign(Net.prototype, {
        norm() { this.model.add(tf.layers.batchNormalization()); return this; },
      });
      new Net(4).dense().norm();
    `);
  });

  it('computed and symbol member names, toString and unknown members stay unknown', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const NAME = 'conv';
      class Net {
        [NAME](x) { return tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x); } // bias redundant
        ['no' + 'rm'](x) { return tf.layers.batchNormalization().apply(x); }
      }
      const input = tf.input({ shape: [8, 8, 3] });
      const net = new Net();
      tf.model({ inputs: input, outputs: net.norm(net[NAME](input)) });
    `);
  });

  it('decorators and overloads have no effect on what is built', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      function log(target: any, context: any) { return target; }
      function conv(filters: number): tf.layers.Layer;
      function conv(filters: number, activation: 'relu'): tf.layers.Layer;
      function conv(filters: number, activation?: 'relu') {
        return tf.layers.conv2d({ filters, kernelSize: 3, activation }); // bias needed redundant
      }
      @log
      class Net {
        @log build(): tf.LayersModel;
        build(input?: tf.SymbolicTensor): tf.LayersModel {
          const x = input ?? tf.input({ shape: [8, 8, 3] });
          const y = tf.layers.batchNormalization().apply(conv(4).apply(x));
          return tf.model({ inputs: x, outputs: tf.layers.batchNormalization().apply(conv(4, 'relu').apply(y)) as tf.SymbolicTensor });
        }
      }
      new Net().build();
    `);
  });
});

describe('recover: decorators of the author', () => {
  const program = (decorators: string, net: string): string => `
      import * as tf from '@tensorflow/tfjs';
      ${decorators}
      ${net} {
        grow(x: any) { return tf.layers.dense({ units: 4 }).apply(x); } // bias redundant
      }
      const input = tf.input({ shape: [4] });
      tf.model({ inputs: input, outputs: new Net().grow(input) });`;
  const normed = 'tf.layers.batchNormalization().apply';
  const before = (decorator: string): string => `class Net { @${decorator}`;
  const method = (decorators: string, decorator: string): string =>
    program(decorators, 'class Net').replace('class Net {', before(decorator));

  it('that put another method in the place of one, in the descriptor or given back', () => {
    check(
      method(
        `function wrap(target: any, key: string, descriptor: any) {
          const original = descriptor.value;
          descriptor.value = function (...args: any[]) { return ${normed}(original.apply(this, args)); };
        }`,
        'wrap',
      ),
    );
    check(
      method(
        `const wrap = (on: boolean) => (target: any, key: string, descriptor: any) =>
          ({ ...descriptor, value(x: any) { const y = descriptor.value.call(this, x); return on ? ${normed}(y) : y; } });`,
        'wrap(true)',
      ),
    );
  });

  it('of the standard, that take the method', () => {
    check(
      method(
        `function wrap(method: any, context: ClassMethodDecoratorContext) {
          return context.name === 'grow' ? function (this: any, x: any) { return ${normed}(method.call(this, x)); } : method;
        }`,
        'wrap',
      ),
    );
  });

  it('that put another class in the place of one', () => {
    check(
      program(
        `const normal = (Base: any) => class extends Base { grow(x: any) { return ${normed}(super.grow(x)); } } as any;`,
        '@normal class Net',
      ),
    );
  });

  it('that only take note of it', () => {
    check(
      program(
        `const classes: any[] = []; function noted(value: any) { classes.push(value); }`,
        '@noted class Net',
      ).replace('new Net().grow(input)', `${normed}(new classes[0]().grow(input))`),
    );
  });
});

describe('recover: classes that nobody makes', () => {
  const base = (act: string): string => `
      import * as tf from '@tensorflow/tfjs';
      export abstract class Net {
        abstract act(): any;
        build() {
          const m = tf.sequential();
          m.add(tf.layers.dense({ inputShape: [4], units: 4, activation: this.act() })); ${act}
          m.add(tf.layers.batchNormalization());
          return m;
        }
      }
      export class Linear extends Net { act() { return undefined; } }`;

  it('an abstract class is judged in every class that is derived from it', () => {
    check(base('// bias redundant'));
    check(`${base('// bias needed redundant')}
      export class Relu extends Net { act() { return 'relu'; } }`);
    check(`${base('// bias redundant unknown')}
      export class Given extends Net { constructor(private readonly given) { super(); } act() { return this.given; } }`);
  });
});

describe('recover: layer classes of the author', () => {
  it('inner layers applied in call; training is handed on or not', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        constructor(config) {
          super(config);
          this.conv = tf.layers.conv2d({ filters: config.filters, kernelSize: 3 }); // bias redundant
          this.norm = tf.layers.batchNormalization();
        }
        call(inputs, kwargs) {
          return this.norm.apply(this.conv.apply(inputs[0]), kwargs);
        }
      }
      Block.className = 'Block';
      tf.serialization.registerClass(Block);
      const input = tf.input({ shape: [8, 8, 3] });
      tf.model({ inputs: input, outputs: new Block({ filters: 4 }).apply(input) });
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        static get className() { return 'Block'; }
        constructor() {
          super({});
          this.conv = tf.layers.conv2d({ filters: 4, kernelSize: 3 }); // bias needed
          this.norm = tf.layers.batchNormalization();
        }
        call(inputs) {
          return this.norm.apply(this.conv.apply(inputs[0]));
        }
      }
      const input = tf.input({ shape: [8, 8, 3] });
      tf.model({ inputs: input, outputs: new Block().apply(input) });
    `);
  });

  it('the flag that `call` has asked for is the flag that it hands on', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Block extends tf.layers.Layer {
        constructor() {
          super({});
          this.dense = tf.layers.dense({ units: 4 }); // bias needed
          this.norm = tf.layers.batchNormalization();
        }
        call(inputs, kwargs) {
          const x = this.dense.apply(inputs[0]);
          return kwargs['training'] ? x : this.norm.apply(x, kwargs);
        }
      }
      export const block = new Block();
    `);
  });

  it('inside a sequential model, with build, kwargs destructured, and inheritance', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Base extends tf.layers.Layer {
        build(shape) {
          this.dense = tf.layers.dense({ units: 4, activation: this.activation() }); // bias redundant
          this.norm = tf.layers.batchNormalization();
          super.build(shape);
        }
        activation() { return undefined; }
        call(inputs, { training }) {
          return tf.tidy(() => {
            const x = Array.isArray(inputs) ? inputs[0] : inputs;
            return this.norm.apply(this.dense.apply(x), { training });
          });
        }
        getClassName() { return 'Base'; }
      }
      class Derived extends Base {
        call(inputs, kwargs) {
          return super.call(inputs, kwargs);
        }
      }
      const model = tf.sequential();
      model.add(tf.layers.inputLayer({ inputShape: [4] }));
      model.add(new Derived());
      model.add(tf.layers.dense({ units: 2 })); // bias needed
    `);
  });

  it('a layer of tfjs that is extended keeps its bias', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      class Scale extends tf.layers.Layer {
        call(inputs) { return tf.mul(inputs[0], 2); }
      }
      const input = tf.input({ shape: [4] });
      const a = tf.layers.dense({ units: 4 }).apply(input); // bias unknown
      tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(new Scale({}).apply(a)) });
    `);
  });

  it('methods that are put on a prototype, called or not', () => {
    for (const methods of [
      `Net.prototype.build = function () { this.add(); return this.model; };
       Net.prototype.add = function () { GROW };`,
      `Net.prototype = { build: function () { this.add(); return this.model; }, add() { GROW } };`,
    ]) {
      for (const use of ['export const built = new Net(4).build();', 'module.exports = Net;']) {
        check(`
          import * as tf from '@tensorflow/tfjs';
          function Net(units) { this.units = units; this.model = tf.sequential(); }
          ${methods.replace(
            'GROW',
            `
            this.model.add(tf.layers.dense({ units: this.units, inputShape: [4] })); // bias redundant
            this.model.add(tf.layers.batchNormalization());
            this.model.add(tf.layers.dense({ units: 2 })); // bias needed
          `,
          )}
          Net.prototype.step = function (optimizer, x) {
            optimizer.minimize(() => this.model.apply(x, { training: true }).mean()); // runs batch
          };
          ${use}`);
      }
    }
  });

  it('a method on a prototype runs on what its constructor has made', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      function Net() { this.norm = true; }
      Net.prototype.build = function () {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant
        if (this.norm) model.add(tf.layers.batchNormalization());
        else model.add(tf.layers.dense({ units: 5 })); // absent
        return model;
      };
      export { Net };`);
  });

  it('functions in fields that nobody calls', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export class Net {
        model = tf.sequential();
        build = (units) => {
          this.model.add(tf.layers.dense({ units, inputShape: [4] })); // bias redundant
          this.model.add(tf.layers.batchNormalization());
        };
      }
      export class Trainer {
        constructor(optimizer) { this.optimizer = optimizer; }
        model = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4] })] });
        step = async function (x) {
          this.optimizer.minimize(() => this.model.predict(x).mean()); // runs stored
        };
      }`);
  });
});
