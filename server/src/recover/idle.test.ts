import assert from 'node:assert/strict';
import { biasFate } from '../graph';
import { fingerprint } from './fingerprint';
import { Recoverer } from './index';
import { recoverText } from './testing';

/** The fates, over all worlds, of the biases of the dense layers of a program. */
function fates(files: string | Readonly<Record<string, string>>): string[] {
  const { worlds } = recoverText(typeof files === 'string' ? { '/main.js': files } : files);
  const found = worlds.flatMap(({ graph }) =>
    graph.layers
      .filter(({ kind }) => kind === 'dense')
      .map((layer) => biasFate(graph, layer, { callerMode: 'batch' }).kind),
  );
  return [...new Set(found)].sort();
}

const chain = (between: string, activation = 'null'): string => `
  const m = tf.sequential();
  m.add(tf.layers.dense({ inputShape: [4], units: 8, activation: ${activation} }));
  ${between}
  m.add(tf.layers.batchNormalization());
  return m;`;

describe('recover: code that runs at a time that is not known', () => {
  it('makes what methods on a prototype set unknown', () => {
    const text = (method: string, use: string): string => `
      function Net() { this.relu = false; }
      ${method}
      Net.prototype.build = function () { ${chain('if (this.relu) m.add(tf.layers.reLU());')} };
      ${use}`;
    const setter = 'Net.prototype.set = function (on) { this.relu = on; };';
    for (const use of ['module.exports = Net;', 'module.exports = new Net();', 'window.net = new Net();']) {
      assert.deepEqual(fates(text('', use)), ['redundant'], use);
      assert.deepEqual(fates(text(setter, use)), ['needed', 'redundant'], use);
      assert.deepEqual(
        fates(text('Net.prototype = { set(on) { this.relu = on; } };', use)),
        ['needed', 'redundant'],
        use,
      );
    }
  });

  it('makes what it sets unknown: a switch decides in worlds', () => {
    const text = (how: string): string => `
      let useRelu = false;
      const state = { relu: false };
      ${how}
      export function build() { ${chain('if (useRelu || state.relu) m.add(tf.layers.reLU());')} }`;
    assert.deepEqual(fates(text('')), ['redundant']);
    for (const how of [
      'box.onchange = (e) => { useRelu = e.target.checked; };',
      "window.addEventListener('message', (e) => { state.relu = e.data.relu; });",
      'export function configure(o) { Object.assign(state, { relu: o.relu }); }',
      'export function set(key, value) { state[key] = value; }',
      'const turn = () => { useRelu = !useRelu; }; export const both = () => { turn(); };',
    ])
      assert.deepEqual(fates(text(how)), ['needed', 'redundant'], how);
  });

  it('makes what it sets unknown, whatever leads to it', () => {
    for (const [text, use] of [
      ['const s = { act: false }; export function set(o) { put(s, o); } function put(to, o) { to.act = o; }', 's.act'],
      ["const s = new Map(); export function set(o) { s.set('act', o); }", "s.get('act')"],
      ['const s = []; export function set(o) { put(s, o); } function put(to, o) { to.push(o); }', 's.length'],
      ['export class Opt { static act = false; static set(o) { this.act = o; } }', 'Opt.act'],
      ['class Opt { act = false; set(o) { this.act = o; } } export const o = new Opt(); o.set(false);', 'o.act'],
      ['let act = false; export function set(o) { act = o; } set(false);', 'act'],
    ] as const) {
      const build = `export function build() { ${chain(`if (${use}) m.add(tf.layers.reLU());`)} }`;
      assert.deepEqual(fates(`${text} ${build}`), ['needed', 'redundant'], text);
    }
  });

  it('leaves alone what it sets as it is', () => {
    const text =
      'class Opt { constructor() { this.reset(); } reset() { this.act = false; } } export const o = new Opt();';
    assert.deepEqual(fates(`${text} export function build() { ${chain('if (o.act) m.add(tf.layers.reLU());')} }`), [
      'redundant',
    ]);
  });

  it('silences where the activation may have been set', () => {
    assert.deepEqual(
      fates(
        `let act = null; export const setAct = (a) => { act = a; }; export function build() { ${chain('', 'act')} }`,
      ),
      ['unknown'],
    );
    assert.deepEqual(
      fates(`
        export class Builder {
          constructor() { this.act = null; }
          setActivation(a) { this.act = a; return this; }
          build() { ${chain('', 'this.act')} }
        }`),
      ['unknown'],
    );
    assert.deepEqual(
      fates(`
        export class Builder {
          act = null;
          setActivation = (a) => { this.act = a; return this; };
          build = () => { ${chain('', 'this.act')} };
        }`),
      ['unknown'],
    );
  });

  it('leaves layers and models alone', () => {
    assert.deepEqual(
      fates(`
        let model = null;
        function make() { ${chain('')} }
        model = make();
        export function dispose() { model.dispose(); model = null; }
        export const train = () => model.fit(x, y);`),
      ['redundant'],
    );
  });

  it('counts what a branch sets through a function, an element, a deletion or Object.assign', () => {
    const text = (set: string, before = ''): string => `
      const config = { activation: 'relu' };
      ${before}
      export function build(linear) { if (linear) ${set} ${chain('', 'config.activation')} }`;
    for (const [set, before] of [
      ['config.activation = null;'],
      ["config['activation'] = null;"],
      ['delete config.activation;'],
      ['Object.assign(config, { activation: null });'],
      ['reset();', 'const reset = () => { config.activation = null; };'],
    ] as const)
      assert.deepEqual(fates(text(set, before)), ['needed', 'redundant'], set);
    // A method of an object may be called by others too.
    assert.deepEqual(fates(text('holder.clear();', 'const holder = { clear() { config.activation = null; } };')), [
      'redundant',
      'unknown',
    ]);
  });

  it('sees a tensor or a layer that a getter or a function gives away', () => {
    const net = (give: string): string => `
      export class Net {
        constructor() {
          const input = tf.input({ shape: [4] });
          this.pre = tf.layers.dense({ units: 8 }).apply(input);
          this.model = tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(this.pre) });
        }
        ${give}
      }`;
    assert.deepEqual(fates(net('')), ['redundant']);
    assert.deepEqual(fates(net('get features() { return this.pre; }')), ['needed', 'redundant']);
    assert.deepEqual(fates(net('features() { return { pre: this.pre }; }')), ['needed', 'redundant']);
    assert.deepEqual(fates(net('loss() { return this.pre.square().mean(); }')), ['needed', 'redundant']);
  });

  it('runs what a class inherits from another file on its own instances', () => {
    const base = `
      export class Base {
        between(x) { return x; }
        build() {
          const input = tf.input({ shape: [4] });
          const y = this.between(tf.layers.dense({ units: 4 }).apply(input));
          return tf.model({ inputs: input, outputs: tf.layers.batchNormalization().apply(y) });
        }
      }`;
    const child = `
      import { Base } from './base';
      export class Child extends Base { between(x) { return tf.layers.reLU().apply(x); } }`;
    assert.deepEqual(fates({ '/child.js': child, '/base.js': base }), ['needed']);
  });

  it('asks anew who uses a function whose own text an edit leaves alone', () => {
    const before = `
      let useRelu = false;
      function turn() { useRelu = !useRelu; }
      export function build() { ${chain('if (useRelu) m.add(tf.layers.reLU());')} }`;
    const edits = [`${before}\nbox.onchange = turn;`, before, before.replace('function turn', 'export function turn')];
    let text = before;
    let version = 0;
    const host = { read: () => text, version: () => String(version), isFile: (path: string) => path === '/main.js' };
    const kept = new Recoverer(host);
    kept.recover('/main.js');
    for (const edit of edits) {
      text = edit;
      version++;
      const prints = (recoverer: Recoverer): string[] =>
        recoverer.recover('/main.js').worlds.map(({ graph }) => fingerprint(graph));
      assert.deepEqual(prints(kept), prints(new Recoverer(host)), edit);
    }
  });
});
