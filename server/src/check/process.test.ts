import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNumerically, EngineError, runPlan, planCheck, type CheckOptions } from '.';
import { gone, HANG, isRunning, LEAVE_PIDS, leftPids, removeWorkspace, workspaceWithEngine } from './testing/engine';
import { convThen } from './testing/witness';

const realEngine = JSON.stringify(
  createRequire(path.join(__dirname, '../../../engine/noop.js')).resolve('@tensorflow/tfjs-node'),
);
/** An engine that loads and then never comes back from a gradient. */
const HANG_LATER = `module.exports = { ...require(${realEngine}), variableGrads() { ${HANG} } };`;

describe('the process of a numerical check', () => {
  const folders: string[] = [];
  function workspace(code: string): string {
    const folder = workspaceWithEngine(code);
    folders.push(folder);
    return folder;
  }
  after(() => folders.forEach(removeWorkspace));

  function check(code: string, options: Partial<CheckOptions> = {}): ReturnType<typeof checkNumerically> {
    return checkNumerically(convThen(), { engine: 'auto', workspace: workspace(code), ...options });
  }

  it("prefers the workspace's own engine", async () => {
    const code = `module.exports = { ...require(${realEngine}), version: { 'tfjs-core': 'of the workspace' } };`;
    const result = await check(code);
    assert.deepEqual(result.engine, { name: 'tfjs-node', version: 'of the workspace' });
    assert.equal(result.verdict, 'confirmed');
  });

  for (const [name, code, reason] of [
    ['does not load', `throw new Error('no binding here');`, /no binding here/],
    ['crashes', `process.kill(process.pid, 'SIGSEGV'); ${HANG}`, /its process was ended by SIGSEGV/],
    ['exits', 'process.exit(7);', /its process ended with exit code 7/],
    ['hangs while it loads', HANG, /did not load within 8 s/],
  ] as const) {
    it(`falls on to the next engine where one ${name}, and says so`, async () => {
      const result = await check(code, { loadTimeoutSeconds: name.startsWith('hangs') ? 8 : 30 });
      assert.equal(result.engine.name, 'tfjs-node');
      assert.equal(result.verdict, 'confirmed');
      assert.equal(result.standIns.length, 1);
      assert.match(result.standIns[0]!, reason);
    });
  }

  it('ends a measurement that takes too long, with everything it started', async () => {
    const folder = workspace(LEAVE_PIDS + HANG_LATER);
    const result = await checkNumerically(convThen(), { engine: 'auto', workspace: folder, timeoutSeconds: 4 });
    assert.equal(result.verdict, 'inconclusive');
    assert.equal(result.reason, 'no result within 4 s');
    await gone(await leftPids(folder));
  });

  it('kills a hanging engine on cancellation, before the promise is rejected', async () => {
    const folder = workspace(LEAVE_PIDS + HANG);
    const abort = new AbortController();
    const running = checkNumerically(convThen(), { engine: 'auto', workspace: folder, signal: abort.signal });
    const pids = await leftPids(folder);
    abort.abort(new Error('cancelled by the user'));
    await assert.rejects(running, /cancelled by the user/);
    assert.equal(isRunning(pids[0]!), false);
    await gone(pids);
  });

  it('starts nothing for a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(check(HANG, { signal }), /too late/);
  });

  it('ends a worker that takes more memory than it may', async () => {
    const hungry = `const held = []; for (;;) held.push(Buffer.alloc(2 ** 24, 1));`;
    const result = await check(hungry, { memoryMegabytes: 700 });
    assert.match(result.standIns.join(), /more than 700 MB of memory/);
    assert.equal(result.verdict, 'confirmed');
  });

  it('leaves no orphan when its parent dies while the engine hangs', async () => {
    const folder = workspace(LEAVE_PIDS + HANG);
    const { plan } = planCheck(convThen());
    const script = `
      const { runPlan } = require(${JSON.stringify(path.join(__dirname, 'index.ts'))});
      void runPlan(${JSON.stringify(plan)}, { engine: 'auto', workspace: ${JSON.stringify(folder)} });
    `;
    const tsx = pathToFileURL(createRequire(__filename).resolve('tsx')).href;
    const parent = spawn(process.execPath, ['--import', tsx, '-e', script], { stdio: 'ignore' });
    const [worker] = await leftPids(folder);
    assert.equal(isRunning(worker!), true);
    parent.kill('SIGKILL');
    await gone([worker!]);
    // The worker's own children are the engine's; ours here would sleep on.
    process.kill((await leftPids(folder))[1]!, 'SIGKILL');
  });

  it('runs a plan that was made before', async () => {
    const { plan } = planCheck(convThen('reLU'));
    const result = await runPlan(plan!, { engine: 'tfjs', workspace: __dirname });
    assert.equal(result.verdict, 'refuted');
    assert.equal(result.engine.name, 'tfjs');
  });

  it('throws an error that names every failure where all engines of the choice fail', async () => {
    const broken = { engine: 'tfjs-node' as const, loadTimeoutSeconds: 0.001 };
    await assert.rejects(check(`throw new Error('no');`, broken), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.message, /^No engine can be used .* tfjs-node: .*; tfjs-node: /);
      return true;
    });
  });
});
