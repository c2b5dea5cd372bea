import assert from 'node:assert/strict';
import { recoverText } from '../recover/testing';
import type { Finding } from './finding';
import { diagnose } from './index';
import { updatesNotRun } from './updates-not-run';

interface Program {
  readonly trainable?: string;
  readonly mean?: string;
  readonly offset?: string;
  readonly norm?: string;
  readonly before?: string;
  readonly after?: string;
  readonly list?: string;
}

/** A training step on functions on tensors; what differs from the plain case is given. */
function program(parts: Program = {}): string {
  const {
    trainable = ', false',
    mean = 'tf.zeros([8])',
    offset = 'offset',
    before = '',
    after = '',
    list = '',
  } = parts;
  const norm = parts.norm ?? `tf.batchNorm(y, mean, variance, ${offset}, scale)`;
  return `import * as tf from '@tensorflow/tfjs';
const filter = tf.variable(tf.randomNormal([3, 3, 3, 8]));
const offset = tf.variable(tf.zeros([8]));
const scale = tf.variable(tf.ones([8]));
const mean = tf.variable(${mean}${trainable});
const variance = tf.variable(tf.ones([8])${trainable});
const optimizer = tf.train.adam();
function forward(x) {
  const y = tf.conv2d(x, filter, 1, 'same');
  ${before}
  return ${norm};
}
export function step(tf, x) {
  optimizer.minimize(() => forward(x).square().mean()${list});
}
${after}`;
}

function found(parts?: Program): readonly Finding[] {
  const { worlds } = recoverText({ '/main.ts': program(parts) });
  return diagnose(worlds, [updatesNotRun]).map(({ finding }) => finding);
}

describe('rule updates-not-run on functions on tensors', () => {
  it('reports a batch norm whose statistics nothing assigns, and how the step comes there', () => {
    const [finding, ...more] = found();
    assert.deepEqual(more, []);
    assert.deepEqual(finding!.message, {
      what: '`tf.batchNorm` runs inside a training step (`minimize`) on statistics that nothing ever updates.',
      why: 'A function on tensors changes no variable: `mean` and `variance` keep the values that they were made with, so this step trains the scale and the offset while nothing is normalised by the batch.',
      todo: 'Normalise by the moments of the batch here (`tf.moments`), and assign the stored statistics what `tf.movingAverage` makes of them.',
    });
    assert.equal(finding!.place.start, program().indexOf('tf.batchNorm('));
    assert.deepEqual(
      finding!.related.map(
        ({ place, message }) => `${program().slice(place.start, place.end).slice(0, 18)}: ${message}`,
      ),
      [
        'optimizer.minimize: the training step: `minimize`',
        'forward(x): which comes here through this call',
        'tf.variable(tf.zer: a variable that keeps this value',
        'tf.variable(tf.one: a variable that keeps this value',
      ],
    );
  });

  it('reports a moving average that is thrown away, in place of the batch norm', () => {
    const before = 'tf.movingAverage(mean, tf.mean(y, [0, 1, 2]), 0.9, 1);';
    const [finding, ...more] = found({ before });
    assert.deepEqual(more, []);
    assert.equal(
      finding!.message.what,
      'The result of this `tf.movingAverage` is thrown away, so `mean` is never updated.',
    );
    assert.equal(finding!.message.todo, 'Assign the result: `mean.assign(tf.movingAverage(mean, …))`.');
    const moments = `const { mean: m, variance: v } = tf.moments(y, [0, 1, 2]);\n  ${before}`;
    const norm = 'tf.batchNorm(y, m, v, offset, scale)';
    assert.equal(found({ before: moments, norm }).length, 1);
  });

  const silent: Readonly<Record<string, Program>> = {
    'statistics that are assigned': { before: 'mean.assign(tf.movingAverage(mean, tf.mean(y, [0, 1, 2]), 0.9, 1));' },
    'an assignment in code that is not followed': { after: 'export const restore = (from) => mean.assign(from);' },
    'moments of the batch': {
      before: 'const moments = tf.moments(y, [0, 1, 2]);',
      norm: 'tf.batchNorm(y, moments.mean, moments.variance, offset, scale)',
    },
    'statistics that come from elsewhere': { mean: 'tf.tensor1d(stored.mean)' },
    'statistics that an optimizer may change': { trainable: '' },
    'a flag that is not known': { trainable: ', frozen' },
    'an offset that is no variable': { offset: 'tf.zeros([8])' },
    'no offset, which tfjs refuses': { offset: 'undefined' },
    'a list of variables': { list: ', false, [filter]' },
    'a result that is used': {
      before: 'const next = tf.movingAverage(mean, tf.mean(y, [0, 1, 2]), 0.9, 1); mean.assign(next);',
    },
    'a variable whose name comes to hold another one': { after: 'export const renew = (next) => { mean = next; };' },
    'a variable that is handed on': { after: 'register(mean, variance);' },
  };
  for (const [name, parts] of Object.entries(silent)) {
    it(`is silent on ${name}`, () => assert.deepEqual(found(parts), []));
  }

  it('is silent outside of any step', () => {
    const text = program().replace('optimizer.minimize(() => forward(x).square().mean())', 'return forward(x)');
    const { worlds } = recoverText({ '/main.ts': text });
    assert.deepEqual(diagnose(worlds, [updatesNotRun]), []);
  });
});
