import assert from 'node:assert/strict';
import fc from 'fast-check';
import { biasFate, catalog, type BiasFate, type ModelGraph } from '../../server/src/graph';
import { compareWithTfjs } from './agree';
import { doubles } from './arithmetic';
import { growGraph, type Gene } from './generate';
import { biasedLayers } from './measure';
import { someStepsZero } from './random';

const GRAPHS = Number(process.env['LAYERLINT_RANDOM_GRAPHS'] ?? 2000);
const SEED = Number(process.env['LAYERLINT_RANDOM_SEED'] ?? 20261124);

/** Kinds that stand in no random graph, and why. `rows.test.ts` has them all. */
const BESIDE: ReadonlySet<string> = new Set([
  ...['input', 'inputLayer'],
  // Not to be had by themselves, or not in a model that runs.
  ...['convLstm2dCell', 'stackedRNNCells', 'resizing', 'randomWidth'],
]);

describe('random layer graphs against real tfjs', () => {
  const verdicts: Record<BiasFate['kind'], number> = { none: 0, unknown: 0, redundant: 0, needed: 0 };
  const reasons = new Map<string, number>();
  const kinds = new Map<string, number>();

  it(`the verdict and the measurement agree on ${GRAPHS} graphs`, async function () {
    this.timeout(600_000);
    const arithmetic = await doubles();
    const unseen: string[] = [];
    const number = fc.nat({ max: 999 });
    const genes = fc.array(fc.tuple(number, number, number), { minLength: 5, maxLength: 18, size: 'max' });
    const property = fc.property(number, genes, (start, chosen) => {
      const graph = growGraph(start, chosen as Gene[]).builder.finish();
      for (const { kind } of graph.layers) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      for (const layer of biasedLayers(graph)) {
        const fate = biasFate(graph, layer, { callerMode: 'batch' });
        verdicts[fate.kind]++;
        if (fate.kind === 'unknown') reasons.set(fate.reason, (reasons.get(fate.reason) ?? 0) + 1);
      }
      const masks = graph.layers.some(({ kind }) => kind === 'masking');
      unseen.push(
        ...compareWithTfjs(arithmetic, graph, describeGraph(graph), masks ? { fill: someStepsZero } : {}).unseen,
      );
    });
    fc.assert(property, { numRuns: GRAPHS, seed: SEED });
    // What is not linear may yet be undone: min(x, relu(x)) is x. That is not seen, and errs on the silent side.
    assert.ok(unseen.length <= 1 + GRAPHS / 1000, `biases are needlessly said to be needed: ${unseen.join('')}`);
  });

  it('both verdicts are common, and few are unknown', () => {
    const total = verdicts.redundant + verdicts.needed + verdicts.unknown;
    const why = [...reasons].map(([reason, times]) => `${times} ${reason}`).join('; ');
    console.log(
      `      ${total} biases: ${verdicts.redundant} redundant, ${verdicts.needed} needed, ${verdicts.unknown} unknown (${why})`,
    );
    assert.ok(verdicts.redundant >= GRAPHS / 3, `few redundant biases: ${JSON.stringify(verdicts)}`);
    assert.ok(verdicts.needed >= GRAPHS / 3, `few needed biases: ${JSON.stringify(verdicts)}`);
    assert.ok(verdicts.unknown <= 0.02 * total, `many unknown: ${why}`);
  });

  it('every row of the catalogue occurs', () => {
    const missing = [...catalog.keys()].filter((kind) => !BESIDE.has(kind) && (kinds.get(kind) ?? 0) < GRAPHS / 400);
    assert.deepEqual(missing, []);
  });
});

function describeGraph({ applications }: ModelGraph): string {
  const lines = applications.map(({ target, inputs, outputs }) => {
    const options = target.type === 'layer' ? JSON.stringify(Object.fromEntries(target.layer.config.entries)) : '';
    const inner =
      target.type === 'layer' && target.layer.inner && 'kind' in target.layer.inner ? target.layer.inner : null;
    const within = inner ? `[${inner.kind} ${JSON.stringify(Object.fromEntries(inner.config.entries))}]` : '';
    const what = target.type === 'layer' ? `${target.layer.kind} ${options}${within}` : target.type;
    return `${outputs.map(({ id }) => id).join()} = ${what}(${inputs.map(({ id, shape }) => `${id}: ${String(shape)}`).join(' ')})`;
  });
  return `\n${lines.join('\n')}\n`;
}
