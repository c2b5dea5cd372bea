import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import Ajv from 'ajv';
import { LineTable } from '../../server/src/analyzer';
import { builtLauncher, runCommand, withFolder } from '../support/command';
import { FILES, modelWith } from './fixtures';
import { sarifSchema } from './sarif-schema';

interface Position {
  line: number;
  column: number;
}
interface Located {
  file: string;
  start: Position;
  end: Position;
}
interface Document {
  version: number;
  findings: (Located & {
    rule: string;
    severity: string;
    message: string;
    condition: string | null;
    related: (Located & { message: string })[];
    fixes: { title: string; kind: string; edits: (Located & { text: string })[] }[];
  })[];
  summary: Record<string, unknown>;
}

/** The text that a located thing covers. */
function covered(folder: string, { file, start, end }: Located): string {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const lines = text.split('\n');
  const offset = ({ line, column }: Position): number =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  assert.deepEqual(new LineTable(text).position(offset(start)), start);
  return text.slice(offset(start), offset(end));
}

describe('formats of the command line', () => {
  before(function () {
    this.timeout(120_000);
    builtLauncher();
  });

  it('json: the contract, key by key', async () => {
    await withFolder(FILES, async (folder) => {
      const { stdout, stderr, status } = await runCommand(['--format', 'json'], { cwd: folder });
      assert.equal(stderr, '');
      assert.equal(status, 1);
      const document = JSON.parse(stdout) as Document;
      assert.deepEqual(Object.keys(document), ['version', 'findings', 'summary']);
      assert.equal(document.version, 1);
      const keys = ['rule', 'severity', 'message', 'file', 'start', 'end', 'condition', 'related', 'fixes'];
      for (const finding of document.findings) {
        assert.deepEqual(Object.keys(finding), keys);
        for (const related of finding.related)
          assert.deepEqual(Object.keys(related), ['message', 'file', 'start', 'end']);
        for (const fix of finding.fixes) {
          assert.deepEqual(Object.keys(fix), ['title', 'kind', 'edits']);
          for (const edit of fix.edits) assert.deepEqual(Object.keys(edit), ['file', 'start', 'end', 'text']);
        }
      }
      const shown = document.findings.map((finding) => [
        finding.rule,
        finding.severity,
        finding.file,
        finding.condition,
        covered(folder, finding).replace(/\s+/g, ' '),
      ]);
      const conv = 'tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 })';
      assert.deepEqual(shown, [
        ['redundant-bias', 'information', 'src/block.ts', 'useBn', 'tf.layers.conv2d({ filters, kernelSize: 3, })'],
        ['redundant-bias', 'information', 'src/model.js', null, conv],
        ['updates-not-run', 'warning', 'src/train.js', null, 'model.apply(x)'],
      ]);
      const norm = document.findings[1]!.related.find((step) =>
        covered(folder, step).startsWith('tf.layers.batchNorm'),
      );
      assert.equal(norm?.start.line, 6);
      assert.deepEqual(document.summary, {
        files: 5,
        relevant: 4,
        findings: 3,
        byRule: { 'redundant-bias': 2, 'updates-not-run': 1 },
        fixable: 3,
        fixed: 0,
        problems: 0,
      });
    });
  });

  it('sarif: valid against the schema, with rules, related locations, fixes and what could not be read', async () => {
    await withFolder({ ...FILES, 'src/binary.ts': new Uint8Array([0, 1, 2]) }, async (folder) => {
      const { stdout } = await runCommand(['--format', 'sarif'], { cwd: folder });
      const document = JSON.parse(stdout);
      const validate = new Ajv({ strict: false, formats: { uri: /^[a-z]+:\/\//, 'uri-reference': /^\S+$/ } }).compile(
        sarifSchema,
      );
      assert.equal(validate(document), true, JSON.stringify(validate.errors));
      const [run] = document.runs;
      assert.equal(run.results.length, 3);
      for (const result of run.results) {
        assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
        assert.ok(result.relatedLocations.length > 0 && result.fixes.length > 0);
      }
      assert.deepEqual(run.results[1].locations[0].physicalLocation, {
        artifactLocation: { uri: 'src/model.js', uriBaseId: 'SRCROOT' },
        region: { startLine: 5, startColumn: 13, endLine: 5, endColumn: 85 },
      });
      const [notification] = run.invocations[0].toolExecutionNotifications;
      assert.equal(notification.locations[0].physicalLocation.artifactLocation.uri, 'src/binary.ts');
    });
  });

  it('github: one workflow command a finding, escaped', async () => {
    await withFolder({ 'a,b.js': modelWith() }, async (folder) => {
      const { stdout, status } = await runCommand(['--format', 'github'], { cwd: folder });
      assert.equal(status, 1);
      const match =
        /^::notice file=a%2Cb\.js,line=3,endLine=3,col=11,endColumn=83,title=layerlint redundant-bias::The bias/;
      assert.match(stdout, match);
      assert.equal(stdout.trimEnd().split('\n').length, 1);
    });
  });

  it('text: code frame, three parts, evidence, the fix, a summary', async () => {
    await withFolder({ 'model.js': modelWith() }, async (folder) => {
      const { stdout } = await runCommand([], { cwd: folder });
      const lines = stdout.split('\n');
      assert.match(lines[0]!, /^model\.js:3:11 {2}information {2}redundant-bias$/);
      const code = lines.findIndex((line) => line.startsWith('> 3 │ model.add('));
      const call = 'tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 })';
      assert.equal(lines[code + 1]!.indexOf('^'), lines[code]!.indexOf('tf.layers'));
      assert.equal(lines[code + 1]!.trim().replace('│ ', '').trim(), '^'.repeat(call.length));
      assert.match(stdout, /→ model\.js:4:11 {2}batchNormalization/);
      assert.match(stdout, /fix {2}.*useBias: false/);
      assert.match(lines.at(-2)!, /^1 finding \(1 redundant-bias\) in 1 file, .*1 can be fixed with --fix\.$/);
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(stdout, /\u001b/);
    });
  });

  it('text: control characters of the source do not reach the terminal', async () => {
    await withFolder(
      { 'a.js': modelWith().replace('filters: 8', 'filters: 8 /* \u001b[31m\u0007 */') },
      async (folder) => {
        const { stdout } = await runCommand([], { cwd: folder });
        assert.match(stdout, /··?\[31m·/);
        // eslint-disable-next-line no-control-regex
        assert.doesNotMatch(stdout, /[\u001b\u0007]/);
      },
    );
  });

  it('a large document is whole at the end of a slow pipe', async () => {
    const layers = Array.from(
      { length: 700 },
      (_, i) => `model.add(tf.layers.dense({ units: ${i + 1} }));\nmodel.add(tf.layers.batchNormalization());\n`,
    );
    await withFolder({ 'a.js': modelWith(layers.join('')) }, async (folder) => {
      const child = spawn(process.execPath, [builtLauncher(), '--format', 'json'], { cwd: folder });
      const ended = once(child, 'exit');
      // A pipe holds some 64 kB: the command has to wait for its reader.
      await setTimeout(1_500);
      const stdout = await text(child.stdout);
      assert.deepEqual(await ended, [1, null]);
      assert.ok(stdout.length > 500_000, `${stdout.length}`);
      assert.equal((JSON.parse(stdout) as Document).findings.length, 701);
    });
  });
});
