// Restricted Mode: what is only read works, what would run code does not.
import { describe, it } from 'mocha';
import { useWorkbench } from './lib/session.mjs';

const MODEL = 'mnist-cnn/model.js';

describe('a workspace that is not trusted', () => {
  const session = useWorkbench({ trusted: false });

  it('is analysed', async () => {
    const { workbench } = session;
    await workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await workbench.openFile(MODEL, session.lineOf(MODEL, 'units: 64'));
    await workbench.editor('model.js').locator('.squiggly-info').first().waitFor();
  });

  it('refuses the numerical check and says why', async () => {
    const { workbench } = session;
    await workbench.command('LayerLint: Check Numerically');
    await workbench.notification('needs it to be trusted').waitFor();
    await workbench.screenshot('13-restricted');
  });

  it('allows it once the workspace is trusted', async () => {
    const { workbench } = session;
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).click();
    await workbench.page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).click();
    await workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
    // The trust editor lies over the workbench.
    await workbench.page.locator('[class*="modal-editor"] .action-label.codicon-close').first().click();
    await workbench.page.locator('.workspace-trust-editor').waitFor({ state: 'detached' });
    await workbench.openFile(MODEL, session.lineOf(MODEL, 'units: 64'), 20);
    await workbench.editor('model.js').locator('.squiggly-info').first().waitFor();
    await workbench.command('LayerLint: Check Numerically');
    // Without an engine of its own this workspace gets the one in pure JavaScript that the extension brings.
    await workbench.notification('confirmed').waitFor({ timeout: 60_000 });
  });
});
