// `npm start`: installs and builds what is missing, then shows LayerLint's main job on the examples.
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { at, heading, run, runNode, say, since } from './lib/run.mjs';

const FOLDER = 'examples';
const CLI = at('server', 'bin', 'layerlint.js');
const color = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {};

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

async function prepare() {
  await ensureInstalled();
  const start = performance.now();
  const { buildAll } = await import('./build.mjs');
  await buildAll();
  say(`Built in ${since(start)}.`);
  const { ensureEngine } = await import('./engine.mjs');
  const engine = await ensureEngine(say);
  if (!engine.ready) say(engine.reason);
}

/** The command as a person would type it, and what it prints. Exit code 1 says that there are findings. */
async function show(args, accepted) {
  say(`$ npx layerlint ${args.join(' ')}\n`);
  const { code } = await runNode(CLI, args, { env: color });
  if (!accepted.includes(code)) throw new Error(`layerlint ended with exit code ${code}`);
}

/** The result of a command in JSON. */
async function ask(args, accepted) {
  const { code, stdout, output } = await run(process.execPath, [CLI, ...args, '--format', 'json'], { quiet: true });
  if (!accepted.includes(code)) throw new Error(`layerlint ended with exit code ${code}\n${output}`);
  return JSON.parse(stdout);
}

/** The finding to prove: a redundant bias of one layer, so that the figures are those of that layer. */
function pick(findings) {
  const single = findings.find(({ rule, message }) => rule === 'redundant-bias' && message.includes('of this conv2d '));
  const chosen = single ?? findings[0];
  if (chosen === undefined) throw new Error(`nothing was found in ./${FOLDER}`);
  return chosen;
}

function summarise(findings, { engine, checks }) {
  heading('Summary');
  const of = (rule) => findings.filter((finding) => finding.rule === rule);
  const files = new Set(findings.map(({ file }) => file)).size;
  const fixable = findings.filter(({ fixes }) => fixes.some(({ kind }) => kind === 'quickfix')).length;
  say(`LayerLint read ./${FOLDER} and found, in ${count(files, 'file')}:`);
  const layers = count(of('redundant-bias').length, 'place');
  say(`  ${layers} that create layers with a bias which batch normalisation cancels: harmless, but wasted parameters`);
  const runs = count(of('updates-not-run').length, 'call');
  say(`  ${runs} in a training step that never update batch-norm statistics: a real mistake`);
  say(
    `${count(fixable, 'finding')} can be fixed with \`npx layerlint ${FOLDER} --fix\`, or by the lightbulb in the editor.`,
  );
  for (const check of checks) {
    const where = `${check.file}:${check.start.line}`;
    say(`The finding at ${where} was rebuilt and run on ${engine.name} ${engine.version}: ${check.verdict}.`);
  }
  say(`What each example shows, and why the other layers are right: ${FOLDER}/README.md`);
  say('On your own code: npx layerlint PATH   Every test: npm test   In VS Code: open this folder, press F5');
}

async function main() {
  parseArgs({ options: {} });
  await prepare();

  heading('Find');
  await show([FOLDER], [0, 1]);
  const { findings } = await ask([FOLDER], [0, 1]);

  heading('Prove one of them');
  const chosen = pick(findings);
  const arguments_ = ['verify', FOLDER, '--finding', `${chosen.file}:${chosen.start.line}`];
  await show(arguments_, [0, 1]);
  const proof = await ask(arguments_, [0, 1]);
  summarise(findings, proof);
  if (proof.checks.some(({ verdict }) => verdict !== 'confirmed')) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
