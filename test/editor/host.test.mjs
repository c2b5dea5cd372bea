// Tests through the editor's API, inside the extension host; each is counted here as a test of its own.
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import Mocha, { before, describe, it } from 'mocha';
import { runInExtensionHost } from './lib/host.mjs';
import { checkout, startBrowser } from './lib/server.mjs';

const suite = path.join(path.dirname(fileURLToPath(import.meta.url)), 'suite');

describe('the extension through the API of VS Code', () => {
  before(async function () {
    this.timeout(300_000);
    const browser = await startBrowser();
    try {
      const tests = await runInExtensionHost(browser, { folder: path.join(checkout, 'examples'), suite });
      for (const { title, error } of tests)
        this.test.parent.addTest(
          new Mocha.Test(title, () => {
            if (error !== null) throw Object.assign(new Error(error.split('\n')[0]), { stack: error });
          }),
        );
    } finally {
      await browser.close();
    }
  });

  it('runs to its end', function () {
    if (this.test.parent.tests.length < 2) throw new Error('the suite in the extension host has no tests');
  });
});
