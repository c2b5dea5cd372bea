import assert from 'node:assert/strict';
import { recoverText } from '../recover/testing';
import { outlineOf } from './outline';
import { outlineText } from './outline-text';

const HEAD = `import * as tf from '@tensorflow/tfjs';
const kernel = tf.variable(tf.randomNormal([3, 3, 3, 8]));
const shift = tf.variable(tf.zeros([8]));
const mean = tf.variable(tf.zeros([8]), false);
const variance = tf.variable(tf.ones([8]), false);
`;

function outline(text: string): string[] {
  const { worlds } = recoverText({ '/main.ts': HEAD + text });
  return outlineText(outlineOf(worlds, [], '/main.ts', null), 'main.ts', () => HEAD + text)
    .trimEnd()
    .split('\n')
    .slice(1);
}

describe('the outline of functions on tensors', () => {
  it('has a line for each function of a chain that normalises, for each side of a condition', () => {
    const lines = outline(`export function block(x, training) {
  const y = tf.add(tf.conv2d(x, kernel, 1, 'same'), shift);
  if (!training) return tf.batchNorm(y, mean, variance).relu();
  const moments = tf.moments(y, [0, 1, 2]);
  return tf.batchNorm(y, moments.mean, moments.variance);
}`);
    assert.deepEqual(lines, [
      'functions on tensors at 7:20 when training',
      '  op conv2d    at 7:20  [null, null, null, 8]',
      '  op add       at 7:13  [null, null, null, 8]  bias redundant',
      '  op moments   at 9:19  [8]',
      '  op batchNorm at 10:10  [null, null, null, 8]  on the moments of a batch',
      'functions on tensors at 7:20 when not training',
      '  op conv2d    at 7:20  [null, null, null, 8]',
      '  op add       at 7:13  [null, null, null, 8]  bias needed',
      '  op batchNorm at 8:25  [null, null, null, 8]  on variables that nothing assigns',
      '  op relu      at 8:25  [null, null, null, 8]',
    ]);
  });

  it('says what the statistics are', () => {
    const of = (statistics: string, more = ''): string | undefined =>
      /on (.*)$/.exec(
        outline(`export const f = (x, o) => tf.batchNorm(tf.conv2d(x, kernel, 1, 'same'), ${statistics});${more}`).at(
          -1,
        ) ?? '',
      )?.[1];
    assert.equal(of('mean, variance', 'export const g = (v) => mean.assign(v);'), 'variables');
    assert.equal(of('o.mean, o.variance'), 'statistics that are given');
    assert.equal(of('tf.squeeze(mean), variance'), 'statistics that are computed and variables that nothing assigns');
  });

  it('says why it is not known what an added bias does', () => {
    const lines = outline(`export function f(x, bias) {
  const y = tf.fused.conv2d({ x, filter: kernel, strides: 1, pad: 'same', bias });
  const moments = tf.moments(y, [0, 1, 2]);
  return tf.batchNorm(y, moments.mean, moments.variance);
}`);
    assert.match(lines[1]!, /^ {2}op fused\.conv2d at .* {2}bias unknown: the shape of what is added is not known$/);
  });

  it('has chains that normalise by hand, where that cancels a bias', () => {
    const lines = (axes: string): string[] =>
      outline(`export function f(x) {
  const y = tf.add(tf.conv2d(x, kernel, 1, 'same'), shift);
  return tf.sub(y, tf.mean(y, ${axes}, true)).square();
}`);
    assert.deepEqual(
      lines('[0, 1, 2]').map((line) => line.replace(/ +at .*\]/, '')),
      [
        'functions on tensors at 7:20',
        '  op conv2d',
        '  op add  bias redundant',
        '  op mean',
        '  op sub',
        '  op square',
      ],
    );
    assert.deepEqual(lines('[0, 1, 2, 3]'), []);
  });

  it('has nothing of functions without batch norm, and each function of a repeated block once', () => {
    assert.deepEqual(outline(`export const f = (x) => tf.conv2d(x, kernel, 1, 'same').relu();`), []);
    const lines = outline(`const norm = (x) => tf.batchNorm(x, mean, variance);
export const f = (x) => norm(norm(tf.conv2d(x, kernel, 1, 'same')));`);
    assert.equal(lines.length, 3);
  });
});
