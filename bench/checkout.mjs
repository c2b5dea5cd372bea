import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { modelFile } from './model-file.mjs';
import { random } from './statistics.mjs';

const NOUNS = ['account', 'session', 'widget', 'cursor', 'palette', 'ledger', 'route', 'filter', 'packet', 'layout'];
const VERBS = ['load', 'merge', 'format', 'resolve', 'collect', 'render', 'validate', 'update', 'compare', 'split'];

/** A module of ordinary code, 60 to 160 lines, that has nothing to do with tfjs. */
function plainModule(next, index) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const lines = [`import { helper } from './shared.js';`, ''];
  for (let f = 4 + Math.floor(next() * 8); f > 0; f--) {
    const [verb, noun] = [pick(VERBS), pick(NOUNS)];
    const name = `${verb}${noun[0].toUpperCase()}${noun.slice(1)}${index}x${f}`;
    lines.push(
      `/** The ${noun} of one entry; empty entries are left out. */`,
      `export function ${name}(entries, options = {}) {`,
      `  const result = [];`,
      `  for (const entry of entries) {`,
      `    if (!entry || entry.size === ${Math.floor(next() * 100)}) continue;`,
      `    const ${noun} = helper(entry.${noun} ?? options.${noun}, '${verb}');`,
      `    result.push({ ...entry, ${noun}, key: \`\${entry.id}:${index}\` });`,
      `  }`,
      `  return result.filter((item) => item.${noun} !== undefined).map((item) => item.key);`,
      `}`,
      '',
    );
  }
  return lines.join('\n');
}

/** A module that uses tensors, and builds no layer. */
function tensorModule(next, index) {
  const lines = [`import * as tf from '@tensorflow/tfjs';`, ''];
  for (let f = 3 + Math.floor(next() * 6); f > 0; f--) {
    lines.push(
      `export function normalise${index}x${f}(image, size = ${8 + Math.floor(next() * 200)}) {`,
      `  return tf.tidy(() => {`,
      `    const resized = tf.image.resizeBilinear(image, [size, size]).toFloat();`,
      `    const mean = resized.mean([0, 1], true);`,
      `    const deviation = resized.sub(mean).square().mean([0, 1], true).sqrt();`,
      `    return resized.sub(mean).div(deviation.add(1e-6)).expandDims(0);`,
      `  });`,
      `}`,
      '',
    );
  }
  return lines.join('\n');
}

/**
 * Writes a checkout of some `files` source files into `folder`: nine in ten ordinary modules, one in eleven on
 * tensors, one in a hundred with models. The same on every machine.
 *
 * @returns the number of files written
 */
export function writeCheckout(folder, files = 3000) {
  const next = random(20240229);
  let written = 0;
  const write = (name, text) => {
    writeFileSync(path.join(folder, name), text);
    written += 1;
  };
  for (let index = 0; written < files; index++) {
    const directory = `packages/part${index % 60}/src`;
    if (index < 60) {
      mkdirSync(path.join(folder, directory), { recursive: true });
      write(
        `${directory}/shared.js`,
        `export const helper = (value, verb) => (value ? \`\${verb} \${value}\` : value);\n`,
      );
    }
    if (index % 100 === 99) write(`${directory}/model${index}.ts`, modelFile(180 + Math.floor(next() * 200)));
    else if (index % 11 === 10) write(`${directory}/tensors${index}.js`, tensorModule(next, index));
    else write(`${directory}/module${index}.js`, plainModule(next, index));
  }
  return written;
}
