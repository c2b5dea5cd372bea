import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { biasFate, catalog, type ModelGraph } from '../../server/src/graph';
import { compareWithTfjs } from './agree';
import { doubles, type Arithmetic } from './arithmetic';
import { Bench, MERGES, ROWS, SOURCES } from './cases';
import { measureBiases, type MeasureOptions } from './measure';
import { someStepsZero } from './random';
import { NORMS, sourcesFor, throughRow } from './row-graphs';

describe('every row of the catalogue against real tfjs', () => {
  let arithmetic: Arithmetic;
  before(async () => {
    arithmetic = await doubles();
    await tf.setBackend('cpu');
  });

  let compared = 0;
  const compare = (graph: ModelGraph, name: string, options: Partial<MeasureOptions> = {}): void => {
    const { layers, unseen } = compareWithTfjs(arithmetic, graph, name, options);
    assert.deepEqual(unseen, [], 'they are needed, and no difference is measured');
    compared += layers;
  };
  for (const source of SOURCES) {
    it(`${source.name} straight before batch norm`, () => {
      for (const norm of NORMS.filter(({ fits }) => source.rank > 4 || fits(Array(source.rank).fill(1)))) {
        const bench = new Bench();
        const { input, output } = source.make(bench);
        bench.builder.model('functional', [input], [norm.make(bench, output)], []);
        compare(bench.builder.finish(), `${source.name} -> ${norm.name}`);
      }
    });
  }

  for (const row of ROWS.filter(({ ranks }) => ranks.length > 0)) {
    const within = row.inner ? `${row.inner.kind} ${JSON.stringify(row.inner.options)}` : '';
    it(`${row.kind} ${JSON.stringify(row.options)} ${within}`, () => {
      for (const source of sourcesFor(row)) {
        const { shape } = throughRow(source, row, NORMS[0]!).applications.at(-1)!.inputs[0]!;
        for (const norm of NORMS.filter((entry) => entry.fits(shape ?? [null, null]))) {
          if (row.pointwise && norm !== NORMS[0]) continue;
          const name = `${source.name} -> ${row.kind} ${JSON.stringify(row.options)} ${within} -> ${norm.name}`;
          compare(throughRow(source, row, norm), name);
        }
      }
    });
  }

  for (const { kind, options } of MERGES) {
    for (const other of [
      'the input',
      'another layer',
      'the same layer on another input',
      'itself',
      'its negative',
    ] as const) {
      it(`${kind} ${JSON.stringify(options)} with ${other}`, () => {
        for (const source of SOURCES.filter(({ rank }) => rank <= 4)) {
          const bench = new Bench();
          const { input, layer, output } = source.make(bench);
          const second = bench.builder.input(other === 'the input' ? output.shape : input.shape);
          const partner = {
            'the input': () => second,
            'another layer': () => bench.apply(layer.kind, Object.fromEntries(layer.config.entries), second),
            'the same layer on another input': () => bench.builder.applyLayer(layer, [second]),
            itself: () => output,
            'its negative': () => bench.apply('rescaling', { scale: -1 }, output),
          }[other]();
          const merged = bench.apply(kind, options, output, partner);
          const used = partner === second || partner.producer?.inputs[0] === second ? [input, second] : [input];
          bench.builder.model('functional', used, [bench.apply('batchNormalization', {}, merged)], []);
          compare(bench.builder.finish(), `${source.name}, ${kind} ${JSON.stringify(options)}, ${other}`);
        }
      });
    }
  }

  it('a mask makes a linear recurrence lose the shift', () => {
    const bench = new Bench();
    const input = bench.input(6, 2);
    const recurrent = bench.apply('simpleRNN', { units: 3, activation: 'linear' }, bench.apply('masking', {}, input));
    bench.builder.model('functional', [input], [bench.apply('batchNormalization', {}, recurrent)], []);
    compare(bench.builder.finish(), 'masking -> simpleRNN -> BN', {
      fill: someStepsZero,
    });
  });

  it('a mask reaches recurrences that it is not meant for', () => {
    const bench = new Bench();
    const input = bench.input(6, 2);
    const masked = bench.apply('dense', { units: 2 }, bench.apply('masking', {}, input));
    const layer = bench.layer('simpleRNN', { units: 3, activation: 'linear' });
    const output = bench.apply('batchNormalization', {}, bench.builder.applyLayer(layer, [input]));
    bench.builder.model('functional', [input], [masked, output], []);
    const graph = bench.builder.finish();
    const { measured } = measureBiases(arithmetic.tf, graph, [layer], { seed: 7, training: true, fill: someStepsZero });
    const measurement = measured.get(layer)!;
    assert.ok(measurement.kind === 'difference' && measurement.value > 0.01, JSON.stringify(measurement));
    assert.equal(biasFate(graph, layer, { callerMode: 'batch' }).kind, 'unknown');
  });

  it('conv1d with channels first gives another shape than it declares, and is not known', () => {
    const bench = new Bench();
    const input = bench.input(2, 8);
    const layer = bench.layer('conv1d', { filters: 8, kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst' });
    const output = bench.apply('batchNormalization', {}, bench.builder.applyLayer(layer, [input]));
    bench.builder.model('functional', [input], [output], []);
    const unequal = tf.layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst' });
    assert.deepEqual((unequal.apply(tf.input({ shape: [2, 8] })) as tf.SymbolicTensor).shape, [null, 3, 8]);
    assert.deepEqual((unequal.apply(tf.ones([1, 2, 8])) as tf.Tensor).shape, [1, 8, 3]);
    assert.equal(biasFate(bench.builder.finish(), layer, { callerMode: 'batch' }).kind, 'unknown');
  });

  it('resizing works on a tensor, not in a model', () => {
    const layer = tf.layers.resizing({ height: 3, width: 3 });
    assert.deepEqual((layer.apply(tf.ones([2, 6, 6, 1])) as tf.Tensor).shape, [2, 3, 3, 1]);
    const input = tf.input({ shape: [6, 6, 1] });
    const output = layer.apply(input) as tf.SymbolicTensor;
    assert.deepEqual(output.shape, [3, 3, 6]);
    assert.throws(() => tf.model({ inputs: input, outputs: output }).predict(tf.ones([2, 6, 6, 1])), /must be rank 3/);
  });

  it('covers every kind of the catalogue, in at least 250 comparisons', () => {
    const beside = ['input', 'simpleRNNCell', 'gruCell', 'lstmCell', 'convLstm2dCell', 'stackedRNNCells'];
    const tried = new Set([...ROWS.map((row) => row.kind), ...MERGES.map((merge) => merge.kind), ...beside]);
    assert.deepEqual(
      [...catalog.keys()].filter((kind) => !tried.has(kind)),
      [],
    );
    assert.ok(compared >= 250, `only ${compared} comparisons were made`);
  });
});
