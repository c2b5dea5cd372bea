// The licence notices of what the bundles contain, made from what esbuild says it has put in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { at } from './run.mjs';

/** Where a package keeps its licence and further notices. */
const LICENCE = /^(licen[cs]e|copying)([.-].*)?$/i;
const FURTHER = /^(notice|third-?party-?notices?(text)?)(\.(txt|md))?$/i;

/**
 * The folders of the packages of which something is in the bundles, relative to `root`, in the order of their names.
 *
 * @param {readonly {outputs: Record<string, {inputs: Record<string, {bytesInOutput: number}>}>}[]} metafiles
 */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const name = (folder) => folder.slice(folder.lastIndexOf('node_modules/'));
  return [...folders].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a < b ? -1 : 1));
}

/**
 * The text of THIRD-PARTY-NOTICES.txt.
 *
 * @throws Error where the licence of a package is not known
 */
export function noticesText(metafiles, root = at()) {
  const packages = bundledPackages(metafiles).map((folder) => describe(path.join(root, folder)));
  const unique = [...new Map(packages.map((one) => [`${one.title}\n${one.text}`, one])).values()];
  return [
    'LayerLint contains the following packages, each under its own licence. Its own licence is in the file LICENSE.',
    unique.map(({ title }) => `  ${title}`).join('\n'),
    ...unique.map(({ title, text }) => `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function describe(folder) {
  const { name, version, license, author, repository, homepage } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).sort();
  const read = (file) => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  const own = files.filter((file) => LICENCE.test(file)).map(read);
  const further = files.filter((file) => FURTHER.test(file)).map(read);
  const texts = own.length > 0 ? own : standardTexts(license, author, name);
  const source = homepage ?? (typeof repository === 'string' ? repository : repository?.url);
  return {
    title: `${name} ${version} (${typeof license === 'string' ? license : 'see below'})`,
    text: [...(source ? [`Source: ${source}`] : []), ...texts, ...further].join('\n\n'),
  };
}

/** Some packages name their licence and do not come with its text. */
function standardTexts(license, author, name) {
  const ids = typeof license === 'string' ? license.split(' AND ') : [];
  const texts = ids.map((id) => STANDARD[id]?.(holder(author, name)));
  if (texts.length === 0 || texts.some((text) => text === undefined))
    throw new Error(`The licence of the bundled package ${name} is not known: ${JSON.stringify(license)}.`);
  return texts;
}

function holder(author, name) {
  const person = typeof author === 'string' ? author.replace(/\s*[<(].*$/, '') : author?.name;
  return person || `the authors of ${name}`;
}

const STANDARD = {
  'Apache-2.0': () => {
    const own = at('LICENSE');
    if (!existsSync(own)) throw new Error(`${own} is missing.`);
    return readFileSync(own, 'utf8').trim();
  },
  MIT: (who) => `The MIT License

Copyright (c) ${who}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};
