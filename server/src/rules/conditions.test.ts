import assert from 'node:assert/strict';
import type { Decision, World } from '../graph';
import { conditionClause, conditionText, negatedAt, telling } from './conditions';
import { decision, place, Scene, site } from './testing/scene';

const world = (...decisions: readonly Decision[]): World => new Scene().world(...decisions);
const texts = (decisions: readonly Decision[] | null) => decisions && conditionText(decisions);

describe('conditions', () => {
  const [a, notA, b, notB] = [decision('a', true), decision('a', false), decision('b', true), decision('b', false)];

  it('finds the one decision that tells worlds apart', () => {
    assert.equal(texts(telling([world(a, b), world(a, notB)], [world(notA, b), world(notA)])), 'a');
    assert.equal(texts(telling([world(notA)], [world(a)])), '!a');
  });

  it('finds a conjunction where one decision does not do', () => {
    assert.equal(texts(telling([world(a, b)], [world(a, notB), world(notA)])), 'a && b');
  });

  it('tells by what came of several decisions, where that says it in one', () => {
    const came = (value: boolean, of: World) => ({ ...of, outcomes: [decision('a ?? b', value)] });
    const holding = [came(true, world(a, b)), came(true, world(notA))];
    assert.equal(texts(telling(holding, [came(false, world(a, notB))])), 'a ?? b');
    assert.equal(
      texts(telling([came(true, world(a, b))], [came(false, world(a, notB)), came(false, world(notA))])),
      'a ?? b',
    );
    assert.equal(texts(telling([came(true, world(a))], [came(false, world(notA))])), 'a');
  });

  it('tells by the runs that a world stands for', () => {
    const several = { ...world(), variants: [[notA], [a, notB]] };
    assert.equal(texts(telling([world(a, b)], [several])), 'a && b');
    assert.equal(telling([world(a, b)], [{ ...world(), variants: [[notA], [a, b]] }]), null);
  });

  it('says a condition once that another one is written with', () => {
    const both = decision('a && b', true);
    assert.equal(conditionText([a, both]), 'a && b');
    assert.equal(conditionClause([a, both]), '`a && b` is true');
    assert.equal(conditionText([notA, both]), '!a && (a && b)');
  });

  it('is a clause of a sentence', () => {
    assert.equal(conditionClause([a]), '`a` is true');
    assert.equal(conditionClause([notA]), '`a` is false');
    assert.equal(conditionClause([a, notB]), '`a && !b` is true');
    assert.equal(conditionClause([decision("mode === 'bn'", false)]), "`mode === 'bn'` is false");
  });

  it('is not satisfied by a world that never came to the decision', () => {
    assert.equal(telling([world(a)], [world()]), null);
    assert.equal(telling([world(a), world(notA)], [world(b)]), null);
  });

  it('needs no decision where there is nothing to tell apart', () => {
    assert.deepEqual(telling([world(a)], []), []);
  });

  it('prefers a decision that can be written down', () => {
    const hidden = decision('i < n', true, null);
    const other = { ...hidden, value: false };
    assert.equal(texts(telling([world(hidden, b)], [world(other, notB)])), 'b');
  });

  it('writes the opposite of a condition', () => {
    const at = site('layer');
    const negated = (text: string, value: boolean) => negatedAt(at, [decision(text, value)]);
    assert.equal(negated('useBn', true), '!useBn');
    assert.equal(negated('options.norm', true), '!options.norm');
    assert.equal(negated('a && b', true), '!(a && b)');
    assert.equal(negated("norm === 'batch'", true), "norm !== 'batch'");
    assert.equal(negated("norm !== 'batch'", true), "norm === 'batch'");
    assert.equal(negated('norm?.type === undefined', true), 'norm?.type !== undefined');
    assert.equal(negated('norm?.type === undefined', false), 'norm?.type === undefined');
    assert.equal(negated('a === b || c', true), '!(a === b || c)');
    assert.equal(negated('n > 3', true), '!(n > 3)');
    assert.equal(negatedAt(at, [a, notB]), '!(a && !b)');
  });

  it('makes a boolean of a bare value, because undefined means true to tfjs', () => {
    assert.equal(negatedAt(site('layer'), [decision('plain', false)]), '!!plain');
    assert.equal(negatedAt(site('layer'), [decision("norm === 'none'", false)]), "norm === 'none'");
  });

  it('writes nothing where a value is not in scope', () => {
    assert.equal(negatedAt(site('layer'), [decision('useBn', true, null)]), null);
    assert.equal(negatedAt(site('layer'), [decision('useBn', true, place('elsewhere'))]), null);
  });
});
