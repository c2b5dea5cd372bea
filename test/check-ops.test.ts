import assert from 'node:assert/strict';
import { checkNumerically, type CheckResult, type EngineChoice } from '../server/src/check';
import type { Tensor } from '../server/src/graph';
import type { Witness } from '../server/src/rules';
import { OpBench, OP_NORMS, OP_SOURCES } from './oracle/op-cases';

/** Biases that functions on tensors add: true diagnoses come out confirmed, wrong ones refuted, on both engines. */

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
};

const REFUTED: Readonly<Record<string, () => Witness>> = {
  'a relu in between': () => witness('conv2d', 'batchNorm', relu),
  'an activation of the fused op': () => witness('fused.conv2d relu', 'batchNorm'),
  'layer norm': () => witness('conv2d', 'layer norm'),
  'stored statistics': () => witness('conv2d', 'stored statistics'),
  'a bias for each position': () => witness('conv2d, [H, W, C]', 'batchNorm'),
  'a second use': secondUse,
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
