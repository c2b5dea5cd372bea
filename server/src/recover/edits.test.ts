import assert from 'node:assert/strict';
import { Recoverer, type Recovered } from './index';

const TEXT = `import * as tf from '@tensorflow/tfjs';
const mean = tf.variable(tf.zeros([3]), false);
const variance = tf.variable(tf.ones([3]), false);
const kernel = tf.variable(tf.randomNormal([4, 3]));
const shift = tf.variable(tf.zeros([3]));
export function forward(x, useBn) {
  const y = tf.add(tf.matMul(x, kernel), shift);
  if (useBn) return tf.batchNorm(y, mean, variance);
  return mystery(tf.movingAverage(mean, y.mean(0), 0.9));
}
export class Net {
  constructor(options) {
    this.model = tf.sequential();
    this.model.add(tf.layers.dense({ units: 3, inputShape: [4] }));
    if (options.norm) this.model.add(tf.layers.batchNormalization());
    this.model.add(unseen(this.model));
  }
  step(x, optimizer) {
    return optimizer.minimize(() => {
      tf.movingAverage(mean, x.mean(0), 0.9);
      return forward(this.model.predict(x), true).mean();
    });
  }
}
`;

/** All that was found, with every place in it. */
function dump(recovered: Recovered): string {
  const numbers = new Map<object, number>();
  return JSON.stringify(recovered, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const known = numbers.get(value);
    if (known !== undefined && !('start' in value)) return `#${known}`;
    numbers.set(value, numbers.size);
    return value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value;
  });
}

describe('recover: after an edit', () => {
  const lines = TEXT.split('\n');
  it('every place is that of the new text, as if it had been read anew', () => {
    let text = TEXT;
    let version = 0;
    const host = { read: () => text, version: () => String(version), isFile: (path: string) => path === '/main.js' };
    const kept = new Recoverer(host);
    const before = dump(kept.recover('/main.js'));
    for (let line = 0; line < lines.length; line++) {
      text = [...lines.slice(0, line), '// one more line', ...lines.slice(line)].join('\n');
      version++;
      const after = dump(kept.recover('/main.js'));
      assert.equal(after, dump(new Recoverer(host).recover('/main.js')), `a line before line ${line + 1}`);
      if (line < 5) assert.notEqual(after, before);
    }
  });
});
