import assert from 'node:assert/strict';
import { recoverText } from './testing';

/** Whether the condition of `main` is one that a fix can write where the layer is made. */
function isWritable(make: string, condition: string, outside = ''): boolean {
  const text = `
    ${outside}
    export function main(f) {
      const model = tf.sequential();
      ${make}
      if (${condition}) model.add(tf.layers.reLU());
      model.add(tf.layers.batchNormalization());
      return model;
    }`;
  const site = text.indexOf('tf.layers.dense');
  const { worlds } = recoverText({ '/main.js': text });
  assert.equal(worlds.length, 2, make);
  return worlds.every(({ decisions }) =>
    decisions.every(({ scope }) => scope !== null && scope.start <= site && site < scope.end),
  );
}

const DENSE = 'tf.layers.dense({ units: 3, inputShape: [4] })';

describe('recover: where a condition can be written again', () => {
  it('where its names mean the same', () => {
    assert.ok(isWritable(`model.add(${DENSE});`, 'f'));
    assert.ok(isWritable(`model.add(${DENSE});`, 'f.on'));
    for (const make of [
      `for (const f of [0]) model.add(${DENSE});`,
      `const made = (f) => ${DENSE}; model.add(made(0));`,
      `try { throw 0; } catch (f) { model.add(${DENSE}); }`,
      `(function f() { model.add(${DENSE}); })();`,
      `{ class f {} model.add(${DENSE}); }`,
      `{ function f() {} model.add(${DENSE}); }`,
    ])
      assert.ok(!isWritable(make, 'f'), make);
  });

  it('where no other code of the file sets its members in between', () => {
    const flip = 'function flip(o) { o.on = !o.on; }';
    assert.ok(!isWritable(`model.add(${DENSE}); flip(f);`, 'f.on', flip));
    assert.ok(isWritable(`model.add(${DENSE}); show(f);`, 'f.on', 'function show(o) { console.log(o.on); }'));
  });
});
