import assert from 'node:assert/strict';
import type { WorkspaceDiagnosticReport, WorkspaceDiagnosticReportPartialResult } from 'vscode-languageserver/node';
import { startInProcess, FULL } from './client';
import type { TestClient } from './client';
import { FakeServices } from './fakeServices';

const A = 'file:///w/a.js';

describe('LSP: diagnostics', () => {
  let services: FakeServices;
  let client: TestClient;
  beforeEach(() => {
    services = new FakeServices();
  });
  afterEach(() => client.stop());

  describe('pulled for a document', () => {
    it('carry range, severity, source, code, page, message and the evidence in other files', async () => {
      services.disk.set('/w/lib/bn.js', '\n// norm\n');
      client = await startInProcess(services, { folder: '/w' });
      await client.open(A, "const e = '𝒳';\nconst b = BIAS(dead FROM:/w/lib/bn.js);");
      const [main, dead, ...rest] = await client.diagnostics(A);
      assert.deepEqual(rest, []);
      assert.deepEqual(main, {
        range: { start: { line: 1, character: 10 }, end: { line: 1, character: 38 } },
        severity: 3,
        source: 'layerlint',
        code: 'redundant-bias',
        codeDescription: { href: 'https://github.com/layerlint/layerlint/blob/main/docs/rules/redundant-bias.md' },
        message: 'What. Why. Do.',
        relatedInformation: [
          {
            location: {
              uri: 'file:///w/lib/bn.js',
              range: { start: { line: 0, character: 0 }, end: { line: 1, character: 3 } },
            },
            message: 'batch normalisation',
          },
        ],
      });
      assert.deepEqual(dead!.range, { start: { line: 1, character: 15 }, end: { line: 1, character: 19 } });
      assert.deepEqual([dead!.severity, dead!.tags], [4, [1]]);
    });

    it('counts columns in UTF-16 units, and lines by every line end', async () => {
      client = await startInProcess(services);
      await client.open(A, "'𝒳'; BIAS()\r\n'é'; BIAS()\rBIAS()");
      const ranges = (await client.diagnostics(A)).map(({ range }) => [range.start.line, range.start.character]);
      assert.deepEqual(ranges, [
        [0, 6],
        [1, 5],
        [2, 0],
      ]);
    });

    it('follows incremental changes and keeps the result id exactly as long as the picture is the same', async () => {
      client = await startInProcess(services);
      await client.open(A, 'x; BIAS();\ny;');
      const first = await client.pull(A);
      assert.equal(first.kind, 'full');
      const again = await client.pull(A, first.resultId);
      assert.deepEqual(again, { kind: 'unchanged', resultId: first.resultId });
      await client.change(A, 'yy', { start: { line: 1, character: 0 }, end: { line: 1, character: 1 } });
      assert.equal((await client.pull(A, first.resultId)).kind, 'unchanged');
      // The same offset, but on another line: the picture is another.
      await client.change(A, '\n', { start: { line: 0, character: 2 }, end: { line: 0, character: 3 } });
      const moved = await client.pull(A, first.resultId);
      assert.equal(moved.kind === 'full' && moved.items[0]!.range.start.line, 1);
    });

    it('sees the whole workspace before the first answer', async () => {
      services.disk.set('/w/a.js', '');
      services.disk.set('/w/b.js', '');
      client = await startInProcess(services, { folder: '/w' });
      await client.open(A, 'BIAS()');
      await client.diagnostics(A);
      assert.deepEqual(services.files, ['/w/a.js', '/w/b.js']);
    });

    it('answers with nothing, logs and lives on where the analysis throws', async () => {
      client = await startInProcess(services);
      await client.open(A, 'POISON BIAS()');
      assert.deepEqual(await client.diagnostics(A), []);
      const [log] = client.received('window/logMessage') as { type: number; message: string }[];
      assert.match(log!.message, /textDocument\/diagnostic: Error: poisoned/);
      await client.change(A, 'BIAS()');
      assert.equal((await client.diagnostics(A)).length, 1);
    });

    it('is silent in node_modules, and for a document that is closed again as the disk says', async () => {
      services.disk.set('/w/a.js', 'BIAS() BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      const foreign = 'file:///w/node_modules/x/index.js';
      await client.open(foreign, 'BIAS()');
      assert.deepEqual(await client.diagnostics(foreign), []);
      await client.open(A, 'BIAS()');
      assert.equal((await client.diagnostics(A)).length, 1);
      await client.close(A);
      assert.equal((await client.diagnostics(A)).length, 2);
    });

    it('works for documents that are no files and for URIs that need escapes', async () => {
      client = await startInProcess(services);
      await client.open('untitled:Untitled-1', 'BIAS()', 'typescript');
      assert.equal((await client.diagnostics('untitled:Untitled-1')).length, 1);
      assert.deepEqual([...services.overlays.keys()], ['/untitled:/Untitled-1.ts']);
      const odd = 'file:///w/my%20models/%23%C3%A9%25.js';
      await client.open(odd, 'BIAS()');
      assert.equal((await client.diagnostics(odd)).length, 1);
      assert.ok(services.overlays.has('/w/my models/#é%.js'));
    });

    it('leaves out what the client cannot show', async () => {
      const capabilities = { ...FULL, textDocument: { diagnostic: {} } };
      services.disk.set('/w/lib/bn.js', '\n\n\n\n\n');
      client = await startInProcess(services, { folder: '/w', capabilities });
      await client.open(A, 'BIAS(dead FROM:/w/lib/bn.js)');
      const [only, ...rest] = await client.diagnostics(A);
      assert.deepEqual(rest, []);
      assert.deepEqual(Object.keys(only!).sort(), ['code', 'message', 'range', 'severity', 'source']);
    });

    it('ends a request that the client no longer waits for', async () => {
      client = await startInProcess(services);
      await client.open(A, 'BIAS()');
      const { CancellationTokenSource } = await import('vscode-languageserver/node');
      const source = new CancellationTokenSource();
      const pulled = client.connection.sendRequest(
        'textDocument/diagnostic',
        { textDocument: { uri: A } },
        source.token,
      );
      source.cancel();
      await assert.rejects(pulled, { code: -32800 });
      assert.equal((await client.diagnostics(A)).length, 1);
    });
  });

  describe('pushed to a client that cannot pull', () => {
    const capabilities = { textDocument: { publishDiagnostics: { relatedInformation: true } } };

    it('come once for a burst of changes, with the version, and are cleared on closing', async () => {
      client = await startInProcess(services, { capabilities });
      assert.equal(client.initialized.capabilities.diagnosticProvider, undefined);
      await client.open(A, 'BIAS()');
      for (let i = 0; i < 20; i++) await client.change(A, `BIAS() BIAS() ${i}`);
      await client.until(() => client.published.some(({ version }) => version === 21));
      assert.equal(client.published.at(-1)!.diagnostics.length, 2);
      assert.ok(client.published.length < 20, `${client.published.length} messages for 21 states`);
      await client.close(A);
      await client.until(() => client.published.at(-1)!.diagnostics.length === 0);
    });

    it('come for every file after the whole workspace was asked for, when it was opened or not', async () => {
      services.disk.set('/w/b.js', 'BIAS()');
      client = await startInProcess(services, {
        folder: '/w',
        capabilities,
        initializationOptions: { settings: { scope: 'openFiles' } },
      });
      await client.open(A, 'BIAS()');
      await client.until(() => client.published.length > 0);
      assert.deepEqual(
        client.published.map(({ uri }) => uri),
        [A],
      );
      await client.request('layerlint/analyzeWorkspace', {});
      await client.until(() => client.published.some(({ uri }) => uri === 'file:///w/b.js'));
    });
  });

  describe('pulled for the workspace', () => {
    const previousResultIds: { uri: string; value: string }[] = [];
    const pull = (params: object = {}): Promise<WorkspaceDiagnosticReport> =>
      client.request('workspace/diagnostic', { previousResultIds, ...params });

    it('name the files that have some, then only what has changed', async () => {
      services.disk.set('/w/a.js', 'BIAS()');
      services.disk.set('/w/b.js', 'nothing');
      services.disk.set('/w/c.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      const first = await pull();
      assert.deepEqual(
        first.items.map(({ uri, kind, version }) => [uri, kind, version]),
        [
          ['file:///w/a.js', 'full', null],
          ['file:///w/c.js', 'full', null],
        ],
      );
      services.disk.set('/w/c.js', 'gone');
      await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///w/c.js', type: 2 }] });
      const known = first.items.map(({ uri, resultId }) => ({ uri, value: resultId! }));
      const second = await pull({ previousResultIds: known });
      assert.deepEqual(services.invalidated, ['/w/c.js']);
      assert.deepEqual(
        second.items.map((item) => [item.uri, item.kind === 'full' ? item.items.length : item.kind]),
        [
          ['file:///w/a.js', 'unchanged'],
          ['file:///w/c.js', 0],
        ],
      );
    });

    it('report progress and come as partial results; the request then waits for news', async () => {
      services.disk.set('/w/a.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w' });
      const partial = (token: string): WorkspaceDiagnosticReportPartialResult[] =>
        (client.received('$/progress') as { token: string; value: WorkspaceDiagnosticReportPartialResult }[])
          .filter((message) => message.token === token)
          .map(({ value }) => value);
      const end = await pull({ partialResultToken: 'p1', workDoneToken: 'w1' });
      assert.deepEqual(end.items, []);
      assert.equal(partial('p1').flatMap(({ items }) => items).length, 1);
      assert.ok((client.received('$/progress') as { token: string }[]).some(({ token }) => token === 'w1'));

      const known = partial('p1')
        .flatMap(({ items }) => items)
        .map(({ uri, resultId }) => ({ uri, value: resultId! }));
      let answered = false;
      const waiting = pull({ partialResultToken: 'p2', previousResultIds: known }).then(() => (answered = true));
      assert.equal((await client.diagnostics(A)).length, 1);
      assert.equal(answered, false);
      await client.open(A, 'BIAS() BIAS()');
      await waiting;
      const [item] = partial('p2').flatMap(({ items }) => items);
      assert.ok(item?.kind === 'full' && item.items.length === 2 && item.version === 1);
    });

    it('come to a request that waits, once all files are asked for', async () => {
      services.disk.set('/w/b.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w', settings: { scope: 'openFiles' } });
      let answered = false;
      const waiting = pull({ partialResultToken: 'p' }).then(() => (answered = true));
      assert.deepEqual(await client.diagnostics(A), []);
      assert.equal(answered, false);
      await client.request('layerlint/analyzeWorkspace', {});
      await waiting;
      const told = client.received('$/progress') as { token: string; value: { items: { uri: string }[] } }[];
      const uris = told.filter(({ token }) => token === 'p').flatMap(({ value }) => value.items.map(({ uri }) => uri));
      assert.deepEqual(uris, ['file:///w/b.js']);
    });

    it('are those of open files only where the settings say so, until all are asked for', async () => {
      services.disk.set('/w/a.js', 'BIAS()');
      services.disk.set('/w/b.js', 'BIAS()');
      client = await startInProcess(services, { folder: '/w', settings: { scope: 'openFiles' } });
      await client.until(() => client.received('workspace/diagnostic/refresh').length > 0);
      await client.open(A, 'BIAS()');
      assert.deepEqual(
        (await pull()).items.map(({ uri }) => uri),
        [A],
      );
      await client.request('layerlint/analyzeWorkspace', {});
      assert.equal((await pull()).items.length, 2);
    });
  });
});
