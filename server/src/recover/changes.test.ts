import assert from 'node:assert/strict';
import { check } from './testing';

/** A model that holds an activation where `use` says so, behind `code`. */
function program(code: string, use: string, biases: string, outside = ''): string {
  return `
    ${outside}
    export function main(f, xs) {
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias ${biases}
      ${code}
      if (${use}) model.add(tf.layers.reLU());
      model.add(tf.layers.batchNormalization());
      return model;
    }`;
}

describe('recover: what code changes that builds nothing', () => {
  it('depends on the condition that it runs under, whatever leads to the change', () => {
    for (const [code, use, outside] of [
      ["const m = new Map(); if (f) m.set('act', true);", "m.get('act')"],
      ['const o = { act: false }; const p = o; if (f) p.act = true;', 'o.act'],
      ['const o = { act: false }; if (f) { const p = o; p.act = true; }', 'o.act'],
      ['const o = { act: false }; if (f) on(o);', 'o.act', 'function on(p) { p.act = true; }'],
      ['const o = { on: { act: false } }; if (f) on(o);', 'o.on.act', 'function on({ on: p }) { p.act = true; }'],
      ['const l = []; if (f) put(l);', 'l.length > 0', 'function put(to) { to.push(1); }'],
      ['let act = false; if (f) [1].forEach(() => { act = true; });', 'act'],
      ['let act = false; if (f) (() => { act = true; })();', 'act'],
      ['let act = false; if (f) { const on = () => { act = true; }; on(); }', 'act'],
      ['let act = false; const on = () => { act = true; }; if (f) on.call(null);', 'act'],
      ['const o = { act: false }; function on() { this.act = true; } if (f) on.bind(o)();', 'o.act'],
      ['if (f) Opt.on();', 'Opt.act', 'class Opt { static act = false; static on() { this.act = true; } }'],
      ['if (f) new Count();', 'Count.n', 'class Count { static n = 0; constructor() { Count.n++; } }'],
      ['function o() {} o.act = false; if (f) o.act = true;', 'o.act'],
      ['let act = false; if (f) for (act of [true]);', 'act'],
      ['const o = [{ act: false }]; if (f) o[0].act = true;', 'o[0].act'],
      ['const o = { act: false }; const get = () => o; if (f) get().act = true;', 'o.act'],
      [
        'const b = new B(); if (f) b.one().two();',
        'b.act',
        'class B { act = false; one() { return this; } two() { this.act = true; } }',
      ],
      ['let n = 0; const o = { get x() { n++; return 1; } }; if (f) o.x;', 'n'],
      ['const l = [[]]; if (f) l[0].push(1);', 'l[0].length'],
      ['let n = 0; if (f) { class A { static x = n++; } }', 'n'],
      ['const o = { act: false }; f && on(o);', 'o.act', 'function on(p) { p.act = true; }'],
      ['const o = { act: false }; f ? on(o) : 0;', 'o.act', 'function on(p) { p.act = true; }'],
      ['f.cfg.act = false; if (f.on) on(f);', 'f.cfg.act', 'function on(p) { p.cfg.act = true; }'],
    ] as const) {
      const { worlds } = check(program(code, use, 'needed redundant', outside));
      assert.equal(worlds.length, 2, code);
    }
  });

  it('is not known where it is not followed to its end', () => {
    const on = 'function on(o) { o.act = true; o.n = (o.n ?? 0) + 1; }';
    for (const [code, use, outside] of [
      ['const o = { act: false }; for (const x of xs) { if (x.b) continue; on(o); }', 'o.act', on],
      ['let act = false; for (const x of xs) { if (x.b) break; [1].forEach(() => { act = true; }); }', 'act'],
      ['const o = { n: 0 }; for (const x of xs) on(o);', 'o.n === 1', on],
      ['const o = { n: 0 }; for (let i = 0; i < 30; i++) on(o);', 'o.n === 30', on],
      ['const o = {}; for (let i = 0; i < 30; i++) o[`k${i}`] = true;', 'o.k29'],
      ['const l = Array(30).fill(0); for (let i = 0; i < 30; i++) l[i] = 1;', 'l[29]'],
      [
        'const o = { act: false }; run(xs, o);',
        'o.act',
        `${on} function run(xs, o) { here: { if (xs.a) break here; if (xs.b) return; on(o); } }`,
      ],
      [
        'const m = new Map(); run(xs, m);',
        "m.get('a')",
        "function run(xs, m) { for (const x of xs) { if (x.b) continue; if (x.a) { m.set('a', true); return; } } }",
      ],
    ] as const)
      check(program(code, use, 'needed redundant', outside));
  });
});

describe('recover: exceptions', () => {
  const fail = 'function fail(x) { if (x.stop) throw new Error(); }';
  const deep = `${fail} function all(x) { fail(x); }`;

  it('are decided where code that builds goes on behind them', () => {
    for (const [code, outside] of [
      ['try { fail(f); } catch { act = true; }', fail],
      ['try { all(f); } catch { act = true; }', deep],
      ['try { for (const x of xs) fail(x); } catch { act = true; }', fail],
      ['try { xs.forEach((x) => { if (x.stop) throw new Error(); }); } catch { act = true; }'],
      ['act = true; try { fail(f); act = false; } catch {}', fail],
      ['try { fail(f); } catch (e) { if (!f.late) { model.add(tf.layers.reLU()); } }', fail],
      ['try { all(f); model.add(tf.layers.reLU()); } catch {}', deep],
      ['try { fail(f); model.add(tf.layers.reLU()); } finally { console.log(1); }', fail],
      ['try { if (f.stop) die(); } catch { return model; }', 'function die() { throw new Error(); }'],
    ] as const)
      check(program(`let act = false; ${code}`, 'act', /finally/.test(code) ? 'needed' : 'needed redundant', outside));
  });

  it('end the sides that no world can be on', () => {
    for (const code of ['if (f) die();', 'f && die();', 'if (!f) { xs.act = 1; } else { act = true; die(); }']) {
      const { worlds } = check(
        program(`let act = false; ${code}`, 'act', 'redundant', 'function die() { throw new Error(); }'),
      );
      assert.equal(worlds.length, 1, code);
    }
  });
});
