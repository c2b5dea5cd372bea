import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { biasFate, type BiasFate } from '../../server/src/graph';
import { compareWithTfjs } from './agree';
import { growGraph, type Gene } from './generate';
import { biasedLayers } from './measure';

const GRAPHS = Number(process.env['LAYERLINT_RANDOM_GRAPHS'] ?? 500);
const SEED = Number(process.env['LAYERLINT_RANDOM_SEED'] ?? 20261124);

describe('random layer graphs against real tfjs', () => {
  it(`the verdict and the measurement agree on ${GRAPHS} graphs`, async function () {
    this.timeout(600_000);
    await tf.setBackend('cpu');
    const number = fc.nat({ max: 999 });
    const genes = fc.array(fc.tuple(number, number, number), { minLength: 5, maxLength: 18, size: 'max' });
    const verdicts: Record<BiasFate['kind'], number> = { none: 0, unknown: 0, redundant: 0, needed: 0 };
    const property = fc.property(number, genes, (start, chosen) => {
      const { builder } = growGraph(start, chosen as Gene[]);
      const graph = builder.finish();
      const name = graph.applications.map(({ target, inputs, outputs }) => {
        const what =
          target.type === 'layer' ? `${target.layer.kind} ${show(target.layer.config.entries)}` : target.type;
        return `${outputs.map(({ id }) => id).join()} = ${what}(${inputs.map(({ id }) => id).join()})`;
      });
      for (const layer of biasedLayers(graph)) verdicts[biasFate(graph, layer, { callerMode: 'batch' }).kind]++;
      compareWithTfjs(tf, graph, `\n${name.join('\n')}\n`);
    });
    fc.assert(property, { numRuns: GRAPHS, seed: SEED });
    assert.ok(verdicts.redundant >= GRAPHS / 3, `few redundant biases: ${JSON.stringify(verdicts)}`);
    assert.ok(verdicts.needed >= GRAPHS / 3, `few needed biases: ${JSON.stringify(verdicts)}`);
  });
});

function show(entries: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(entries));
}
