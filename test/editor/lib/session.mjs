// One VS Code and one browser for the tests of a `describe`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before } from 'mocha';
import { checkout, startBrowser, startEditor } from './server.mjs';
import { Workbench } from './workbench.mjs';

/**
 * Registers the hooks that open a copy of `examples/` before the tests and close it after them. A failed test leaves a
 * picture of the window behind.
 *
 * @param {Partial<Parameters<typeof startEditor>[0]>} options
 * @returns {{workbench: Workbench, editor: import('./server.mjs').Editor, read(file: string): string,
 *   lineOf(file: string, text: string): number}} filled in by the time a test runs
 */
export function useWorkbench(options = {}) {
  const session = {
    workbench: undefined,
    editor: undefined,
    /** A file of the workspace, as it is on the disk now. */
    read: (file) => readFileSync(path.join(session.editor.workspace, file), 'utf8'),
    /** The line, from 1, on which a text first stands. */
    lineOf(file, text) {
      const index = session.read(file).indexOf(text);
      if (index < 0) throw new Error(`${file} does not contain ${text}`);
      return session.read(file).slice(0, index).split('\n').length;
    },
  };
  let browser;

  before(async function () {
    this.timeout(120_000);
    session.editor = await startEditor({ folder: path.join(checkout, 'examples'), ...options });
    browser = await startBrowser();
    session.workbench = await Workbench.open(browser, session.editor);
  });
  afterEach(async function () {
    if (this.currentTest.state === 'failed')
      await session.workbench?.screenshot(`failed ${this.currentTest.fullTitle()}`.replace(/[^\w]+/g, '-'));
  });
  after(async () => {
    await browser?.close();
    session.editor?.stop();
  });
  return session;
}
