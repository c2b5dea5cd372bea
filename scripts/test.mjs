// `npm test`: installs and builds what is missing, then runs everything. The last line is `N passed, N failed`.
// `npm test -- --only static|unit|editor` runs one part.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import os from 'node:os';
import path from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { at, heading, run, runNode, say, since } from './lib/run.mjs';

const PARTS = ['static', 'unit', 'editor'];

/** What has been run so far: one row a step. */
const rows = [];

/** Notes the outcome of a step, and says it when something failed. */
function record(name, passed, failed, note = '') {
  rows.push({ name, passed, failed, note });
  if (failed > 0 && note) say(`${name}: ${note}`);
}

/** One command that counts as one test; its output is shown where it fails. */
async function command(name, program, args, options = {}) {
  const start = performance.now();
  const { code, output } = await run(program, args, { quiet: true, ...options });
  if (code !== 0) say(`\n${name} failed (exit ${code}):\n${output}`);
  else say(`  ✔ ${name} (${since(start)})`);
  record(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1);
  return code === 0;
}

/** A mocha run, counted by its reporter. A run that dies, or skips a test, has failed. */
async function mocha(name, args, options = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'layerlint-counts-'));
  const counts = path.join(folder, 'counts.json');
  const reporter = ['--reporter', at('scripts', 'lib', 'reporter.mjs'), '--reporter-option', `counts=${counts}`];
  const { code } = await runNode(at('node_modules', 'mocha', 'bin', 'mocha.js'), [...reporter, ...args], options);
  let result = null;
  try {
    result = JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    // It ended before its end: no counts.
  }
  rmSync(folder, { recursive: true, force: true });
  if (result === null) return record(name, 0, 1, `mocha ended without a result (exit ${code})`);
  const { passed, failed, skipped } = result;
  if (skipped > 0) record(`${name}, skipped tests`, 0, skipped, 'a skipped test counts as failed');
  if (code !== 0 && failed === 0) record(name, passed, 1, `no test failed, but mocha's exit code is ${code}`);
  else if (passed + failed === 0) record(name, 0, 1, 'no tests were found');
  else record(name, passed, failed);
}

async function prepare(parts) {
  heading('Prepare');
  await ensureInstalled();
  const start = performance.now();
  const { buildAll } = await import('./build.mjs');
  await buildAll();
  say(`Built in ${since(start)}.`);
  if (!parts.includes('unit') && !parts.includes('editor')) return;
  const { ensureEngine } = await import('./engine.mjs');
  const engine = await ensureEngine(say);
  // The tests that need it fail then, each with its own message.
  if (!engine.ready) say(engine.reason);
}

async function staticChecks() {
  heading('Format, lint, types');
  const npmRun = (script) => ['run', '--silent', script];
  await Promise.all([
    command('format', 'npm', npmRun('format:check')),
    command('lint', 'npm', npmRun('lint')),
    command('types', 'npm', npmRun('typecheck')),
  ]);
}

async function unitTests() {
  heading('Unit and product tests');
  await mocha('unit and product tests', []);
}

async function editorTests() {
  heading('The extension in VS Code');
  try {
    const { ensureEditor } = await import('./editor.mjs');
    await ensureEditor();
  } catch (error) {
    return record('editor tests', 0, 1, error.message);
  }
  if (!(await command('the extension is packed', process.execPath, [at('scripts', 'package.mjs')])))
    return record('editor tests', 0, 1, 'not run: there is no extension to install');
  await mocha('editor tests', ['--no-config', '--timeout', '120000', at('test', 'editor', '*.test.mjs')]);
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  if (values.only !== undefined && !PARTS.includes(values.only))
    throw new Error(`--only takes ${PARTS.join(', ')}; not ${values.only}`);
  const parts = values.only === undefined ? PARTS : [values.only];
  await prepare(parts);
  if (parts.includes('static')) await staticChecks();
  if (parts.includes('unit')) await unitTests();
  if (parts.includes('editor')) await editorTests();
}

const start = performance.now();
try {
  await main();
} catch (error) {
  record('npm test', 0, 1, error.stack ?? String(error));
}
const total = { passed: 0, failed: 0 };
heading(`Summary (${since(start)})`);
for (const { name, passed, failed, note } of rows) {
  total.passed += passed;
  total.failed += failed;
  say(
    `  ${failed === 0 ? '✔' : '✘'} ${name}: ${passed} passed, ${failed} failed${failed && note ? ` (${note.split('\n')[0]})` : ''}`,
  );
}
say(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
