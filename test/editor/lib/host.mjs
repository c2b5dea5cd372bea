// Runs a mocha suite inside the extension host, by the contract of VS Code's own test runner.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEditor } from './server.mjs';

/**
 * @typedef {object} HostTest
 * @property {string} title
 * @property {string | null} error message and stack of a failure
 */

/**
 * Opens a copy of a folder in VS Code, with the suite loaded into the extension host beside the installed extension.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {object} options
 * @param {string} options.folder what the workspace is a copy of
 * @param {string} options.suite folder with `index.cjs`, which exports `run()`, and a package.json of a stub extension
 * @param {number} [options.seconds] time limit
 * @returns {Promise<HostTest[]>} every test that ran
 * @throws Error when the suite did not come to its end
 */
export async function runInExtensionHost(browser, { folder, suite, seconds = 240 }) {
  const results = mkdtempSync(path.join(os.tmpdir(), 'layerlint-host-'));
  const file = path.join(results, 'results.json');
  const editor = await startEditor({ folder, inHost: true, env: { LAYERLINT_HOST_RESULTS: file } });
  const page = await browser.newPage();
  const said = [];
  try {
    await page.exposeFunction('codeAutomationLog', (_type, args) => said.push(args.join(' ')));
    const ended = new Promise((resolve, reject) => {
      page.exposeFunction('codeAutomationExit', resolve).catch(reject);
      setTimeout(() => reject(new Error(`no result after ${seconds} s\n${said.join('\n')}`)), seconds * 1000).unref();
    });
    const remote = (target) => `vscode-remote://127.0.0.1:${editor.port}${target}`;
    // Without a development path the tests would never start; the extension under test is the installed one.
    const payload = [
      ['extensionDevelopmentPath', remote(suite)],
      ['extensionTestsPath', remote(path.join(suite, 'index.cjs'))],
      ['skipWelcome', 'true'],
    ];
    const query = `folder=${editor.workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(`${editor.origin}/?${query}`);
    await ended;
    if (!existsSync(file)) throw new Error(`the suite wrote no results\n${said.join('\n')}`);
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    await page.close();
    editor.stop();
    rmSync(results, { recursive: true, force: true });
  }
}
