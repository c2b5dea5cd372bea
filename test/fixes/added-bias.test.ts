import assert from 'node:assert/strict';
import type { Reported } from '../../server/src/analyzer';
import { makeFix } from '../../server/src/fixes';
import type { Fix, Remedy } from '../../server/src/rules';
import { analyse } from '../support/analyse';
import { applyFix, callSites, syntaxErrors } from '../support/sites';

function applied(text: string, remedy: Remedy): string | null {
  assert.deepEqual(syntaxErrors(text), [], 'the input parses');
  const fix = makeFix({ title: 'a test', kind: 'quickfix', remedy }, text);
  if (fix === null) return null;
  const after = applyFix(text, fix);
  assert.deepEqual(syntaxErrors(after), [], `the output parses: ${after}`);
  return after;
}

const kept = (text: string, operand: 0 | 1): string | null =>
  applied(text, { type: 'keep-operand', site: callSites(text, 'add')[0]!, operand });
const dropped = (text: string): string | null =>
  applied(text, { type: 'drop-argument', site: callSites(text, 'conv2d')[0]!, key: 'bias' });

describe('fix keep-operand', () => {
  const cases: readonly (readonly [what: string, before: string, operand: 0 | 1, after: string | null])[] = [
    ['a function', 'y = tf.add(x, b);', 0, 'y = x;'],
    ['the other operand', 'y = tf.add(b, x);', 1, 'y = x;'],
    ['a method', 'y = x.add(b);', 0, 'y = x;'],
    ['a method of the bias', 'y = b.add(x);', 1, 'y = x;'],
    ['in a chain', 'y = tf.conv2d(x, f, 1, "same").add(b).relu();', 0, 'y = tf.conv2d(x, f, 1, "same").relu();'],
    [
      'a method on a line of its own',
      'y = x\n  .conv2d(f)\n  .add(b)\n  .relu();',
      0,
      'y = x\n  .conv2d(f)\n  .relu();',
    ],
    ['over several lines', 'y = tf.add(\n  conv(x, [1, 2]),\n  b,\n).relu();', 0, 'y = conv(x, [1, 2]).relu();'],
    ['an operand that needs parentheses', 'y = tf.add(deep ? x : z, b).relu();', 0, 'y = (deep ? x : z).relu();'],
    ['a cast', 'y = tf.add(x as tf.Tensor, b).relu();', 0, 'y = (x as tf.Tensor).relu();'],
    ['brackets within a text', 'y = tf.add(x[")"], b);', 0, 'y = x[")"];'],
    ['a comment that would go', 'y = tf.add(x, /* the bias */ b);', 0, null],
    ['optional chaining', 'y = x?.add(b);', 0, null],
    ['a spread', 'y = tf.add(...both);', 0, null],
    ['a bare name', 'y = add(b);', 0, null],
  ];
  for (const [what, before, operand, after] of cases) {
    it(what, () => assert.equal(kept(before, operand), after));
  }
});

describe('fix drop-argument', () => {
  const cases: readonly (readonly [what: string, before: string, after: string | null])[] = [
    ['a property', 'tf.fused.conv2d({ x, bias: b, pad: 1 });', 'tf.fused.conv2d({ x, pad: 1 });'],
    ['a shorthand at the end', 'tf.fused.conv2d({ x, pad: 1, bias });', 'tf.fused.conv2d({ x, pad: 1 });'],
    [
      'on lines of their own',
      'tf.fused.conv2d({\n  x,\n  bias: this.bias,\n  pad: 1,\n});',
      'tf.fused.conv2d({\n  x,\n  pad: 1,\n});',
    ],
    ['beside a spread', 'tf.fused.conv2d({ ...more, bias });', 'tf.fused.conv2d({ ...more, bias: undefined });'],
    ['an object by its name', 'tf.fused.conv2d(options);', 'tf.fused.conv2d({ ...options, bias: undefined });'],
    ['nothing to drop', 'tf.fused.conv2d({ x, pad: 1 });', null],
  ];
  for (const [what, before, after] of cases) {
    it(what, () => {
      assert.equal(dropped(before), after);
      // A second application changes nothing.
      if (after !== null) assert.equal(dropped(after), null);
    });
  }
});

const block = (y: string, before = ''): string => `import * as tf from '@tensorflow/tfjs';
const filter = tf.variable(tf.randomNormal([3, 3, 3, 8]));
const bias = tf.variable(tf.zeros([8]));
const options = { strides: 1, pad: 'same' };
const head = tf.layers.dense({ units: 2 });
function block(x) {
  ${before}const y = ${y};
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  return y.sub(mean).div(variance.add(1e-3).sqrt());
}
export const output = head.apply(block(tf.randomNormal([4, 8, 8, 3])).mean([1, 2]));
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  'tf.add': block("tf.add(tf.conv2d(x, filter, 1, 'same'), bias)"),
  'the bias first': block("tf.add(bias, tf.conv2d(x, filter, 1, 'same'))"),
  'a method': block("tf.conv2d(x, filter, 1, 'same').add(bias).maxPool(2, 2, 'valid')"),
  'a method of the bias': block("bias.add(tf.conv2d(x, filter, 1, 'same'))"),
  'a fused op': block("tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'linear' })"),
  'a fused op with a spread': block('tf.fused.conv2d({ ...options, x, filter, bias })'),
  'a fused op by a constant': block(
    'tf.fused.conv2d(all)',
    "const all = { x, filter, bias, strides: 1, pad: 'same' };\n  ",
  ),
};

const findings = (text: string, file: string): Reported[] => analyse(new Map([[file, text]]));

describe('fix of an added bias: analyse, fix, analyse again', () => {
  for (const [name, source] of Object.entries(PROGRAMS)) {
    for (const [file, text] of [
      ['/model.js', source],
      ['/model.ts', source.replaceAll('\n', '\r\n')],
    ] as const) {
      it(`${name}: ${file.slice(7)}`, () => {
        const [first, ...others] = findings(text, file);
        assert.equal(first?.rule, 'redundant-bias');
        assert.deepEqual(others, []);
        assert.equal(first.edits.length, 2, 'a fix and a comment');
        assert.equal(first.edits[0]!.kind, 'quickfix');
        for (const fix of first.edits) {
          const after = applyFix(text, fix as Fix);
          assert.deepEqual(syntaxErrors(after, file), [], after);
          assert.deepEqual(findings(after, file), [], `${fix.title}:\n${after}`);
        }
      });
    }
  }
});
