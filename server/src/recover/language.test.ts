import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

const MODEL = 'tf.model({ inputs: input, outputs: x });';
const BN = 'bn()';

/** A program that builds from `input` through `x`. */
const program = (body: string): string => `
  import * as tf from '@tensorflow/tfjs';
  const input = tf.input({ shape: [32, 32, 3] });
  const bn = () => tf.layers.batchNormalization();
  const conv = (activation?) => tf.layers.conv2d({ filters: 4, kernelSize: 3, activation });
  let x = input;
  ${body}
  ${MODEL}
`;

describe('recover: functions and their parameters', () => {
  it('default parameters that read other parameters, nested destructuring, rest and optional chaining', () => {
    check(
      program(`
      function block(x, { filters = 4, kernel: [width = 3, height = width] = [], ...rest } = {}, norm = rest.norm ?? true) {
        x = tf.layers.conv2d({ filters, kernelSize: [width, height], ...rest.extra }).apply(x); // bias needed redundant
        return norm ? ${BN}.apply(x) : x;
      }
      x = block(x);
      x = block(x, { filters: 8, kernel: [1], extra: { padding: 'same' } });
      x = block(x, { extra: { activation: 'relu' } });
      x = block(x, { norm: false });
      const options: any = { first: { activation: undefined }, make: undefined };
      x = ${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: options?.first?.activation }).apply(x)); // bias redundant
      x = options.make?.(x) ?? x;
      x = ${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: options.last?.activation ?? 'relu' }).apply(x)); // bias needed
    `),
    );
  });

  it('defaults of what is missing on one side of a condition', () => {
    check(
      program(`
      let count = 0;
      const next = () => { count++; return 'relu'; };
      function block(x, activation = next(), { useBias = true, norm = bn() } = {}) { // absent
        return norm.apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, activation, useBias }).apply(x)); // bias needed none redundant
      }
      const on = document.on;
      x = block(x, on ? undefined : 'linear', { norm: bn() });
      x = block(x, on ? 'linear' : undefined, { useBias: on ? undefined : false, norm: bn() });
      x = bn().apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: count !== 1 }).apply(x)); // bias none
      function unnormed(x, norm = tf.layers.batchNormalization()) {
        x = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x); // bias needed redundant
        return norm.apply(x);
      }
      x = unnormed(x, on ? undefined : tf.layers.reLU());
    `),
    );
  });

  it('closures with state, counters, currying, IIFEs and functions that are handed on', () => {
    check(
      program(`
      const namer = (() => { let count = 0; return (prefix) => \`\${prefix}_\${count++}\`; })();
      const curried = (filters) => (kernelSize) => (x) =>
        tf.layers.conv2d({ filters, kernelSize, name: namer('conv'), activation: namer('') === '_3' ? 'relu' : undefined }).apply(x); // bias needed redundant
      const pipe = (...fns) => (x) => fns.reduce((value, fn) => fn(value), x);
      const norm = (x) => ${BN}.apply(x);
      x = pipe(curried(4)(3), norm, curried(8)(1), norm)(x);
      x = (function (y) { return norm(tf.layers.conv2d({ filters: 1, kernelSize: 1 }).apply(y)); })(x); // bias redundant
    `),
    );
  });

  it('each turn of a loop has variables of its own, which functions keep that are made in it', () => {
    check(
      program(`
      const makers: any[] = [];
      for (let i = 0; i < 3; i++) {
        makers.push(() => tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: i === 1 })); // bias none redundant
        if (i === 0) continue;
      }
      for (const make of makers) x = bn().apply(make().apply(x));
      const late: any[] = [];
      for (let i = 0, last = 2; i < last; i++) { late.push(() => i); i += 0; last -= 0; }
      x = bn().apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: late[0]() + late[1]() === 1 }).apply(x)); // bias redundant
      const same: any[] = [];
      for (var j = 0; j < 2; j++) same.push(() => j);
      x = bn().apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: same[0]() === 2 }).apply(x)); // bias redundant
    `),
    );
  });

  it('recursion with a known end', () => {
    check(
      program(`
      const stack = (x, depth) => depth === 0 ? x
        : stack(${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: depth > 3 ? 'relu' : 'linear' }).apply(x)), depth - 1); // bias redundant
      x = stack(x, 3);
    `),
    );
  });

  it('call, apply, bind, arguments and spread arguments', () => {
    check(
      program(`
      function both() { return arguments[1].apply(arguments[0].apply(this.start)); }
      x = both.call({ start: x }, tf.layers.conv2d({ filters: 4, kernelSize: 3 }), ${BN}); // bias redundant
      x = both.apply({ start: x }, [tf.layers.conv2d({ filters: 4, kernelSize: 3 }), ${BN}]); // bias redundant
      x = both.bind({ start: x }, tf.layers.conv2d({ filters: 4, kernelSize: 3 }))(${BN}); // bias redundant
      const two = [tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }), ${BN}]; // bias needed
      x = both.call({ start: x }, ...two);
    `),
    );
  });
});

describe('recover: control flow', () => {
  it('switch: fall through, default in the middle, blocks, return out of a clause', () => {
    check(
      program(`
      function add(kind, x) {
        switch (kind) {
          case 'conv':
            x = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x); // bias redundant
          case 'norm':
            return normed(x);
            function normed(y) { return ${BN}.apply(y); }
          default: {
            x = tf.layers.conv2d({ filters: 4, kernelSize: 1 }).apply(x); // bias needed
          }
          case 'relu':
            x = tf.layers.reLU().apply(x);
            break;
          case 'never':
            x = tf.layers.conv2d({ filters: 9, kernelSize: 1 }).apply(x); // absent
        }
        return x;
      }
      for (const kind of ['conv', 'other', 'norm', 'relu']) x = add(kind, x);
    `),
    );
  });

  it('while, do, nested loops, labelled break and continue', () => {
    check(
      program(`
      let i = 0;
      while (i < 2) { x = ${BN}.apply(conv().apply(x)); i++; }
      do { x = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: i < 3 ? 'linear' : 'relu' }).apply(x); x = ${BN}.apply(x); } while (++i < 5); // bias needed redundant
      outer: for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++) {
          if (a === 1) continue outer;
          if (a === 2) break outer;
          if (b === 1) break;
          x = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: a + b > 0 ? 'relu' : undefined }).apply(x); // bias redundant
          x = ${BN}.apply(x);
        }
      }
      block: { if (i > 2) break block; x = tf.layers.conv2d({ filters: 7, kernelSize: 1 }).apply(x); } // absent
      for (const key in { a: 1, b: 2 }) { if (key === 'b') continue; x = ${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 1, name: key }).apply(x)); } // bias redundant
    `),
    );
  });

  it('early return, try, catch and finally', () => {
    check(
      program(`
      function guarded(x, fail) {
        try {
          if (fail) throw new Error('no');
          return tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x); // bias redundant
        } catch (error) {
          return tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }).apply(x); // bias needed
        } finally {
          i++;
        }
      }
      let i = 0;
      x = ${BN}.apply(guarded(x, false));
      x = ${BN}.apply(guarded(x, true));
      function early(x) { if (i === 2) return ${BN}.apply(conv().apply(x)); return conv('relu').apply(x); }
      x = early(x);
      try {
        try { throw 1; } finally { x = ${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 1 }).apply(x)); } // bias redundant
        x = tf.layers.conv2d({ filters: 5, kernelSize: 1 }).apply(x); // absent
      } catch (error) {
        x = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: error === 1 ? undefined : 'relu' }).apply(x); // bias redundant
        x = ${BN}.apply(x);
      }
      function both() { try { return x; } finally { x = ${BN}.apply(tf.layers.conv2d({ filters: 4, kernelSize: 1 }).apply(x)); } } // bias redundant
      both();
    `),
    );
  });
});

describe('recover: asynchronous code and generators', () => {
  it('async, await, then, Promise.all, Promise.resolve and async iteration', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      async function make(activation?) {
        await sleep(10);
        return tf.layers.conv2d({ filters: 4, kernelSize: 3, activation }); // bias needed redundant
      }
      const bn = () => tf.layers.batchNormalization();
      async function main() {
        const input = tf.input({ shape: [32, 32, 3] });
        const norm = () => tf.layers.batchNormalization();
        const [a, b] = await Promise.all([make(), make('relu')]);
        let x = norm().apply(b.apply(norm().apply(a.apply(input))));
        const all = await Promise.all(['linear', 'linear'].map(async (name) => (await make(name)).apply(x)));
        x = tf.layers.add().apply(all.map((y) => norm().apply(y)));
        x = await make().then((layer) => layer.apply(x)).then((y) => norm().apply(y));
        x = await Promise.resolve(tf.layers.conv2d({ filters: 4, kernelSize: 3 })).then((layer) => norm().apply(layer.apply(x))); // bias redundant
        for await (const layer of [make(), norm()]) x = layer.apply(x);
        tf.model({ inputs: input, outputs: x });
      }
      main();
    `);
  });

  it('code that nobody waits for runs later, at a time that is not known', () => {
    const model = (start: string, mark: string): void =>
      void check(`
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential();
      m.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias ${mark}
      const add = (layer) => m.add(layer);
      const norm = async () => { await tf.ready(); add(tf.layers.batchNormalization()); };
      ${start}
      m.add(tf.layers.reLU());
    `);
    model('norm();', 'unknown');
    model('await norm();', 'redundant');
    model('norm().then(() => add(tf.layers.flatten()));', 'unknown');
    model('await norm().then(() => add(tf.layers.flatten()));', 'redundant');
    model('tf.ready().then(() => add(tf.layers.batchNormalization()));', 'unknown');
    model('const done = Promise.resolve(1).then(() => { add(tf.layers.batchNormalization()); });', 'unknown');
    model('await Promise.all([norm(), tf.ready()]);', 'redundant');
    model('(async () => { add(tf.layers.batchNormalization()); await tf.ready(); })();', 'redundant');
    model('async function main() { await norm(); add(tf.layers.flatten()); } await main();', 'redundant');
  });

  it('generators, delegated generators and spread of them', () => {
    check(
      program(`
      function* pair(filters) { yield tf.layers.conv2d({ filters, kernelSize: 3 }); yield ${BN}; } // bias redundant
      function* all() { for (const filters of [4, 8]) yield* pair(filters); yield tf.layers.reLU(); }
      for (const layer of all()) x = layer.apply(x);
      x = [...pair(2)].reduce((y, layer) => layer.apply(y), x);
      const [first, second] = pair(3);
      x = second.apply(first.apply(x));
    `),
    );
  });

  it('what a generator does and what its consumer does stay in order', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential();
      function* steps() {
        m.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias needed
        yield 'relu';
        m.add(tf.layers.batchNormalization());
        m.add(tf.layers.dense({ units: 4 })); // bias redundant
        yield 'batchNormalization';
        m.add(tf.layers.dense({ units: 9 })); // absent
        yield 'reLU';
      }
      function* all() { yield* steps(); }
      for (const kind of all()) {
        m.add(kind === 'relu' ? tf.layers.reLU() : tf.layers[kind]());
        if (kind !== 'relu') break;
      }
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential();
      function* layers(first) { yield first; yield tf.layers.batchNormalization(); }
      const it = layers(tf.layers.dense({ inputShape: [4], units: 4 })); // bias unknown
      m.add(it.next().value);
      m.add(it.next().value);
    `);
    check(`
      import * as tf from '@tensorflow/tfjs';
      const m = tf.sequential();
      const names = ['dense'];
      for (const name of names) {
        m.add(name === 'dense' ? tf.layers.dense({ inputShape: [4], units: 4 }) : tf.layers[name]()); // bias needed none
        if (names.length < 3) names.push('reLU', 'batchNormalization');
      }
    `);
  });

  it('dynamic import, top-level await and callbacks of then', () => {
    check({
      '/main.js': `
        const tf = await import('@tensorflow/tfjs');
        const { block } = await import('./block.js');
        const input = tf.input({ shape: [8, 8, 3] });
        import('./block.js').then(({ block: again }) => {
          tf.model({ inputs: input, outputs: again(block(input)) });
        });
      `,
      '/block.js': `
        import * as tf from '@tensorflow/tfjs';
        export const block = (x) => tf.layers.batchNormalization().apply(
          tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x)); // bias redundant
      `,
    });
  });
});

describe('recover: the calls that lead to a layer', () => {
  it('are those that the code names: a loop and a spread call iterators, and run generators, by themselves', () => {
    const { worlds } = recoverText({
      '/main.js': `
        class Net {
          *[Symbol.iterator]() { yield tf.layers.dense({ units: 1 }); }
          get layer() { return tf.layers.dense({ units: 2 }); }
        }
        function* parts() { yield tf.layers.dense({ units: 3 }); }
        function build() { const net = new Net(); for (const layer of net) layer; return [...net, net.layer, ...parts()]; }
        build();`,
    });
    const paths = worlds.flatMap(({ graph }) => graph.layers.map(({ calls }) => calls.length));
    assert.deepEqual(paths, [1, 1, 2, 1]);
  });
});

describe('recover: TypeScript', () => {
  it('enums: const, string, computed, reverse mapping', () => {
    check(
      program(`
      enum Act { None = 'linear', Relu = 'relu' }
      const enum Size { Small = 2, Large = Small * 2, Computed = 'abc'.length, Next }
      enum Step { First, Second }
      const block = (act: Act, filters: Size) => {
        x = tf.layers.conv2d({ filters, kernelSize: Size.Computed, activation: act }).apply(x); // bias needed redundant
        x = ${BN}.apply(x);
      };
      block(Act.None, Size.Large);
      block(Act['Relu'], Size.Next);
      x = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: Step[1] === 'Second' ? undefined : 'relu' }).apply(x); // bias redundant
      x = ${BN}.apply(x);
      for (const act of Object.values(Act)) x = tf.layers.activation({ activation: act }).apply(x);
    `),
    );
  });

  it('namespaces: exported members, nested, merged and with imports by alias', () => {
    check(
      program(`
      namespace Blocks {
        const KERNEL = 3;
        export enum Act { Linear = 'linear' }
        export namespace Deep { export const conv = (f: number) => tf.layers.conv2d({ filters: f, kernelSize: KERNEL, activation: Act.Linear }); } // bias redundant
        export function norm() { return ${BN}; }
      }
      namespace Blocks { export const both = (y) => norm().apply(Deep.conv(4).apply(y)); }
      namespace A.B { export const kernel = 1; }
      import conv1 = Blocks.Deep.conv;
      x = Blocks.both(x);
      x = Blocks.norm().apply(conv1(A.B.kernel).apply(x));
    `),
    );
  });

  it('satisfies, as const, non-null, angle casts and generics', () => {
    check(
      program(`
      const common = { filters: 4, kernelSize: 3, activation: undefined } as const satisfies Record<string, unknown>;
      const layers: any[] = [tf.layers.conv2d({ ...common } as any), ${BN} satisfies tf.layers.Layer]; // bias redundant
      x = (<tf.SymbolicTensor>layers[0]!.apply(x))!;
      x = layers[1].apply(x) as unknown as tf.SymbolicTensor;
      const make = <T extends tf.layers.Layer>(layer: T): T => layer;
      x = make<any>(${BN}).apply(make(tf.layers.conv2d({ ...common, activation: 'relu' })).apply(x)); // bias needed
    `),
    );
  });

  it('JSX files', () => {
    check({
      '/main.jsx': `
        import React, { useState, useEffect, useMemo } from 'react';
        import * as tf from '@tensorflow/tfjs';
        export default function Trainer({ data }) {
          const [model, setModel] = useState(null);
          useEffect(() => {
            const net = tf.sequential();
            net.add(tf.layers.dense({ inputShape: [4], units: 8 })); // bias redundant
            net.add(tf.layers.batchNormalization());
            net.compile({ loss: 'meanSquaredError', optimizer: 'adam' });
            setModel(net);
          }, []);
          const onTrain = async () => { await model.fit(data.x, data.y); };
          return <button onClick={() => onTrain()}>{model ? 'train' : <i>wait</i>}</button>;
        }
      `,
    });
  });
});
