import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

/** A model whose dense layer is made of `config`, and which ends with what `end` gives. */
function model(config: string, end: string, biases: string): string {
  return `
    const x = tf.input({ shape: [4] });
    const y = tf.layers.dense(${config}).apply(x); // bias ${biases}
    return tf.model({ inputs: x, outputs: ${end} });`;
}

const BN = 'tf.layers.batchNormalization().apply(y)';

describe('recover: functions that build nothing and return early', () => {
  it('give one thing or another by the condition', () => {
    for (const [body, use] of [
      ["if (kind === 'a') return bn; return act;", 'pick(kind)(y)'],
      ["if (kind !== 'a') { return act; } else { return bn; }", 'pick(kind)(y)'],
      ["switch (kind) { case 'a': return bn; case 'b': default: return act; }", 'pick(kind)(y)'],
      ["let f = act; switch (kind) { case 'a': f = bn; break; } return { f };", 'pick(kind).f(y)'],
      ["if (kind === 'a') return tf.layers.batchNormalization; return tf.layers.reLU;", 'pick(kind)({}).apply(y)'],
      ["if (kind === 'a') return Norm; return Act;", 'new (pick(kind))().of(y)'],
      ["if (kind === 'a') { return (z) => bn(z); } return (z) => act(z);", 'pick(kind)(y)'],
      ["if (kind) { if (kind === 'a') return bn; } return act;", 'pick(kind)(y)'],
      ["try { if (kind === 'a') return bn; } finally { console.log(kind); } return act;", 'pick(kind)(y)'],
      ["for (const [name, f] of [['a', bn], ['b', act]]) if (name === kind) return f; return act;", 'pick(kind)(y)'],
      ['let i = 0; while (i < 2) { if (names[i] === kind) return all[i]; i++; } return act;', 'pick(kind)(y)'],
      ["if (kind === 'a') return bn; if (kind === 'b') return act; throw new Error(kind);", 'pick(kind)(y)'],
      ["if (kind === 'c') throw new Error(kind); if (kind === 'a') return bn; return act;", 'pick(kind)(y)'],
    ] as const) {
      const { worlds, silences } = check(`
        const bn = (z) => tf.layers.batchNormalization().apply(z);
        const act = (z) => tf.layers.reLU().apply(z);
        const [names, all] = [['a', 'b'], [bn, act]];
        class Norm { of(z) { return bn(z); } }
        class Act { of(z) { return act(z); } }
        function pick(kind) { ${body} }
        export function main(kind) { ${model('{ units: 3 }', use, 'needed redundant')} }`);
      assert.deepEqual(silences, [], body);
      assert.ok(
        worlds.some(({ decisions }) => decisions.some(({ text }) => /=== (kind|'a')$|^kind === /.test(text))),
        body,
      );
    }
  });

  it('give configs, whatever is set behind the return', () => {
    for (const [body, biases] of [
      ['if (on) return { units: 3, useBias: false }; return { units: 3 };', 'none redundant'],
      ['const c = { units: 3 }; if (on) { c.useBias = false; return c; } c.name = "y"; return c;', 'none redundant'],
      ["const c = { units: 3 }; if (!on) { return c; } c.activation = 'relu'; return c;", 'needed redundant'],
      ["{ const c = { units: 3 }; if (!on) { return c; } c.activation = 'relu'; return c; }", 'needed redundant'],
      ['const c = { units: 3 }; if (on) return Object.freeze(c); return { ...c, useBias: on };', 'none redundant'],
      ['if (on) return off; return { ...off, useBias: true };', 'none redundant'],
    ] as const)
      check(`
        const off = { units: 3, useBias: false };
        function config(on) { ${body} }
        export function main(on) { ${model('config(on)', BN, biases)} }`);
  });

  it('set what stands behind the return only where it is not taken', () => {
    check(`
      let activation = 'linear';
      const options = { bias: true };
      function setUp(on) { if (on) return; activation = 'relu'; options.bias = false; }
      export function main(on) {
        setUp(on);
        ${model('{ units: 3, activation }', BN, 'needed redundant')}
      }
      export function other(on) {
        setUp(on);
        const x = tf.input({ shape: [4] });
        const y = tf.layers.dense({ units: 3, useBias: options.bias }).apply(x); // bias none redundant
        return tf.model({ inputs: x, outputs: ${BN} });
      }`);
  });

  it('give tf', () => {
    check({
      '/main.ts': `
        import { load } from './load';
        const tf = await load();
        export function main() { ${model('{ units: 3 }', BN, 'redundant')} }`,
      '/load.ts': `
        const NODE = '@tensorflow/tfjs-node';
        export const load = async () => {
          const inNode = typeof process !== 'undefined' && process.release.name === 'node';
          if (inNode) {
            try {
              const tf = await import(NODE);
              if (typeof tf.ready === 'function') {
                if (tf.getBackend() !== 'tensorflow') await tf.setBackend('tensorflow');
                return tf;
              }
            } catch { /* the other one */ }
          }
          const tf = await import('@tensorflow/tfjs');
          return tf;
        };`,
    });
  });

  it('are followed where they go on at different places', () => {
    for (const [body, biases] of [
      [
        "here: { if (kind === 'a') return act; if (kind === 'b') break here; return bn; } return act;",
        'needed redundant',
      ],
      [
        "for (const f of [bn, act]) { if (kind === 'a') continue; if (kind) { if (o.c) return f; break; } } return act;",
        'needed redundant',
      ],
      [
        "for (const [name, f] of [['a', bn], ['b', act]]) { if (name !== kind) continue; return f; } return act;",
        'needed redundant',
      ],
      [
        "let f = act; for (const name of ['a', 'b']) { if (name === kind) break; f = bn; } return f;",
        'needed redundant',
      ],
      ['let i = 0; while (i < (kind ? 2 : 0)) { if (o.c) return bn; i++; } return act;', 'needed redundant'],
      ['let n = 0; for (let i = 0; i < (kind ? 2 : 1); i++) n++; return n > 2 ? act : bn;', 'redundant'],
      [
        'out: for (const a of [1, 2]) for (const b of [1, 2]) { if (kind && b > 1) continue out; if (a > 1) return bn; } return act;',
        'redundant',
      ],
      [
        "for (const f of [act, bn]) { switch (kind) { case 'a': continue; case 'b': return f; } return bn; } return bn;",
        'needed redundant',
      ],
      ['for (let i = 0; i < 40; i++) if (i === 30) return bn; return act;', 'redundant'],
      ['let f = act; do { f = bn; if (kind) break; } while (false); return f;', 'redundant'],
      [
        "switch (true) { case kind === 'a': return act; case kind === 'b': break; default: return bn; } return bn;",
        'needed redundant',
      ],
      ['if (kind && o.c) return act; if (kind && o.c) return act; return bn;', 'needed redundant'],
    ] as const)
      // prettier-ignore
      check(`
        const bn = (z) => tf.layers.batchNormalization().apply(z);
        const act = (z) => tf.layers.reLU().apply(z);
        function pick(kind, o) { ${body} }
        export function main(kind, o) { ${model('{ units: 3 }', 'pick(kind, o)(y)', biases)} }`);
  });

  it('are on one side of each condition: what follows from it is known there, and what one side sets is set there only', () => {
    for (const [body, biases] of [
      // The object of one side is not the one that the other side changes.
      [
        "let c = { units: 3 }; if (on) { c = { units: 3 }; return c; } if (!on) c.activation = 'relu'; return c;",
        'needed redundant',
      ],
      [
        "let c = { units: 3 }; if (on) c = { units: 3, activation: 'relu' }; if (!on) return c; c.activation = 'linear'; return c;",
        'redundant',
      ],
      [
        "let last = 'linear'; const set = () => { for (const name of ['relu', 'linear']) { last = name; if (on) return; } }; set(); return { units: 3, activation: last };",
        'needed redundant',
      ],
      [
        "if (on) return { units: 3 }; if (on) return { units: 3, activation: 'relu' }; return { units: 3 };",
        'redundant',
      ],
      [
        "if (on && wide) return { units: 3 }; if (on && wide) return { units: 3, activation: 'relu' }; return { units: 3 };",
        'redundant',
      ],
      [
        "if (on && wide) return { units: 3 }; if (on) return wide ? { units: 3, activation: 'relu' } : { units: 3 }; return { units: 3 };",
        'redundant',
      ],
      [
        "if (!(on || wide)) return { units: 3 }; if (!on && !wide) return { units: 3, activation: 'relu' }; return { units: 3 };",
        'redundant',
      ],
      [
        "if (on === 'a') return on === 'b' ? { units: 3, activation: 'relu' } : { units: 3 }; return { units: 3 };",
        'redundant',
      ],
      [
        "switch (on) { case 'a': case 'b': if (on === 'c') return { units: 3, activation: 'relu' }; } return { units: 3 };",
        'redundant',
      ],
    ] as const)
      // prettier-ignore
      check(`
        function config(on, wide) { ${body} }
        export function main(on, wide) { ${model('config(on, wide)', BN, biases)} }`);
  });

  it('of two comparisons of one value with different things only one holds, however they are met', () => {
    const { worlds } = check(`
      function first(kind) { if (kind === 'a') return 'relu'; if (kind === 'b') return 'tanh'; return 'linear'; }
      function second(kind) { if (kind === 'b') return true; if (kind === 'a') return false; return true; }
      export function main(kind) {
        const x = tf.input({ shape: [4] });
        const config = { units: 3, activation: first(kind), useBias: second(kind) };
        return tf.model({ inputs: x, outputs: tf.layers.batchNormalization().apply(tf.layers.dense(config).apply(x)) }); // bias needed none redundant
      }`);
    assert.equal(worlds.length, 3);
  });

  it('are not followed where exceptions may be caught, or in turns that are not known', () => {
    for (const body of [
      'try { if (o.a) throw o; return bn; } catch { return act; }',
      'for (let i = 0; i < o.n; i++) { if (o.a) return bn; } return act;',
      'for (const x of o) return bn; return act;',
      'while (true) { if (o.next()) return bn; }',
    ]) {
      const { silences } = recoverText({
        '/main.js': `
          const bn = (z) => tf.layers.batchNormalization().apply(z);
          const act = (z) => tf.layers.reLU().apply(z);
          function pick(o) { ${body} }
          export function main(o) { ${model('{ units: 3 }', 'pick(o)(y)', 'unknown')} }`,
      });
      assert.ok(
        silences.some(({ reason }) => /pick\(o\)\(y\).*condition that is not known/.test(reason)),
        body,
      );
    }
  });

  it('end functions that build also from within a loop that builds nothing', () => {
    check(`
      export function main(xs) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias needed redundant
        for (const x of xs) {
          if (!x.ok) continue;
          if (x.stop) return model;
        }
        model.add(tf.layers.batchNormalization());
        return model;
      }`);
  });
});
