import assert from 'node:assert/strict';
import { check } from './testing';

const names = ['a', 'b', 'c', 'd', 'e'];
const dense = 'tf.layers.dense({ inputShape: [4], units: 4 })';

/** A function that builds under so many conditions, and computes on the way, without batch norm unless `last` adds it. */
const builder = (last: string): string => `
  export function build(${names.join()}) {
    const m = tf.sequential();
    ${names.map((name) => `if (${name}) m.add(${dense}); else for (let i = 0; i < 40; i++) m.add(tf.layers.reLU());`).join('\n')}
    ${last}
    return m;
  }`;

const program = (...parts: readonly string[]): string => `import * as tf from '@tensorflow/tfjs';\n${parts.join('\n')}`;

const found = (text: string): number =>
  check(text).worlds.filter(({ decisions }) => decisions.some(({ text: told }) => told === 'a')).length;

describe('recover: segments that can bear no finding', () => {
  const norm = `
    export function other() {
      const m = tf.sequential();
      m.add(${dense}); // bias redundant
      m.add(tf.layers.batchNormalization());
      return m;
    }`;

  it('are left where they take long; others are explored to their end', () => {
    const [left, explored] = [
      found(program(builder(''), norm)),
      found(program(builder(''), norm.replace('export ', ''), 'other();')),
    ];
    assert.ok(left < 32, String(left));
    assert.equal(explored, 32);
  });

  it('are explored where what they call normalises', () => {
    assert.equal(
      found(program(norm, builder('finish(m);'), 'function finish(m) { m.add(tf.layers.batchNormalization()); }')),
      32,
    );
  });

  it('leave what they call to be judged by itself too', () => {
    const helper = 'function first(m) { m.add(tf.layers.dense({ units: 4 })); } // bias redundant unknown';
    const use =
      'export function other() { const m = tf.sequential(); first(m); m.add(tf.layers.batchNormalization()); return m; }';
    check(program(helper, builder('if (!a && !b && !c && !d && !e) first(m);'), use));
  });
});
