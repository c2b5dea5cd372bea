// Installs what the tests in a real editor need: VS Code's own server and web workbench, a Node that runs them, a
// browser. Quick and silent where all of it is there already.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { at, must, run, say, since } from './lib/run.mjs';

const folder = at('test', 'editor');
const vscode = path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of an installed Chromium, or undefined. The environment variable CHROMIUM wins. */
export function findBrowser() {
  return [process.env.CHROMIUM, ...BROWSERS].find((file) => file && existsSync(file));
}

/**
 * Makes the editor tests runnable.
 *
 * @returns {Promise<{browser: string}>} the browser's path
 * @throws Error with one sentence that says what is missing and how to get it
 */
export async function ensureEditor() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      "The editor tests run on Linux x64 only, where VS Code's server comes as an npm package; `npm test -- --only unit` runs the others here.",
    );
  const browser = findBrowser() ?? (await installBrowser());
  await ensureInstalled(folder);
  await completeServer();
  return { browser };
}

async function installBrowser() {
  const advice =
    'The editor tests need Chromium: `apt-get install chromium fonts-dejavu-core`, or set CHROMIUM to its path.';
  if (process.getuid?.() !== 0 || (await run('apt-get', ['--version'], { quiet: true })).code !== 0)
    throw new Error(advice);
  const start = performance.now();
  say('Installing the Debian packages chromium and fonts-dejavu-core ...');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  let result = await run('apt-get', packages, { quiet: true, env });
  if (result.code !== 0) {
    // Package lists may be missing (a container) or too old.
    await run('apt-get', ['update'], { quiet: true, env });
    result = await run('apt-get', packages, { quiet: true, env });
  }
  const browser = findBrowser();
  if (result.code !== 0 || browser === undefined) throw new Error(`${advice}\n${result.output.slice(-2000)}`);
  say(`Installed in ${since(start)}.`);
  return browser;
}

/**
 * The package code-server holds VS Code's server without its dependencies: its own install script would fetch and
 * compile them. This does the same without a compiler: the two native modules that are not prebuilt are log output,
 * which gets a stand-in in JavaScript, and a watchdog, which is not needed.
 */
async function completeServer() {
  const stamp = path.join(folder, 'node_modules', '.layerlint-ready');
  const recipe = createHash('sha256')
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .update(readFileSync(path.join(folder, 'lib', 'log-files.cjs')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return;
  const start = performance.now();
  say("Completing VS Code's server (its own packages, about 500 MB) ...");
  const env = { npm_config_loglevel: 'error' };
  // `npm ci` would refuse: the lock file that code-server ships does not match its manifest. Optional packages stay:
  // the file watcher is one of them.
  const install = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  await must('npm', install, { cwd: vscode, env });
  await must('npm', install, { cwd: path.join(vscode, 'extensions'), env });
  rmSync(path.join(vscode, 'node_modules', '@github'), { recursive: true, force: true });
  replaceModule('spdlog', readFileSync(path.join(folder, 'lib', 'log-files.cjs'), 'utf8'));
  replaceModule('native-watchdog', 'exports.start = () => {};\n');
  writeFileSync(stamp, recipe);
  say(`Completed in ${since(start)}.`);
}

function replaceModule(name, source) {
  const target = path.join(vscode, 'node_modules', '@vscode', name);
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'index.js'), source);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await ensureEditor();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
