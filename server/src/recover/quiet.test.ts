import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

/** How many ways of a program are told apart, whose function `build` is handed conditions. */
function ways(body: string, head = ''): number {
  const { worlds } = check(`
    import * as tf from '@tensorflow/tfjs';
    ${head}
    export function build(a, b, env) {
      ${body}
      const m = tf.sequential();
      m.add(tf.layers.dense({ inputShape: [4], units: 4 })); // bias redundant
      m.add(tf.layers.batchNormalization());
      return m;
    }`);
  return worlds.reduce((sum, { variants }) => sum + (variants?.length ?? 1), 0);
}

describe('recover: what is not decided', () => {
  const size = (getter: string): string => `
    let reads = 0;
    class Size { constructor(w) { this.w = w; } get width() { ${getter} return this.w; } }`;

  it('which of two objects a part is read of', () => {
    const read = 'const size = a ? new Size(4) : new Size(8); console.log(size.width); const { w, width } = size;';
    assert.equal(ways(read, size('')), 1);
    assert.equal(ways(read, size('reads++;')), 2);
    assert.equal(ways(read, size('tf.layers.dense({ units: 1 });')), 2);
    assert.equal(ways('const o = a ? { x: {} } : null; console.log(o.x);'), 1);
  });

  it('which of two functions is called that build nothing', () => {
    assert.equal(ways('const draw = a ? () => ({}) : () => []; console.log(draw());'), 1);
    assert.equal(ways('const draw = a ? () => tf.layers.dense({ units: 1 }) : () => []; console.log(draw());'), 2);
    assert.equal(ways('const o = a ? { draw: () => ({}) } : { draw() { return []; } }; console.log(o.draw());'), 1);
    assert.equal(ways('const list = a ? [b] : env; list.map((x) => [x]);'), 1);
    assert.equal(ways('const o = a ? { f: () => tf.input({ shape: [1] }) } : { f() {} }; console.log(o.f());'), 2);
  });

  it('what such a function changes depends on the condition', () => {
    const { worlds } = recoverText({
      '/main.js': `import * as tf from '@tensorflow/tfjs';
        export function build(a) {
          let useBias = 1;
          const set = a ? () => { useBias = true; } : () => { useBias = false; };
          set();
          const m = tf.sequential();
          m.add(tf.layers.dense({ inputShape: [4], units: 4, useBias }));
          m.add(tf.layers.batchNormalization());
        }`,
    });
    const flags = worlds.map(({ graph }) => graph.layers[0]!.config.get('useBias'));
    assert.deepEqual(flags, [true, false]);
  });

  it('which of two tensors of data goes into an op', () => {
    assert.equal(
      ways('const x = a ? tf.tensor1d(b) : tf.randomNormal([4]); x.expandDims().print(); console.log(x.shape);'),
      1,
    );
    assert.equal(ways('const x = a ? tf.tensor1d(b) : tf.input({ shape: [4] }); tf.layers.reLU().apply(x);'), 2);
  });

  it('whether a promise is settled: nobody sees what it is resolved with where it is not', () => {
    const load = (reject: string): string => `
      const x = await new Promise((resolve, reject) => {
        env.read((err, data) => { if (err) { ${reject} } else resolve({ data }); });
      });
      console.log(x.data);`;
    const count = (text: string): number => {
      const body = `async function load(env) { ${text} return x; }`;
      return ways('load(env).then(({ data }) => data.list);', body);
    };
    assert.equal(count(load('reject(err);')), 1);
    assert.equal(count(load('')), 1);
  });

  it('what builtins, lists that code makes and members that build nothing do', () => {
    const head = `
      class Table { abs() { return tf.layers.dense({ units: 1 }); } indexOf() { return this.abs(); } }
      const table = new Table();
      function drop(list) { const copy = [...list]; copy.pop(); const seen = new Set(); seen.add(list); return copy; }`;
    const isDecided = (body: string): boolean => ways(body, head) > ways('', head);
    assert.ok(!isDecided('let x = 1; if (a) x = Math.abs(b) + [0, 1].indexOf(b) + "ab".indexOf(b);'));
    assert.ok(isDecided('let x = 1; if (a) x = env.all().abs(b);'));
    assert.ok(!isDecided('let x = b; if (a) x = drop(b);'));
    assert.ok(isDecided('let x = b; if (a) { let copy = [...b]; copy = env.model; copy.pop(); }'));
    assert.ok(!isDecided('if (a) { const { draw } = env.all(); draw(); }'));
    assert.ok(isDecided('if (a) { const { abs } = env.all(); abs(); }'));
    assert.ok(isDecided('if (a) { const abs = env.all().abs; abs(); }'));
    assert.ok(isDecided('if (a) { const { draw = () => tf.input({ shape: [1] }) } = env.all(); draw(); }'));
  });

  it('what code computes at length that builds nothing', () => {
    const turns = 'for (let i = 0; i < 100; i++) for (let j = 0; j < 100; j++) for (let k = 0; k < 100; k++) sum += k;';
    const head = `
      function compute(n) { let sum = n; ${turns} return sum; }
      function search(board) { for (const cell of board) { if (cell.taken) return cell; } return compute(board.length); }`;
    assert.equal(ways('for (let i = 0; i < 24; i++) console.log(compute(i), search(env));', head), 1);
  });
});
