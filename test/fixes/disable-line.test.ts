import assert from 'node:assert/strict';
import { makeFix } from '../../server/src/fixes';
import { suppress, type RuleId } from '../../server/src/rules';
import { applyFix } from '../support/sites';

/** Disables a rule for the finding at `BIAS`; checks that the finding is then silenced and a second time does nothing. */
function disabled(text: string, rule: RuleId = 'redundant-bias'): string | null {
  const place = (code: string) => ({ file: '/a.js', start: code.indexOf('BIAS'), end: code.indexOf('BIAS') + 4 });
  const fix = (code: string) =>
    makeFix({ title: 'x', kind: 'quickfix', remedy: { type: 'disable-line', rule, place: place(code) } }, code);
  const made = fix(text);
  if (made === null) return null;
  const after = applyFix(text, made);
  const { kept, problems } = suppress(after, [{ rule, place: place(after) }]);
  assert.deepEqual(kept, [], after);
  assert.deepEqual(
    problems.filter(({ kind }) => kind === 'malformed'),
    [],
    after,
  );
  assert.equal(fix(after), null, `a second application changes nothing: ${after}`);
  return after;
}

const COMMENT = '// layerlint-disable-next-line redundant-bias -- kept on purpose';

describe('fix: disable-line', () => {
  it('puts a comment with a reason above the line, indented like it', () => {
    assert.equal(disabled('a;\n\tm.add(BIAS);\n'), `a;\n\t${COMMENT}\n\tm.add(BIAS);\n`);
    assert.equal(disabled('BIAS'), `${COMMENT}\nBIAS`);
  });

  it('keeps the line ending of the file', () => {
    assert.equal(disabled('a;\r\n  BIAS;\r\n'), `a;\r\n  ${COMMENT}\r\n  BIAS;\r\n`);
  });

  it('adds the rule to a directive that is there', () => {
    assert.equal(
      disabled('// layerlint-disable-next-line updates-not-run -- measured\nBIAS'),
      '// layerlint-disable-next-line updates-not-run, redundant-bias -- measured\nBIAS',
    );
    assert.equal(
      disabled('  /* layerlint-disable-next-line updates-not-run */\r\n  BIAS'),
      '  /* layerlint-disable-next-line updates-not-run, redundant-bias */\r\n  BIAS',
    );
  });

  it('stands before the call where the line above is not code', () => {
    assert.equal(
      disabled('<p>Hi</p>\n<script>const m = BIAS;</script>'),
      '<p>Hi</p>\n<script>const m = /* layerlint-disable-line redundant-bias -- kept on purpose */ BIAS;</script>',
    );
    assert.equal(
      disabled('const s = `\n${BIAS}`'.replace('\n', '')),
      'const s = `${/* layerlint-disable-line redundant-bias -- kept on purpose */ BIAS}`',
    );
  });
});
