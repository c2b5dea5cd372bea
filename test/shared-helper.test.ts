import assert from 'node:assert/strict';
import { Analyzer } from '../server/src/analyzer';
import { MemoryFileSystem } from '../server/src/analyzer/testing';

const HELPER = `import * as tf from '@tensorflow/tfjs';
export const makeConv = (n) => tf.layers.conv2d({ filters: n, kernelSize: 3, inputShape: [8, 8, 3] });
`;
const uses = (next: string): string => `import * as tf from '@tensorflow/tfjs';
import { makeConv } from './helper';
const model = tf.sequential();
model.add(makeConv(4));
model.add(tf.layers.${next}());
`;

describe('a helper that several files share', () => {
  it('is judged by all of them, those that never name batch norm among them', () => {
    const report = (files: Record<string, string>): (string | null)[] => {
      const analyzer = new Analyzer(new MemoryFileSystem(files));
      analyzer.setFiles(Object.keys(files));
      return analyzer.report('/w/helper.js').findings.map(({ condition }) => condition);
    };
    const normalised = { '/w/helper.js': HELPER, '/w/a.js': uses('batchNormalization') };
    assert.deepEqual(report(normalised), [null]);
    assert.deepEqual(report({ ...normalised, '/w/b.js': uses('flatten') }), ['in 1 of 2 calls']);
  });
});
