import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { median } from './statistics.mjs';

const require = createRequire(import.meta.url);

/** Runs a command to its end; the wall time in milliseconds. Throws when it did not do its work. */
function timed(args, accepted) {
  const start = performance.now();
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const milliseconds = performance.now() - start;
  if (run.error) throw run.error;
  if (!accepted.includes(run.status)) throw new Error(`${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
  return { milliseconds, stdout: run.stdout };
}

/**
 * A cold scan by the command line, and oxlint with one rule over the same folder: new processes, in turns, so that
 * both meet the same state of the machine and of the file cache.
 *
 * @returns medians in milliseconds, the median of the ratios of each turn, the number of findings, of files that each
 * of the two walked, and of those that had to be parsed here
 */
export function scan(launcher, folder, turns) {
  const ours = () => timed([launcher, folder, '--format', 'json'], [0, 1]);
  const oxlint = path.join(path.dirname(require.resolve('oxlint/package.json')), 'bin', 'oxlint');
  const theirs = () => timed([oxlint, '-A', 'all', '-D', 'no-debugger', folder], [0, 1]);
  const { findings, summary } = JSON.parse(ours().stdout);
  // Both counts belong into the result: a walk that leaves files out has less to do.
  const theirFiles = Number(/on (\d+) files/.exec(theirs().stdout)?.[1] ?? NaN);
  const rounds = Array.from({ length: turns }, () => ({ ours: ours().milliseconds, theirs: theirs().milliseconds }));
  return {
    findings: findings.length,
    files: summary.files,
    relevant: summary.relevant,
    theirFiles,
    ours: median(rounds.map((round) => round.ours)),
    theirs: median(rounds.map((round) => round.theirs)),
    ratio: median(rounds.map((round) => round.ours / round.theirs)),
  };
}

/**
 * One numerical check of the first finding of `file`, as a user starts it, the engine's start included.
 *
 * @returns wall time in milliseconds, the engine that ran and the verdict
 */
export function numericalCheck(launcher, file) {
  const run = timed([launcher, 'verify', file, '--engine', 'tfjs-node', '--format', 'json'], [0, 1]);
  const report = JSON.parse(run.stdout);
  const check = report.checks[0];
  if (!check) throw new Error(`no check was made on ${file}`);
  return { milliseconds: run.milliseconds, engine: report.engine, verdict: check.verdict };
}
