import assert from 'node:assert/strict';
import type { Application, ModelGraph } from '../graph';
import { check, recoverText } from './testing';

const HEAD = `
import * as tf from '@tensorflow/tfjs';
const filter = tf.variable(tf.randomNormal([3, 3, 3, 8]));
const bias = tf.variable(tf.zeros([8]));
const offset = tf.variable(tf.zeros([8]));
const scale = tf.variable(tf.ones([8]));
`;

function normed(body: string): string {
  return `${HEAD}
  export function block(tf, x) {
    ${body}
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.batchNorm(y, mean, variance, offset, scale);
  }`;
}

function opsOf(graph: ModelGraph): readonly (Application & { target: { type: 'op' } })[] {
  return graph.applications.filter((one): one is Application & { target: { type: 'op' } } => one.target.type === 'op');
}

/** The first graph that a program builds. */
function graphOf(text: string): ModelGraph {
  return recoverText({ '/main.ts': text }).worlds[0]!.graph;
}

describe('recovery of functions on tensors', () => {
  it('an added variable before batch norm on the moments of the batch', () => {
    check(normed(`const y = tf.add(tf.conv2d(x, filter, 1, 'same'), bias); // bias redundant`));
    check(normed(`const y = tf.conv2d(x, filter, [1, 1], 'same').add(bias); // bias redundant`));
    check(normed(`const y = tf.add(bias, tf.conv2d(x, filter, 1, 'same')); // bias redundant`));
    check(normed(`const y = tf.conv2d(x, filter, 1, 'same').add(bias).relu(); // bias needed`));
    check(
      normed(`const y = tf.relu(tf.conv2d(x, filter, 1, 'same')).add(bias).maxPool(2, 2, 'valid'); // bias redundant`),
    );
  });

  it('a method that only tensors have, of a value that is not known', () => {
    const apart = (body: string): string => normed(body).replace('(tf, x)', '(x)');
    check(apart(`const y = x.conv2d(filter, 1, 'same').add(bias); // bias redundant`));
    check(apart(`const y = x.conv2d(filter, 1, 'same').add(bias).relu(); // bias needed`));
    check(apart(`const y = x.expandDims(0).depthwiseConv2d(filter, 1, 'same').add(bias).sigmoid(); // bias needed`));
    const { worlds } = recoverText({
      '/main.js': `export const build = (keras) => [keras.conv2d({ filters: 2 }), keras.conv2d({ filters: 3 })];`,
    });
    assert.equal(worlds.length, 0, 'one argument is a config: that is no method of a tensor');
  });

  it('the bias of a fused op, in an object', () => {
    check(normed(`const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias }); // bias redundant`));
    check(
      normed(
        `const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' }); // bias needed`,
      ),
    );
    check(
      normed(`
        const options = { strides: 1, pad: 'same', activation: 'linear' };
        const y = tf.fused.conv2d({ ...options, x, filter: filter, bias: bias }); // bias redundant`),
    );
  });

  it('an activation that is not known is silent', () => {
    check(
      normed(
        `const y = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: tf.ENV }); // bias unknown`,
      ),
    );
    check(normed(`const y = tf.conv2d(x, filter, 1, 'same').add(tf.variable(somewhere)); // bias unknown`));
  });

  it('normalisation written out by hand, and per sample', () => {
    check(`${HEAD}
      export function norm(tf, x) {
        const y = tf.conv2d(x, filter, 1, 'valid').add(bias); // bias redundant
        const mean = y.mean([0, 1, 2]);
        const variance = tf.squaredDifference(y, mean).mean([0, 1, 2]);
        return y.sub(mean).div(variance.add(1e-5).sqrt()).mul(scale).add(offset); // bias needed
      }`);
    check(`${HEAD}
      export function instanceNorm(tf, x) {
        const y = tf.conv2d(x, filter, 1, 'valid').add(bias); // bias redundant
        const moments = tf.moments(y, [1, 2], true);
        return tf.div(tf.sub(y, moments.mean), tf.sqrt(tf.add(moments.variance, 1e-5)));
      }`);
    check(`${HEAD}
      export function layerNorm(tf, x) {
        const y = tf.conv2d(x, filter, 1, 'valid').add(bias); // bias needed
        const { mean, variance } = tf.moments(y, -1, true);
        return tf.div(tf.sub(y, mean), tf.sqrt(tf.add(variance, 1e-5)));
      }`);
  });

  it('stored statistics cancel nothing', () => {
    check(`${HEAD}
      const mean = tf.variable(tf.zeros([8]), false);
      const variance = tf.variable(tf.ones([8]), false);
      export function predict(tf, x) {
        const y = tf.add(tf.conv2d(x, filter, 1, 'same'), bias); // bias needed
        return tf.batchNorm(y, mean, variance, offset, scale);
      }`);
  });

  it('a second look at the shifted tensor needs the bias', () => {
    check(
      normed(`
        const y = tf.conv2d(x, filter, 1, 'same').add(bias); // bias needed
        window.shown = y.dataSync();`),
    );
  });

  it('a running mean may follow the bias, another variable may not', () => {
    const update = (variable: string): string => `${HEAD}
      const running = tf.variable(tf.zeros([8]), false);
      const runningVariance = tf.variable(tf.ones([8]), false);
      const last = tf.variable(tf.zeros([8]), false);
      export function block(tf, x) {
        const y = tf.conv2d(x, filter, 1, 'same').add(bias); // bias ${variable === 'running' ? 'redundant' : 'unknown'}
        const { mean, variance } = tf.moments(y, [0, 1, 2]);
        ${variable}.assign(${variable}.mul(0.9).add(mean.mul(0.1)));
        return tf.batchNorm(y, mean, variance, offset, scale);
      }
      export function predict(tf, x) {
        return tf.batchNorm(tf.conv2d(x, filter, 1, 'same'), running, runningVariance, offset, scale);
      }
      export const shown = () => tf.print(last);`;
    check(update('running'));
    check(
      update('last').replace(
        'return tf.batchNorm(y,',
        'const z = tf.conv2d(tf.mul(last, x), filter, 1, "same");\n return tf.batchNorm(y.add(z.sub(z)),',
      ),
    );
  });

  it('layers and functions in one chain', () => {
    check(`${HEAD}
      const conv = tf.layers.conv2d({ filters: 8, kernelSize: 3 }); // bias redundant
      const dense = tf.layers.dense({ units: 8 }); // bias needed
      export function run(tf, x) {
        const y = conv.apply(x, { training: true });
        const { mean, variance } = tf.moments(y, [0, 1, 2]);
        const z = tf.batchNorm(y, mean, variance, offset, scale);
        return dense.apply(tf.mean(z, [1, 2]));
      }`);
  });

  it('arguments have the names of their parameters, inputs their roles', () => {
    const graph = graphOf(`${HEAD}
      const x = tf.randomNormal([2, 8, 8, 3]);
      const y = tf.conv2d(x, filter, [1, 2], 'same', 'NHWC').transpose([0, 2, 1, 3]).mean([1, 2], true);
      const [a, b] = tf.split(y, 2, -1);
      export const z = tf.concat([a, b.reshape([2, 4])], 3);`);
    const said = opsOf(graph).map(({ target, outputs }) => [
      target.name,
      target.roles.join(),
      JSON.stringify([...target.attributes.entries]),
      JSON.stringify(outputs.map(({ shape }) => shape)),
    ]);
    assert.deepEqual(said, [
      ['conv2d', 'x,filter', '[["strides",[1,2]],["pad","same"],["dataFormat","NHWC"]]', '[[2,8,4,8]]'],
      ['transpose', 'x', '[["perm",[0,2,1,3]]]', '[[2,4,8,8]]'],
      ['mean', 'x', '[["axis",[1,2]],["keepDims",true]]', '[[2,1,1,8]]'],
      ['split', 'x', '[["numOrSizeSplits",2],["axis",-1]]', '[[2,1,1,4],[2,1,1,4]]'],
      ['reshape', 'x', '[["shape",[2,4]]]', '[[2,4]]'],
      ['concat', 'tensors,tensors', '[["axis",3]]', '[null]'],
    ]);
  });

  it('methods that put their own tensor first, and those of other names', () => {
    const graph = graphOf(`${HEAD}
      const x = tf.conv2d(tf.zeros([2, 8, 8, 3]), filter, 1, 'same');
      export const y = x.concat(x, 0).flatten().as2D(4, -1).toFloat();
      export const z = x.stack([x, x], 1);`);
    const said = opsOf(graph).map(({ target, outputs }) => [target.name, target.roles.length, outputs[0]!.shape]);
    assert.deepEqual(said, [
      ['conv2d', 2, [2, 8, 8, 8]],
      ['concat', 2, [4, 8, 8, 8]],
      ['reshape', 1, [2048]],
      ['reshape', 1, [4, 512]],
      ['cast', 1, [4, 512]],
      ['stack', 3, [2, 3, 8, 8, 8]],
    ]);
  });

  it('plain data makes no graph, and keeps its shape', () => {
    const graph = graphOf(`
      import * as tf from '@tensorflow/tfjs';
      const image = tf.zeros([28, 28, 3]).div(255).expandDims(0).concat(tf.ones([1, 28, 28, 3]));
      const layer = tf.layers.conv2d({ filters: 2, kernelSize: 3 });
      export const y = layer.apply(image);`);
    assert.equal(opsOf(graph).length, 0);
    assert.deepEqual(graph.applications[0]!.inputs[0]!.shape, [2, 28, 28, 3]);
  });

  it('variables: their shape, what they start with, and whether an optimizer may change them', () => {
    const graph = graphOf(`
      import * as tf from '@tensorflow/tfjs';
      const mean = tf.variable(tf.zeros([4]), false);
      const variance = tf.variable(tf.fill([4], 1), trainable());
      const filter = tf.variable(tf.truncatedNormal([1, 1, 2, 4]).mul(0.1));
      export const y = tf.batchNorm(tf.conv2d(tf.zeros([1, 4, 4, 2]), filter, 1, 'same'), mean, variance);`);
    const made = graph.tensors.filter((tensor) => tensor.made?.as === 'variable' && tensor.uses.length > 0);
    const said = made.map(({ shape, made: how }) => [
      shape,
      how!.fill,
      typeof how!.trainable === 'boolean' ? how!.trainable : '?',
    ]);
    assert.deepEqual(said, [
      [[4], 0, false],
      [[4], 1, '?'],
      [[1, 1, 2, 4], null, true],
    ]);
  });

  it('batch norm and moving averages inside a gradient step are noted, with the calls that lead there', () => {
    const { worlds } = recoverText({
      '/main.ts': `${HEAD}
      const mean = tf.variable(tf.zeros([8]), false);
      const variance = tf.variable(tf.ones([8]), false);
      const forward = (x) => tf.batchNorm(tf.conv2d(x, filter, 1, 'same'), mean, variance, offset, scale);
      const optimizer = tf.train.sgd(0.1);
      export function step(tf, x) {
        optimizer.minimize(() => {
          tf.movingAverage(mean, tf.mean(x, [0, 1, 2]), 0.9, 1);
          return forward(x).mean();
        });
      }`,
    });
    const [step] = worlds.flatMap(({ graph }) => graph.steps);
    const said = step!.ops.map(({ application: { target }, path }) => [
      target.type === 'op' && target.name,
      target.type === 'op' && target.call!.discarded,
      path.length,
    ]);
    assert.deepEqual(said, [
      ['movingAverage', true, 0],
      ['batchNorm', false, 1],
    ]);
  });
});
