import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { Layer, ModelGraph } from '../../server/src/graph';
import { compareWithTfjs } from './agree';
import { doubles, float32, type Arithmetic } from './arithmetic';
import { Bench } from './cases';
import { measureBiases } from './measure';

function difference({ tf: engine }: Arithmetic, graph: ModelGraph, layer: Layer): number {
  const measured = measureBiases(engine, graph, [layer], { seed: 7, training: true }).measured.get(layer)!;
  assert.ok(measured.kind === 'difference', JSON.stringify(measured));
  return measured.value;
}

describe('tfjs in doubles', () => {
  let exact: Arithmetic;
  let single: Arithmetic;
  before(async () => {
    await tf.setBackend('cpu');
    single = float32(tf);
    exact = await doubles();
  });

  it('computes in doubles, beside a tfjs that does not', () => {
    assert.equal(exact.tf.scalar(1).div(3).dataSync()[0], 1 / 3);
    assert.equal(tf.scalar(1).div(3).dataSync()[0], Math.fround(1 / 3));
    assert.notEqual(exact.tf.engine() as unknown, tf.engine());
  });

  it('tells rounding where float32 shows a difference', () => {
    const bench = new Bench();
    const input = bench.input(6);
    const layer = bench.layer('dense', { units: 4 });
    const far = bench.apply('rescaling', { scale: 1, offset: 1e5 }, bench.builder.applyLayer(layer, [input]));
    bench.builder.model('functional', [input], [bench.apply('batchNormalization', {}, far)], []);
    const graph = bench.builder.finish();
    assert.ok(difference(single, graph, layer) > single.dependence);
    assert.ok(difference(exact, graph, layer) < exact.rounding);
    assert.deepEqual(compareWithTfjs(exact, graph, 'far from zero'), { layers: 1, unseen: [] });
  });

  it('sees a dependence that is rounding in float32', () => {
    const bench = new Bench();
    const input = bench.input(6);
    const layer = bench.layer('dense', { units: 4, activation: 'tanh' });
    const faint = bench.apply('rescaling', { scale: 1e-6 }, bench.builder.applyLayer(layer, [input]));
    const sum = bench.apply('add', {}, faint, bench.apply('dense', { units: 4, useBias: false }, input));
    bench.builder.model('functional', [input], [bench.apply('batchNormalization', {}, sum)], []);
    const graph = bench.builder.finish();
    assert.ok(difference(single, graph, layer) < single.rounding);
    assert.ok(difference(exact, graph, layer) > exact.dependence);
    assert.deepEqual(compareWithTfjs(exact, graph, 'faint').unseen, []);
    assert.equal(compareWithTfjs(single, graph, 'faint').unseen.length, 1);
  });

  it('a bias that is needlessly said to be needed is counted', () => {
    const bench = new Bench();
    const input = bench.input(6);
    const x = bench.apply('dense', { units: 4 }, input);
    const least = bench.apply('minimum', {}, x, bench.apply('activation', { activation: 'relu' }, x));
    bench.builder.model('functional', [input], [bench.apply('batchNormalization', {}, least)], []);
    const { unseen } = compareWithTfjs(exact, bench.builder.finish(), 'min(x, relu(x))');
    assert.match(unseen.join(), /^min\(x, relu\(x\)\): dense is said to be needed/);
  });
});
