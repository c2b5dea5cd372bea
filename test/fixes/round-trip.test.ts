import assert from 'node:assert/strict';
import type { Reported } from '../../server/src/analyzer';
import type { Fix } from '../../server/src/rules';
import { analyse } from '../support/analyse';
import { applyFix, syntaxErrors } from '../support/sites';

/** Programs with findings of every sort; the finding under test is the first in the file. */
const HEAD = "import * as tf from '@tensorflow/tfjs';\n";
const END = 'model.add(tf.layers.reLU());\nmodel.add(tf.layers.dense({ units: 1 }));\n';

/** A layer whose creating call is `call`, right before batch norm, and a second redundant bias after it. */
function beforeNorm(call: string, before = ''): string {
  return `${HEAD}${before}const model = tf.sequential();
model.add(${call});
model.add(tf.layers.batchNormalization());
model.add(tf.layers.dense({ units: 5 }));
model.add(tf.layers.batchNormalization());
${END}`;
}

const STEP = `${HEAD}const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [4], units: 8, useBias: false }));
model.add(tf.layers.batchNormalization());
model.add(tf.layers.dropout({ rate: 0.5 }));
const optimizer = tf.train.adam();
export function step(x, y) {
  optimizer.minimize(() => tf.losses.meanSquaredError(y, RUN));
}
`;

const flagged = (config: string): string => `${HEAD}export function build(useBn) {
  const model = tf.sequential();
  model.add(tf.layers.dense(${config}));
  if (useBn) model.add(tf.layers.batchNormalization());
  ${END.replace('\n', '\n  ')}  return model;
}
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  'a literal': beforeNorm('tf.layers.dense({ inputShape: [4], units: 3 })'),
  'a literal over several lines': beforeNorm('tf.layers.dense({\n    inputShape: [4],\n    units: 3, // few\n  })'),
  'explicit options': beforeNorm(
    "tf.layers.dense({ inputShape: [4], useBias: true, biasInitializer: 'ones', units: 3 })",
  ),
  'a shorthand': beforeNorm('tf.layers.dense({ inputShape: [4], units: 3, useBias })', 'const useBias = true;\n'),
  'a spread that sets it': beforeNorm(
    'tf.layers.dense({ inputShape: [4], units: 3, useBias: true, ...shared })',
    "const shared = { useBias: true, kernelInitializer: 'ones' };\n",
  ),
  'a constant': beforeNorm('tf.layers.dense(config)', 'const config = { inputShape: [4], units: 3 };\n'),
  'a call': beforeNorm('tf.layers.dense(config(3))', 'const config = (units) => ({ inputShape: [4], units });\n'),
  'a flag': flagged('{ inputShape: [4], units: 3 }'),
  'a flag, and a bias initializer': flagged("{ inputShape: [4], units: 3, biasInitializer: 'ones' }"),
  'a flag and a constant': flagged('CONFIG').replace(HEAD, `${HEAD}const CONFIG = { inputShape: [4], units: 3 };\n`),
  'apply without the flag': STEP.replace('RUN', 'model.apply(x)'),
  'apply with a false flag': STEP.replace('RUN', 'model.apply(x, { training: 0 })'),
  'apply with a misspelled flag': STEP.replace('RUN', 'model.apply(x, { isTraining: true })'),
  call: STEP.replace('RUN', 'model.call(x, {})'),
  predict: STEP.replace('RUN', 'model.predict(x)'),
  'predict with options': STEP.replace('RUN', 'model.predict(x, { batchSize: 8 })'),
  'predict on a batch': STEP.replace('RUN', 'model.predictOnBatch(x)'),
};

const findings = (text: string, file: string): Reported[] => analyse(new Map([[file, text]]));
/** A finding without what moves when text is inserted before it. */
const identity = ({ rule, message, condition }: Reported): string => `${rule} ${condition ?? ''} ${message.what}`;

describe('fix: analyse, fix, analyse again', () => {
  for (const [name, source] of Object.entries(PROGRAMS)) {
    for (const [file, text] of [
      ['/model.js', source],
      ['/model.ts', source.replaceAll('\n', '\r\n')],
      ['/model.html', `<html>\n<script type="module">\n${source}</script>\n</html>\n`],
    ] as const) {
      it(`${name}: ${file.slice(7)}`, () => {
        const before = findings(text, file);
        const [first, ...others] = before;
        assert.ok(first !== undefined, 'there is a finding');
        assert.equal(first.edits.length, 2, 'a fix and a comment');
        for (const fix of first.edits) {
          const after = applyFix(text, fix as Fix);
          if (!file.endsWith('.html')) assert.deepEqual(syntaxErrors(after, file), [], after);
          const left = findings(after, file);
          assert.deepEqual(left.map(identity), others.map(identity), `${fix.title}:\n${after}`);
        }
      });
    }
  }

  it('fixes every bias of a program together', () => {
    const text = beforeNorm('tf.layers.dense({ inputShape: [4], units: 3 })');
    const edits = findings(text, '/model.js').flatMap(({ edits: [first] }) => (first as Fix).edits);
    const after = applyFix(text, { title: '', kind: 'quickfix', edits });
    assert.deepEqual(findings(after, '/model.js'), []);
    assert.equal(after.match(/useBias: false/g)?.length, 2);
  });

  it('never edits the constant that other layers share', () => {
    const text = beforeNorm('tf.layers.dense(config)', 'const config = { inputShape: [4], units: 3 };\n').replace(
      'tf.layers.dense({ units: 1 })',
      'tf.layers.dense(config)',
    );
    const [first] = findings(text, '/model.js');
    const after = applyFix(text, first!.edits[0]!);
    assert.ok(after.includes('const config = { inputShape: [4], units: 3 };'));
    assert.ok(after.includes('model.add(tf.layers.dense({ ...config, useBias: false }));'));
  });

  it('leaves the flag alone that the caller hands down', () => {
    const text = STEP.replace('RUN', 'forward(x)').replace(
      'export function',
      'const forward = (x, training = false) => model.apply(x, { training });\nexport function',
    );
    const [first] = findings(text, '/model.js');
    assert.equal(first!.rule, 'updates-not-run');
    assert.deepEqual(
      first!.edits.map(({ title }) => title),
      ['Disable updates-not-run for this line'],
    );
  });
});
