// Measures the built product: npm run bench [-- --checkout <folder>] [--turns <n>]. Writes bench/results.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeCheckout } from '../bench/checkout.mjs';
import { modelFile } from '../bench/model-file.mjs';
import { line, markdown } from '../bench/results.mjs';
import { numericalCheck, scan } from '../bench/scan.mjs';
import { coldStart, keystrokes, memory } from '../bench/server.mjs';
import { buildAll } from './build.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const launcher = path.join(root, 'server', 'bin', 'layerlint.js');

const BLOCK = `import * as tf from '@tensorflow/tfjs-node';

export const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [32, 32, 3], filters: 32, kernelSize: 3, padding: 'same' }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
  ],
});
`;

/** Each measurement gives its rows; one that fails gives a row without a figure and the reason. */
async function measured(rows, failure) {
  try {
    return await rows();
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    return [{ ...failure, figure: null, detail: reason }];
  }
}

async function main() {
  const { values } = parseArgs({ options: { checkout: { type: 'string' }, turns: { type: 'string', default: '9' } } });
  const turns = Math.max(1, Number.parseInt(values.turns, 10));
  await buildAll();
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'layerlint-bench-'));
  try {
    const synthetic = path.join(scratch, 'checkout');
    const checkouts = [{ folder: synthetic, name: `synthetic checkout of ${writeCheckout(synthetic)} files` }];
    if (values.checkout) {
      const folder = path.resolve(values.checkout);
      checkouts.unshift({ folder, name: path.basename(folder) });
    }
    const models = path.join(scratch, 'models');
    mkdirSync(models);
    const file = path.join(models, 'model.ts');
    writeFileSync(file, modelFile());
    const block = path.join(scratch, 'block');
    mkdirSync(block);
    const blockFile = path.join(block, 'block.js');
    writeFileSync(blockFile, BLOCK);

    const tasks = [
      ...checkouts.map(({ folder, name }) => [
        { what: `Cold scan of ${name} against oxlint with one rule`, target: 3, unit: '×' },
        async (row) => {
          const { ours, theirs, ratio, ...counts } = scan(launcher, folder, turns);
          const times = `median of ${turns} turns; medians ${ours.toFixed(0)} ms and ${theirs.toFixed(0)} ms`;
          const walked = `${counts.files} files walked, ${counts.relevant} parsed, ${counts.findings} findings`;
          return [{ ...row, figure: ratio, detail: `${times}; ${walked}; oxlint: ${counts.theirFiles} files` }];
        },
      ]),
      [
        { what: 'First diagnostics after a cold start', target: 1000, unit: 'ms' },
        async (row) => {
          const figure = await coldStart(launcher, file, turns);
          return [{ ...row, figure, detail: `500-line model file; start of the process included; median of ${turns}` }];
        },
      ],
      [
        { what: 'Keystroke to diagnostics, p95', target: 50, unit: 'ms' },
        async (row) => {
          const { p50, p95, count } = await keystrokes(launcher, file);
          const detail = `500-line model file, ${count} keystrokes in a block helper; p50 ${p50.toFixed(1)} ms`;
          return [{ ...row, figure: p95, detail }];
        },
      ],
      ...checkouts.map(({ folder, name }) => [
        { what: `Server memory with ${name}, resident`, target: 200, unit: 'MB' },
        async (row) => {
          const { bytes, files } = await memory(launcher, folder, file);
          return [
            { ...row, figure: bytes / 1e6, detail: `all of it analysed as the workspace; findings in ${files} files` },
          ];
        },
      ]),
      [
        { what: 'Numerical check of a conv block on tfjs-node', target: 5, unit: 's' },
        async (row) => {
          const { milliseconds, engine, verdict } = numericalCheck(launcher, blockFile);
          const detail = `32×32×3 input, 32 filters; ${engine.name} ${engine.version}, verdict ${verdict}; start of engine included`;
          return [{ ...row, figure: milliseconds / 1000, detail }];
        },
      ],
    ];
    const rows = [];
    for (const [row, task] of tasks) {
      const made = await measured(() => task(row), row);
      made.forEach((result) => console.log(line(result)));
      rows.push(...made);
    }
    const results = path.join(root, 'bench', 'results.md');
    writeFileSync(results, markdown(rows, new Date().toISOString().slice(0, 10)));
    console.log(`Written: ${path.relative(process.cwd(), results)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

await main();
