import path from 'node:path';
import { Client } from './client.mjs';
import { median, quantile } from './statistics.mjs';

/** What is typed, a key at a time, on a new line of the model file; then it is deleted again by backspaces. */
const TYPED = '  x = tf.layers.conv2d({ filters, kernelSize: 3 }).apply(x);';

/**
 * From the start of the process to the first diagnostics of a file that has some.
 *
 * @returns median over `turns` starts, milliseconds
 */
export async function coldStart(launcher, file, turns) {
  const times = [];
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    const client = new Client(launcher, path.dirname(file));
    await client.start();
    const document = await client.open(file);
    const found = await client.diagnostics(document);
    times.push(performance.now() - start);
    if (found.length === 0) throw new Error(`no diagnostics of ${file}: there is nothing to measure`);
    await client.stop();
  }
  return median(times);
}

/**
 * From a keystroke to the diagnostics of the new text, by pull. The keys go into the body of the first block helper,
 * where every one of them changes what has to be analysed.
 *
 * @returns p50 and p95 in milliseconds, and the number of keystrokes
 */
export async function keystrokes(launcher, file) {
  const client = new Client(launcher, path.dirname(file));
  await client.start();
  const document = await client.open(file);
  const atRest = (await client.diagnostics(document)).length;
  if (atRest === 0) throw new Error(`no diagnostics of ${file}: there is nothing to measure`);
  const lines = document.text.split('\n');
  const line = lines.findIndex((text) => text.includes('tf.layers.reLU().apply(x)'));
  const at = (character) => ({ line: line + 1, character });
  const times = [];
  const stroke = async (start, end, text) => {
    const begin = performance.now();
    await client.edit(document, start, end, text);
    await client.diagnostics(document);
    times.push(performance.now() - begin);
  };
  const endOfLine = { line, character: lines[line].length };
  for (let round = 0; round < 3; round++) {
    await stroke(endOfLine, endOfLine, '\n');
    for (const [index, key] of [...TYPED].entries()) await stroke(at(index), at(index), key);
    for (let index = TYPED.length; index > 0; index--) await stroke(at(index - 1), at(index), '');
    await stroke(endOfLine, at(0), '');
  }
  const after = (await client.diagnostics(document)).length;
  if (after !== atRest) throw new Error(`${after} diagnostics after the text was restored, ${atRest} before`);
  await client.stop();
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), count: times.length };
}

/**
 * Memory of a server that has the folder open as its workspace, one file of it open, and all of it analysed.
 *
 * @returns resident bytes and the number of files with diagnostics
 */
export async function memory(launcher, folder, file) {
  const client = new Client(launcher, folder);
  await client.start();
  const document = await client.open(file);
  await client.diagnostics(document);
  const report = await client.workspaceDiagnostics();
  const files = report.items.filter((item) => item.items?.length > 0).length;
  const bytes = client.residentBytes();
  await client.stop();
  return { bytes, files };
}
