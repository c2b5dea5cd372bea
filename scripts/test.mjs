// `npm test`: installs and builds what is missing, then runs everything. The last line is `N passed, N failed`.
// `npm test -- --only static|unit|editor` runs one part.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { at, heading, say, since } from './lib/run.mjs';
import { Steps } from './lib/steps.mjs';

const PARTS = ['static', 'unit', 'editor'];
const steps = new Steps(say);

async function prepare(parts) {
  heading('Prepare');
  await ensureInstalled();
  const start = performance.now();
  const { buildAll } = await import('./build.mjs');
  await buildAll();
  say(`Built in ${since(start)}.`);
  if (parts.length === 1 && parts[0] === 'static') return;
  const { ensureEngine } = await import('./engine.mjs');
  const engine = await ensureEngine(say);
  // The tests that need it fail then, each with its own message.
  if (!engine.ready) say(engine.reason);
}

async function staticChecks() {
  heading('Format, lint, types');
  const script = (name) => ['run', '--silent', name];
  await Promise.all([
    steps.command('format', 'npm', script('format:check')),
    steps.command('lint', 'npm', script('lint')),
    steps.command('types', 'npm', script('typecheck')),
  ]);
}

/** Tests that measure on engines, most of the time; they use no build, so they can run beside the others. */
const MEASURED = ['test/check.test.ts', 'test/oracle/**/*.test.ts'];

async function unitTests() {
  heading('Unit and product tests');
  const config = JSON.parse(readFileSync(at('.mocharc.json'), 'utf8'));
  const common = ['--no-config', ...config['node-option'].flatMap((option) => ['--node-option', option])];
  common.push('--timeout', String(config.timeout));
  const ignoring = (globs) => globs.flatMap((glob) => ['--ignore', glob]);
  // Two processes, one a core.
  await Promise.all([
    steps.mocha('unit and product tests', [...common, ...config.spec, ...ignoring([...config.ignore, ...MEASURED])]),
    steps.mocha('measurements on tfjs', [...common, ...MEASURED]),
  ]);
}

async function editorTests() {
  heading('The extension in VS Code');
  try {
    const { ensureEditor } = await import('./editor.mjs');
    await ensureEditor();
  } catch (error) {
    return steps.record('editor tests', 0, 1, error.message);
  }
  if (!(await steps.command('the extension is packed', process.execPath, [at('scripts', 'package.mjs')])))
    return steps.record('editor tests', 0, 1, 'not run: there is no extension to install');
  await steps.mocha('editor tests', ['--no-config', '--timeout', '120000', at('test', 'editor', '*.test.mjs')]);
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
  steps.record('npm test', 0, 1, error.stack ?? String(error));
}
heading(`Summary (${since(start)})`);
for (const line of steps.summary()) say(line);
const { passed, failed } = steps.total;
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
