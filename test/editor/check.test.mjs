// The commands that show more than findings: recovered models, the numerical check.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'mocha';
import { checkout } from './lib/server.mjs';
import { useWorkbench } from './lib/session.mjs';
import { until } from './lib/workbench.mjs';

const MODEL = 'mnist-cnn/model.js';

describe('commands in the workbench', () => {
  const session = useWorkbench();

  before(() => {
    const engine = path.join(checkout, 'engine', 'node_modules', '@tensorflow');
    assert.ok(existsSync(path.join(engine, 'tfjs-node')), 'tfjs-node is missing: run `npm run engine`');
    // As in a project that has installed it.
    mkdirSync(path.join(session.editor.workspace, 'node_modules'));
    symlinkSync(engine, path.join(session.editor.workspace, 'node_modules', '@tensorflow'));
  });

  it('offers every command in the palette', async () => {
    const { workbench } = session;
    await workbench.openFile(MODEL, session.lineOf(MODEL, 'filters: 16'));
    await workbench.editor('model.js').locator('.squiggly-info').first().waitFor();
    const titles = await workbench.commandTitles('LayerLint');
    for (const command of [
      'Analyze Workspace',
      'Show Recovered Model',
      'Check Numerically',
      'Fix All in File',
      'Restart Server',
      'Show Output',
    ])
      assert.ok(
        titles.some((title) => title.includes(command)),
        `${command} is not among ${titles.join(', ')}`,
      );
  });

  it('checks a finding on tfjs-node, tells the verdict and opens the report', async () => {
    const { workbench } = session;
    await workbench.activeTab('model.js').click();
    await workbench.goTo(session.lineOf(MODEL, 'filters: 16'), 20);
    await workbench.command('LayerLint: Check Numerically');
    const message = workbench.notification('confirmed');
    await message.waitFor({ timeout: 60_000 });
    assert.match(await message.textContent(), /tfjs-node 4\.22\.0/);
    const report = workbench.webview();
    await report.locator('table').first().waitFor();
    const text = await report.locator('body').textContent();
    assert.match(text, /confirmed/i);
    assert.match(text, /tolerance/i);
    assert.match(text, /tfjs-node/);
    await workbench.screenshot('10-check-report');
  });

  it('keeps the verdict beside the finding', async () => {
    const { workbench } = session;
    await workbench.activeTab('model.js').click();
    await workbench.command('View: Close Editors in Other Groups');
    await workbench.line('model.js', 'confirmed on tfjs-node').waitFor();
    const rows = await workbench.problems('Checked numerically');
    await rows.first().waitFor();
    await workbench.screenshot('10b-verdict-beside-finding');
  });

  it('shows the recovered model as a highlighted document', async () => {
    const { workbench } = session;
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('View: Close All Editors');
    await workbench.openFile(MODEL, session.lineOf(MODEL, 'filters: 16'));
    await workbench.command('LayerLint: Show Recovered Model');
    await workbench.activeTab('model.js.layers').waitFor();
    const layer = workbench.line('model.js.layers', 'batchNormalization');
    await layer.waitFor();
    assert.match(await layer.textContent(), /\[null,\s26,\s26,\s16\]/);
    // Highlighted: the tokens of a line have several colours.
    await until('colours', async () => {
      const colours = await layer
        .locator('span span')
        .evaluateAll((tokens) => tokens.map((token) => token.ownerDocument.defaultView.getComputedStyle(token).color));
      return new Set(colours).size >= 3;
    });
    await workbench.screenshot('11-recovered-model');
  });

  it('analyzes the whole workspace', async () => {
    const { workbench } = session;
    await workbench.command('LayerLint: Analyze Workspace');
    const message = workbench.notification('findings in');
    await message.waitFor();
    assert.match(await message.textContent(), /LayerLint: 8 findings in 5 files/);
    const rows = await workbench.problems('dense layers made here');
    await rows.first().waitFor();
    await workbench.screenshot('12-workspace');
  });

  it('goes on after a restart of the server', async () => {
    const { workbench } = session;
    await workbench.command('LayerLint: Restart Server');
    await workbench.openFile('dcgan/models.js', session.lineOf('dcgan/models.js', 'filters: 16, kernelSize: 5'));
    await workbench.editor('models.js').locator('.squiggly-info').first().waitFor();
  });

  it('shows its log', async () => {
    const { workbench } = session;
    await workbench.command('LayerLint: Show Output');
    await workbench.page.locator('.part.panel .composite.panel .output-view-container, .output-view').first().waitFor();
  });
});
