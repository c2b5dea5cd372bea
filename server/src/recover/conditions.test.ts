import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

const HEAD = `
  import * as tf from '@tensorflow/tfjs';
  const first = () => tf.layers.dense({ inputShape: [4], units: 4, activation: 'relu' });`;

describe('recover: conditions that are put together', () => {
  const decisions = (text: string): Set<string> =>
    new Set(
      check(HEAD + text).worlds.map((world) =>
        world.decisions.map(({ text: name, value }) => `${name}=${value}`).join(),
      ),
    );

  it('what cannot be true in any world is never taken', () => {
    for (const never of ['on && false', '!on && on', 'on && !on', '!(on || true)', '(on ? "a" : "b") === "c"']) {
      check(`${HEAD}
        export function build(on) {
          const m = tf.sequential({ layers: [first()] });
          if (!(${never})) m.add(tf.layers.dense({ units: 4 })); // bias redundant
          if (${never}) m.add(tf.layers.dense({ units: 4 })); // absent
          m.add(tf.layers.batchNormalization());
          return m;
        }`);
    }
  });

  it('Boolean(x), !!x and a switch on them agree with x', () => {
    const found = decisions(`
      export function build(on) {
        const m = tf.sequential({ layers: [first()] });
        m.add(tf.layers.dense({ units: 4, useBias: !Boolean(on) })); // bias none needed
        switch (Boolean(on)) { case true: m.add(tf.layers.batchNormalization()); }
        if (!!on === Boolean(on)) m.add(tf.layers.reLU());
        return m;
      }`);
    assert.deepEqual(found, new Set(['on=true', 'on=false']));
  });

  it('a condition that is named several times in a comparison is decided once', () => {
    const found = decisions(`
      export function build(on, wide) {
        const m = tf.sequential({ layers: [first()] });
        for (const side of [true, false]) {
          if (side !== Boolean(wide && (on && on) && on && on)) continue;
          if (side) m.add(tf.layers.dense({ units: 4 })); // bias redundant
          break;
        }
        m.add(tf.layers.batchNormalization());
        return m;
      }`);
    // What is built otherwise is the same under all other conditions.
    assert.deepEqual(found, new Set(['wide=true,wide && (on && on) && on && on=true', '']));
  });

  it('what is decided where two things are told to differ is whether they are equal', () => {
    for (const condition of ["norm !== 'none'", "!(norm === 'none')", "(norm !== 'none')"]) {
      const found = decisions(`
        export function build(norm) {
          const m = tf.sequential({ layers: [first()] });
          m.add(tf.layers.dense({ units: 4 })); // bias needed redundant
          if (${condition}) m.add(tf.layers.batchNormalization());
          m.add(tf.layers.reLU());
          return m;
        }`);
      assert.deepEqual(found, new Set(["norm === 'none'=true", "norm === 'none'=false"]));
    }
    const found = decisions(`
      export function build(options) {
        const m = tf.sequential({ layers: [first()] });
        m.add(tf.layers.dense({ units: 4 })); // bias needed redundant
        if (options.norm != null) m.add(tf.layers.batchNormalization());
        m.add(tf.layers.reLU());
        return m;
      }`);
    assert.deepEqual(found, new Set(['options.norm == null=true', 'options.norm == null=false']));
  });

  it('an exception rules out what its condition says, and no more', () => {
    for (const [guard, worlds] of [
      ['if (on && wide) throw wide;', ['', '+norm', 'relu']],
      ['if (!(on && wide)) throw wide;', ['relu+norm']],
      ['if (!on && !wide) { throw wide; }', ['+norm', 'relu', 'relu+norm']],
      ['if (on || wide) {} else throw wide;', ['+norm', 'relu', 'relu+norm']],
      ['check(on, wide);', ['+norm', 'relu', 'relu+norm']],
      ["if (wide !== 'a' && wide !== 'b') throw wide; wide = wide !== 'b';", ['+norm', '', 'relu', 'relu+norm']],
      ["if (on !== 'a' && on !== 'b') throw on; on = on === 'a' || on === 'b';", ['relu', 'relu+norm']],
    ] as const) {
      const found = recoverText({
        '/main.ts': `${HEAD}
        function check(on, wide) { if (!on && !wide) throw new Error('neither'); }
        export function build(on, wide) {
          ${guard}
          const m = tf.sequential({ layers: [first()] });
          if (on) m.add(tf.layers.reLU());
          if (wide) m.add(tf.layers.batchNormalization());
          return m;
        }`,
      }).worlds;
      const built = found.map(({ graph }) => {
        const has = (kind: string): boolean => graph.layers.some((layer) => layer.kind === kind);
        return `${has('reLU') ? 'relu' : ''}${has('batchNormalization') ? '+norm' : ''}`;
      });
      assert.deepEqual(built.sort(), [...worlds].sort(), guard);
    }
  });

  it('what is falsy equals nothing that is truthy', () => {
    check(`${HEAD}
      export function build(kind) {
        const m = tf.sequential({ layers: [first()] });
        if (!kind) {
          m.add(tf.layers.dense({ units: 4 })); // bias redundant
          if (kind === 'relu') m.add(tf.layers.reLU());
          m.add(tf.layers.batchNormalization());
        }
        return m;
      }`);
  });

  it('a key that depends on a condition picks the function that makes the layer', () => {
    check(`${HEAD}
      const make = { on: () => tf.layers.batchNormalization(), off: () => tf.layers.reLU() };
      export function build(on) {
        const m = tf.sequential({ layers: [first()] });
        m.add(tf.layers.dense({ units: 4 })); // bias needed redundant
        m.add(make[on ? 'on' : 'off']());
        m.add(tf.layers.dense({ units: { on: 3, off: 4 }[on ? 'on' : 'off'], useBias: !on })); // bias needed none
        return m;
      }`);
  });

  it('an exception that is caught leads somewhere', () => {
    check(`${HEAD}
      export function build(on) {
        const m = tf.sequential({ layers: [first()] });
        try {
          if (on) throw new Error('no');
          m.add(tf.layers.dense({ units: 4 })); // bias redundant
        } catch {
          m.add(tf.layers.reLU());
        }
        m.add(tf.layers.batchNormalization());
        if (!on) throw new Error('not caught');
        return m;
      }`);
  });

  it('a switch of a config is known once its condition is decided, later too', () => {
    check(`${HEAD}
      export function build(on) {
        const m = tf.sequential({ layers: [first()] });
        m.add(tf.layers.dense({ units: 4 })); // bias redundant unknown
        m.add(tf.layers.batchNormalization({ center: on }));
        if (on) m.add(tf.layers.dense({ units: 4 })); // bias needed
        else m.add(tf.layers.reLU());
        return m;
      }`);
  });

  it('a spread of what is false adds nothing', () => {
    const found = decisions(`
      export function build(on) {
        const m = tf.sequential({ layers: [first()] });
        m.add(tf.layers.dense({ units: 4, ...(on && { activation: 'relu' }) })); // bias needed redundant
        m.add(tf.layers.batchNormalization());
        return m;
      }`);
    assert.deepEqual(found, new Set(['on=true', 'on=false']));
  });

  it('are not decided where a part of one object or list or another is read', () => {
    // More conditions than there can be worlds.
    const boxes = Array.from({ length: 60 }, (_, index) => index);
    const { silences, worlds } = check(`
      export function main(o) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant
        ${boxes.map((at) => `const [x${at}, { y: y${at} = 1 }] = o.f${at} ? [1, { y: 2 }] : [3, {}];`).join('\n')}
        ${boxes.map((at) => `const z${at} = (o.g${at} ? { a: { b: 1 } } : { a: { b: 2 } }).a.b;`).join('\n')}
        model.add(tf.layers.batchNormalization());
        return model;
      }`);
    assert.deepEqual(silences, []);
    assert.equal(worlds.length, 1);
  });

  it('are decided where a part of one thing or another is used', () => {
    check(`
      export function main(on, off, plain) {
        const options = on ? { units: 3, norm: tf.layers.batchNormalization() } : { units: 4, norm: tf.layers.reLU() };
        const [first, { norm }] = [options.units, options];
        const { useBias = true } = off ? { useBias: false } : plain ? {} : { useBias: undefined };
        const x = tf.input({ shape: [4] });
        const y = tf.layers.dense({ units: first, useBias }).apply(x); // bias needed none redundant
        return tf.model({ inputs: x, outputs: norm.apply(y) });
      }`);
  });
});
