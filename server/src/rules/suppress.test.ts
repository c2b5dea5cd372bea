import assert from 'node:assert/strict';
import type { RuleId } from './meta';
import { suppress } from './suppress';

/** Findings stand where the text has `BIAS` (redundant-bias) and `UPDATES` (updates-not-run). */
function run(text: string) {
  const findings = [...text.matchAll(/BIAS|UPDATES/g)].map((match) => ({
    rule: (match[0] === 'BIAS' ? 'redundant-bias' : 'updates-not-run') as RuleId,
    place: { file: '/a.js', start: match.index, end: match.index + match[0].length },
  }));
  const result = suppress(text, findings);
  return {
    kept: result.kept.map((finding) => finding.place.start),
    suppressed: result.suppressed.length,
    problems: result.problems.map((problem) => `${problem.kind}: ${text.slice(problem.start, problem.end).trim()}`),
    messages: result.problems.map((problem) => problem.message),
  };
}

describe('suppress', () => {
  it('keeps everything where there is no directive', () => {
    assert.deepEqual(run('BIAS\n// a comment\nUPDATES').kept, [0, 18]);
  });

  it('silences the next line only, and only the named rule', () => {
    const text = '// layerlint-disable-next-line redundant-bias -- old checkpoint\nBIAS UPDATES\nBIAS';
    const { kept, suppressed, problems } = run(text);
    assert.deepEqual(kept, [text.indexOf('UPDATES'), text.lastIndexOf('BIAS')]);
    assert.equal(suppressed, 1);
    assert.deepEqual(problems, []);
  });

  it('silences the same line', () => {
    const text = 'BIAS; // layerlint-disable-line redundant-bias\nBIAS';
    assert.deepEqual(run(text).kept, [text.lastIndexOf('BIAS')]);
  });

  it('takes block comments, several rules, and no rule for all rules', () => {
    assert.equal(run('/* layerlint-disable-line redundant-bias, updates-not-run */ BIAS UPDATES').suppressed, 2);
    assert.equal(run('/* layerlint-disable-line redundant-bias updates-not-run */ BIAS UPDATES').suppressed, 2);
    assert.equal(run('{/* layerlint-disable-line -- both are meant */} BIAS UPDATES').suppressed, 2);
    assert.equal(run('/** layerlint-disable-next-line\n * because\n */\nBIAS').suppressed, 1);
  });

  it('reads lines that end in CRLF', () => {
    assert.equal(run('// layerlint-disable-next-line redundant-bias\r\nBIAS\r\n').suppressed, 1);
    assert.deepEqual(run('// layerlint-disable-next-line redundant-bias\r\nBIAS\r\n').problems, []);
  });

  it('silences a block, and a whole file', () => {
    const text = 'BIAS\n// layerlint-disable redundant-bias\nBIAS UPDATES\n// layerlint-enable\nBIAS';
    const { kept } = run(text);
    assert.deepEqual(kept, [0, text.indexOf('UPDATES'), text.lastIndexOf('BIAS')]);
    assert.equal(run('/* layerlint-disable */\nBIAS\nUPDATES').suppressed, 2);
  });

  it('enables one rule and leaves the other disabled', () => {
    const text = '/* layerlint-disable */\n/* layerlint-enable updates-not-run */\nBIAS UPDATES';
    assert.equal(run(text).suppressed, 1);
    assert.deepEqual(run(text).kept, [text.indexOf('UPDATES')]);
  });

  it('works in a script of an HTML page', () => {
    assert.equal(run('<script>\n  // layerlint-disable-next-line\n  BIAS\n</script>').suppressed, 1);
    assert.equal(run('<!-- layerlint-disable redundant-bias -->\n<script>BIAS</script>').suppressed, 1);
  });

  it('is not fooled by a string or by prose', () => {
    assert.equal(run("const s = '// layerlint-disable-line'; BIAS").suppressed, 0);
    assert.equal(run('const s = `// layerlint-disable-line`; BIAS').suppressed, 0);
    assert.equal(run('BIAS // write layerlint-disable-line to silence this').suppressed, 0);
    assert.equal(run("const it = 'is'; BIAS // layerlint-disable-line").suppressed, 1);
  });

  it('names a rule that does not exist and silences nothing by it', () => {
    const { suppressed, problems, messages } = run('// layerlint-disable-next-line redundant-bais\nBIAS');
    assert.equal(suppressed, 0);
    assert.deepEqual(problems, ['malformed: // layerlint-disable-next-line redundant-bais']);
    assert.match(messages[0]!, /no rule `redundant-bais`/);
  });

  it('names a directive that does not exist', () => {
    const { problems } = run('// layerlint-ignore redundant-bias\nBIAS');
    assert.deepEqual(problems, ['malformed: // layerlint-ignore redundant-bias']);
  });

  it('names a directive that silences nothing', () => {
    const { problems } = run('// layerlint-disable-next-line redundant-bias\nUPDATES\n/* layerlint-disable */');
    assert.deepEqual(problems, [
      'unused: // layerlint-disable-next-line redundant-bias',
      'unused: /* layerlint-disable',
    ]);
  });
});
