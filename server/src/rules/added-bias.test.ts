import assert from 'node:assert/strict';
import { recoverText } from '../recover/testing';
import type { Finding } from './finding';
import { diagnose } from './index';
import { redundantBias } from './redundant-bias';

const HEAD = `import * as tf from '@tensorflow/tfjs';
const filter = tf.variable(tf.randomNormal([3, 3, 3, 8]));
const bias = tf.variable(tf.zeros([8]));
const offset = tf.variable(tf.zeros([8]));
const scale = tf.variable(tf.ones([8]));
const conv = (x) => tf.conv2d(x, filter, 1, 'same');
const norm = (y) => {
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  return tf.batchNorm(y, mean, variance, offset, scale);
};
`;

function found(body: string): readonly Finding[] {
  return diagnose(recoverText({ '/main.ts': HEAD + body }).worlds, [redundantBias]).map(({ finding }) => finding);
}

function only(body: string): Finding {
  const findings = found(body);
  assert.equal(findings.length, 1);
  return findings[0]!;
}

describe('rule redundant-bias on functions on tensors', () => {
  it('reports an addition, with its name and what subtracts it', () => {
    const body = `export function block(tf, x) { return norm(tf.maxPool(tf.add(conv(x), bias), 2, 2, 'valid')); }`;
    const finding = only(body);
    assert.deepEqual(finding.message, {
      what: 'The bias `bias` added here (8 parameters) does nothing.',
      why: 'It only adds a shift, which stays one through tf.maxPool, and which tf.batchNorm subtracts again with the mean.',
      todo: 'Leave the addition out. This is harmless waste: 8 parameters, with no effect on results.',
    });
    assert.equal(finding.place.start, (HEAD + body).indexOf('tf.add('));
    assert.equal(finding.place.end, (HEAD + body).indexOf(", 2, 2, 'valid'"));
    assert.deepEqual(
      finding.related.map(({ message }) => message),
      ['tf.maxPool passes the shift on', 'tf.batchNorm subtracts it'],
    );
    assert.deepEqual(
      finding.fixes.map(({ title, kind }) => `${title}: ${kind}`),
      ['Drop the addition: quickfix', 'Disable redundant-bias for this line: suggestion'],
    );
  });

  it('reports the bias of a fused op', () => {
    const { message, fixes } = only(
      `export function block(tf, x) { return norm(tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias })); }`,
    );
    assert.equal(message.what, 'The bias `bias` of this tf.fused.conv2d (8 parameters) does nothing.');
    assert.match(message.todo, /^Leave `bias` out\./);
    assert.equal(fixes[0]!.title, 'Leave bias out');
  });

  it('only suggests a fix where the variable is used otherwise', () => {
    const block = 'const block = (x) => norm(tf.add(conv(x), bias));\n';
    for (const other of [
      `export function step(x) {
        const { grads } = tf.variableGrads(() => block(x).mean(), [filter, bias]);
        for (const one of [filter, bias]) one.assign(one.sub(grads[one.name].mul(0.1)));
      }`,
      `export function step(optimizer, x) {
        const { grads } = tf.variableGrads(() => block(x).mean());
        optimizer.applyGradients({ [bias.name]: grads[bias.name].mul(2) });
      }`,
      `export const show = (x) => [block(x), bias.dataSync()];`,
      'export const raw = (x) => tf.add(conv(x), bias);',
    ]) {
      const { message, fixes } = only(`${block}${other}\nexport { block };`);
      assert.equal(message.what, 'The bias `bias` added here does nothing.');
      assert.match(message.todo, /^Leave the addition out, and mind what else uses `bias`\./);
      assert.equal(fixes[0]!.kind, 'suggestion', other);
    }
    const fixes = only(`${block}
      const optimizer = tf.train.sgd(0.1);
      export const step = (x) => optimizer.minimize(() => block(x).add(block(x)).mean(), false, [filter, bias]);`).fixes;
    assert.equal(fixes[0]!.kind, 'quickfix');
  });

  it('knows the channels of tf.conv2d where they stand first', () => {
    const body = (axes: string): string => `export function block(x) {
  const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', dataFormat: 'NCHW', bias });
  const { mean, variance } = tf.moments(y, ${axes}, true);
  return tf.sub(y, mean).div(variance.add(1e-3).sqrt());
}`;
    assert.match(only(body('[0, 2, 3]')).message.what, /`bias` of this tf\.fused\.conv2d \(8 parameters\)/);
    assert.deepEqual(found(body('[0, 1, 2]')), []);
  });

  it('counts a variable once that several calls of a helper add', () => {
    const { message } = only(`
      const add = (x) => tf.add(conv(x), bias);
      export function block(tf, x, z) { return tf.add(norm(add(x)), norm(add(z))); }`);
    assert.match(message.what, /\(8 parameters\)/);
  });

  it('is conditional where a flag decides on batch norm, and then makes no blind fix', () => {
    const { condition, message, fixes } = only(`
      export function block(tf, x, useBn) {
        const y = tf.add(conv(x), bias);
        return useBn ? norm(y) : y;
      }`);
    assert.equal(condition, 'useBn');
    assert.match(message.todo, /^Leave the addition out there\./);
    assert.equal(fixes.length, 1);
  });

  it('says in how many calls of a helper', () => {
    const { condition, message } = only(`
      const add = (x) => tf.add(conv(x), bias);
      export function block(tf, x, z) {
        const normed = norm(add(x));
        return tf.add(normed, add(z));
      }`);
    assert.equal(condition, 'in 1 of 2 calls');
    assert.match(message.todo, /let the caller choose whether it is added/);
  });

  it('is silent where the same code runs inference on stored statistics', () => {
    const running = `
      const mean = tf.variable(tf.zeros([8]), false);
      const variance = tf.variable(tf.ones([8]), false);`;
    assert.deepEqual(
      found(`${running}
      export function block(tf, x, training) {
        const y = tf.add(conv(x), bias);
        if (training) return norm(y);
        return tf.batchNorm(y, mean, variance, offset, scale);
      }`),
      [],
    );
    assert.deepEqual(
      found(`${running}
      export function block(tf, x, training) {
        const y = tf.add(conv(x), bias);
        return training ? norm(y) : y.sub(mean).div(variance.sqrt()).mul(scale).add(offset);
      }`),
      [],
    );
  });

  it('says nothing of what is no bias: an epsilon, data, the offset of the batch norm itself', () => {
    assert.deepEqual(
      found(`export function block(tf, x) {
        const { mean, variance } = tf.moments(conv(x), [0, 1, 2]);
        return tf.sub(conv(x), mean).div(tf.sqrt(tf.add(variance, tf.scalar(1e-3)))).mul(scale).add(offset);
      }`),
      [],
    );
    assert.deepEqual(found(`export function block(tf, x, noise) { return norm(tf.add(conv(x), noise)); }`), []);
  });

  it('judges layers and additions alike', () => {
    const findings = found(`
      const dense = tf.layers.dense({ units: 8 });
      const x = tf.randomNormal([5, 3]);
      export function block(tf) {
        const y = tf.add(dense.apply(x, { training: true }), bias);
        const { mean, variance } = tf.moments(y, 0);
        return tf.batchNorm2d(y, mean, variance, offset, scale);
      }`);
    assert.deepEqual(
      findings.map(({ message }) => message.what),
      [
        'The bias of this dense layer (8 parameters) does nothing.',
        'The bias `bias` added here (8 parameters) does nothing.',
      ],
    );
  });
});
