import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint';
import { Recoverer } from './index';

/** The worlds of a program as texts: what was decided, and the graph. */
function worldsOf(files: Readonly<Record<string, string>>, root: string, anew: boolean): string[] {
  const host = {
    read: (path: string) => files[path],
    version: () => '1',
    isFile: (path: string) => path in files,
  };
  return new Recoverer(host)
    .recover(root, { anew })
    .worlds.map(({ graph, decisions }) =>
      [...decisions.map(({ text, value }) => `${text}=${value}`), fingerprint(graph)].join('\n'),
    );
}

/** Worlds that start from a state that is taken back are those that start from nothing. */
function same(files: Readonly<Record<string, string>>, root = Object.keys(files)[0]!): void {
  const anew = worldsOf(files, root, true);
  assert.deepEqual(worldsOf(files, root, false), anew);
  assert.ok(anew.length > 0, `nothing was recovered of ${root}`);
}

describe('recover: taking a world back', () => {
  it('restores names, fields, lists, collections and objects that a segment changes', () => {
    same({
      '/main.js': `
        let width = 4;
        const layers = [tf.layers.dense({ units: 3, inputShape: [2] })];
        const byName = new Map([['first', layers[0]]]);
        const options = { useBias: true, units: 2 };
        const model = tf.sequential();
        function tail() { return layers[layers.length - 1]; }
        tail.count = 0;
        class Holder { static made = 0; constructor() { this.kept = []; Holder.made++; } }
        const holder = new Holder();
        export function first(deep, norm) {
          width = deep ? 8 : width + 1;
          layers.push(tf.layers.dense({ units: width }));
          if (norm) { layers.unshift(tf.layers.flatten({ inputShape: [2] })); byName.delete('first'); }
          byName.set('last', tail());
          delete options.units;
          options.activation = deep ? 'relu' : 'tanh';
          tail.count++;
          holder.kept.push(tail());
          holder.extra = norm;
          layers[0].trainable = deep;
          model.add(layers[layers.length - 1]);
        }
        export function second(deep) {
          if (deep) layers.reverse();
          for (const layer of byName.values()) layers.push(layer);
          holder.kept.forEach((layer) => layers.push(layer));
          const units = tail.count + Holder.made + Object.keys(options).length + width;
          layers.push(tf.layers.dense({ ...options, units: units }));
          if ('extra' in holder && holder.extra) layers.push(tf.layers.batchNormalization());
          return tf.sequential({ layers });
        }
        export function third() {
          model.add(tf.layers.dense({ units: layers.length }));
          model.compile({ optimizer: 'sgd' });
          return model.fit(x, y);
        }`,
    });
  });

  it('restores models, weights, steps and escapes of layers that were there before', () => {
    same({
      '/main.ts': `
        import { shared, net } from './net';
        const optimizer = tf.train.adam();
        export const step = (x, really) => optimizer.minimize(() => (really ? net.predict(x) : net.apply(x, { training: true })));
        export const load = (from) => { if (from) net.setWeights(from.getWeights()); else net.loadWeights('w'); };
        export const hand = (to) => { if (to) to(shared); net.trainable = !to; };
        export const twice = (x, y) => [shared.apply(x), y ? shared.apply(y) : null];`,
      '/net.ts': `
        export const shared = tf.layers.dense({ units: 3, inputShape: [2] });
        export const net = tf.sequential({ layers: [shared, tf.layers.batchNormalization()] });`,
    });
  });

  it('restores layer classes that a step has built and called', () => {
    same({
      '/main.js': `
        class Block extends tf.layers.Layer {
          constructor(units) { super({}); this.units = units; this.calls = []; }
          build() { this.dense = tf.layers.dense({ units: this.units }); this.norm = tf.layers.batchNormalization(); }
          call(inputs, kwargs) {
            this.calls.push(tf.layers.dropout({ rate: 0.5 }));
            const x = this.dense.apply(inputs[0]);
            return this.units > 3 ? this.norm.apply(x, kwargs) : this.norm.apply(x);
          }
        }
        const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] }), new Block(3), new Block(4)] });
        export const step = (optimizer, x, training, twice) => {
          optimizer.minimize(() => model.apply(x, { training: training ? true : false }).mean());
          if (twice) optimizer.minimize(() => model.predict(x).mean());
        };
        export const other = (x, on) => tf.variableGrads(() => (on ? model.layers[1] : model).apply(x, { training: true }).mean());`,
    });
  });

  it('runs what comes before again where a condition that was decided there turns', () => {
    same({
      '/main.js': `
        const norm = flags.norm;
        const layers = [tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], useBias: !norm })];
        if (norm) layers.push(tf.layers.batchNormalization());
        export function build(relu) {
          if (relu) layers.push(tf.layers.reLU());
          if (!norm) layers.push(tf.layers.flatten());
          return tf.sequential({ layers: [...layers, tf.layers.dense({ units: norm ? 2 : 3 })] });
        }
        export function other() { return tf.sequential({ layers: norm ? layers : [] }); }`,
    });
  });

  it('runs a segment with too many conditions once more', () => {
    const conditions = Array.from({ length: 60 }, (_, index) => `if (o.f${index}) last = model.fit(o.x, o.y);`);
    same({
      '/main.js': `
        const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
        let last = null;
        export function main(o) { ${conditions.join(' ')} if (o.deep) model.add(tf.layers.batchNormalization()); }
        export function more(o) { if (last === null) model.add(tf.layers.reLU()); return model; }`,
    });
  });

  for (const folder of ['dcgan', 'mnist-cnn', 'resnet', 'vae']) {
    it(`gives the same worlds of examples/${folder}`, () => {
      const base = join(__dirname, '..', '..', '..', 'examples', folder);
      const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.[cm]?[jt]sx?$/.test(name),
      );
      const files = Object.fromEntries(
        names.map((name) => [`/${name.replaceAll('\\', '/')}`, readFileSync(join(base, name), 'utf8')]),
      );
      for (const root of Object.keys(files)) if (worldsOf(files, root, true).length > 0) same(files, root);
    });
  }
});
