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

  it('is there, or not there, by the condition', () => {
    for (const [code, use] of [
      ['const o = {}; if (f) o.act = true;', "'act' in o"],
      ['const o = {}; if (f) o.act = true;', 'Object.keys(o).length'],
      ['const o = {}; if (f) o.act = true;', "Object.hasOwn(o, 'act')"],
      ['const o = { act: 1 }; if (f) delete o.act;', "'act' in o"],
      ['const o = {}; if (f) o.act = false; const { act = true } = o;', 'act'],
      ['const o = { a: 1 }; if (f) o.act = true; const { a, ...r } = o;', "'act' in r"],
      ["const m = new Map([['act', 1]]); if (f) m.delete('act');", "m.has('act')"],
      ['const s = new Set(); if (f) s.add(1);', 's.size > 0'],
      ['const o = {}; if (f) o.act = true; let n = 0; for (const k in o) n++;', 'n'],
    ] as const) {
      const { worlds } = check(program(code, use, 'needed redundant'));
      assert.equal(worlds.length, 2, code);
    }
    for (const config of ['{ ...given, ...o }', 'Object.assign({}, given, o)', '{ ...given, ...(f ? o : {}) }'])
      check(`
        export function main(f) {
          const given = { units: 3, activation: 'relu' };
          const o = {};
          if (f) o.activation = 'linear';
          const x = tf.input({ shape: [4] });
          const y = tf.layers.dense(${config}).apply(x); // bias needed redundant
          return tf.model({ inputs: x, outputs: tf.layers.batchNormalization().apply(y) });
        }`);
  });

  it('may have happened, or not, where nobody waits for it, or where code that is not seen calls it', () => {
    for (const code of [
      'const p = later(); await other(); async function later() { await null; act = true; }',
      'Promise.resolve().then(() => { act = true; }); await other();',
      '[1].forEach(async () => { await null; act = true; });',
      'xs.request((answer) => { act = true; });',
      'later(); await other(); async function later() { for (const x of xs) { await x; act = true; } }',
      'const r = await new Promise((done) => { if (f) done(true); else done(false); }); act = r;',
    ])
      check(
        program(`let act = false; ${code}`, 'act', 'needed redundant').replace(
          'export function',
          'export async function',
        ),
      );
    check(
      program('let n = 0; [1].forEach(async () => { n++; await null; });', 'n', 'needed').replace(
        'export function',
        'export async function',
      ),
    );
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

describe('recover: what is one of several things', () => {
  it('may be any of them where it is changed', () => {
    const on = 'function on(c) { c.act = true; }';
    for (const [code, use, outside] of [
      ["const cs = [{ n: 'a' }, { n: 'b' }]; const c = cs.find(({ n }) => n === f); if (c) c.act = true;", 'cs[0].act'],
      ["const cs = [{ n: 'a' }]; cs.filter(({ n }) => n === f).forEach((c) => { c.act = true; });", 'cs[0].act'],
      ["const cs = [{ n: 'a' }]; for (const c of cs.filter(({ n }) => n === f)) on(c);", 'cs[0].act', on],
      ['const cs = { a: {}, b: {} }; cs[f].act = true;', 'cs.a.act'],
      ['const cs = { a: [], b: [] }; cs[f].push(1);', 'cs.a.length'],
      ['const cs = { a: false }; cs[f] = true;', 'cs.a'],
      ['const cs = { a: true }; delete cs[f];', '!cs.a'],
      ['const cs = [false, false]; cs[f] = true;', 'cs[0]'],
      ['const cs = [1, 0]; cs.splice(f, 1);', 'cs[0] === 0'],
      ["const cs = new Map([['a', false]]); cs.set(f, true);", "cs.get('a')"],
      ["const cs = new Map([['a', {}]]); on(cs.get(f) ?? {});", "cs.get('a').act", on],
      ['let act = false; const fs = { a: () => { act = true; } }; fs[f]();', 'act'],
      ['let act = false; const fs = { a: () => { act = true; } }; const g = fs[f]; g();', 'act'],
      ['const fs = { a: () => model.add(tf.layers.reLU()), b: () => {} }; fs[f]();', 'false'],
      ['const fs = { a: () => model.add(tf.layers.reLU()), b() {} }; const g = fs[f]; if (xs) g();', 'false'],
      ['const cs = { a: { on() { model.add(tf.layers.reLU()); } }, b: { on() {} } }; cs[f].on();', 'false'],
      [
        'const cs = { a: A, b: B }; new cs[f](model);',
        'false',
        'class A { constructor(m) { m.add(tf.layers.reLU()); } } class B {}',
      ],
    ] as const)
      check(program(code, use, 'needed redundant', outside));
  });

  it('is called in the order of the list where it is one element', () => {
    check(program('let act = false; const fs = [() => { act = true; }]; fs[0]();', 'act', 'needed'));
    check(program('const l = []; Array.prototype.push.apply(l, [1]);', 'l.length', 'needed'));
    check(program('let act = false; const on = () => { act = true; }; on`x${f}`;', 'act', 'needed'));
  });
});

describe('recover: generators', () => {
  it('yield under conditions, and end where nobody asks for more', () => {
    for (const code of [
      'function* g() { yield 1; if (f) yield 2; } n = [...g()].length;',
      'function* g() { yield 1; if (f) yield 2; } for (const x of g()) { if (x === 2) break; n++; } n = n + Number(f);',
      'function* g() { try { yield 1; yield 2; } finally { n = 2; } } for (const x of g()) { if (f) break; } n = f ? n : 0;',
    ])
      check(program(`let n = 0; ${code}`, 'n === 2', 'needed redundant'));
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
      ['await fail(f).catch(() => { act = true; });', `async ${fail}`],
      ['act = !(await ok(f).catch(() => false));', 'async function ok(x) { if (x.stop) throw x; return true; }'],
      ['await fail(f).then(() => {}, () => { act = true; });', `async ${fail}`],
      [
        'try { await ask(f); } catch { act = true; }',
        'const ask = (x) => new Promise((y, n) => { if (x) n(); else y(); });',
      ],
      [
        'try { await ask(f); } catch { act = true; }',
        'const ask = (x) => (x ? Promise.reject(x) : Promise.resolve(x));',
      ],
      ['try { if (f.stop) die(); } catch { return model; }', 'function die() { throw new Error(); }'],
    ] as const)
      check(
        program(
          `let act = false; ${code}`,
          'act',
          /finally/.test(code) ? 'needed' : 'needed redundant',
          outside,
        ).replace('export function main', 'export async function main'),
      );
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
