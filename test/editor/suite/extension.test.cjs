const assert = require('node:assert/strict');
const vscode = require('vscode');
const { extension, open } = require('./support.cjs');

describe('extension', () => {
  it('is installed and starts when model code is opened', async () => {
    await open('mnist-cnn/model.js');
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command of its manifest', async () => {
    const wanted = extension().packageJSON.contributes.commands.map(({ command }) => command);
    const registered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      wanted.filter((command) => !registered.includes(command)),
      [],
    );
    assert.ok(wanted.length >= 6);
  });
});
