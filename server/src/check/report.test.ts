import assert from 'node:assert/strict';
import { markdownReport, overall, textReport, type CheckResult, type Claim, type ReportedCheck } from '.';

const output: Claim = {
  claim: 'In training mode the output does not depend on the bias.',
  figure: 2.3384e-7,
  tolerance: 1.526e-4,
  verdict: 'confirmed',
  detail: 'Bias zero | against a drawn bias.',
};
const gradient: Claim = {
  ...output,
  claim: 'The gradient is zero.',
  figure: null,
  tolerance: 0,
  verdict: 'inconclusive',
};

function reported(result: Partial<CheckResult>): ReportedCheck {
  const message = { what: 'The bias of this conv2d (4 parameters) does nothing.', why: '', todo: '' };
  return {
    finding: { rule: 'redundant-bias', message },
    at: 'src/model.ts:12:5',
    result: {
      verdict: 'confirmed',
      claims: [output, gradient],
      standIns: ['filters of conv2d unknown: 8'],
      reason: null,
      engine: { name: 'tfjs-node', version: '4.22.0' },
      seconds: 1.234,
      ...result,
    },
  };
}

describe('report of numerical checks', () => {
  it('shows verdict, claims with figure and tolerance, stand-ins and engine in Markdown', () => {
    const text = markdownReport([reported({})]);
    assert.match(text, /^# LayerLint: numerical check\n\n## redundant-bias at `src\/model\.ts:12:5`: confirmed\n/);
    assert.match(text, /\| In training mode .* \| 2\.34e-7 \| 1\.53e-4 \| ✓ confirmed \|\n/);
    assert.match(text, /\n1\. Bias zero \\\| against/);
    assert.match(text, /\| The gradient is zero\. \| not measured \| {2}\| \? inconclusive \|/);
    assert.match(text, /\n- filters of conv2d unknown: 8\n/);
    assert.match(text, /Measured on tfjs-node 4\.22\.0 in 1\.2 s\./);
    assert.match(text, /harmless waste/);
  });

  it('has a table whose rows all have the same number of cells', () => {
    const rows = markdownReport([reported({})])
      .split('\n')
      .filter((line) => line.startsWith('|'));
    assert.equal(rows.length, 4);
    for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
  });

  it('does not let text from the user’s code become markup', () => {
    const text = markdownReport([reported({ verdict: 'inconclusive', reason: '<img src=x> is *unknown*' })]);
    assert.match(text, /\\<img src=x\\> is \\\*unknown\\\*/);
  });

  it('says the same in plain lines for a terminal', () => {
    const text = textReport([reported({}), reported({ verdict: 'inconclusive', claims: [], reason: 'no plan' })]);
    assert.match(text, /^src\/model\.ts:12:5 {2}redundant-bias: confirmed\n/);
    assert.match(text, /\n {2}✓ In training mode .*\. 2\.34e-7 \(tolerance 1\.53e-4\)\n/);
    assert.match(text, /\n {2}reason: no plan\n/);
    assert.equal(text.split('\n\n').length, 2);
  });
});

describe('the verdict of all claims together', () => {
  it('is refuted by one of them, and otherwise that of the first', () => {
    assert.equal(overall([output, gradient]), 'confirmed');
    assert.equal(overall([gradient, output]), 'inconclusive');
    assert.equal(overall([output, { ...gradient, verdict: 'refuted' }]), 'refuted');
    assert.equal(overall([]), 'inconclusive');
  });
});
