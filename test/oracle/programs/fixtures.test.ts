import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { codeBlocks, withoutMarkers, type Block } from '../../support/pages';
import { checkProgram, type FlaggedCall } from './check';
import { Runnable, type Program } from './program';
import { record } from './recorder';
import { compareVerdicts, falseAlarms } from './verdicts';

const ROOT = path.join(__dirname, '..', '..', '..');
const file = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');

async function agrees(program: Program, calls: readonly FlaggedCall[] = []): Promise<number> {
  const { judgement } = await checkProgram(program, calls);
  assert.deepEqual(judgement.disagreements, []);
  assert.deepEqual(falseAlarms(judgement), []);
  const { recovered, recorded } = compareVerdicts(judgement);
  // What is not known silences.
  if (judgement.unknown.size === 0) assert.deepEqual(recovered, recorded);
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

  it('the repository that the score of the corpus is tested with', async () => {
    const folder = 'test/fixtures/corpus/made+up/src';
    const program = { '/src/train.js': file(`${folder}/train.js`), '/src/model.js': file(`${folder}/model.js`) };
    const batches = (api: typeof tf): object[] => [{ x: api.ones([2, 8]), y: api.ones([2, 4]) }];
    assert.ok((await agrees(program, [{ name: 'train', args: (api) => [batches(api)], flags: {} }])) > 5);
  });

  it('browser', async () => {
    const page = { '/browser/index.html': file('examples/browser/index.html') };
    assert.ok((await agrees(page, [{ name: 'train', args: () => [], flags: {} }])) > 20, 'nothing was compared');
  });
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

/** What functions of the pages are given, by the names of their parameters. */
const SHAPES: readonly (readonly number[])[] = [[4], [8, 8, 3], [8, 8, 1], [8], [3], [2], [1]];
const tensors = SHAPES.map((shape) => (api: typeof tf) => api.ones([2, ...shape]));
const ARGUMENTS: Readonly<Record<string, readonly ((api: typeof tf) => unknown)[]>> = {
  useBn: [() => true, () => false],
  optimizer: [(api) => api.train.sgd(0.01)],
  x: tensors,
  y: tensors,
  noise: tensors,
  options: [() => ({ training: true, units: 3 })],
};

/** All ways to give a function what its parameters ask for. */
function waysToCall(name: string, parameters: readonly string[]): FlaggedCall[] {
  let ways: { flags: Record<string, unknown>; args: ((api: typeof tf) => unknown)[] }[] = [{ flags: {}, args: [] }];
  for (const parameter of parameters) {
    const given = ARGUMENTS[parameter];
    assert.ok(given, `${name}: what to give for ${parameter} is not known here`);
    ways = ways.flatMap(({ flags, args }) =>
      given.map((one) => ({
        flags: given.length === 2 ? { ...flags, [parameter]: one(tf) } : flags,
        args: [...args, one],
      })),
    );
  }
  return ways.map(({ flags, args }) => ({ name, flags, args: (api) => args.map((one) => one(api)) }));
}

/** The calls of what the root of a program exports: with all flags, and for the rest with what they do not throw at. */
async function entryCalls(program: Program): Promise<FlaggedCall[]> {
  const runnable = await Runnable.of(program);
  const calls: FlaggedCall[] = [];
  const EXPORTED = /^export (?:async )?(?:function (\w+)|const (\w+) = (?:async )?)\(([\w, ]*)\)/gm;
  for (const [, declared, assigned, list] of runnable.rootText.matchAll(EXPORTED)) {
    const name = (declared ?? assigned)!;
    const ways = waysToCall(name, list!.split(', ').filter(Boolean));
    const before = calls.length;
    for (const way of ways) {
      if (calls.slice(before).some(({ flags }) => isDeepStrictEqual(flags, way.flags))) continue;
      if (await runs(runnable, way)) calls.push(way);
    }
    assert.ok(calls.length > before, `${name} could not be called`);
  }
  return calls;
}

async function runs(runnable: Runnable, call: FlaggedCall): Promise<boolean> {
  try {
    await record(runnable, call);
    return true;
  } catch {
    return false;
  }
}

for (const page of readdirSync(path.join(ROOT, 'docs/rules')).filter((name) => name !== 'README.md')) {
  describe(`the code of docs/rules/${page} against what it builds on real tfjs`, () => {
    before(() => tf.setBackend('cpu'));
    for (const { line, program } of programs(file(`docs/rules/${page}`))) {
      it(`line ${line}`, async () => {
        await agrees(program, await entryCalls(program));
      });
    }
  });
}
