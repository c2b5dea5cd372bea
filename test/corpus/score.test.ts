import assert from 'node:assert/strict';

interface Label {
  readonly file: string;
  readonly line?: number | undefined;
  readonly batchNorm?: readonly number[] | undefined;
  readonly rule: string;
  readonly verdict: string;
  readonly reason: string;
}
interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly condition: string | null;
  readonly message: string;
}
interface Pair {
  readonly label: Label;
  readonly finding: Finding | null;
}
interface Score {
  readonly hits: readonly Pair[];
  readonly missed: readonly Pair[];
  readonly falseAlarms: readonly Pair[];
  readonly silent: readonly Label[];
  readonly unlabelled: readonly Finding[];
}
const { score, figures, recovery, VERDICTS } = require('../../scripts/lib/corpus/score.mjs') as {
  score(labels: readonly Label[], findings: readonly Finding[]): Score;
  figures(scores: readonly Score[], rule: string): Readonly<Record<string, number | null>>;
  recovery(
    labels: readonly Label[],
    outlines: ReadonlyMap<string, object>,
    silences: readonly { file: string; line: number; reason: string }[],
  ): { known: number; unknown: readonly { file: string; line: number; reasons: readonly string[] }[] };
  VERDICTS: Readonly<Record<string, { rule: string; expected: boolean }>>;
};
const { nameOfRemote, nameOfFolder } = require('../../scripts/lib/corpus/repositories.mjs') as {
  nameOfRemote(remote: string): string | null;
  nameOfFolder(folder: string): string | null;
};
const { resultText } = require('../../scripts/lib/corpus/text.mjs') as {
  resultText(results: readonly object[]): string;
};

function label(verdict: string, line: number | undefined, batchNorm?: readonly number[], file = 'a.js'): Label {
  return { file, line, batchNorm, rule: VERDICTS[verdict]!.rule, verdict, reason: 'planted' };
}

function finding(line: number, condition: string | null = null, rule = 'redundant-bias', file = 'a.js'): Finding {
  return { rule, file, line, condition, message: 'found' };
}

function counts({ hits, missed, falseAlarms, silent, unlabelled }: Score): readonly number[] {
  return [hits, missed, falseAlarms, silent, unlabelled].map(({ length }) => length);
}

describe('scoring against labels', () => {
  it('counts a finding where one is expected, and its absence', () => {
    const labels = [label('redundant', 3, [4]), label('redundant', 8, [9])];
    assert.deepEqual(counts(score(labels, [finding(3)])), [1, 1, 0, 0, 0]);
  });

  it('takes a finding on what is needed, muted or no model code for a false alarm', () => {
    for (const verdict of ['not-redundant', 'muted', 'no-bias', 'crash']) {
      assert.deepEqual(counts(score([label(verdict, 3, [4])], [finding(3)])), [0, 0, 1, 0, 0], verdict);
      assert.deepEqual(counts(score([label(verdict, 3, [4])], [])), [0, 0, 0, 1, 0], verdict);
    }
    assert.deepEqual(counts(score([label('look-alike', undefined)], [finding(3), finding(70)])), [0, 0, 2, 0, 0]);
  });

  it('knows files and rules apart', () => {
    const labels = [label('redundant', 3, [4]), label('updates-run', 3)];
    const findings = [finding(3, null, 'redundant-bias', 'b.js'), finding(3, null, 'updates-not-run')];
    assert.deepEqual(counts(score(labels, findings)), [0, 1, 1, 0, 1]);
  });

  it('takes a wrong condition for a miss and a false alarm', () => {
    assert.deepEqual(counts(score([label('conditional', 3, [4])], [finding(3, 'useBn')])), [1, 0, 0, 0, 0]);
    assert.deepEqual(counts(score([label('conditional', 3, [4])], [finding(3)])), [0, 1, 1, 0, 0]);
    assert.deepEqual(counts(score([label('redundant', 3, [4])], [finding(3, 'useBn')])), [0, 1, 1, 0, 0]);
  });

  it('sets findings without a label apart, also where a batch norm without a feeder is labelled', () => {
    const labels = [label('not-redundant', undefined, [1])];
    assert.deepEqual(counts(score(labels, [finding(1), finding(2)])), [0, 0, 0, 1, 2]);
  });

  it('makes precision and recall of a rule over repositories, null where nothing was asked', () => {
    const first = score([label('redundant', 1, [2]), label('redundant', 3, [4])], [finding(1)]);
    const second = score([label('redundant', 1, [2]), label('not-redundant', 3, [4])], [finding(1), finding(3)]);
    const { precision, recall } = figures([first, second], 'redundant-bias');
    assert.equal(precision, 2 / 3);
    assert.equal(recall, 2 / 3);
    assert.deepEqual(
      ['precision', 'recall'].map((key) => figures([first], 'updates-not-run')[key]),
      [null, null],
    );
  });
});

describe('batch norms that were not recovered', () => {
  const row = (line: number, what: object, file = 'a.js') => ({ ...what, file, start: { line, column: 1 } });
  const members = [
    row(4, { type: 'layer', kind: 'batchNormalization' }),
    row(9, { type: 'layer', kind: 'batchNormalization' }, 'b.js'),
    row(12, { type: 'layer', kind: 'dense' }),
  ];
  const ops = [row(20, { name: 'conv2d' }), row(21, { name: 'batchNorm' })];
  const models = [row(1, { type: 'model', members }), row(20, { type: 'functions', ops })];
  const labels = [
    label('redundant', 3, [4]),
    label('not-redundant', 8, [9]),
    label('redundant', 11, [12]),
    label('redundant', 20, [21]),
  ];

  it('are told from those in a model of the same file', () => {
    const { known, unknown } = recovery(labels, new Map([['a.js', { file: 'a.js', models }]]), []);
    assert.equal(known, 2);
    assert.deepEqual(
      unknown.map(({ line, reasons }) => [line, reasons]),
      [
        [9, []],
        [12, []],
      ],
    );
  });

  it('have the nearest reasons of their file, else those of the files beside it', () => {
    const silences = [
      { file: 'a.js', line: 90, reason: 'far' },
      { file: 'a.js', line: 8, reason: 'near' },
      { file: 'b.js', line: 1, reason: 'beside' },
      { file: 'c/d.js', line: 1, reason: 'elsewhere' },
    ];
    const reasonsOf = (of: typeof silences): readonly string[] =>
      recovery([labels[1]!], new Map(), of).unknown.flatMap(({ reasons }) => reasons);
    assert.deepEqual(reasonsOf(silences), ['near (line 8)', 'far (line 90)']);
    assert.deepEqual(reasonsOf(silences.slice(2)), ['perhaps b.js:1, beside']);
  });
});

describe('recognising a repository', () => {
  it('by the address of its remote', () => {
    for (const remote of [
      'https://example.org/owner/some.name.git',
      'git@example.org:owner/some.name',
      'ssh://git@example.org/owner/some.name/',
      'file:///copies/owner+some.name/repo',
    ])
      assert.equal(nameOfRemote(remote), 'owner/some.name', remote);
    assert.equal(nameOfRemote('repo'), null);
  });

  it('by the name of its folder', () => {
    assert.equal(nameOfFolder('/some/where/owner+some.name'), 'owner/some.name');
    assert.equal(nameOfFolder('/some/where/name'), null);
  });
});

describe('the text of a corpus run', () => {
  it('says which repository was not scored, and leaves it out of the figures', () => {
    const scored = score([label('redundant', 1, [2])], []);
    const text = resultText([
      { repository: 'a/b', note: 'at another commit', skipped: true },
      {
        repository: 'c/d',
        note: null,
        skipped: false,
        seconds: 1.25,
        score: scored,
        recovery: { known: 0, unknown: [{ file: 'a.js', line: 2, reasons: [] }] },
      },
    ]);
    assert.match(text, /^a\/b {9}not scored: at another commit$/m);
    assert.match(text, /^c\/d +1\.3 +0 +1 +0 +0 +0 of 1$/m);
    assert.match(text, /^ {4}missed redundant at a\.js:1: planted$/m);
    assert.match(text, /^redundant-bias: precision not known, recall 0\.0 % \(0 found, 1 missed,/m);
    assert.match(text, /^ {4}c\/d a\.js:2: no reason is given$/m);
  });
});
