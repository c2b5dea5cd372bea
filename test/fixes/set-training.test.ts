import assert from 'node:assert/strict';
import { makeFix } from '../../server/src/fixes';
import type { ProposedFix, Remedy } from '../../server/src/rules';
import { applyFix, callSites, syntaxErrors } from '../support/sites';

type Api = Extract<Remedy, { type: 'set-training' }>['api'];

/** Applies the fix to the first call of `api`, checks what holds for every fix, and gives the new text. */
function fixed(text: string, api: Api): string | null {
  const proposed = (code: string, name: string): ProposedFix => ({
    title: 'Train',
    kind: 'quickfix',
    remedy: { type: 'set-training', site: callSites(code, name)[0]!, api: name as Api },
  });
  assert.deepEqual(syntaxErrors(text), [], 'the input parses');
  const fix = makeFix(proposed(text, api), text);
  if (fix === null) return null;
  const after = applyFix(text, fix);
  assert.deepEqual(syntaxErrors(after), [], `the output parses: ${after}`);
  const now = api === 'call' ? 'call' : 'apply';
  assert.equal(makeFix(proposed(after, now), after), null, `a second application changes nothing: ${after}`);
  return after;
}

const CASES: readonly (readonly [what: string, api: Api, before: string, after: string])[] = [
  ['apply', 'apply', 'model.apply(x)', 'model.apply(x, { training: true })'],
  ['apply, trailing comma', 'apply', 'model.apply(x,)', 'model.apply(x, { training: true },)'],
  ['apply, comment', 'apply', 'model.apply(x /* a, b */)', 'model.apply(x, { training: true } /* a, b */)'],
  ['apply, several lines', 'apply', 'model.apply(\n  x,\n)', 'model.apply(\n  x, { training: true },\n)'],
  ['apply in a cast', 'apply', '(model.apply(x) as tf.Tensor)', '(model.apply(x, { training: true }) as tf.Tensor)'],
  ['call', 'call', 'model.call([x], {})', 'model.call([x], { training: true })'],
  ['call, no second argument', 'call', 'model.call(x)', 'model.call(x, { training: true })'],
  ['a false flag', 'apply', 'm.apply(x, { training: false })', 'm.apply(x, { training: true })'],
  ['a misspelled flag', 'apply', 'm.apply(x, {isTraining: true})', 'm.apply(x, {isTraining: true, training: true})'],
  ['true instead of an object', 'apply', 'm.apply(x, true)', 'm.apply(x, { training: true })'],
  ['undefined instead of an object', 'apply', 'm.apply(x, undefined)', 'm.apply(x, { training: true })'],
  ['predict', 'predict', 'model.predict(x)', 'model.apply(x, { training: true })'],
  ['predict with options', 'predict', 'm.predict(x, {batchSize: 32})', 'm.apply(x, { training: true })'],
  ['predict with a flag', 'predict', 'm.predict(x, {training: true}, 1)', 'm.apply(x, { training: true })'],
  ['predictOnBatch', 'predictOnBatch', 'm.predictOnBatch(x)', 'm.apply(x, { training: true })'],
  ['an asserted model', 'predict', 'this.model!.predict(x)', 'this.model!.apply(x, { training: true })'],
  ['an optional model', 'predict', 'model?.predict(x)', 'model?.apply(x, { training: true })'],
  ['a model in brackets', 'predict', "model['predict'](x)", "model['apply'](x, { training: true })"],
  ['a cast model', 'predict', '(m as tf.Sequential).predict(x)', '(m as tf.Sequential).apply(x, { training: true })'],
  ['nested calls', 'predict', 'a.predict(b(x, y))', 'a.apply(b(x, y), { training: true })'],
];

describe('fix: set-training', () => {
  for (const [what, api, before, after] of CASES) {
    it(what, () => assert.equal(fixed(before, api), after));
  }

  it('hands on what `call` of a layer class was given, once', () => {
    const handed = (text: string, flag: string): string | null => {
      const remedy = { type: 'hand-on', site: callSites(text, 'apply')[0]!, flag } as const;
      const fix = makeFix({ title: 'Hand on', kind: 'quickfix', remedy }, text);
      return fix && applyFix(text, fix);
    };
    assert.equal(handed('norm.apply(x)', 'kwargs'), 'norm.apply(x, kwargs)');
    assert.equal(handed('norm.apply(x,)', '{ training }'), 'norm.apply(x, { training },)');
    for (const text of ['norm.apply()', 'norm.apply(...xs)', 'norm.apply(x, kwargs)', 'norm.apply(x, {})'])
      assert.equal(handed(text, 'kwargs'), null, text);
  });

  it('leaves a flag alone that comes from elsewhere', () => {
    assert.equal(fixed('m.apply(x, { training })', 'apply'), null);
    assert.equal(fixed('m.apply(x, { training: isTraining })', 'apply'), null);
    assert.equal(fixed('m.apply(x, kwargs)', 'apply'), null);
  });

  it('leaves calls alone that it does not understand', () => {
    assert.equal(fixed('predict(x)', 'predict'), null);
    assert.equal(fixed('m.apply(...args)', 'apply'), null);
    assert.equal(fixed('m.apply(x, ...rest)', 'apply'), null);
    assert.equal(fixed('m.apply()', 'apply'), null);
  });

  it('does nothing where the flag is set', () => {
    assert.equal(fixed('m.apply(x, { training: true })', 'apply'), null);
  });
});
