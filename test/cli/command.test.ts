import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Analyzer, LineTable } from '../../server/src/analyzer';
import { diskFileSystem, toPosix, walk } from '../../server/src/node';
import { builtLauncher, foundIn, runCommand, withFolder } from '../support/command';
import { FILES, modelWith } from './fixtures';

/** What `model --format json` prints, as far as it is looked at. */
interface Row {
  readonly type?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly file?: string;
  readonly start?: { readonly line: number };
  readonly inputs?: readonly string[];
  readonly statistics?: object | null;
  readonly parameters?: number | null;
  readonly bias?: object | null;
  readonly members?: readonly Row[];
  readonly ops?: readonly Row[];
  readonly trainings?: readonly object[];
}

interface ModelDocument {
  readonly version: number;
  readonly file: string;
  readonly models: readonly Row[];
  readonly silences: readonly Row[];
}

describe('the command line', () => {
  before(function () {
    this.timeout(120_000);
    builtLauncher();
  });

  describe('what it is asked', () => {
    it('exit code 0 where there is nothing to find', async () => {
      await withFolder({ 'a.js': FILES['src/clean.js'] }, async (folder) => {
        const { status, stdout } = await runCommand([], { cwd: folder });
        assert.equal(status, 0);
        assert.equal(stdout, 'No findings in 1 file, 0 of them with code that can matter.\n');
      });
    });

    for (const [args, reason] of [
      [['--rule', 'no-such-rule'], /there is no rule no-such-rule; the rules are .*redundant-bias/],
      [['--format', 'xml'], /--format wants text or json or sarif or github, not xml/],
      [['--fix', '--fix-dry-run'], /exclude each other/],
      [['--format'], /--format/],
      [['absent.js'], /there is no such path: absent\.js/],
      [['verify', '--engine', 'torch'], /--engine wants auto or tfjs-node or tfjs, not torch/],
      [['verify', '--finding', 'a.js'], /--finding wants file:line/],
      [['verify', '--finding', 'a.js:1'], /there is no finding at a\.js:1; its findings are on: 3/],
      [['model'], /layerlint model takes one file/],
      [['model', 'a.js', '--format', 'sarif'], /--format wants text or json, not sarif/],
      [['server'], /--stdio/],
    ] as const) {
      it(`exit code 2 and a reason, nothing on stdout: ${args.join(' ')}`, async () => {
        await withFolder({ 'a.js': modelWith() }, async (folder) => {
          const { status, stdout, stderr } = await runCommand(args, { cwd: folder });
          assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
          assert.match(stderr, reason);
        });
      });
    }

    it('--help names every option; --version is that of the package', async () => {
      await withFolder({}, async (folder) => {
        const help = await runCommand(['--help'], { cwd: folder });
        assert.equal(help.status, 0);
        for (const word of [
          '--format',
          '--rule',
          '--fix',
          '--fix-dry-run',
          '--explain',
          'verify',
          '--engine',
          '--stdio',
        ])
          assert.ok(help.stdout.includes(word), word);
        const manifest = JSON.parse(readFileSync(path.join(__dirname, '../../server/package.json'), 'utf8'));
        const { stdout } = await runCommand(['--version'], { cwd: folder });
        assert.equal(stdout, `${manifest.version}\n`);
      });
    });

    it('--rule reports that rule only, and may be repeated', async () => {
      await withFolder(FILES, async (folder) => {
        const one = await runCommand(['--rule', 'updates-not-run', '--format', 'json'], { cwd: folder });
        assert.deepEqual(foundIn(one), ['src/train.js:9']);
        const args = ['--rule', 'updates-not-run', '--rule', 'redundant-bias', '--format', 'json'];
        assert.equal(foundIn(await runCommand(args, { cwd: folder })).length, 3);
      });
    });

    it('an off rule is not spoken of, and what it mutes stays muted', async () => {
      const file = FILES['src/train.js'].replace(', useBias: false', '');
      await withFolder({ 'package.json': FILES['package.json'], 'train.js': file }, async (folder) => {
        const run = async (...rules: string[]): Promise<{ found: string[]; text: string }> => {
          const args = [...rules.flatMap((rule) => ['--rule', rule]), '--format', 'json'];
          const ended = await runCommand(args, { cwd: folder });
          return { found: foundIn(ended), text: ended.stdout };
        };
        const both = await run();
        assert.deepEqual(both.found, ['train.js:9']);
        assert.match(both.text, /Then the bias of one layer \(16 parameters\) becomes redundant/);
        const updates = await run('updates-not-run');
        assert.deepEqual(updates.found, ['train.js:9']);
        assert.match(updates.text, /moving mean and variance/);
        assert.doesNotMatch(updates.text, /becomes redundant/);
        const biases = await run('redundant-bias');
        assert.deepEqual(biases.found, []);
        assert.doesNotMatch(biases.text, /training step|stored statistics/);
      });
    });

    it('several paths, files and folders; a file named twice counts once', async () => {
      await withFolder({ ...FILES, 'lib/a.js': modelWith(), 'notes.txt': '' }, async (folder) => {
        const args = ['src/model.js', 'lib', 'lib/a.js', 'notes.txt', '--format', 'json'];
        const run = await runCommand(args, { cwd: folder });
        assert.deepEqual(foundIn(run), ['lib/a.js:3', 'src/model.js:5']);
        assert.match(
          run.stderr,
          /^layerlint: notes\.txt: Not analysed: it is no JavaScript, TypeScript or HTML file\.$/m,
        );
      });
    });

    it('a file on its own is judged by its callers in the rest of its package', async () => {
      const caller = `import { block } from './block';\nexport const make = (x) => block(x, 8, false);\n`;
      const files = { ...FILES, 'src/build.ts': caller };
      await withFolder(files, async (folder) => {
        const run = await runCommand(['src/block.ts', '--format', 'json'], { cwd: folder });
        assert.deepEqual(foundIn(run), []);
        const { summary } = JSON.parse(run.stdout) as { summary: { files: number } };
        assert.equal(summary.files, 1);
      });
    });

    it('files outside the working folder are named by their whole path', async () => {
      await withFolder({ 'in/a.js': '', 'out/b.js': modelWith() }, async (folder) => {
        const run = await runCommand(['../out', '--format', 'json'], { cwd: path.join(folder, 'in') });
        assert.deepEqual(foundIn(run), [`${toPosix(folder)}/out/b.js:3`]);
      });
    });

    it('--explain names the files that are left out for what is in them', async () => {
      const bundle = `${modelWith()}function __webpack_require__(moduleId) {}\n`;
      await withFolder({ 'kit.js': bundle }, async (folder) => {
        assert.equal((await runCommand([], { cwd: folder })).status, 0);
        const { stdout } = await runCommand(['--explain'], { cwd: folder });
        assert.match(stdout, /^ {2}kit\.js:1:1 {2}it is put together by webpack from other files$/m);
      });
    });

    it('--explain says what was not analysed, and why', async () => {
      const text = modelWith('mystery(model);\n');
      await withFolder({ 'a.js': text }, async (folder) => {
        const { stdout, status } = await runCommand(['--explain'], { cwd: folder });
        assert.match(stdout, /^Not analysed, and therefore silent:$/m);
        assert.match(stdout, /^ {2}a\.js:5:\d+ {2}.*mystery/m);
        const json = JSON.parse((await runCommand(['--explain', '--format', 'json'], { cwd: folder })).stdout);
        assert.deepEqual(json.silences[0].start.line, 5);
        assert.equal(status, json.findings.length > 0 ? 1 : 0);
      });
    });

    it('--explain names each layer that is silent, and model shows it in its place', async () => {
      const text = `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [4], units: 8 }));
model.add(mystery(8));
model.add(tf.layers.batchNormalization());
`;
      await withFolder({ 'a.js': text }, async (folder) => {
        const explained = await runCommand(['--explain'], { cwd: folder });
        assert.match(
          explained.stdout,
          /^ {2}a\.js:3:\d+ {2}.*bias of this dense.*`mystery\(8\)` is not in the workspace$/m,
        );
        assert.match(
          explained.stdout,
          /^ {2}a\.js:4:\d+ {2}a layer that is not known is added: `mystery\(8\)` is not/m,
        );
        assert.equal(explained.status, 0);
        const { stdout } = await runCommand(['model', 'a.js'], { cwd: folder });
        assert.match(
          stdout,
          /^ {2}layer dense .*bias unknown: `mystery\(8\)` is not in the workspace\n {2}silent at 4:11: `my/m,
        );
      });
    });

    it('model --format json has the same for programs', async () => {
      const text = `import * as tf from '@tensorflow/tfjs';
export function block(x, w, b, mean, variance, norm) {
  const y = tf.add(tf.conv2d(x, w, 1, 'same'), b);
  return norm ? tf.batchNorm(y, mean, variance) : y;
}
export function build(mystery) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [4], units: 8 }));
  model.add(mystery);
  model.add(tf.layers.batchNormalization());
  model.fit(mystery, mystery);
}
`;
      await withFolder({ 'a.js': text }, async (folder) => {
        const { stdout, status } = await runCommand(['model', 'a.js', '--format', 'json'], { cwd: folder });
        assert.equal(status, 0);
        const { version, file, models, silences } = JSON.parse(stdout) as ModelDocument;
        assert.deepEqual([version, file], [1, 'a.js']);
        const [model, chain] = models as [Row, Row];
        const brief = (row: Row): unknown[] => [row.type ?? row.name, row.kind ?? row.inputs ?? null, row.start?.line];
        assert.deepEqual([chain, ...chain.ops!].map(brief), [
          ['functions', null, 3],
          ['conv2d', ['x', 'filter'], 3],
          ['add', ['a', 'b'], 3],
          ['batchNorm', ['x', 'mean', 'variance'], 4],
        ]);
        assert.deepEqual(chain.ops![2]!.statistics, {
          mean: 'statistics that are given',
          variance: 'statistics that are given',
        });
        assert.deepEqual([model, ...model.members!].map(brief), [
          ['model', null, 7],
          ['layer', 'dense', 8],
          ['silent', null, 6],
          ['layer', 'batchNormalization', 10],
        ]);
        assert.deepEqual(model.members![0]!.bias, {
          verdict: 'unknown',
          reason: '`mystery` is decided by a caller that is not known',
        });
        assert.equal(model.members![0]!.parameters, 40);
        assert.deepEqual(model.trainings, [
          { api: 'fit', file: 'a.js', start: { line: 11, column: 3 }, end: { line: 11, column: 30 } },
        ]);
        assert.deepEqual(
          silences.map(({ file: of, start }) => [of, start!.line]),
          [['a.js', 9]],
        );
      });
    });

    it('a reader that leaves early is no error', async () => {
      await withFolder(FILES, async (folder) => {
        const child = spawn(process.execPath, [builtLauncher()], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.destroy();
        const stderr = text(child.stderr);
        assert.deepEqual(await once(child, 'exit'), [1, null]);
        assert.equal(await stderr, '');
      });
    });

    it('model prints the layers that a file builds', async () => {
      await withFolder(FILES, async (folder) => {
        const { stdout, status } = await runCommand(['model', 'src/model.js'], { cwd: folder });
        assert.equal(status, 0);
        assert.equal(
          stdout,
          `# src/model.js
model sequential at 4:17  95098 parameters
  layer conv2d             at 5:13  [null, 26, 26, 8]  80 parameters  bias redundant
  layer batchNormalization at 6:13  [null, 26, 26, 8]  32 parameters
  layer reLU               at 7:13  [null, 26, 26, 8]
  layer conv2d             at 8:13  [null, 24, 24, 16]  1168 parameters  bias needed
  layer batchNormalization at 9:13  [null, 24, 24, 16]  64 parameters
  layer flatten            at 10:13  [null, 9216]
  layer dense              at 11:13  [null, 10]  92170 parameters  bias needed
`.replace('95098', String(80 + 32 + 1168 + 64 + 92170)),
        );
        const train = await runCommand(['model', 'src/train.js'], { cwd: folder });
        assert.match(
          train.stdout,
          /^step minimize at 9:35 trains all variables\n {2}runs model at 9:90 on stored statistics$/m,
        );
      });
    });
  });

  it('prints the findings of the analyzer, with the same places, messages and edits', async () => {
    await withFolder(FILES, async (folder) => {
      const analyzer = new Analyzer(diskFileSystem);
      analyzer.setFiles(walk(folder));
      const place = ({ file, start, end }: { file: string; start: number; end: number }) => {
        const table = new LineTable(readFileSync(file, 'utf8'));
        return {
          file: path.posix.relative(toPosix(folder), file),
          start: table.position(start),
          end: table.position(end),
        };
      };
      const expected = (await analyzer.reportAll()).flatMap(({ findings }) =>
        findings.map(({ rule, message, place: at, edits }) => ({
          rule,
          message: `${message.what} ${message.why} ${message.todo}`,
          ...place(at),
          fixes: edits.map(({ title, edits: list }) => ({
            title,
            edits: list.map((e) => ({ ...place(e), text: e.text })),
          })),
        })),
      );
      const { findings } = JSON.parse((await runCommand(['--format', 'json'], { cwd: folder })).stdout);
      const printed = findings.map((finding: (typeof expected)[number] & Record<string, unknown>) => ({
        rule: finding.rule,
        message: finding.message,
        file: finding.file,
        start: finding.start,
        end: finding.end,
        fixes: finding.fixes.map(({ title, edits }) => ({ title, edits })),
      }));
      assert.equal(expected.length, 3);
      assert.deepEqual(printed, expected);
    });
  });

  describe('--fix', () => {
    it('mends what keeps the meaning, touches nothing else, and has nothing to do the second time', async () => {
      await withFolder(FILES, async (folder) => {
        const at = (name: string): string => path.join(folder, name);
        chmodSync(at('src/model.js'), 0o640);
        const first = await runCommand(['--fix', '--format', 'json'], { cwd: folder });
        assert.equal((JSON.parse(first.stdout) as { summary: { fixed: number } }).summary.fixed, 3);
        assert.deepEqual(foundIn(first), []);
        assert.equal(first.status, 0);
        const texts = Object.keys(FILES).map((name) => readFileSync(at(name), 'utf8'));
        assert.match(readFileSync(at('src/model.js'), 'utf8'), /filters: 8, kernelSize: 3, useBias: false \}/);
        assert.match(readFileSync(at('src/block.ts'), 'utf8'), /kernelSize: 3,\n {4}useBias: !useBn,\n {2}\}\)/);
        assert.match(readFileSync(at('src/train.js'), 'utf8'), /model\.apply\(x, \{ training: true \}\)/);
        for (const name of ['src/build.ts', 'src/clean.js', 'package.json'] as const)
          assert.equal(readFileSync(at(name), 'utf8'), FILES[name]);
        assert.equal(statSync(at('src/model.js')).mode & 0o777, 0o640);
        await runCommand(['--fix'], { cwd: folder });
        assert.deepEqual(
          Object.keys(FILES).map((name) => readFileSync(at(name), 'utf8')),
          texts,
        );
      });
    });

    it('--fix-dry-run writes nothing; its diff, applied, does what --fix does', async () => {
      await withFolder({}, async (folder) => {
        const [shown, fixed] = [path.join(folder, 'shown'), path.join(folder, 'fixed')];
        for (const [name, content] of Object.entries(FILES)) {
          mkdirSync(path.dirname(path.join(shown, name)), { recursive: true });
          writeFileSync(path.join(shown, name), content);
        }
        // A file whose last line has no end, and one with CR LF.
        writeFileSync(
          path.join(shown, 'src/last.js'),
          modelWith()
            .trimEnd()
            .replace(/\n(?=model\.add\(tf\.layers\.b)/, ' '),
        );
        writeFileSync(path.join(shown, 'src/crlf.js'), modelWith().replaceAll('\n', '\r\n'));
        cpSync(shown, fixed, { recursive: true });
        const dry = await runCommand(['--fix-dry-run'], { cwd: shown });
        assert.equal(dry.status, 1);
        assert.equal(readFileSync(path.join(shown, 'src/model.js'), 'utf8'), FILES['src/model.js']);
        await runCommand(['--fix'], { cwd: fixed });
        execFileSync('git', ['apply', '--unsafe-paths', '-p1', '-'], { cwd: shown, input: dry.stdout });
        for (const name of [...Object.keys(FILES), 'src/last.js', 'src/crlf.js']) {
          const [a, b] = [shown, fixed].map((side) => readFileSync(path.join(side, name), 'utf8'));
          assert.equal(a, b, name);
        }
        assert.notEqual(readFileSync(path.join(shown, 'src/last.js'), 'utf8'), modelWith().trimEnd());
      });
    });

    it('keeps a byte order mark, line ends, and a symbolic link', async () => {
      await withFolder({ 'real/a.js': `\ufeff${modelWith().replaceAll('\n', '\r\n')}` }, async (folder) => {
        symlinkSync('real/a.js', path.join(folder, 'link.js'));
        const { status } = await runCommand(['link.js', '--fix'], { cwd: folder });
        assert.equal(status, 0);
        const text = readFileSync(path.join(folder, 'real/a.js'), 'utf8');
        assert.ok(text.startsWith('\ufeffimport') && text.includes('useBias: false'));
        assert.doesNotMatch(text, /[^\r]\n/);
      });
    });

    it('leaves a file alone that is not UTF-8 throughout, and says so', async () => {
      const bytes = Buffer.concat([Buffer.from(modelWith()), Buffer.from([0x2f, 0x2f, 0xe9, 0x0a])]);
      await withFolder({ 'a.js': bytes }, async (folder) => {
        const { status, stderr } = await runCommand(['--fix'], { cwd: folder });
        assert.equal(status, 1);
        assert.match(stderr, /^layerlint: a\.js: Not fixed: it is not UTF-8 throughout\.$/m);
        assert.deepEqual(readFileSync(path.join(folder, 'a.js')), bytes);
      });
    });

    it('changes no file that it was not asked about', async () => {
      await withFolder(FILES, async (folder) => {
        const { status } = await runCommand(['src/model.js', '--fix'], { cwd: folder });
        assert.equal(status, 0);
        assert.equal(readFileSync(path.join(folder, 'src/block.ts'), 'utf8'), FILES['src/block.ts']);
      });
    });
  });

  it('says how to build a checkout that is not built', async () => {
    await withFolder({ 'bin/.keep': '' }, async (folder) => {
      const launcher = path.join(folder, 'bin', 'layerlint.js');
      copyFileSync(path.join(__dirname, '../../server/bin/layerlint.js'), launcher);
      const child = spawn(process.execPath, [launcher], { stdio: ['ignore', 'pipe', 'pipe'] });
      const stderr = text(child.stderr);
      assert.deepEqual(await once(child, 'exit'), [2, null]);
      assert.match(await stderr, /not built yet.*npm run build/);
    });
  });
});
