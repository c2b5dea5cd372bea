import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020';
import { withFolder } from '../support/command';

interface Label {
  readonly file: string;
  readonly line?: number;
  readonly batchNorm?: readonly number[];
  readonly rule: string;
  readonly verdict: string;
}
interface Labels {
  readonly repositories: readonly { repository: string; commit: string; labels: readonly Label[] }[];
}

const root = path.join(__dirname, '..', '..');
const fixture = path.join(root, 'test', 'fixtures', 'corpus');
const read = (...parts: string[]): unknown => JSON.parse(readFileSync(path.join(root, ...parts), 'utf8'));
const labels = read('test', 'corpus', 'labels.json') as Labels;
const schema = read('test', 'corpus', 'labels.schema.json') as object;

function corpus(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(root, 'scripts', 'corpus.mjs'), ...args], { encoding: 'utf8' });
}

describe('the labels of the corpus', () => {
  const valid = new Ajv().compile(schema);
  const withLabel = (label: object): object => ({
    repositories: [{ repository: 'a/b', commit: '0123456789', labels: [{ reason: 'planted', ...label }] }],
  });

  it('are as the schema says', () => {
    assert.ok(valid(labels), JSON.stringify(valid.errors));
    assert.ok(valid(read('test', 'fixtures', 'corpus', 'labels.json')), JSON.stringify(valid.errors));
  });

  it('cannot lack what their verdict is about', () => {
    const right = { file: 'a.js', line: 1, batchNorm: [2], rule: 'redundant-bias', verdict: 'redundant' };
    assert.ok(valid(withLabel(right)));
    for (const wrong of [
      { ...right, line: undefined },
      { ...right, batchNorm: [] },
      { ...right, verdict: 'perhaps' },
      { ...right, verdict: 'updates-not-run' },
      { ...right, rule: 'updates-not-run' },
      { ...right, file: '/absolute.js' },
      { ...right, line: 0 },
    ])
      assert.ok(!valid(JSON.parse(JSON.stringify(withLabel(wrong)))), JSON.stringify(wrong));
  });

  it('name each repository, and each line of a rule, once', () => {
    const names = labels.repositories.map(({ repository }) => repository);
    assert.deepEqual(names, [...new Set(names)]);
    for (const { repository, labels: own } of labels.repositories) {
      const keys = own.map(({ file, line, batchNorm, rule }) => `${rule} ${file}:${line ?? `(${batchNorm?.join()})`}`);
      assert.deepEqual(keys, [...new Set(keys)], repository);
    }
  });
});

describe('npm run corpus', () => {
  const labelFile = path.join(fixture, 'labels.json');

  it('scores a folder of repositories and says what is not there, not labelled and not recovered', () => {
    const { status, stdout } = corpus(fixture, '--labels', labelFile);
    assert.match(stdout, /^absent\/one \(0123456789\) is not there\.$/m);
    assert.match(stdout, /^made\/up +[\d.]+ +2 +1 +0 +1 +3 of 4 {2}\(its commit is not known\)$/m);
    assert.match(stdout, /^ {4}missed redundant at src\/model\.js:24: planted: out of reach$/m);
    assert.match(stdout, /^ {4}unlabelled redundant-bias at src\/model\.js:10: The bias of this dense layer/m);
    assert.match(stdout, /^redundant-bias: precision 100\.0 %, recall 50\.0 % \(1 found, 1 missed, 0 false alarms, 2/m);
    assert.match(
      stdout,
      /^ {4}made\/up src\/model\.js:24: `mystery\..*` is imported, and `elsewhere` is not in the workspace/m,
    );
    assert.equal(status, 0);
  });

  it('exits with 1 on a false alarm', async () => {
    await withFolder({}, async (folder) => {
      const wrong = readFileSync(labelFile, 'utf8').replace(
        /"redundant", "reason": "linear/,
        '"not-redundant", "reason": "',
      );
      const file = path.join(folder, 'labels.json');
      writeFileSync(file, wrong);
      const { status, stdout } = corpus(fixture, '--labels', file, '--json');
      const { results } = JSON.parse(stdout) as { results: { score: { falseAlarms: { label: Label }[] } }[] };
      assert.deepEqual(
        results.flatMap(({ score }) => score.falseAlarms.map(({ label }) => `${label.file}:${label.line}`)),
        ['src/model.js:6'],
      );
      assert.equal(status, 1);
    });
  });

  it('scores no other commit than that of the labels, and finds the repository by its remote', async () => {
    await withFolder({}, async (folder) => {
      const checkout = path.join(folder, 'any-name');
      mkdirSync(checkout);
      cpSync(path.join(fixture, 'made+up'), checkout, { recursive: true });
      const git = (...args: string[]): string =>
        execFileSync('git', ['-C', checkout, '-c', 'user.name=a', '-c', 'user.email=a@b.invalid', ...args], {
          encoding: 'utf8',
        });
      git('init', '-q');
      git('remote', 'add', 'origin', 'https://example.org/made/up.git');
      git('add', '.');
      git('commit', '-q', '-m', 'first');
      const commit = git('rev-parse', 'HEAD').trim();
      const other = corpus(folder, '--labels', labelFile);
      assert.match(other.stdout, new RegExp(`made/up +not scored: at another commit .*${commit.slice(0, 10)}`));
      const file = path.join(folder, 'labels.json');
      writeFileSync(file, readFileSync(labelFile, 'utf8').replace('0123456789', commit.slice(0, 10)));
      assert.match(corpus(folder, '--labels', file).stdout, /^made\/up +[\d.]+ +2 +1 +0 +1 +3 of 4$/m);
    });
  });

  it('could not run: no folder, no labelled repository, labels that are none', async () => {
    assert.equal(corpus().status, 2);
    await withFolder({ 'labels.json': '{"repositories": [{"repository": "x"}]}' }, async (folder) => {
      const nothing = corpus(folder, '--labels', labelFile);
      assert.equal(nothing.status, 2);
      assert.match(nothing.stderr, /holds none of the repositories/);
      const invalid = corpus(fixture, '--labels', path.join(folder, 'labels.json'));
      assert.equal(invalid.status, 2);
      assert.match(invalid.stderr, /is not as the schema says/);
    });
  });
});
