import assert from 'node:assert/strict';
import { Analyzer } from './analyzer';
import { MemoryFileSystem } from './testing';

const TF = `import * as tf from '@tensorflow/tfjs';`;
const NET = (body: string): string => `${TF}
export class Net {
  constructor() {
    this.model = tf.sequential();
    this.model.add(tf.layers.dense({ units: 4, inputShape: [4] }));
    this.model.add(tf.layers.batchNormalization());
  }
  ${body}
}`;
const trainer = (call: string): string => `${TF}
export function train(net, optimizer, x) {
  optimizer.minimize(() => ${call}.mean());
}`;

function rulesOf(files: Readonly<Record<string, string>>): { readonly found: string[]; readonly why: string } {
  const analyzer = new Analyzer(new MemoryFileSystem(files));
  analyzer.setFiles(Object.keys(files));
  const found = Object.keys(files).flatMap((file) => analyzer.report(file).findings.map(({ rule }) => rule));
  return {
    found,
    why: analyzer
      .explain('/net.js')
      .map(({ reason }) => reason)
      .join('\n'),
  };
}

describe('analyzer: models that are trained where nobody sees both', () => {
  const predicting = NET('policy(x) { return this.model.predict(x); }');

  it('says nothing of a bias whose model a file with gradient steps may predict with', () => {
    const { found, why } = rulesOf({ '/net.js': predicting, '/train.js': trainer('net.policy(x)') });
    assert.deepEqual(found, []);
    assert.match(why, /train\.js takes gradient steps and calls a method `policy`/);
  });

  it('speaks where no such method is called, where no steps are taken, and where the steps are seen', () => {
    const steps = `${TF}
import { Net } from './net.js';
const net = new Net();
export const step = (optimizer, x) => optimizer.minimize(() => net.forward(x).mean());
export const policy = (x) => net.policy(x);`;
    for (const files of [
      { '/net.js': predicting, '/train.js': trainer('net.other(x)') },
      { '/net.js': predicting, '/use.js': `${TF}\nexport const act = (net, x) => net.policy(x).argMax(1);` },
      {
        '/net.js': NET(`policy(x) { return this.model.predict(x); }
          forward(x) { return this.model.apply(x, { training: true }); }`),
        '/train.js': steps,
      },
    ])
      assert.deepEqual(rulesOf(files).found, ['redundant-bias']);
  });

  it('takes a method called predict for another one where tfjs trains the model itself', () => {
    const fitted = NET(`fit(x, y) { return this.model.fit(x, y); }
      predict(x) { return this.model.predict(x); }`);
    const train = { '/train.js': trainer('net.predict(x)') };
    assert.deepEqual(rulesOf({ '/net.js': fitted, ...train }).found, ['redundant-bias']);
    assert.deepEqual(rulesOf({ '/net.js': NET('predict(x) { return this.model.predict(x); }'), ...train }).found, []);
  });
});
