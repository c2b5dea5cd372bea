import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { codeBlocks, withoutMarkers, type Block } from '../../support/pages';
import { checkProgram, type FlaggedCall } from './check';
import type { Program } from './program';
import { compareVerdicts } from './verdicts';

const ROOT = path.join(__dirname, '..', '..', '..');
const file = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');

async function agrees(program: Program, calls: readonly FlaggedCall[] = []): Promise<number> {
  const { judgement } = await checkProgram(program, calls);
  assert.deepEqual(judgement.disagreements, []);
  const { recovered, recorded } = compareVerdicts(judgement);
  assert.deepEqual(recovered, recorded);
  return judgement.facts;
}

/** A program of the examples, and what of it is called. */
function example(folder: string, files: readonly string[], main: string): Program {
  const texts = files.map((name) => [`/${folder}/${name}`, file(`examples/${folder}/${name}`)]);
  return { [`/${folder}/main.${files[0]!.split('.')[1]!}`]: main, ...(Object.fromEntries(texts) as Program) };
}

const EXAMPLES: readonly (readonly [name: string, program: Program])[] = [
  [
    'mnist-cnn',
    example('mnist-cnn', ['model.js'], `import { createModel, train } from './model';\nconst model = createModel();\ntrain(model, null, null);`),
  ],
  [
    'resnet',
    example('resnet', ['model.ts', 'blocks.ts'], `import { createResNet } from './model';\ncreateResNet({ inputShape: [8, 8, 3], classes: 4, batchNorm: true });\ncreateResNet({ inputShape: [8, 8, 3], classes: 4, batchNorm: false });`),
  ],
  [
    'vae',
    example('vae', ['train.ts', 'model.ts'], `import * as tf from '@tensorflow/tfjs';\nimport { VariationalAutoencoder } from './train';\nconst vae = new VariationalAutoencoder({ latentSize: 2, learningRate: 0.01 });\nvae.trainStep(tf.zeros([2, 784]));\nvae.sample(2);`),
  ],
  [
    'dcgan',
    example('dcgan', ['train.js', 'models.js'], `import * as tf from '@tensorflow/tfjs';\nimport { createGan, trainStep } from './train';\nconst gan = createGan();\ntrainStep(gan, tf.zeros([1, 28, 28, 1]));`),
  ],
]; // prettier-ignore

describe('the examples against what they build on real tfjs', () => {
  before(() => tf.setBackend('cpu'));
  for (const [name, program] of EXAMPLES) {
    it(name, async () => {
      assert.ok((await agrees(program)) > 20, 'nothing was compared');
    });
  }
});

/** Blocks with file names that follow one another are one program; its last file is the root. */
function programs(page: string): { readonly line: number; readonly program: Program }[] {
  const found: Block[][] = [];
  for (const block of codeBlocks(page)) {
    const last = found.at(-1);
    if (block.named && last?.every((other) => other.named && other.file !== block.file)) last.push(block);
    else found.push([block]);
  }
  return found.map((blocks) => ({
    line: blocks[0]!.line,
    program: Object.fromEntries(blocks.reverse().map((block) => [block.file, withoutMarkers(block.text)])),
  }));
}

/**
 * Pages of HTML aside, all but what imports other packages than tfjs, and layer classes: what runs in their `call` is
 * called by tfjs and not by the program (test/layer-class-updates.test.ts runs those).
 */
function isRunnable(program: Program): boolean {
  if (Object.values(program).some((text) => /\bextends tf\.layers\./.test(text))) return false;
  const imported = Object.values(program).flatMap((text) => [...text.matchAll(/(?:from |require\()'([^']+)'/g)]);
  const isKnown = imported.every(([, from]) => from!.startsWith('.') || from!.startsWith('@tensorflow/tfjs'));
  return isKnown && !Object.keys(program).some((name) => name.endsWith('.html'));
}

/** Calls of the builders of a page whose one parameter is a flag. */
function flaggedCalls(program: Program): FlaggedCall[] {
  const exported = Object.values(program)[0]!.matchAll(/^export function (\w+)\((useBn)\)/gm);
  return [...exported].flatMap(([, name, flag]) =>
    [true, false].map((on) => ({ name: name!, args: () => [on], flags: { [flag!]: on } })),
  );
}

for (const page of readdirSync(path.join(ROOT, 'docs/rules')).filter((name) => name !== 'README.md')) {
  describe(`the code of docs/rules/${page} against what it builds on real tfjs`, () => {
    before(() => tf.setBackend('cpu'));
    for (const { line, program } of programs(file(`docs/rules/${page}`))) {
      if (!isRunnable(program)) continue;
      it(`line ${line}`, async () => {
        await agrees(program, flaggedCalls(program));
      });
    }
  });
}
