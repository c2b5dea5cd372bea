import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import type { NativeReport } from './native';

describe('rows of the catalogue against tfjs-node', () => {
  it('the verdict and the measurement agree', async function () {
    this.timeout(300_000);
    const report = await run();
    assert.ok(typeof report !== 'string', String(report));
    assert.equal(report.backend, 'tensorflow');
    assert.deepEqual(report.disagreements, []);
    // Whether it has a kernel with these options depends on the processor.
    const lacking = new Set(report.lacking);
    for (const kind of ['separableConv2d', 'categoryEncoding']) lacking.delete(kind);
    assert.deepEqual([...lacking], []);
    assert.ok(report.compared >= 150, `only ${report.compared} comparisons were made`);
  });
});

/** What the process tells, or what stopped it. */
function run(): Promise<NativeReport | string> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const child = fork(path.join(__dirname, 'native.ts'), { execArgv: ['--import', 'tsx'], env, silent: true });
  let last = '';
  child.stderr!.on('data', (text: Buffer) => (last = text.toString()));
  return new Promise((resolve) => {
    child.once('message', (message) => {
      resolve(message as NativeReport | string);
      child.disconnect();
    });
    child.once('exit', (code) => resolve(`the process ended with ${code}: ${last}`));
  });
}
