import assert from 'node:assert/strict';
import { check, recoverText } from './testing';

/** More conditions than there can be worlds, each of which runs what `use` says. */
function conditions(use: string): string {
  return Array.from({ length: 60 }, (_, index) => `if (o.f${index}) { ${use} }`).join('\n');
}

const BUILD = `
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant
  model.add(tf.layers.batchNormalization());`;

const [FIT, STEP] = ['model.fit(o.x, o.y);', 'opt.minimize(() => model.apply(o.x, { training: true }).mean());'];

describe('recover: more conditions than worlds', () => {
  it('are joined where both sides only use what is there', () => {
    for (const use of [FIT, STEP, 'other.setWeights(model.getWeights());', 'o.log(model.predict(o.x).add(1));']) {
      const { silences, worlds } = check(`export function main(o, other, opt) { ${BUILD}\n ${conditions(use)} }`);
      assert.deepEqual(silences, []);
      assert.equal(worlds.length, 1);
    }
  });

  it('are joined in a loop that trains, plays and may end at any of them', () => {
    const { silences } = check(`
      class Memory { constructor() { this.items = []; } append(x) { this.items.push(x); } clear() { this.items = []; } }
      export function main(o, opt) { ${BUILD}
        const memory = new Memory();
        let best = -Infinity;
        while (true) {
          ${conditions('memory.append(o.play());')}
          ${conditions(STEP)}
          const score = o.score();
          if (score > best) { best = score; model.fit(o.x, o.y); }
          switch (o.action) { case 'up': o.y++; break; case 'train': ${FIT} break; }
          if (score > o.most || memory.items.length > 10) break;
          if (o.done) { memory.clear(); continue; }
          if (o.failed) return null;
        }
        return best;
      }`);
    assert.deepEqual(silences, []);
  });

  it('leave what either side does in the one world', () => {
    check(`
      export function main(o, opt) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias redundant
        model.add(tf.layers.batchNormalization());
        ${conditions(FIT)}
        if (o.late) return;
        opt.minimize(() => model.predict(o.x).mean()); // runs stored
      }`);
  });

  it('go on behind a side that leaves the function: what it gives back depends on the condition', () => {
    const { worlds } = check(
      `
      const a = tf.layers.dense({ units: 3 }); // bias redundant
      const b = tf.layers.dense({ units: 3 }); // bias redundant
      function pick(o, opt, model) {
        ${conditions(FIT)}
        if (o.first) { opt.minimize(() => model.apply(o.x)); return a; }
        return b;
      }
      export function main(o, opt, model) {
        const x = tf.input({ shape: [4] });
        const y = pick(o, opt, model).apply(x);
        const others = [a.apply(x), b.apply(x)];
        return tf.model({ inputs: x, outputs: tf.layers.batchNormalization().apply(y) });
      }`.replace('const others = [a.apply(x), b.apply(x)];\n', ''),
    );
    assert.equal(new Set(worlds.map(({ decisions }) => decisions.map(({ text }) => text).join())).has('o.first'), true);
  });

  it('are decided as long as something is built behind a side that leaves', () => {
    check(`
      export function main(o, opt) {
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 3, inputShape: [4] })); // bias needed redundant
        if (o.plain) { model.add(tf.layers.reLU()); }
        train(o, opt, model);
        model.add(tf.layers.batchNormalization());
        return model;
      }
      function train(o, opt, model) { ${conditions(FIT)} }`);
    const { silences } = recoverText({
      '/main.js': `export function main(o) { ${BUILD.replace('model.add(tf.layers.batch', `${conditions('return model;')} model.add(tf.layers.batch`)} return model; }`,
    });
    assert.ok(silences.some(({ reason }) => /too many conditions/.test(reason)));
  });

  it('are not joined where a side builds, freezes, or puts a layer in a list', () => {
    for (const side of [
      'model.add(tf.layers.reLU());',
      'model.add(spare);',
      'list.forEach((layer) => model.add(layer));',
      'model.trainable = o.trainable;',
      'list.push(spare);',
      'spare.apply(tf.input({ shape: [4] }));',
    ]) {
      const { silences } = recoverText({
        '/main.js': `
          export function main(o) { ${BUILD}
            const spare = tf.layers.reLU();
            const list = [spare];
            ${conditions(side)}
            return list;
          }`,
      });
      assert.ok(
        silences.some(({ reason }) => /too many conditions/.test(reason)),
        side,
      );
    }
  });

  it('are joined where `trainable` is set back', () => {
    const { silences } = check(`
      function copyWeights(to, from) {
        const before = to.trainable;
        to.trainable = from.trainable;
        to.setWeights(from.getWeights());
        to.trainable = before;
      }
      export function main(o) { ${BUILD}
        const target = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
        ${conditions('copyWeights(target, model);')}
      }`);
    assert.deepEqual(silences, []);
  });
});
