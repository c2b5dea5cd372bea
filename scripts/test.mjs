// `npm test`: installs and builds what is missing, then runs everything. The last line is `N passed, N failed`.
// `npm test -- --only static|unit|editor` runs one part.
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

async function unitTests() {
  heading('Unit and product tests');
  await steps.mocha('unit and product tests', []);
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
