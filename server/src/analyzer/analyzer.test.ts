import assert from 'node:assert/strict';
import { Analyzer } from './analyzer';
import type { AnalyzerOptions, FileReport } from './types';
import { MemoryFileSystem, ToyRecoverer, toyDiagnose } from './testing';

type Files = Readonly<Record<string, string | Uint8Array>>;

function workspace(files: Files, options: AnalyzerOptions = {}) {
  const disk = new MemoryFileSystem(files);
  let toy: ToyRecoverer | null = null;
  const analyzer = new Analyzer(disk, options, {
    recoverer: (host) => (toy = new ToyRecoverer(host)),
    diagnose: toyDiagnose,
  });
  analyzer.setFiles(Object.keys(files));
  return {
    analyzer,
    disk,
    /** The roots run since the last question. */
    ran: () => toy?.runs.splice(0).map(({ root }) => root) ?? [],
    loaded: () => toy !== null,
  };
}

/** `start message` of each finding. */
function found({ findings }: FileReport): string[] {
  return findings.map(({ place, message }) => `${place.start} ${message.what}`);
}

const NORM = '// batchNorm\n';

describe('Analyzer', () => {
  it('reports the findings of a file, each with an id that leads back to its diagnosis', () => {
    const { analyzer } = workspace({ '/w/a.js': `${NORM}layer\n` });
    const report = analyzer.report('/w/a.js');
    assert.deepEqual(found(report), ['13 dense']);
    const diagnosis = analyzer.diagnosis(report.findings[0]!.id);
    assert.deepEqual(diagnosis?.finding.place, { file: '/w/a.js', start: 13, end: 18 });
    assert.equal(diagnosis.witness.rule, 'redundant-bias');
    assert.equal(analyzer.diagnosis('redundant-bias@/w/a.js:0:5'), null);
    assert.equal(analyzer.diagnosis('nonsense'), null);
  });

  it('never loads the recoverer for files that cannot matter', async () => {
    const { analyzer, loaded } = workspace({
      '/w/a.js': 'export const x = 1;\n',
      '/w/b.js': 'import { x } from "./a";\n',
    });
    assert.deepEqual(await analyzer.reportAll(), []);
    assert.equal(loaded(), false);
  });

  it('runs nothing where no file within reach names batch norm', async () => {
    const { analyzer, ran } = workspace({
      '/w/a.js': '// layers\nlayer\n',
      '/w/b.js': `${NORM}layer\n`,
      '/w/c.js': "from './b'\n",
    });
    await analyzer.reportAll();
    assert.deepEqual(ran().sort(), ['/w/b.js', '/w/c.js']);
  });

  it('judges a function by its callers in other files, which are run first', () => {
    const { analyzer, ran } = workspace({
      '/w/a.js': `${NORM}function f\n`,
      '/w/z.js': "from './a'\ncall f\ncall f\n",
    });
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 conv2d conv2d']);
    assert.deepEqual(ran(), ['/w/z.js', '/w/a.js']);
  });

  it('runs the callee again when its callers change, and only then', () => {
    const { analyzer, ran } = workspace({ '/w/a.js': `${NORM}function f\n`, '/w/z.js': "from './a'\ncall f\n" });
    analyzer.report('/w/a.js');
    ran();
    analyzer.setOverlay('/w/z.js', "from './a'\ncall f\n\n");
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 conv2d']);
    assert.deepEqual(ran(), ['/w/z.js']);
    analyzer.setOverlay('/w/z.js', "from './a'\n");
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 dense']);
    assert.deepEqual(ran(), ['/w/z.js', '/w/a.js']);
  });

  it('finds callers beyond a file that hands the function on', () => {
    const files = { '/w/a.js': `${NORM}function f\n`, '/w/main.js': "from './index'\ncall f\n" };
    const handedOn = workspace({ ...files, '/w/index.js': "from './a'\n// export * from './a'\n" });
    assert.deepEqual(found(handedOn.analyzer.report('/w/a.js')), ['13 conv2d']);
    const kept = workspace({ ...files, '/w/index.js': "from './a'\n" });
    assert.deepEqual(found(kept.analyzer.report('/w/a.js')), ['13 dense']);
  });

  it('ends for files that call each other in a circle', async () => {
    const { analyzer } = workspace({
      '/w/a.js': `${NORM}from './b'\nfunction f\ncall g\n`,
      '/w/b.js': `from './a'\nfunction g\ncall f\n`,
    });
    await analyzer.reportAll();
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['24 conv2d']);
    assert.deepEqual(found(analyzer.report('/w/b.js')), ['11 conv2d']);
  });

  it('gives the same reports one by one as all together', async () => {
    const files = {
      '/w/a.js': `${NORM}function f\nlayer\n`,
      '/w/b.js': "from './a'\ncall f\nlayer\n",
      '/w/c.js': `${NORM}from './b'\nlayer\nerror\n`,
    };
    const all = await workspace(files).analyzer.reportAll();
    const { analyzer } = workspace(files);
    assert.deepEqual(
      all.map(({ file }) => analyzer.report(file)),
      all,
    );
    assert.ok(all.length === 3 && all.every(({ findings }) => findings.length > 0));
  });

  it('a keystroke runs again only the roots that depend on the file', async () => {
    const { analyzer, ran } = workspace({
      '/w/a.js': `${NORM}layer\n`,
      '/w/b.js': "from './a'\nlayer\n",
      '/w/c.js': `${NORM}layer\n`,
    });
    await analyzer.reportAll();
    ran();
    analyzer.setOverlay('/w/a.js', `${NORM}layer\nlayer\n`);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 dense', '19 dense']);
    assert.deepEqual(ran(), ['/w/b.js', '/w/a.js']);
    await analyzer.reportAll();
    assert.deepEqual(ran(), []);
  });

  it('open documents win over the disk until they are closed', () => {
    const { analyzer } = workspace({ '/w/a.js': `${NORM}layer\n` });
    analyzer.setOverlay('/w/a.js', `${NORM}\n\nlayer\n`);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['15 dense']);
    analyzer.setOverlay('/w/a.js', null);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 dense']);
  });

  it('an open document that was never saved is analysed, and forgotten when closed', async () => {
    const { analyzer } = workspace({});
    analyzer.setOverlay('/w/new.js', `${NORM}layer\n`);
    assert.equal((await analyzer.reportAll()).length, 1);
    analyzer.setOverlay('/w/new.js', null);
    assert.deepEqual(await analyzer.reportAll(), []);
    assert.deepEqual(analyzer.report('/w/new.js').findings, []);
  });

  it('sees a changed, a new and a deleted file on the disk', () => {
    const { analyzer, disk } = workspace({ '/w/a.js': `${NORM}function f\n` });
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 dense']);
    disk.write('/w/z.js', "from './a'\ncall f\n");
    analyzer.setFiles(['/w/a.js', '/w/z.js']);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['13 conv2d']);
    disk.write('/w/a.js', `${NORM}// longer\nfunction f\n`);
    analyzer.invalidate(['/w/a.js']);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['23 conv2d']);
    disk.remove('/w/z.js');
    analyzer.invalidate(['/w/z.js']);
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['23 dense']);
  });

  it('a result id changes exactly when the report does', () => {
    const { analyzer } = workspace({ '/w/a.js': `${NORM}layer\n` });
    const first = analyzer.report('/w/a.js').resultId;
    assert.equal(analyzer.report('/w/a.js').resultId, first);
    analyzer.setOverlay('/w/a.js', `${NORM}layer\n// more\n`);
    assert.equal(analyzer.report('/w/a.js').resultId, first);
    analyzer.setOverlay('/w/a.js', `${NORM}\nlayer\n`);
    assert.notEqual(analyzer.report('/w/a.js').resultId, first);
  });

  it('leaves out what a comment suppresses and rules not asked for', () => {
    const { analyzer } = workspace({
      '/w/a.js': `${NORM}// layerlint-disable-next-line redundant-bias\nlayer\nlayer\n`,
    });
    assert.deepEqual(found(analyzer.report('/w/a.js')), ['65 dense']);
    const other = workspace({ '/w/a.js': `${NORM}layer\n` }, { rules: ['updates-not-run'] });
    assert.deepEqual(found(other.analyzer.report('/w/a.js')), []);
  });

  it('names problems and goes on: syntax errors, unreadable, binary and large files, its own faults', async () => {
    const { analyzer, disk } = workspace({
      '/w/bad.js': `${NORM}error\nlayer\n`,
      '/w/binary.js': new Uint8Array([1, 0, 2]),
      '/w/fault.js': `${NORM}fail\n`,
      '/w/good.js': `${NORM}layer\n`,
      '/w/large.js': `${NORM}${'x = 1;\n'.repeat(400_000)}`,
      '/w/lost.js': '',
    });
    disk.remove('/w/lost.js');
    const reports = await analyzer.reportAll();
    assert.deepEqual(
      reports.flatMap(({ problems }) => problems.map(({ file, message }) => `${file} ${message}`)),
      [
        '/w/bad.js Syntax error: a planted error',
        '/w/binary.js Not analysed: it is a binary file.',
        '/w/fault.js Not analysed, by a fault of LayerLint: a planted failure',
        '/w/large.js Not analysed: it has 2.7 MB, more than the 2 MB that are analysed.',
        '/w/lost.js Not analysed: there is no such file.',
      ],
    );
    const findings = reports.flatMap((report) => report.findings.map(({ place }) => place.file));
    assert.deepEqual(findings, ['/w/bad.js', '/w/good.js']);
  });

  it('explains silences of a file and why it was left out', () => {
    const { analyzer } = workspace({
      '/w/a.js': `${NORM}unknown\n`,
      '/w/tfjs.js': `${NORM}BatchNormalization.className = 'BatchNormalization';\n`,
    });
    assert.deepEqual(
      analyzer.explain('/w/a.js').map(({ place, reason }) => `${place.start} ${reason}`),
      ['13 a planted silence'],
    );
    assert.match(analyzer.explain('/w/tfjs.js')[0]!.reason, /copy of TensorFlow\.js/);
  });

  it('can be cancelled between files, and goes on from there', async () => {
    const { analyzer, ran } = workspace({ '/w/a.js': `${NORM}layer\n`, '/w/b.js': `${NORM}layer\n` });
    let asked = 0;
    assert.deepEqual(await analyzer.reportAll({ cancelled: () => ++asked > 2 }), []);
    assert.equal(ran().length, 1);
    assert.equal((await analyzer.reportAll()).length, 2);
    assert.equal(ran().length, 1);
  });

  it('reports progress up to its total, and on the files asked for only', async () => {
    const { analyzer, ran } = workspace({ '/w/a.js': `${NORM}layer\n`, '/w/b.js': `${NORM}layer\n` });
    const seen: string[] = [];
    const progress = ({ done, total }: { done: number; total: number }): void => void seen.push(`${done}/${total}`);
    const reports = await analyzer.reportAll({ files: ['/w/b.js'], progress });
    assert.deepEqual(
      reports.map(({ file }) => file),
      ['/w/b.js'],
    );
    assert.deepEqual(ran(), ['/w/b.js']);
    assert.equal(seen.at(-1), '3/3');
  });
});
