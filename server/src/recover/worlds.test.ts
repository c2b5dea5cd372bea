import assert from 'node:assert/strict';
import { biasFate } from '../graph';
import { check, recoverText } from './testing';

describe('recover: worlds', () => {
  it('a flag decides the batch norm, and everything that names the flag agrees with it', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      export function block(x, filters, useBn = decide()) {
        let y = tf.layers.conv2d({ filters, kernelSize: 3, activation: useBn ? undefined : 'relu' }).apply(x); // bias needed redundant
        let z = tf.layers.conv2d({ filters, kernelSize: 3, useBias: !useBn }).apply(x); // bias needed none
        if (useBn) { y = tf.layers.batchNormalization().apply(y); z = tf.layers.batchNormalization().apply(z); }
        return [y, z];
      }
    `);
    assert.deepEqual(
      new Set(worlds.map(({ decisions }) => decisions.map(({ text, value }) => `${text}=${value}`).join())),
      new Set(['useBn=true', 'useBn=false']),
    );
    const decision = worlds[0]!.decisions[0]!;
    assert.ok(decision.scope, 'the flag is a parameter that nothing assigns: it can be named again');
  });

  it('a flag whose value is fixed at every call is just that value', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      function block(x, useBn) {
        x = tf.layers.dense({ units: 3 }).apply(x); // bias redundant
        return useBn ? tf.layers.batchNormalization().apply(x) : x;
      }
      const input = tf.input({ shape: [4] });
      tf.model({ inputs: input, outputs: block(block(input, true), true) });
    `);
  });

  it('a flag read through options, negated, compared and switched on', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export function build(options) {
        const m = tf.sequential();
        m.add(tf.layers.dense({ inputShape: [4], units: 3 })); // bias needed redundant
        switch (options.norm) {
          case 'batch': m.add(tf.layers.batchNormalization()); break;
          case 'layer': m.add(tf.layers.layerNormalization()); break;
          default: m.add(tf.layers.reLU());
        }
        m.add(tf.layers.dense({ units: 3, useBias: options.norm !== 'batch' })); // bias needed none
        if (options.norm === 'batch') m.add(tf.layers.batchNormalization());
        return m;
      }
    `);
  });

  it('layers pushed under a condition', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export const build = (withRelu: boolean) => {
        const layers = [tf.layers.dense({ inputShape: [4], units: 3 })]; // bias needed redundant
        if (withRelu) layers.push(tf.layers.reLU());
        layers.push(tf.layers.batchNormalization());
        return tf.sequential({ layers });
      };
    `);
  });

  it('a condition that matters in one combination of the others only', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      export function build(o) {
        const m = tf.sequential();
        m.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] })); // bias needed redundant
        if (o.first) m.add(tf.layers.maxPooling2d({ poolSize: 2 }));
        if (o.second) m.add(tf.layers.averagePooling2d({ poolSize: 2 }));
        if (o.third) m.add(tf.layers.flatten());
        if (o.fourth) m.summary(); else if (!o.first && !o.second && !o.third) m.add(tf.layers.reLU());
        m.add(tf.layers.batchNormalization());
        return m;
      }
    `);
  });

  it('conditions that touch nothing of the graph are no decisions', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      export function build(options, log) {
        let units = 3;
        if (options.verbose) console.log('building');
        if (log) log.info('x');
        if (options.wide) units = 64;
        const total = []; for (const x of options.list) { if (x > 3) total.push(x); }
        const m = tf.sequential();
        m.add(tf.layers.dense({ inputShape: [4], units })); // bias redundant
        m.add(tf.layers.batchNormalization());
        return m;
      }
    `);
    assert.equal(worlds.length, 1);
  });

  it('a condition decided before an entry point is explored there too', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      const useBn = Boolean(process.env.BN);
      if (useBn) tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }); // bias needed
      export function build() {
        const m = tf.sequential();
        m.add(tf.layers.dense({ inputShape: [4], units: 3 })); // bias needed redundant
        if (useBn) m.add(tf.layers.batchNormalization());
        return m;
      }
    `);
  });

  it('functions that nobody calls are run with unknown arguments, after those that call them', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      function block(x, act) { return tf.layers.dense({ units: 3, activation: act }).apply(x); } // bias redundant
      export function build() {
        const input = tf.input({ shape: [4] });
        return tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(block(input, 'linear')) });
      }
    `);
    assert.equal(worlds.length, 1);
  });

  it('functions that another file calls are judged there', () => {
    const files = {
      '/helper.ts': `
        import * as tf from '@tensorflow/tfjs';
        export function block(x: any) { return tf.layers.batchNormalization().apply(tf.layers.dense({ units: 3 }).apply(x)); }
      `,
      '/user.ts': `
        import { block } from './helper';
        import * as tf from '@tensorflow/tfjs';
        const input = tf.input({ shape: [4] });
        tf.model({ inputs: input, outputs: block(input) });
      `,
    };
    const user = recoverText({ '/user.ts': files['/user.ts'], '/helper.ts': files['/helper.ts'] });
    assert.equal(user.calledElsewhere.length, 1);
    assert.equal(recoverText(files).worlds.length, 1);
  });

  it('loops without a known end, recursion and exceptions end', () => {
    check(`
      import * as tf from '@tensorflow/tfjs';
      function forever(n) { return n < 1 ? forever(n + 1) : forever(n - 1); }
      function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
      for (let i = 0; i < 1e6; i++) { fib(3); }
      while (true) { if (tf.memory().numTensors) break; }
      export function build() {
        const m = tf.sequential();
        m.add(tf.layers.dense({ inputShape: [4], units: 3 })); // bias redundant
        m.add(tf.layers.batchNormalization());
        try { throw new Error('x'); } catch { m.add(tf.layers.dense({ units: 1 })); } // bias needed
        return m;
      }
      export const deep = (n) => forever(n);
    `);
  });

  it('a half-typed file still gives what is whole', () => {
    const { syntaxErrors } = check(`
      import * as tf from '@tensorflow/tfjs';
      const model = tf.sequential();
      model.add(tf.layers.dense({ inputShape: [4], units: 3 })); // bias redundant
      model.add(tf.layers.batchNormalization());
      model.add(tf.layers.den
    `);
    assert.ok(syntaxErrors.length > 0);
  });

  it('the same text gives the same worlds', () => {
    const text = {
      '/m.js': `const tf = require('@tensorflow/tfjs'); exports.f = (a, b) => { const m = tf.sequential(); if (a) m.add(tf.layers.dense({ units: 1, inputShape: [2] })); if (b) m.add(tf.layers.batchNormalization()); return m; };`,
    };
    const shape = (): unknown =>
      recoverText(text).worlds.map(({ graph, decisions }) => [
        graph.layers.map((layer) => biasFate(graph, layer, { callerMode: 'batch' }).kind),
        decisions.map(({ id, value }) => [id, value]),
      ]);
    assert.deepEqual(shape(), shape());
  });

  it('decides where a side calls a builder through `call`, `apply` or `bind`', () => {
    const { worlds } = check(`
      import * as tf from '@tensorflow/tfjs';
      function make(units) { return tf.layers.dense({ units }); } // bias needed
      export function build(on) {
        const model = tf.sequential();
        model.add(tf.layers.flatten({ inputShape: [4] }));
        model.add((on ? make.call(null, 4) : null) ?? tf.layers.reLU());
        model.add((on ? make.bind(null, 4)() : null) ?? tf.layers.reLU());
        return model;
      }`);
    assert.deepEqual(
      worlds.map(({ graph }) => graph.layers.filter(({ kind }) => kind === 'dense').length).sort(),
      [0, 2],
    );
  });

  it('decides where a side builds something in a way that is hard to see', () => {
    const sides = [
      "on ? tf.layers['dense']({ units: 4 }) : null",
      'on ? tf.layers[kind]({ units: 4 }) : null',
      'on ? (() => dense())() : null',
      'on ? make(on)() : null',
      "on ? ({ a: () => dense() })['a']() : null",
      'on ? Parts.make() : null',
      'on ? parts.layer : null',
      'on ? lazily.layer : null',
      'on ? local() : null',
      'on ? [1].map(local)[0] : null',
      'on ? new (class { layer = dense(); })().layer : null',
      'on ? new Local().layer : null',
      'on ? pick(parts).own() : null',
      'on ? late() : null',
      'on ? handed(tf.layers.dense) : null',
      'on ? handed(Made).layer : null',
      'on ? handed(maker(kind)) : null',
      'on ? handedIn({ make: maker(kind) }) : null',
      "on ? fromTable('a') : null",
      'on ? chosen() : null',
      'on ? holder.make() : null',
      'on ? either.make() : null',
      'on ? getHolder().make() : null',
      'on ? getHolder().given() : null',
      'on ? Holder.make() : null',
      'on ? new Holder().make() : null',
      'on ? makers[0]() : null',
    ];
    for (const side of sides) {
      const { worlds } = recoverText({
        '/main.js': `
          const dense = () => tf.layers.dense({ units: 4 });
          const make = () => () => dense();
          const kind = 'dense';
          class Parts {
            static make() { return dense(); }
            own() { return dense(); }
            get layer() { return dense(); }
          }
          const parts = new Parts();
          const lazily = { get layer() { return dense(); } };
          const pick = (x) => x;
          function Made() { this.layer = dense(); }
          const other = () => tf.layers.dense({ units: 4 });
          const unknown = document.kind;
          const maker = (kind) => { if (unknown) return other; return dense; };
          const handed = (make) => (make === Made ? new make() : make({ units: 4 }));
          const handedIn = ({ make }) => make();
          const table = { a: dense };
          const fromTable = (key) => { const make = table[key]; return make(); };
          const holder = { make: dense, get given() { return dense; } };
          const getHolder = () => holder;
          const chosen = maker(kind);
          const either = pick(unknown ? { make: dense } : { make: other });
          const makers = [chosen];
          class Holder { static make = dense; make = other; }
          function build(on) {
            const local = () => dense();
            class Local { layer = dense(); }
            const model = tf.sequential();
            model.add((${side}) ?? tf.layers.flatten({ inputShape: [4] }));
            return model;
          }
          const late = () => dense();
          document.addEventListener('x', build);`,
      });
      const built = worlds.filter(({ graph }) => graph.models.length > 0);
      const kinds = new Set(built.map(({ graph }) => graph.layers.map(({ kind }) => kind).join()));
      assert.deepEqual([...kinds].sort(), ['dense', 'flatten'], side);
    }
  });

  it('follows a loop that meets new conditions in every turn and builds nothing for two turns', () => {
    check(`
      const model = tf.sequential();
      model.add(tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] })); // bias redundant
      model.add(tf.layers.batchNormalization());
      class Game { turn() { if (Math.random() < 0.5) return 1; return this.pick(model.predict(x)); } pick(y) { return y ? model.fit(x, y) : 0; } }
      const game = new Game();
      for (let i = 0; i < 5000; i++) game.turn();
      let done = false;
      while (true) { if (game.turn() > 3) { done = true; break; } }`);
  });

  it('takes what a model predicts outside of a gradient step for data: conditions on it are no decisions', () => {
    const { worlds } = recoverText({
      '/main.js': `
        const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
        export function play(a, b) {
          if (a) console.log(model.predict(a));
          const first = b ? model.predict(b) : null;
          return first === null ? 0 : 1;
        }`,
    });
    assert.equal(worlds.length, 1);
  });

  it('says of `??` whether the value is there', () => {
    const { worlds } = recoverText({
      '/main.js': `
        export function build(norm) {
          const m = tf.sequential();
          m.add(tf.layers.dense({ units: 2, inputShape: [2] }));
          m.add(norm ?? tf.layers.batchNormalization());
          return m;
        }`,
    });
    const said = new Set(
      worlds.flatMap(({ decisions }) => decisions.map(({ text, scope }) => `${text} ${String(scope)}`)),
    );
    assert.deepEqual([...said], ['norm != null null']);
  });

  describe('what a segment with too many conditions called', () => {
    const flags = Array.from({ length: 60 }, (_, index) => `if (o.f${index}) m.add(tf.layers.flatten());`).join('\n');
    const files = (rest: string): Record<string, string> => ({
      '/main.js': `
        import { build } from './build';
        export function main(o) {
          const m = build();
          ${flags}
          ${rest}
        }`,
      '/build.js': 'export function build() { return tf.sequential(); }',
    });

    it('is judged in its own file', () => {
      assert.deepEqual(recoverText(files('return m;')).calledElsewhere, []);
    });

    it('is judged nowhere where it may train on stored ones', () => {
      assert.equal(recoverText(files('opt.minimize(() => m.predict(x));')).calledElsewhere.length, 1);
    });
  });
});
