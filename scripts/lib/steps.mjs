// The steps of a long run and what came of them. A step that does not come to its end has failed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { at, run, runNode, since } from './run.mjs';

export class Steps {
  /** @param {(line: string) => void} say */
  constructor(say) {
    this.say = say;
    this.rows = [];
  }

  /** Notes what came of a step; a note says why it failed, where its output does not. */
  record(name, passed, failed, note = '') {
    this.rows.push({ name, passed, failed, note });
    if (failed > 0 && note) this.say(`${name}: ${note}`);
  }

  /**
   * A command that counts as one test. Its output is shown where it fails.
   *
   * @returns {Promise<boolean>} whether it passed
   */
  async command(name, program, args, options = {}) {
    const start = performance.now();
    const { code, output } = await run(program, args, { quiet: true, ...options });
    if (code === 0) this.say(`  ✔ ${name} (${since(start)})`);
    else this.say(`\n${name} failed (exit ${code}):\n${output}`);
    this.record(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1);
    return code === 0;
  }

  /** A mocha run; its tests are counted. Skipped tests, no tests and an exit code without a failed test are failures. */
  async mocha(name, args, options = {}) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'layerlint-counts-'));
    const file = path.join(folder, 'counts.json');
    const reporter = ['--reporter', at('scripts', 'lib', 'reporter.mjs'), '--reporter-option', `counts=${file}`];
    const { code } = await runNode(at('node_modules', 'mocha', 'bin', 'mocha.js'), [...reporter, ...args], options);
    let counts = null;
    try {
      counts = JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      // mocha did not come to its end.
    }
    rmSync(folder, { recursive: true, force: true });
    if (counts === null) return this.record(name, 0, 1, `mocha ended without a result (exit ${code})`);
    const { passed, failed, skipped } = counts;
    if (skipped > 0) this.record(`${name}, skipped`, 0, skipped, 'a skipped test counts as failed');
    if (passed + failed + skipped === 0) this.record(name, 0, 1, 'no tests were found');
    else if (code !== 0 && failed === 0)
      this.record(name, passed, 1, `no test failed, but mocha's exit code is ${code}`);
    else this.record(name, passed, failed);
  }

  /** `{passed, failed}` over all steps. Nothing passed at all is a failure, too. */
  get total() {
    const sum = (key) => this.rows.reduce((total, row) => total + row[key], 0);
    return { passed: sum('passed'), failed: sum('failed') };
  }

  /** One line a step. */
  summary() {
    return this.rows.map(({ name, passed, failed, note }) => {
      const why = failed > 0 && note ? ` (${note.split('\n')[0]})` : '';
      return `  ${failed === 0 ? '✔' : '✘'} ${name}: ${passed} passed, ${failed} failed${why}`;
    });
  }
}
