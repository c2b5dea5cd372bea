import assert from 'node:assert/strict';
import type { Hover, InlayHint } from 'vscode-languageserver/node';
import type { AnalyzeWorkspaceResult, CheckResponse, RecoveredModelResult } from '../../protocol';
import { startInProcess } from './client';
import type { TestClient } from './client';
import { confirmed, FakeServices } from './fakeServices';

const A = 'file:///w/a.js';
const hints = (client: TestClient): Promise<InlayHint[]> =>
  client.request('textDocument/inlayHint', {
    textDocument: { uri: A },
    range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } },
  });

describe('LSP: requests', () => {
  let services: FakeServices;
  let client: TestClient;
  beforeEach(() => {
    services = new FakeServices();
  });
  afterEach(() => client.stop());

  describe('hover', () => {
    it('tells kind, shape, parameters and the fate of the bias', async () => {
      client = await startInProcess(services);
      await client.open(A, 'x = BIAS(1)');
      const hover = await client.request<Hover>('textDocument/hover', {
        textDocument: { uri: A },
        position: { line: 0, character: 6 },
      });
      assert.deepEqual(hover.contents, {
        kind: 'markdown',
        value:
          '**conv2d** · output `[null, 26, 26, 32]` · 320 parameters, 32 of them its bias\n\n' +
          'Batch normalisation subtracts its bias.',
      });
      assert.deepEqual(hover.range, { start: { line: 0, character: 4 }, end: { line: 0, character: 11 } });
      const position = { line: 0, character: 1 };
      assert.equal(await client.request('textDocument/hover', { textDocument: { uri: A }, position }), null);
    });

    it('is plain text where the client shows no Markdown', async () => {
      client = await startInProcess(services, { capabilities: {} });
      await client.open(A, 'BIAS(1)');
      const position = { line: 0, character: 0 };
      const hover = await client.request<Hover>('textDocument/hover', { textDocument: { uri: A }, position });
      const { kind, value } = hover.contents as { kind: string; value: string };
      assert.equal(kind, 'plaintext');
      assert.ok(value.startsWith('conv2d · output [null, 26, 26, 32] ·'), value);
    });
  });

  describe('layerlint/recoveredModel', () => {
    it('gives the text at a position, with the file named as the user does', async () => {
      client = await startInProcess(services, { folder: '/w' });
      await client.open('file:///w/src/a.js', 'ab\ncd');
      const ask = (position: object | null): Promise<RecoveredModelResult> =>
        client.request('layerlint/recoveredModel', { uri: 'file:///w/src/a.js', position });
      assert.deepEqual(await ask({ line: 1, character: 1 }), { text: '# src/a.js\n  offset 4 of 5\n' });
      assert.deepEqual(await ask(null), { text: '# src/a.js\n  offset null of 5\n' });
    });
  });

  describe('layerlint/analyzeWorkspace', () => {
    it('counts files and findings, reports progress and asks the client to pull again', async () => {
      for (let i = 0; i < 10; i++) services.disk.set(`/w/${i}.js`, i % 5 === 0 ? 'BIAS() BIAS()' : '');
      client = await startInProcess(services, { folder: '/w' });
      const refreshes = client.received('workspace/diagnostic/refresh').length;
      const result = await client.request<AnalyzeWorkspaceResult>('layerlint/analyzeWorkspace', { workDoneToken: 't' });
      assert.deepEqual(result, { files: 10, findings: 4, filesWithFindings: 2, cancelled: false });
      const values = (
        client.received('$/progress') as { token: string; value: { kind: string; percentage?: number } }[]
      )
        .filter(({ token }) => token === 't')
        .map(({ value }) => value);
      assert.equal(values[0]!.kind, 'begin');
      assert.equal(values.at(-1)!.kind, 'end');
      assert.ok(values.some(({ percentage }) => percentage === 50));
      await client.until(() => client.received('workspace/diagnostic/refresh').length > refreshes);
    });

    it('can be cancelled from the progress that the server has asked for', async () => {
      for (let i = 0; i < 500; i++) services.disk.set(`/w/${i}.js`, 'BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      const result = client.request<AnalyzeWorkspaceResult>('layerlint/analyzeWorkspace', {});
      await client.until(() => client.received('window/workDoneProgress/create').length > 0);
      const [{ token }] = client.received('window/workDoneProgress/create') as [{ token: string }];
      await client.notify('window/workDoneProgress/cancel', { token });
      assert.equal((await result).cancelled, true);
    });

    it('is a command too, whose outcome is shown', async () => {
      services.disk.set('/w/a.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      await client.request('workspace/executeCommand', { command: 'layerlint.server.analyzeWorkspace' });
      await client.until(() => client.received('window/showMessage').length > 0);
      const [{ message }] = client.received('window/showMessage') as [{ message: string }];
      assert.equal(message, 'LayerLint: findings: 1, in 1 of 1 files.');
    });
  });

  describe('layerlint/check', () => {
    const trusted = { initializationOptions: { trusted: true }, folder: '/w' };
    const check = (params: object): Promise<CheckResponse> => client.request('layerlint/check', { uri: A, ...params });

    it('runs nothing until the client says that the workspace is trusted', async () => {
      client = await startInProcess(services, { folder: '/w' });
      await client.open(A, 'BIAS()');
      assert.equal((await check({ position: { line: 0, character: 0 } })).status, 'untrusted');
      assert.deepEqual(services.checks, []);
      await client.notify('layerlint/trustGranted');
      assert.equal((await check({ position: { line: 0, character: 0 } })).status, 'done');
    });

    it('measures the finding at the cursor or on its line, on the engine of the settings', async () => {
      client = await startInProcess(services, { ...trusted, settings: { check: { engine: 'tfjs', timeout: 7 } } });
      await client.open(A, '\nlet x = BIAS(a); // BIAS\n');
      const response = await check({ position: { line: 1, character: 0 } });
      assert.deepEqual(response, {
        status: 'done',
        verdict: 'confirmed',
        message: 'redundant-bias confirmed on tfjs-node 4.22.0.',
        report: '# a.js:2:9 confirmed\n',
        range: { start: { line: 1, character: 8 }, end: { line: 1, character: 15 } },
      });
      const [{ options, diagnosis }] = services.checks as [(typeof services.checks)[0]];
      assert.deepEqual([options.engine, options.timeoutSeconds, options.workspace], ['tfjs', 7, '/w']);
      assert.equal(diagnosis.finding.place.start, 9);
      assert.equal((await check({ position: { line: 0, character: 0 } })).status, 'no-finding');
      assert.equal((await check({ finding: 'no such id' })).status, 'no-finding');
    });

    it('shows the verdict beside the finding until the sources change', async () => {
      client = await startInProcess(services, trusted);
      await client.open(A, 'BIAS(a); // end');
      assert.deepEqual(await hints(client), []);
      const before = await client.pull(A);
      await check({ position: { line: 0, character: 0 } });
      await client.until(() => client.received('workspace/inlayHint/refresh').length > 0);
      const [hint] = await hints(client);
      assert.deepEqual(hint, {
        position: { line: 0, character: 15 },
        label: '✓ confirmed on tfjs-node 4.22.0',
        tooltip: '✓ The outputs agree.',
        paddingLeft: true,
      });
      const after = await client.pull(A, before.resultId);
      assert.ok(after.kind === 'full');
      assert.match(String(after.items[0]!.message), / Checked numerically: confirmed on tfjs-node 4\.22\.0\.$/);
      await client.change(A, 'BIAS(a); // END');
      assert.deepEqual(await hints(client), []);
      assert.equal((await client.diagnostics(A))[0]!.message, 'What. Why. Do.');
    });

    it('does not claim for changed sources what was measured on others', async () => {
      let measured = (): void => {};
      const started = new Promise<void>((begun) => {
        services.result = () =>
          new Promise((resolve) => {
            measured = () => resolve(confirmed);
            begun();
          });
      });
      client = await startInProcess(services, trusted);
      await client.open(A, 'BIAS(a);');
      const response = check({ position: { line: 0, character: 0 } });
      await started;
      await client.change(A, 'BIAS(b);');
      await client.diagnostics(A);
      measured();
      assert.equal((await response).status, 'done');
      assert.deepEqual(await hints(client), []);
    });

    it('is stopped by cancelling the request', async () => {
      services.result = ({ signal }) =>
        new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(new Error('aborted'))));
      client = await startInProcess(services, trusted);
      await client.open(A, 'BIAS(a);');
      const { CancellationTokenSource } = await import('vscode-languageserver/node');
      const source = new CancellationTokenSource();
      const params = { uri: A, position: { line: 0, character: 0 }, workDoneToken: 'c' };
      const response = client.connection.sendRequest<CheckResponse>('layerlint/check', params, source.token);
      await client.until(() => client.received('$/progress').length > 1);
      source.cancel();
      assert.equal((await response).status, 'cancelled');
      assert.equal(services.checks[0]!.options.signal!.aborted, true);
    });

    it('says why it failed, and the server lives on', async () => {
      services.result = () => Promise.reject(new Error('the engine is missing'));
      client = await startInProcess(services, trusted);
      await client.open(A, 'BIAS(a);');
      const response = await check({ position: { line: 0, character: 0 } });
      assert.deepEqual(response, { status: 'failed', message: 'the engine is missing' });
      assert.equal((await client.diagnostics(A)).length, 1);
    });
  });

  describe('settings', () => {
    it('turn rules off, change severities and switch everything off', async () => {
      client = await startInProcess(services, { settings: { rules: { 'redundant-bias': 'error' } } });
      await client.open(A, 'BIAS()');
      await client.until(() => client.received('workspace/diagnostic/refresh').length > 0);
      assert.equal((await client.diagnostics(A))[0]!.severity, 1);
      for (const settings of [{ rules: { 'redundant-bias': 'off' } }, { enable: false }]) {
        const refreshes = client.received('workspace/diagnostic/refresh').length;
        client.settings = settings;
        await client.notify('workspace/didChangeConfiguration', { settings: null });
        await client.until(() => client.received('workspace/diagnostic/refresh').length > refreshes);
        assert.deepEqual(await client.diagnostics(A), []);
      }
    });

    it('of a client that cannot be asked come with the start and with each change', async () => {
      const capabilities = { textDocument: { diagnostic: {} } };
      const initializationOptions = { settings: { rules: { 'redundant-bias': 'hint' } } };
      client = await startInProcess(services, { capabilities, initializationOptions });
      await client.open(A, 'BIAS()');
      assert.equal((await client.diagnostics(A))[0]!.severity, 4);
      const settings = { layerlint: { rules: { 'redundant-bias': 'warning', nonsense: 7 }, exclude: 'not a list' } };
      await client.notify('workspace/didChangeConfiguration', { settings });
      assert.equal((await client.diagnostics(A))[0]!.severity, 2);
    });

    it('exclude files, from the list and when they are open', async () => {
      client = await startInProcess(services, { folder: '/w', settings: { exclude: ['generated/'] } });
      await client.until(() => client.received('workspace/diagnostic/refresh').length > 0);
      const generated = 'file:///w/src/generated/a.js';
      await client.open(generated, 'BIAS()');
      await client.open(A, 'BIAS()');
      assert.deepEqual(await client.diagnostics(generated), []);
      assert.equal((await client.diagnostics(A)).length, 1);
      assert.deepEqual(services.listed.at(-1), { folder: '/w', exclude: ['generated/'] });
    });
  });

  describe('files and folders', () => {
    it('are watched; the list is made anew when one comes or goes, not when one changes', async () => {
      services.disk.set('/w/a.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      await client.until(() => client.registered.includes('workspace/didChangeWatchedFiles'));
      await client.diagnostics(A);
      const lists = services.listed.length;
      const changed = (uri: string, type: number): Promise<void> =>
        client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri, type }] });
      await changed(A, 2);
      await changed('file:///w/node_modules/x/index.js', 1);
      await client.diagnostics(A);
      assert.equal(services.listed.length, lists);
      services.disk.set('/w/new.js', '');
      await changed('file:///w/new.js', 1);
      await client.diagnostics(A);
      assert.deepEqual(services.files, ['/w/a.js', '/w/new.js']);
      await changed('file:///w/.gitignore', 2);
      await client.diagnostics(A);
      assert.equal(services.listed.length, lists + 2);
    });

    it('come and go with the workspace folders', async () => {
      services.disk.set('/w/a.js', '');
      services.disk.set('/v/b.js', '');
      client = await startInProcess(services, { folder: '/w' });
      await client.diagnostics(A);
      const event = { added: [{ uri: 'file:///v', name: 'v' }], removed: [{ uri: 'file:///w', name: 'w' }] };
      await client.notify('workspace/didChangeWorkspaceFolders', { event });
      await client.diagnostics(A);
      assert.deepEqual(services.files, ['/v/b.js']);
    });
  });
});
