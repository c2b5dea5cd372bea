import assert from 'node:assert/strict';
import type { CodeAction, Range } from 'vscode-languageserver/node';
import { applyEdits, FULL, startInProcess } from './client';
import type { TestClient } from './client';
import { FakeServices } from './fakeServices';

const A = 'file:///w/a.js';
const at = (line: number, start: number, end = start): Range => ({
  start: { line, character: start },
  end: { line, character: end },
});

describe('LSP: code actions', () => {
  let client: TestClient;
  afterEach(() => client.stop());

  const titles = (actions: readonly CodeAction[]): string[] => actions.map(({ title }) => title);

  it('offer the fixes of the finding at the cursor, the preferred one first, then the check', async () => {
    client = await startInProcess(new FakeServices());
    await client.open(A, 'BIAS(x);\nBIAS(y);');
    const actions = await client.codeActions(A, at(1, 2));
    assert.deepEqual(titles(actions), [
      'Empty the parentheses',
      'Disable redundant-bias for this line',
      'Check numerically: is this redundant-bias so?',
    ]);
    assert.deepEqual(
      actions.map(({ kind, isPreferred }) => [kind, isPreferred]),
      [
        ['quickfix', true],
        ['quickfix', undefined],
        ['quickfix', undefined],
      ],
    );
    assert.deepEqual(actions[0]!.diagnostics, [(await client.diagnostics(A))[1]]);
    assert.deepEqual(await client.codeActions(A, at(0, 8)), [], 'beside the finding');
  });

  it('carry what they need; resolving gives an edit for the version that they were made for', async () => {
    client = await startInProcess(new FakeServices());
    const text = 'const x = 1;\nBIAS(x);\n';
    await client.open(A, text);
    const [action] = await client.codeActions(A, at(1, 2));
    assert.equal(action!.edit, undefined);
    const { edit } = await client.request<CodeAction>('codeAction/resolve', action);
    const [change] = edit!.documentChanges as { textDocument: unknown; edits: { range: Range; newText: string }[] }[];
    assert.deepEqual(change!.textDocument, { uri: A, version: 1 });
    assert.equal(applyEdits(text, change!.edits), 'const x = 1;\nBIAS();\n');
  });

  it('refuse to be resolved once the document has changed', async () => {
    client = await startInProcess(new FakeServices());
    await client.open(A, 'BIAS(x);');
    const [action] = await client.codeActions(A, at(0, 2));
    await client.change(A, '\nBIAS(x);');
    await assert.rejects(client.request('codeAction/resolve', action), { code: -32801 });
    await client.open('file:///w/b.js', 'BIAS(x)');
    const [other] = await client.codeActions('file:///w/b.js', at(0, 2));
    await client.close('file:///w/b.js');
    await assert.rejects(client.request('codeAction/resolve', other), { code: -32801 });
  });

  it('refuse to be resolved once a file that is not open has changed on the disk', async () => {
    const services = new FakeServices();
    services.disk.set('/w/b.js', 'BIAS(x)');
    client = await startInProcess(services, { folder: '/w' });
    const [action] = await client.codeActions('file:///w/b.js', at(0, 2));
    const { edit } = await client.request<CodeAction>('codeAction/resolve', action);
    assert.deepEqual((edit!.documentChanges![0] as { textDocument: unknown }).textDocument, {
      uri: 'file:///w/b.js',
      version: null,
    });
    services.disk.set('/w/b.js', ' BIAS(x)');
    await assert.rejects(client.request('codeAction/resolve', action), { code: -32801 });
  });

  it('fix all safe problems of the file at once, where that is asked for', async () => {
    client = await startInProcess(new FakeServices());
    const text = 'BIAS(x);\nBIAS();\nBIAS(y);\n';
    await client.open(A, text);
    assert.ok(!titles(await client.codeActions(A, at(0, 0))).includes('Fix all LayerLint problems'));
    for (const only of ['source', 'source.fixAll', 'source.fixAll.layerlint']) {
      const actions = await client.codeActions(A, at(2, 0), [only]);
      assert.deepEqual(titles(actions), ['Fix all LayerLint problems']);
      const { edit } = await client.request<CodeAction>('codeAction/resolve', actions[0]);
      const [change] = edit!.documentChanges as { edits: { range: Range; newText: string }[] }[];
      assert.equal(applyEdits(text, change!.edits), 'BIAS();\nBIAS();\nBIAS();\n', 'nothing is merely hidden');
    }
    assert.deepEqual(await client.codeActions(A, at(2, 0), ['source.organizeImports', 'source.fixAll.eslint']), []);
    assert.deepEqual(await client.codeActions(A, at(2, 0), ['refactor']), []);
  });

  it('give plain edits at once to a client that can neither resolve nor take versions', async () => {
    const capabilities = {
      textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } } },
    };
    client = await startInProcess(new FakeServices(), { capabilities });
    await client.open(A, 'BIAS(x);');
    const [action] = await client.codeActions(A, at(0, 2));
    assert.deepEqual(action, {
      title: 'Empty the parentheses',
      kind: 'quickfix',
      diagnostics: action!.diagnostics,
      edit: { changes: { [A]: [{ range: at(0, 5, 6), newText: '' }] } },
    });
  });

  it('are commands alone for a client that knows only these', async () => {
    client = await startInProcess(new FakeServices(), { capabilities: {} });
    await client.open(A, 'BIAS(x);');
    const actions = (await client.codeActions(A, at(0, 2))) as unknown as { command: string }[];
    assert.deepEqual(
      actions.map(({ command }) => command),
      ['layerlint.server.check'],
    );
  });

  it('name the client’s own command for the check, where it has one', async () => {
    const options = { initializationOptions: { checkCommand: 'layerlint.checkNumerically' }, capabilities: FULL };
    client = await startInProcess(new FakeServices(), options);
    await client.open(A, 'BIAS()');
    const check = (await client.codeActions(A, at(0, 2))).at(-1)!;
    assert.equal(check.command!.command, 'layerlint.checkNumerically');
    assert.deepEqual(check.command!.arguments, [{ uri: A, finding: 'redundant-bias /w/a.js 0 6' }]);
  });
});
