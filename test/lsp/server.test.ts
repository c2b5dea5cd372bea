import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProtocolConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-languageserver/node';
import type { CodeAction, Hover, Range, WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import type { CheckResponse, RecoveredModelResult } from '../../protocol';
import { builtLauncher, runCommand, withFolder } from '../support/command';
import { applyEdits, spawnServer, startProcess, TestClient } from './client';

const root = path.join(__dirname, '..', '..');
const uriOf = (file: string): string => pathToFileURL(file).href;

const MODEL = `import * as tf from '@tensorflow/tfjs';
export const model = tf.sequential();
model.add(tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }));
model.add(tf.layers.batchNormalization());
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 2 }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
`;

describe('LSP: the real server over stdio', () => {
  let client: TestClient | null = null;
  const start = async (...args: Parameters<typeof startProcess>): Promise<TestClient> =>
    (client = await startProcess(...args));
  afterEach(async () => {
    await client?.stop();
    client = null;
  });

  it('finds, fixes, and finds nothing more', () =>
    withFolder({}, async (folder) => {
      const session = await start({ folder });
      assert.equal(session.initialized.serverInfo!.name, 'LayerLint');
      const uri = uriOf(path.join(folder, 'model.js'));
      await session.open(uri, MODEL);
      const [finding, ...others] = await session.diagnostics(uri);
      assert.deepEqual(others, []);
      assert.deepEqual(finding!.range.start, { line: 2, character: 10 });
      const [fix] = await session.codeActions(uri, finding!.range);
      assert.equal(fix!.isPreferred, true);
      const { edit } = await session.request<CodeAction>('codeAction/resolve', fix);
      const [change] = edit!.documentChanges as { edits: { range: Range; newText: string }[] }[];
      const mended = applyEdits(MODEL, change!.edits);
      assert.match(mended, /useBias: false/);
      await session.change(uri, mended);
      assert.deepEqual(await session.diagnostics(uri), []);
    }));

  it('does not speak of a rule that is off, and what that mutes stays muted', () =>
    withFolder({}, async (folder) => {
      const trained = `${MODEL}
const optimizer = tf.train.sgd(0.1);
export const step = (x, y) => optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(x)));
`;
      const session = await start({ folder, settings: {} });
      const uri = uriOf(path.join(folder, 'model.js'));
      const shown = async (rules: object): Promise<readonly string[]> => {
        session.settings = { rules };
        const refreshes = session.received('workspace/diagnostic/refresh').length;
        await session.notify('workspace/didChangeConfiguration', { settings: null });
        await session.until(() => session.received('workspace/diagnostic/refresh').length > refreshes);
        return (await session.diagnostics(uri)).map((one) =>
          [one.code, one.message, ...(one.relatedInformation ?? []).map(({ message }) => message)].join(' '),
        );
      };
      await session.open(uri, trained.replace("model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });\n", ''));
      const [both, ...others] = await shown({ 'redundant-bias': 'information' });
      assert.deepEqual(others, []);
      assert.match(both!, /^updates-not-run .*becomes redundant/s);
      const [alone] = await shown({ 'redundant-bias': 'off' });
      assert.match(alone!, /^updates-not-run /);
      assert.doesNotMatch(alone!, /redundant/);
      assert.deepEqual(await shown({ 'updates-not-run': 'off' }), []);
    }));

  it('answers at every moment while a model is typed, and finds it at the end', () =>
    withFolder({}, async (folder) => {
      const session = await start({ folder });
      const uri = uriOf(path.join(folder, 'model.ts'));
      await session.open(uri, '', 'typescript');
      let [line, character] = [0, 0];
      for (const typed of MODEL) {
        const position = { line, character };
        await session.change(uri, typed, { start: position, end: position });
        const report = await session.pull(uri);
        assert.equal(report.kind, 'full');
        [line, character] = typed === '\n' ? [line + 1, 0] : [line, character + 1];
      }
      assert.equal((await session.diagnostics(uri)).length, 1);
      assert.deepEqual(session.received('window/logMessage'), []);
    }));

  it('describes the layer under the cursor and the recovered model', () =>
    withFolder({}, async (folder) => {
      const session = await start({ folder });
      const uri = uriOf(path.join(folder, 'model.js'));
      await session.open(uri, MODEL);
      const position = { line: 2, character: 25 };
      const hover = await session.request<Hover>('textDocument/hover', { textDocument: { uri }, position });
      const { value } = hover.contents as { value: string };
      assert.match(value, /^\*\*conv2d\*\* · output `\[null, 6, 6, 4\]` · 112 parameters, 4 of them its bias\n\n\S/);
      const outline = await session.request<RecoveredModelResult>('layerlint/recoveredModel', { uri, position });
      assert.match(outline.text, /^# model\.js\nmodel sequential at 2:22/);
      assert.match(
        outline.text,
        /^ {2}layer conv2d +at 3:11 {2}\[null, 6, 6, 4\] {2}112 parameters {2}bias redundant$/m,
      );
      await session.open(uriOf(path.join(folder, 'other.js')), 'let x = 1;\n');
      const nothing = { uri: uriOf(path.join(folder, 'other.js')), position: null };
      assert.deepEqual(await session.request('layerlint/recoveredModel', nothing), { text: '' });
    }));

  it('judges a helper by its callers in other files, on the disk and open', () =>
    withFolder(
      {
        'block.js': `import * as tf from '@tensorflow/tfjs';
export const block = (x, last) => last.apply(tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x));
`,
        'main.js': `import * as tf from '@tensorflow/tfjs';
import { block } from './block';
const input = tf.input({ shape: [8, 8, 3] });
export const model = tf.model({ inputs: input, outputs: block(input, tf.layers.batchNormalization()) });
`,
      },
      async (folder) => {
        const session = await start({ folder });
        const [block, main] = ['block.js', 'main.js'].map((name) => uriOf(path.join(folder, name))) as [string, string];
        assert.equal((await session.diagnostics(block)).length, 1);
        await session.open(
          main,
          `import * as tf from '@tensorflow/tfjs';
import { block } from './block';
const input = tf.input({ shape: [8, 8, 3] });
export const model = tf.model({ inputs: input, outputs: block(input, tf.layers.reLU()) });
`,
        );
        assert.deepEqual(await session.diagnostics(block), []);
        await session.close(main);
        assert.equal((await session.diagnostics(block)).length, 1);
      },
    ));

  it('looks into the scripts of a page', () =>
    withFolder({}, async (folder) => {
      const session = await start({ folder });
      const uri = uriOf(path.join(folder, 'page.html'));
      const script = MODEL.replace(/^import.*\n/, '').replace('export ', '');
      await session.open(uri, `<!doctype html>\n<p>tf.layers\n<script>\n${script}</script>\n`, 'html');
      const [finding, ...others] = await session.diagnostics(uri);
      assert.deepEqual(others, []);
      assert.deepEqual(finding!.range.start, { line: 4, character: 10 });
    }));

  it('never runs what it reads', () =>
    withFolder({}, async (folder) => {
      const marker = path.join(folder, 'ran');
      const evil = `require('fs').writeFileSync(${JSON.stringify(marker)}, '');\n`;
      writeFileSync(path.join(folder, 'disk.js'), evil + MODEL);
      writeFileSync(path.join(folder, 'layerlint.config.js'), evil);
      const session = await start({ folder });
      const uri = uriOf(path.join(folder, 'open.js'));
      await session.open(uri, evil + MODEL);
      assert.equal((await session.diagnostics(uri)).length, 1);
      const all = await session.request<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds: [] });
      assert.equal(all.items.length, 2);
      assert.equal(existsSync(marker), false);
    }));

  it('checks a tiny model on pure-JavaScript tfjs, in a trusted workspace', () =>
    withFolder({ 'model.js': MODEL }, async (folder) => {
      const session = await start({
        folder,
        initializationOptions: { trusted: true },
        settings: { check: { engine: 'tfjs' } },
      });
      const params = { uri: uriOf(path.join(folder, 'model.js')), position: { line: 2, character: 30 } };
      const response = await session.request<CheckResponse>('layerlint/check', params);
      assert.ok(response.status === 'done', JSON.stringify(response));
      assert.equal(response.verdict, 'confirmed');
      assert.match(response.report, /^# .*\n[\s\S]*`model\.js:3:11`[\s\S]*\| claim \|/);
      assert.match(response.message, /^redundant-bias confirmed on tfjs 4\./);
    }));

  it('tells the same findings as the command line', async () => {
    const folder = path.join(root, 'examples');
    const session = await start({ folder });
    const all = await session.request<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds: [] });
    const served = all.items.flatMap((item) => {
      if (item.kind !== 'full') return [];
      return item.items
        .filter(({ tags }) => !tags)
        .map(({ range: { start, end }, code, message }) => ({
          file: item.uri,
          start: { line: start.line + 1, column: start.character + 1 },
          end: { line: end.line + 1, column: end.character + 1 },
          rule: code,
          message,
        }));
    });
    const run = await runCommand(['.', '--format', 'json'], { cwd: folder });
    const printed = (
      JSON.parse(run.stdout) as {
        findings: { rule: string; message: string; file: string; start: object; end: object }[];
      }
    ).findings.map(({ rule, message, file, start: from, end }) => ({
      file: uriOf(path.resolve(folder, file)),
      start: from,
      end,
      rule,
      message,
    }));
    const sorted = (findings: object[]): string[] => findings.map((finding) => JSON.stringify(finding)).sort();
    assert.ok(served.length > 0);
    assert.deepEqual(sorted(served), sorted(printed));
  });
});

describe('LSP: the life of the server', () => {
  const ended = (child: ReturnType<typeof spawnServer>): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', (code) => resolve(code)));

  it('ends with 0 after shutdown and exit', async () => {
    const client = await startProcess();
    const code = ended(client.process!);
    await client.stop();
    assert.equal(await code, 0);
  });

  it('ends with 1 on exit without shutdown, and when its client is gone', async () => {
    const client = await startProcess();
    const code = ended(client.process!);
    await client.notify('exit');
    assert.equal(await code, 1);
    const orphan = spawnServer();
    const orphanCode = ended(orphan);
    orphan.stdin!.end();
    assert.equal(await orphanCode, 1);
  });

  it('works over node-ipc, as a bundle, as the extension starts it', async () => {
    builtLauncher();
    const child = fork(path.join(root, 'server', 'dist', 'server.js'), ['--node-ipc'], { stdio: 'inherit' });
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const client = await new TestClient(connection, child).initialize({});
    await client.open('untitled:Untitled-1', MODEL);
    assert.equal((await client.diagnostics('untitled:Untitled-1')).length, 1);
    await client.stop();
    assert.equal(child.exitCode, 0);
  });

  it('is served by the command line, too', async () => {
    const launcher = builtLauncher();
    const child = fork(launcher, ['server', '--stdio'], { silent: true });
    const { StreamMessageReader, StreamMessageWriter } = await import('vscode-languageserver/node');
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout!),
      new StreamMessageWriter(child.stdin!),
    );
    const client = await new TestClient(connection, child).initialize({});
    await client.open('untitled:Untitled-1', MODEL);
    assert.equal((await client.diagnostics('untitled:Untitled-1')).length, 1);
    await client.stop();
    assert.equal(child.exitCode, 0);
  });
});
