// `npm run engine`: gives this checkout an @tensorflow/tfjs-node that loads. Silent when there is one already.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'engine');
const packageFolder = path.join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
const minutes = (count) => count * 60_000;

/** Runs one kernel, so that a binding without its library does not count. `util` lost two functions in Node 23. */
const PROBE = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require(${JSON.stringify(packageFolder)});
if (tf.add(1, 2).dataSync()[0] !== 3) process.exit(1);
`;

/**
 * Runs a command to its end.
 *
 * @returns {Promise<{code: number | null, output: string}>} code null: it could not be started or was ended by a signal
 */
function run(command, args, { cwd = folder, env = {}, timeout = minutes(10) } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      shell: process.platform === 'win32' && command === 'npm',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Whether the engine of this checkout loads and computes under the Node that runs this. */
async function loads() {
  if (!existsSync(packageFolder)) return false;
  const { code } = await run(process.execPath, ['-e', PROBE], {
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    timeout: minutes(1),
  });
  return code === 0;
}

/** npm as this process was started by it, else the one on the PATH. */
function npm(...args) {
  const started = process.env.npm_execpath;
  return started?.endsWith('.js') ? run(process.execPath, [started, ...args]) : run('npm', args);
}

/** npm's own folder, which carries node-gyp; null where it cannot be told. */
async function npmFolder() {
  const { code, output } = await npm('root', '--global');
  const candidates = [
    process.env.npm_execpath && path.dirname(path.dirname(process.env.npm_execpath)),
    code === 0 && path.join(output.trim().split('\n').at(-1), 'npm'),
    path.join(path.dirname(path.dirname(process.execPath)), 'lib', 'node_modules', 'npm'),
  ];
  return candidates.find((at) => at && existsSync(path.join(at, 'node_modules', 'node-gyp'))) || null;
}

/** A folder with include/node; null lets node-gyp download the headers. */
async function nodeHeaders() {
  const { output } = await npm('config', 'get', 'nodedir');
  const candidates = [path.dirname(path.dirname(process.execPath)), output.trim()];
  return candidates.find((at) => existsSync(path.join(at, 'include', 'node', 'node_api.h'))) ?? null;
}

/** Way 2: what tfjs-node does by itself when it is installed. */
async function ownInstallScript() {
  await run(process.execPath, [path.join('scripts', 'install.js')], {
    cwd: packageFolder,
    env: { PATH: `${path.join(folder, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}` },
  });
  return (await loads()) ? null : 'its own download did not work';
}

/** Way 3. @returns null when it worked, else what is missing */
async function fromWheel(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the way over PyPI exists for Linux on x64 only';
  const gyp = await npmFolder();
  if (gyp === null) return 'npm with its node-gyp was not found';
  const headers = await nodeHeaders();
  const script = [
    path.join(root, 'scripts', 'engine-from-wheel.sh'),
    folder,
    path.join(gyp, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
    ...(headers === null ? [] : [headers]),
  ];
  let result = await run('bash', script);
  if (result.code === 3 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('engine: installing python3-pip, make and g++ with apt-get');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-pip', 'make', 'g++'], { env });
    result = await run('bash', script);
  }
  if (await loads()) return null;
  return result.output.trim().split('\n').slice(-3).join(' | ') || 'the binding was built but does not load';
}

async function install(say) {
  if (!existsSync(packageFolder)) {
    say('engine: installing @tensorflow/tfjs-node into engine/');
    const { code, output } = await npm('ci', '--ignore-scripts', '--prefix', folder, '--no-fund', '--no-audit');
    if (code !== 0) return `npm ci failed: ${output.trim().split('\n').slice(-3).join(' | ')}`;
    if (await loads()) return null;
  }
  say("engine: running tfjs-node's own download of TensorFlow");
  if ((await ownInstallScript()) === null) return null;
  say("engine: that download is not reachable; taking TensorFlow's library from PyPI (about 210 MB, half a minute)");
  return fromWheel(say);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the process that made the lock is gone (or never came to write its id). */
async function abandoned(lock) {
  const holder = Number(await readFile(path.join(lock, 'pid'), 'utf8').catch(() => '0'));
  if (holder > 0) return !alive(holder);
  const made = await stat(lock).catch(() => null);
  return made !== null && Date.now() - made.mtimeMs > minutes(1);
}

/** One installation at a time: a second one waits for the first instead of tearing its files away. */
async function locked(action) {
  const lock = path.join(folder, '.installing');
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (await abandoned(lock)) await rm(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    await writeFile(path.join(lock, 'pid'), String(process.pid));
    return await action();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/**
 * Makes the engine ready.
 *
 * @param {(line: string) => void} say where to tell what is being done; nothing is said when the engine loads already
 * @returns {Promise<{ready: true} | {ready: false, reason: string}>}
 */
export async function ensureEngine(say = (line) => console.log(line)) {
  if (await loads()) return { ready: true };
  const missing = await locked(async () => ((await loads()) ? null : install(say)));
  if (missing === null) return { ready: true };
  return {
    ready: false,
    reason:
      `@tensorflow/tfjs-node could not be installed (${missing}); ` +
      'everything works without it, numerical checks then run on the bundled pure-JavaScript tfjs.',
  };
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = await ensureEngine();
  if (!result.ready) {
    console.error(`engine: ${result.reason}`);
    process.exitCode = 1;
  }
}
