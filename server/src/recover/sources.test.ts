import assert from 'node:assert/strict';
import fc from 'fast-check';
import ts from 'typescript';
import { SourceCache, syntaxErrors } from './sources';

const TEXT = `import * as tf from '@tensorflow/tfjs';
/** A block. */
export function block(x: tf.SymbolicTensor, filters = 8) {
  const layer = tf.layers.conv2d({ filters, kernelSize: [3, 3], name: \`conv\${filters}\` });
  for (const [a, b] of [[1, 2]]) if (a < b) x = layer.apply(x) as tf.SymbolicTensor;
  return x; // the end
}
class Net { #model = tf.sequential(); static made = 0; get model() { return this.#model; } }
`;
const PIECES = [
  '',
  ' ',
  '\n',
  '}',
  '{',
  '(',
  '`',
  '"',
  '/*',
  '*/',
  '//',
  'x',
  ' = 1;',
  'class A {',
  'if (x) ',
  '${',
  '<a>',
  '/',
];

/** Kinds, places and texts of all nodes, and what the parser found wrong. */
function dump(source: ts.SourceFile): string {
  const lines: string[] = [];
  const visit = (node: ts.Node, parent: ts.Node): void => {
    assert.equal(node.parent, parent, 'parents are set');
    lines.push(`${node.kind} ${node.pos} ${node.end} ${ts.isIdentifier(node) ? node.text : ''}`);
    ts.forEachChild(node, (child) => visit(child, node));
  };
  ts.forEachChild(source, (child) => visit(child, source));
  return [...lines, ...syntaxErrors(source).map(({ message, place }) => `${place.start} ${message}`)].join('\n');
}

describe('recover: parsed files', () => {
  for (const path of ['/model.ts', '/model.js', '/page.html']) {
    it(`gives the same tree of ${path} after edits as a parser that starts anew`, () => {
      const edit = fc.record({ at: fc.nat(), length: fc.nat(40), piece: fc.constantFrom(...PIECES) });
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
          let text = path === '/page.html' ? `<p>before</p><script>\n${TEXT}</script><b>after</b>` : TEXT;
          let version = 0;
          const host = { read: () => text, version: () => String(version), isFile: () => true };
          const cache = new SourceCache(host);
          cache.get(path);
          for (const { at, length, piece } of edits) {
            const start = at % (text.length + 1);
            text = text.slice(0, start) + piece + text.slice(start + length);
            version++;
            assert.equal(dump(cache.get(path)!), dump(new SourceCache(host).get(path)!), text);
          }
        }),
        { seed: 20, numRuns: 150 },
      );
    });
  }
});
