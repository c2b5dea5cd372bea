import assert from 'node:assert/strict';
import { checkNumerically, type CheckResult, type EngineChoice } from '../server/src/check';
import type { Tensor } from '../server/src/graph';
import type { Witness } from '../server/src/rules';
import { OpBench } from './oracle/op-bench';
import { OP_NORMS, OP_SOURCES } from './oracle/op-cases';

/** Diagnoses on functions on tensors: true diagnoses come out confirmed, wrong ones refuted, on both engines. */

function witness(source: string, norm: string, between?: (bench: OpBench, x: Tensor) => Tensor): Witness {
  const from = OP_SOURCES.find(({ name }) => name === source)!;
  const by = OP_NORMS.find(({ name }) => name === norm)!;
  const bench = new OpBench();
  const biased = from.make(bench);
  const passed = between === undefined ? biased : between(bench, biased);
  const graph = bench.observed(by.make(bench, passed, passed.shape as number[]));
  return { rule: 'redundant-bias', graph, bias: from.bias(graph) };
}

function secondUse(): Witness {
  const from = OP_SOURCES.find(({ name }) => name === 'conv2d')!;
  const bench = new OpBench();
  const biased = from.make(bench);
  const normed = OP_NORMS[0]!.make(bench, biased, biased.shape as number[]);
  const graph = bench.observed(bench.op('add', { a: normed, b: biased }));
  return { rule: 'redundant-bias', graph, bias: from.bias(graph) };
}

/** A step that runs batch norm on variables, with or without something that changes these. */
function step(trainable: boolean, assigns: boolean): Witness {
  const bench = new OpBench();
  const { builder } = bench;
  const statistic = (fill: number): Tensor =>
    builder.input([3], { as: 'variable', trainable, fill, assignable: false, place: null });
  const [mean, variance] = [statistic(0), statistic(1)];
  const x = bench.op('conv2d', {
    x: bench.data(4, 6, 6, 2),
    filter: bench.variable(3, 3, 2, 3),
    strides: 1,
    pad: 'same',
  });
  const [offset, scale] = [bench.variable(3), bench.variable(3)];
  const output = bench.op('batchNorm', { x, mean, variance, offset, scale });
  if (assigns) bench.ops('assign', { variable: mean, value: bench.op('mean', { x, axis: [0, 1, 2] }) });
  return stepOn(bench, output);
}

/** A step that computes a moving average, and assigns it or not. */
function average(assigns: boolean): Witness {
  const bench = new OpBench();
  const v = bench.builder.input([3], { as: 'variable', trainable: false, fill: 0, assignable: false, place: null });
  const x = bench.op('mean', { x: bench.data(4, 6, 6, 3), axis: [0, 1, 2] });
  const output = bench.op('movingAverage', { v, x, decay: 0.9, step: 1 });
  if (assigns) bench.ops('assign', { variable: v, value: output });
  return stepOn(bench, output);
}

function stepOn({ builder }: OpBench, output: Tensor): Witness {
  const made = builder.step('minimize', { file: '/train.js', start: 0, end: 1 }, 'all');
  const op = { application: output.producer!, path: [] };
  builder.stepOp(made, op);
  return { rule: 'updates-not-run', graph: builder.finish(), step: made, op };
}

const relu = (bench: OpBench, x: Tensor): Tensor => bench.op('relu', { x });
const pool = (bench: OpBench, x: Tensor): Tensor => bench.op('maxPool', { x, filterSize: 2, strides: 2, pad: 'valid' });

const CONFIRMED: Readonly<Record<string, () => Witness>> = {
  'tf.add, moments, tf.batchNorm': () => witness('conv2d', 'batchNorm'),
  'tf.add, the formula by hand': () => witness('conv2d, [1, 1, 1, C]', 'by hand'),
  'tf.add, the mean as a sum': () => witness('matMul', 'sum over a count, square of the difference'),
  'instance norm': () => witness('conv1d', 'instance norm'),
  'layer norm of one number': () => witness('conv2d, scalar', 'layer norm'),
  'fused conv2d': () => witness('fused.conv2d', 'batchNorm of that rank'),
  'fused depthwise conv2d': () => witness('fused.depthwiseConv2d', 'batchNorm'),
  'fused matMul': () => witness('fused.matMul', 'batchNorm'),
  'pooling in between': () => witness('fused.conv2d', 'batchNorm', pool),
  'a batch norm layer behind functions': () => witness('conv2d', 'layer batchNormalization'),
  'a layer before functions': () => witness('layer conv2d', 'by hand'),
  'a step on statistics that nothing assigns': () => step(false, false),
  'a moving average that is thrown away': () => average(false),
};

const REFUTED: Readonly<Record<string, () => Witness>> = {
  'a relu in between': () => witness('conv2d', 'batchNorm', relu),
  'an activation of the fused op': () => witness('fused.conv2d relu', 'batchNorm'),
  'layer norm': () => witness('conv2d', 'layer norm'),
  'stored statistics': () => witness('conv2d', 'stored statistics'),
  'a bias for each position': () => witness('conv2d, [H, W, C]', 'batchNorm'),
  'a second use': secondUse,
  'a step that assigns the mean': () => step(false, true),
  'statistics that the optimizer changes': () => step(true, false),
  'a moving average that is assigned': () => average(true),
};

function check(one: Witness, engine: EngineChoice): Promise<CheckResult> {
  return checkNumerically(one, { engine, workspace: __dirname });
}

for (const engine of ['tfjs-node', 'tfjs'] as const) {
  describe(`numerical check of functions on tensors on ${engine}`, () => {
    for (const [name, make] of Object.entries(CONFIRMED)) {
      it(`confirms: ${name}`, async () => {
        const result = await check(make(), engine);
        assert.equal(result.verdict, 'confirmed', JSON.stringify(result, null, 1));
        assert.equal(result.engine.name, engine);
        for (const one of result.claims) assert.equal(one.verdict, 'confirmed', JSON.stringify(result, null, 1));
      });
    }

    for (const [name, make] of Object.entries(REFUTED)) {
      it(`refutes: ${name}`, async () => {
        const result = await check(make(), engine);
        assert.equal(result.verdict, 'refuted', JSON.stringify(result, null, 1));
      });
    }
  });
}
