// Scores the built tool on real code: npm run corpus -- <folder of checked-out repositories> [--labels <file>] [--json].
// The labels are ours (test/corpus/labels.json), the repositories are not part of this one. Exit code 1: a false alarm;
// 2: something could not be run.
import Ajv from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAll } from './build.mjs';
import { repositoriesIn } from './lib/corpus/repositories.mjs';
import { recovery, score } from './lib/corpus/score.mjs';
import { resultText } from './lib/corpus/text.mjs';
import { at, runNode, say } from './lib/run.mjs';

const launcher = at('server', 'bin', 'layerlint.js');

/** The labels of a file, checked against the schema. */
function readLabels(file) {
  const labels = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ allErrors: true });
  const valid = ajv.compile(JSON.parse(readFileSync(at('test', 'corpus', 'labels.schema.json'), 'utf8')));
  if (!valid(labels)) throw new Error(`${file} is not as the schema says: ${ajv.errorsText(valid.errors)}`);
  return labels.repositories;
}

async function layerlint(args, cwd) {
  const { code, stdout, output } = await runNode(launcher, args, { cwd, quiet: true });
  if (code === 2) throw new Error(`layerlint ${args.join(' ')} in ${cwd}: ${output}`);
  return stdout;
}

async function scoreRepository({ folder, entry, commit }) {
  const { repository, labels } = entry;
  const other = commit !== null && !commit.startsWith(entry.commit);
  const note = other
    ? `at another commit than the labels: ${commit.slice(0, 10)}, not ${entry.commit}`
    : commit === null
      ? 'its commit is not known'
      : null;
  if (other) return { repository, note, skipped: true };
  const start = performance.now();
  const report = JSON.parse(await layerlint(['.', '--format', 'json', '--explain'], folder));
  const seconds = (performance.now() - start) / 1000;
  const findings = report.findings.map(({ rule, file, start: { line }, condition, message }) => ({
    rule,
    file: file.replaceAll('\\', '/'),
    line,
    condition,
    message,
  }));
  const outlines = new Map();
  for (const file of new Set(labels.filter(({ batchNorm }) => batchNorm).map((label) => label.file)))
    outlines.set(file, JSON.parse(await layerlint(['model', file, '--format', 'json'], folder)));
  const silences = report.silences.map(({ file, start: { line }, reason }) => ({ file, line, reason }));
  return {
    repository,
    note,
    skipped: false,
    seconds,
    score: score(labels, findings),
    recovery: recovery(labels, outlines, silences),
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { labels: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length !== 1) throw new Error('npm run corpus -- <folder> [--labels <file>] [--json]');
  const labels = readLabels(values.labels ? path.resolve(values.labels) : at('test', 'corpus', 'labels.json'));
  const found = await repositoriesIn(path.resolve(positionals[0]), labels);
  if (found.length === 0) throw new Error(`${positionals[0]} holds none of the repositories that have labels`);
  await buildAll();
  const results = [];
  let failed = false;
  for (const repository of found) {
    try {
      results.push(await scoreRepository(repository));
    } catch (error) {
      failed = true;
      const note = `failed: ${error.message.trim()}`;
      results.push({ repository: repository.entry.repository, note, skipped: true });
    }
  }
  const absent = labels.filter(({ repository }) => !results.some((result) => result.repository === repository));
  if (values.json) say(JSON.stringify({ results, absent: absent.map(({ repository }) => repository) }, null, 2));
  else {
    for (const { repository, commit } of absent) say(`${repository} (${commit}) is not there.`);
    say(resultText(results));
  }
  if (failed) return 2;
  return results.some((result) => !result.skipped && result.score.falseAlarms.length > 0) ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`corpus: ${error.message}`);
    process.exitCode = 2;
  }
}
