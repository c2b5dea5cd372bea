import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { checkProgram, type FlaggedCall } from './check';
import { program } from './grammar/ast';
import { chainProgram, printChain } from './grammar/chains';
import { printProgram } from './grammar/print';
import type { Program } from './program';
import { compareVerdicts, expected, falseAlarms } from './verdicts';

const PROGRAMS = Number(process.env['LAYERLINT_RANDOM_PROGRAMS'] ?? 2000);
const SEED = Number(process.env['LAYERLINT_RANDOM_SEED'] ?? 20261124);
/** The greatest share of what is compared that may be unknown. */
const UNKNOWN = 0.02;

interface Printed {
  readonly program: Program;
  readonly calls: readonly FlaggedCall[];
}

/** Checks random programs, shrinking on failure; what is unknown, and how many biases are redundant, is bounded. */
async function checkAll<T>(
  arbitrary: fc.Arbitrary<T>,
  print: (node: T) => Printed,
  count: number,
  least: number,
): Promise<void> {
  await tf.setBackend('cpu');
  const reasons = new Map<string, number>();
  let facts = 0;
  let findings = 0;
  const property = fc.asyncProperty(arbitrary, async (node) => {
    const { program: texts, calls } = print(node);
    const shown = Object.entries(texts).map(([file, text]) => `// ${file}\n${text}`);
    const disagreements: string[] = [];
    try {
      const { judgement } = await checkProgram(texts, calls);
      disagreements.push(...judgement.disagreements);
      const { recovered, recorded } = compareVerdicts(judgement);
      findings += recorded.length;
      for (const place of falseAlarms(judgement)) disagreements.push(`redundant-bias is wrong at ${place}`);
      const wanted = expected(judgement);
      if (recovered.join('\n') !== wanted.join('\n'))
        disagreements.push(`redundant-bias finds\n${recovered.join('\n')}\nreally\n${recorded.join('\n')}`);
      facts += judgement.facts;
      for (const [reason, times] of judgement.unknown) reasons.set(reason, (reasons.get(reason) ?? 0) + times);
    } catch (error) {
      throw new Error(`${(error as Error).stack}\n${shown.join('\n')}`, { cause: error });
    }
    assert.ok(disagreements.length === 0, `${disagreements.slice(0, 6).join('\n')}\n${shown.join('\n')}`);
  });
  const result = await fc.check(property, { numRuns: count, seed: SEED });
  if (result.failed) {
    const { counterexamplePath, numShrinks, numRuns, errorInstance } = result;
    const where = `program ${numRuns}, shrunk ${numShrinks} times, seed ${SEED}, path ${counterexamplePath}`;
    throw new Error(`${where}\n${(errorInstance as Error).message}`);
  }
  const unknown = [...reasons.values()].reduce((sum, times) => sum + times, 0);
  console.log(
    `      unknown: ${unknown} of ${facts} facts; ${JSON.stringify([...reasons])}; ${findings} redundant biases`,
  );
  assert.ok(findings >= least, `${findings} redundant biases: too few to compare`);
  assert.ok(unknown <= facts * UNKNOWN, `${unknown} of ${facts} facts are not known`);
}

describe('random programs against what they build on real tfjs', () => {
  it(`what is recovered of ${PROGRAMS} programs is what they build`, async function () {
    this.timeout(600_000);
    await checkAll(program, printProgram, PROGRAMS, PROGRAMS / 4);
  });

  it(`what is recovered of ${PROGRAMS / 4} programs of functions on tensors is what they compute`, async function () {
    this.timeout(600_000);
    await checkAll(chainProgram, printChain, PROGRAMS / 4, PROGRAMS / 25);
  });
});
