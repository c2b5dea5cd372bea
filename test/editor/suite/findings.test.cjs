const assert = require('node:assert/strict');
const vscode = require('vscode');
const { actionsAt, open, until, uriOf, waitFor } = require('./support.cjs');

const text = (document, range) => document.getText(range);

describe('diagnostics', () => {
  it('stand on the creating call, as information, with a link and the evidence', async () => {
    const { document } = await open('mnist-cnn/model.js');
    const found = await waitFor(document, 'redundant-bias', 2 + 2);
    const conv = found.find(({ range }) => text(document, range).includes('filters: 16'));
    assert.match(text(document, conv.range), /^tf\.layers\.conv2d\(\{.*\}\)$/s);
    assert.equal(conv.severity, vscode.DiagnosticSeverity.Information);
    assert.match(conv.code.target.toString(), /docs\/rules\/redundant-bias\.md$/);
    assert.ok(conv.relatedInformation.length > 0);
    const [evidence] = conv.relatedInformation;
    assert.match(text(document, evidence.location.range), /batchNormalization/);
  });

  it('mark dead options as unnecessary', async () => {
    const { document } = await open('mnist-cnn/model.js');
    const found = await waitFor(document, 'redundant-bias', 2 + 2);
    const dead = found.filter(({ tags }) => tags?.includes(vscode.DiagnosticTag.Unnecessary));
    assert.deepEqual(
      dead.map(({ range }) => text(document, range)),
      ['useBias: true', "biasInitializer: 'zeros'"],
    );
  });

  it('warn of updates that are not run, on the calls that run the model', async () => {
    const { document } = await open('vae/train.ts');
    const found = await waitFor(document, 'updates-not-run', 2);
    assert.deepEqual(
      found.map(({ range }) => text(document, range)),
      ['this.encoder.apply(batch)', 'this.decoder.predict(code)'],
    );
    assert.ok(found.every(({ severity }) => severity === vscode.DiagnosticSeverity.Warning));
  });

  it('follow what is typed, also while it is no program', async () => {
    const editor = await open('browser/index.html');
    const { document } = editor;
    await waitFor(document, 'redundant-bias', 1);
    const call = document.getText().indexOf('dense({ units })') + 'dense({ units'.length;
    const at = document.positionAt(call);
    await editor.edit((edit) => edit.insert(at, ', useBias: false'));
    await waitFor(document, 'redundant-bias', 0);
    await editor.edit((edit) => edit.delete(new vscode.Range(at, at.translate(0, ', useBias: false'.length))));
    await waitFor(document, 'redundant-bias', 1);
    await editor.edit((edit) => edit.insert(at, ', activation: '));
    await waitFor(document, 'redundant-bias', 1);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('see a file that another program changes', async () => {
    const { document } = await open('resnet/blocks.ts');
    await waitFor(document, 'redundant-bias', 1);
    const file = uriOf('resnet/model.ts');
    const before = Buffer.from(await vscode.workspace.fs.readFile(file)).toString();
    try {
      // With batch norm in all calls the finding has no condition any more.
      const after = before
        .replace('classes, batchNorm }: ResNetOptions', 'classes }: ResNetOptions')
        .replace('const input =', 'const batchNorm = true;\n  const input =');
      await until('the finding without a condition', async () => {
        await vscode.workspace.fs.writeFile(file, Buffer.from(after));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const [found] = await waitFor(document, 'redundant-bias', 1);
        return !found.message.startsWith('Where');
      });
    } finally {
      await vscode.workspace.fs.writeFile(file, Buffer.from(before));
    }
  });
});

describe('code actions', () => {
  it('mend a conditional finding by its condition', async () => {
    const { document } = await open('resnet/blocks.ts');
    const [found] = await waitFor(document, 'redundant-bias', 1);
    const actions = await actionsAt(document, found.range, vscode.CodeActionKind.QuickFix.value);
    const fix = actions.find(({ title }) => title.includes('useBias: !batchNorm'));
    assert.ok(fix, actions.map(({ title }) => title).join(', '));
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /kernelInitializer: 'heNormal', useBias: !batchNorm \}/);
    await waitFor(document, 'redundant-bias', 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await waitFor(document, 'redundant-bias', 1);
  });

  it('disable a line with a reason', async () => {
    const { document } = await open('dcgan/models.js');
    const [first] = await waitFor(document, 'redundant-bias', 2);
    const actions = await actionsAt(document, first.range, vscode.CodeActionKind.QuickFix.value);
    const disable = actions.find(({ title }) => /disable/i.test(title));
    assert.ok(await vscode.workspace.applyEdit(disable.edit));
    assert.match(document.getText(), /\/\/ layerlint-disable-next-line redundant-bias -- /);
    await waitFor(document, 'redundant-bias', 1);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('mend an update that is not run', async () => {
    const { document } = await open('vae/train.ts');
    const [encoder] = await waitFor(document, 'updates-not-run', 2);
    const actions = await actionsAt(document, encoder.range, vscode.CodeActionKind.QuickFix.value);
    const fix = actions.find(({ title }) => title.includes('training: true'));
    assert.ok(fix, actions.map(({ title }) => title).join(', '));
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /this\.encoder\.apply\(batch, \{ training: true \}\)/);
    await waitFor(document, 'updates-not-run', 1);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

describe('commands', () => {
  it('show the recovered model as a read-only document with its own language', async () => {
    const editor = await open('dcgan/models.js');
    await waitFor(editor.document, 'redundant-bias', 2);
    editor.selection = new vscode.Selection(7, 0, 7, 0);
    await vscode.commands.executeCommand('layerlint.showRecoveredModel');
    const shown = await until('the recovered model', () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.languageId === 'layerlint-layers' && document;
    });
    assert.match(shown.getText(), /^model sequential at 7:10 .* parameters$/m);
    assert.match(shown.getText(), /layer conv2dTranspose .*bias redundant/);
    assert.equal(vscode.workspace.fs.isWritableFileSystem(shown.uri.scheme) ?? false, false);
  });

  it('check a finding numerically and give the verdict', async () => {
    const { document } = await open('mnist-cnn/model.js');
    await waitFor(document, 'redundant-bias', 2 + 2);
    const editor = await open('mnist-cnn/model.js');
    const dense = document.positionAt(document.getText().indexOf('dense({ units: 64'));
    editor.selection = new vscode.Selection(dense, dense);
    const response = await vscode.commands.executeCommand('layerlint.checkNumerically');
    assert.equal(response.status, 'done');
    assert.equal(response.verdict, 'confirmed');
    assert.match(response.report, /^# /m);
  });

  it('say that there is nothing to check where no finding is', async () => {
    const editor = await open('dcgan/train.js');
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    const response = await vscode.commands.executeCommand('layerlint.checkNumerically');
    assert.equal(response.status, 'no-finding');
  });
});
