import assert from 'node:assert/strict';
import { recoverText } from './testing';

/** How many layers the line that holds `mark` creates, over all worlds. */
function made(text: string, mark: string): number {
  const at = text.indexOf(mark);
  return recoverText({ '/main.js': text }).worlds.reduce(
    (sum, { graph }) => sum + graph.layers.filter(({ site }) => site?.call.start === at).length,
    0,
  );
}

describe('recover: entry points', () => {
  it('judges a function by its calls, also where every function is named somewhere', () => {
    const text = `
      function build(units) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units, inputShape: [4] }));
        return model;
      }
      function train() { return build(3).fit(xs, ys); }
      button.addEventListener('click', train);
      setInterval(build, 1000);`;
    assert.equal(made(text, 'tf.layers.dense'), 1);
  });

  it('climbs to the caller of callers, past functions that call each other', () => {
    const text = `
      const dense = () => tf.layers.dense({ units: 2, inputShape: [4] });
      const stack = (n) => (n > 0 ? [dense(), ...stack(n - 1)] : finish(n));
      const finish = (n) => (n < 0 ? stack(-n) : []);
      const main = () => tf.sequential({ layers: stack(3) });
      on('load', main, stack, finish, dense);`;
    assert.equal(made(text, 'tf.layers.dense'), 3);
  });

  it('runs a function that nothing calls, and one in a circle that nothing enters', () => {
    const text = `
      export const lone = () => tf.layers.dense({ units: 2 });
      export function ping(n) { return n > 0 ? pong(n - 1) : tf.layers.flatten(); }
      export function pong(n) { return ping(n); }`;
    assert.equal(made(text, 'tf.layers.dense'), 1);
    assert.ok(made(text, 'tf.layers.flatten') >= 1);
  });

  it('makes an instance of a class for what its fields make, and for the functions in them', () => {
    const dense = 'tf.layers.dense({ units: 2, inputShape: [4] })';
    for (const members of [
      `model = tf.sequential({ layers: [${dense}] });`,
      `model = tf.sequential({ layers: [${dense}] }); constructor(flag) { this.flag = flag; }`,
      `build = () => tf.sequential({ layers: [${dense}] });`,
      `build = (flag) => { return tf.sequential({ layers: [${dense}] }); }; constructor(flag) { this.flag = flag; }`,
    ])
      assert.equal(made(`export class Net { ${members} }`, dense), 1, members);
  });

  it('runs a function that builds nothing, for the functions that it makes', () => {
    const text = `
      export function makeBuilder(units) {
        const dense = () => tf.layers.dense({ units });
        return { build() { return tf.sequential({ layers: [dense()] }); } };
      }
      export function install() { window.start = () => tf.layers.flatten(); }`;
    assert.equal(made(text, 'tf.layers.dense'), 1);
    assert.equal(made(text, 'tf.layers.flatten'), 1);
  });

  it('makes an instance where only a field or a getter leads to the graph', () => {
    const dense = 'return tf.layers.dense({ units: this.units });';
    for (const member of [
      `build = () => { ${dense} };`,
      `build = once(() => { ${dense} });`,
      `build = function () { ${dense} };`,
      'layer = tf.layers.dense({ units: 3 });',
      `get layer() { ${dense} }`,
      `get #layer() { ${dense} } build = () => this.#layer;`,
    ]) {
      assert.equal(made(`export class Maker { ${member} }`, 'tf.layers.dense'), 1, member);
      const constructed = `export class Maker { constructor(options) { this.units = options.units; } ${member} }`;
      assert.equal(made(constructed, 'tf.layers.dense'), 1, constructed);
    }
    assert.equal(made('export const maker = { get layer() { return tf.layers.dense(); } };', 'tf.layers.dense'), 1);
  });

  it('judges a field that holds a function by the calls that there are', () => {
    const text = (call: string): string => `
      class Maker { build = (units) => tf.layers.dense({ units }); }
      ${call}`;
    assert.equal(made(text('const maker = new Maker(); maker.build(1); maker.build(2);'), 'tf.layers.dense'), 2);
    assert.equal(made(text('export const two = () => [1, 2].map(new Maker().build);'), 'tf.layers.dense'), 2);
    const circle =
      'class A { go = (a) => a.go(this.made); made = tf.layers.dense(); } export const f = (a) => a.go(a);';
    assert.ok(made(circle, 'tf.layers.dense') >= 1);
  });
});
