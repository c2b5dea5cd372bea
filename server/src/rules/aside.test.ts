import assert from 'node:assert/strict';
import { withoutAside } from './aside';
import type { Finding } from './finding';

const place = { file: '/a.js', start: 0, end: 1 };
const own = { place, message: 'the training step' };
const other = { place, message: 'the bias becomes redundant' };
const finding: Finding = {
  rule: 'updates-not-run',
  severity: 'warning',
  message: { what: 'What.', why: 'Why.', todo: 'Mend it. Then a bias becomes redundant.' },
  place,
  condition: null,
  related: [own, other],
  unnecessary: [],
  fixes: [],
  aside: { rule: 'redundant-bias', text: ' Then a bias becomes redundant.', related: [other] },
};

describe('what a finding says of another rule', () => {
  it('goes where that rule is off', () => {
    const shown = withoutAside(finding, (rule) => rule === 'redundant-bias');
    assert.equal(shown.message.todo, 'Mend it.');
    assert.deepEqual(shown.related, [own]);
    assert.equal(shown.aside, null);
  });

  it('stays where it is not', () => {
    assert.equal(
      withoutAside(finding, (rule) => rule === 'updates-not-run'),
      finding,
    );
    const { aside: _aside, ...plain } = finding;
    assert.equal(
      withoutAside(plain, () => true),
      plain,
    );
  });
});
