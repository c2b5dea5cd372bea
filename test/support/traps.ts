import assert from 'node:assert/strict';
import { analyse } from './analyse';

/** A model with a batch norm that gradient steps train, and an optimizer. */
export function judge(): string {
  return `const judge = tf.sequential();
    judge.add(tf.layers.dense({ inputShape: [4], units: 8, useBias: false }));
    judge.add(tf.layers.batchNormalization());
    judge.add(tf.layers.dense({ units: 1 }));
    const optimizer = tf.train.adam(0.001);`;
}

const without = (text: string, mark: string): string =>
  text
    .split('\n')
    .filter((line) => !line.endsWith(`// ${mark}`))
    .join('\n');

const found = (text: string): string[] =>
  analyse(new Map([['/program.js', `import * as tf from '@tensorflow/tfjs';\n${text}`]])).map(
    ({ rule, message }) => `${rule}: ${message.what}`,
  );

/**
 * A test for each program, in which one line makes the difference: with the lines marked `// trap` there must be no
 * finding, and with those marked `// plain` in their place there is one.
 */
export function trapsIn(programs: Readonly<Record<string, string>>): void {
  for (const [title, text] of Object.entries(programs)) {
    it(title, () => {
      assert.match(text, /\/\/ (trap|plain)/);
      assert.deepEqual(found(without(text, 'plain')), []);
      assert.equal(found(without(text, 'trap')).length, 1, 'the same program without the trap');
    });
  }
}
