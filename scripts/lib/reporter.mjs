// Mocha reporter for long runs: one line a suite, failures in full at the end, counts in a file for scripts/test.mjs.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { Base } = Mocha.reporters;

/** `--reporter-option counts=FILE` writes `{"passed", "failed", "skipped"}` there when the run has ended. */
export default class SuiteReporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    let count = 0;
    let start = 0;
    let failures = 0;
    runner.on('suite', (suite) => {
      if (!suite.parent?.root) return;
      count = 0;
      start = performance.now();
      failures = this.stats.failures;
    });
    runner.on('test end', () => count++);
    runner.on('fail', (test, error) => {
      console.log(Base.color('fail', `  ${Base.symbols.err} ${test.fullTitle()}: ${firstLine(error)}`));
    });
    runner.on('suite end', (suite) => {
      if (!suite.parent?.root) return;
      const failed = this.stats.failures - failures;
      const mark = failed === 0 ? Base.color('checkmark', Base.symbols.ok) : Base.color('fail', Base.symbols.err);
      const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
      console.log(`  ${mark} ${suite.title} (${count}${failed === 0 ? '' : `, ${failed} failed`}, ${time})`);
    });
    runner.once('end', () => {
      this.epilogue();
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      const file = options.reporterOptions?.counts;
      if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    });
  }
}

const firstLine = (error) => String(error?.message ?? error).split('\n')[0];
