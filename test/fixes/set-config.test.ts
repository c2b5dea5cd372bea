import assert from 'node:assert/strict';
import { makeFix } from '../../server/src/fixes';
import type { ProposedFix } from '../../server/src/rules';
import { applyFix, callSites, syntaxErrors } from '../support/sites';

const DEAD = ['biasInitializer', 'biasRegularizer', 'biasConstraint'];

/** Applies the fix to the first call of conv2d, checks the two properties of every fix, and gives the new text. */
function fixed(text: string, value = 'false', drop: readonly string[] = DEAD): string | null {
  const proposed = (code: string): ProposedFix => ({
    title: 'Set useBias',
    kind: 'quickfix',
    remedy: { type: 'set-config', site: callSites(code, 'conv2d')[0]!, key: 'useBias', value, drop },
  });
  assert.deepEqual(syntaxErrors(text), [], 'the input parses');
  const fix = makeFix(proposed(text), text);
  if (fix === null) return null;
  const after = applyFix(text, fix);
  assert.deepEqual(syntaxErrors(after), [], `the output parses: ${after}`);
  assert.equal(makeFix(proposed(after), after), null, `a second application changes nothing: ${after}`);
  return after;
}

const CASES: readonly (readonly [what: string, before: string, after: string])[] = [
  ['no argument', 'tf.layers.conv2d();', 'tf.layers.conv2d({ useBias: false });'],
  ['only a comment', 'conv2d(/* later */);', 'conv2d(/* later */{ useBias: false });'],
  ['an empty object', 'conv2d({});', 'conv2d({ useBias: false });'],
  ['an object that holds a comment', 'conv2d({ /* later */ });', 'conv2d({ /* later */ useBias: false });'],
  ['an object that holds a line comment', 'conv2d({\n  // later\n});', 'conv2d({\n  // later\n  useBias: false\n});'],
  ['one line', 'conv2d({ filters: 3 });', 'conv2d({ filters: 3, useBias: false });'],
  ['one line without spaces', 'conv2d({filters: 3});', 'conv2d({filters: 3, useBias: false});'],
  ['one line, trailing comma', 'conv2d({ filters: 3, });', 'conv2d({ filters: 3, useBias: false, });'],
  ['one line, comment', 'conv2d({ filters: 3 /* n */ });', 'conv2d({ filters: 3, /* n */ useBias: false });'],
  [
    'several lines',
    'm.add(tf.layers.conv2d({\n    filters: 3,\n    kernelSize: 5\n  }));',
    'm.add(tf.layers.conv2d({\n    filters: 3,\n    kernelSize: 5,\n    useBias: false\n  }));',
  ],
  [
    'several lines, trailing comma',
    'conv2d({\n  filters: 3,\n  kernelSize: 5,\n})',
    'conv2d({\n  filters: 3,\n  kernelSize: 5,\n  useBias: false,\n})',
  ],
  [
    'several lines, comments',
    'conv2d({\n  filters: 3, // wide\n  kernelSize: 5 // tall\n  // strides: 2\n})',
    'conv2d({\n  filters: 3, // wide\n  kernelSize: 5, // tall\n  useBias: false\n  // strides: 2\n})',
  ],
  ['tabs', 'conv2d({\n\tfilters: 3,\n})', 'conv2d({\n\tfilters: 3,\n\tuseBias: false,\n})'],
  ['CRLF', 'conv2d({\r\n  filters: 3\r\n})\r\n', 'conv2d({\r\n  filters: 3,\r\n  useBias: false\r\n})\r\n'],
  [
    'CRLF and a comment',
    'conv2d({\r\n  filters: 3, // n\r\n})\r\n',
    'conv2d({\r\n  filters: 3, // n\r\n  useBias: false,\r\n})\r\n',
  ],
  [
    'properties on the line of the brace',
    '  x(conv2d({ filters: 3,\n    kernelSize: 5\n  }));',
    '  x(conv2d({ filters: 3,\n    kernelSize: 5,\n    useBias: false\n  }));',
  ],
  [
    'only the closing brace on its own line',
    '  x(conv2d({ filters: 3\n  }));',
    '  x(conv2d({ filters: 3,\n    useBias: false\n  }));',
  ],
  ['an existing true', 'conv2d({ useBias: true, filters: 3 })', 'conv2d({ useBias: false, filters: 3 })'],
  ['an existing name', 'conv2d({ filters: 3, useBias: withBias })', 'conv2d({ filters: 3, useBias: false })'],
  ['a quoted key', "conv2d({ 'useBias': true })", "conv2d({ 'useBias': false })"],
  ['a shorthand', 'conv2d({ filters, useBias })', 'conv2d({ filters, useBias: false })'],
  ['a spread that comes later', 'conv2d({ useBias: true, ...shared })', 'conv2d({ ...shared, useBias: false })'],
  [
    'a spread that comes before',
    'conv2d({ ...shared, filters: 3 })',
    'conv2d({ ...shared, filters: 3, useBias: false })',
  ],
  ['a spread before the key', 'conv2d({ ...shared, useBias: true })', 'conv2d({ ...shared, useBias: false })'],
  ['a computed key', 'conv2d({ useBias: true, [name]: 1 })', 'conv2d({ [name]: 1, useBias: false })'],
  ['the key twice', 'conv2d({ useBias: false, filters: 3, useBias: true })', 'conv2d({ filters: 3, useBias: false })'],
  ['a config that is a variable', 'conv2d(config)', 'conv2d({ ...config, useBias: false })'],
  ['a config that is a member', 'conv2d(this.config.first)', 'conv2d({ ...this.config.first, useBias: false })'],
  ['a config that is a call', 'conv2d(configOf(3))', 'conv2d({ ...configOf(3), useBias: false })'],
  ['a config that is cast', 'conv2d(config as any)', 'conv2d({ ...(config as any), useBias: false })'],
  ['a choice of configs', 'conv2d(a ? b : c)', 'conv2d({ ...(a ? b : c), useBias: false })'],
  ['undefined', 'conv2d(undefined)', 'conv2d({ useBias: false })'],
  ['a generic callee', 'tf.layers.conv2d<X>({ filters: 3 })', 'tf.layers.conv2d<X>({ filters: 3, useBias: false })'],
  ['a second argument', 'conv2d({ filters: 3 }, extra)', 'conv2d({ filters: 3, useBias: false }, extra)'],
  [
    'a dead key in the middle',
    "conv2d({ filters: 3, biasInitializer: 'ones', kernelSize: 5 })",
    'conv2d({ filters: 3, kernelSize: 5, useBias: false })',
  ],
  [
    'a dead key first',
    "conv2d({ biasInitializer: 'ones', kernelSize: 5 })",
    'conv2d({ kernelSize: 5, useBias: false })',
  ],
  [
    'a dead key last, after the replaced one',
    "conv2d({ filters: 3, useBias: true, biasInitializer: 'ones' })",
    'conv2d({ filters: 3, useBias: false })',
  ],
  ['only dead keys', "conv2d({ biasInitializer: 'ones', biasConstraint })", 'conv2d({ useBias: false })'],
  [
    'dead keys with their comments',
    'conv2d({\n  filters: 3,\n  // keep the bias small\n  biasRegularizer: l2({ l2: 0.1 }), // weak\n  kernelSize: 5,\n})',
    'conv2d({\n  filters: 3,\n  kernelSize: 5,\n  useBias: false,\n})',
  ],
  [
    'a heading above a dead key',
    'conv2d({\n  filters: 3,\n  // initial values\n  biasInitializer: zeros,\n  kernelInitializer: ones,\n})',
    'conv2d({\n  filters: 3,\n  // initial values\n  kernelInitializer: ones,\n  useBias: false,\n})',
  ],
  [
    'a dead last key without a trailing comma',
    'conv2d({\n  useBias: true,\n  filters: 3, // n\n  biasInitializer: zeros\n})',
    'conv2d({\n  useBias: false,\n  filters: 3 // n\n})',
  ],
  [
    'a dead key after a line comment, with code behind it on its line',
    'conv2d({\n  filters: 3, // n\n  biasInitializer: zeros, kernelSize: 5 })',
    'conv2d({\n  filters: 3, // n\n  kernelSize: 5, useBias: false })',
  ],
  [
    'a dead key that ends the line of the brace',
    'conv2d({\n  useBias: true, filters: 3, // n\n  biasInitializer: zeros })',
    'conv2d({\n  useBias: false, filters: 3 // n\n })',
  ],
  [
    'a comma in a comment, and commas in front',
    'conv2d({\n  filters: 3 // a, b\n, kernelSize: 5 /* , */\n})',
    'conv2d({\n  filters: 3 // a, b\n, kernelSize: 5, /* , */\nuseBias: false\n})',
  ],
  [
    'a value with commas and braces',
    "conv2d({ kernelSize: [3, 3], x: { a: '}', } })",
    "conv2d({ kernelSize: [3, 3], x: { a: '}', }, useBias: false })",
  ],
];

describe('fix: set-config', () => {
  for (const [what, before, after] of CASES) {
    it(what, () => assert.equal(fixed(before), after));
  }

  it('writes the negated flag and keeps the other bias options', () => {
    assert.equal(
      fixed("conv2d({ filters: 3, biasInitializer: 'ones' })", '!useBn', []),
      "conv2d({ filters: 3, biasInitializer: 'ones', useBias: !useBn })",
    );
  });

  it('removes options that are dead beside a useBias that is false already', () => {
    assert.equal(fixed('conv2d({ useBias: false, biasInitializer: i })'), 'conv2d({ useBias: false })');
  });

  it('does nothing where nothing is to do', () => {
    assert.equal(fixed('conv2d({ filters: 3, useBias: false })'), null);
  });

  it('gives up on a spread argument and on a method', () => {
    assert.equal(fixed('conv2d(...args)'), null);
    assert.equal(fixed('conv2d({ useBias() {} })'), null);
  });

  it('gives up where the spans are those of another text', () => {
    const text = 'tf.layers.conv2d({ filters: 3 });';
    const [site] = callSites(text, 'conv2d');
    const remedy = { type: 'set-config', site: site!, key: 'useBias', value: 'false', drop: [] } as const;
    assert.equal(makeFix({ title: 'x', kind: 'quickfix', remedy }, `// a line more\n${text}`), null);
  });

  it('touches no more of the text than it must', () => {
    const text = 'conv2d({ filters: 3, useBias: true });';
    const [site] = callSites(text, 'conv2d');
    const remedy = { type: 'set-config', site: site!, key: 'useBias', value: 'false', drop: [] } as const;
    const fix = makeFix({ title: 'x', kind: 'quickfix', remedy }, text)!;
    assert.deepEqual(fix.edits, [{ file: '/model.ts', start: 30, end: 33, text: 'fals' }]);
  });
});
