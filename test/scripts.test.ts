import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

interface StepsLike {
  readonly rows: readonly { name: string; passed: number; failed: number; note: string }[];
  readonly total: { passed: number; failed: number };
  command(name: string, program: string, args: readonly string[]): Promise<boolean>;
  mocha(name: string, args: readonly string[], options: object): Promise<void>;
}
const { Steps }: { Steps: new (say: (line: string) => void) => StepsLike } = require('../scripts/lib/steps.mjs');
const { stale }: { stale(folder: string): string | null } = require('../scripts/lib/install.mjs');

describe('scripts/lib: a folder for each test', () => {
  let folder: string;
  const write = (file: string, content: unknown): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  };
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'layerlint-scripts-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('stale', () => {
    const locked = {
      '': {},
      'node_modules/a': { version: '1.2.0' },
      'node_modules/only-elsewhere': { version: '3.0.0', optional: true },
    };
    const install = (packages: object): void => {
      write('package-lock.json', { packages: locked });
      write('node_modules/.package-lock.json', { packages });
      write('node_modules/a/package.json', '{}');
    };

    it('is null for what the lock file says, without packages of other platforms', () => {
      install({ 'node_modules/a': { version: '1.2.0' } });
      assert.equal(stale(folder), null);
    });

    it('names what is missing, older, removed by hand, or left over', () => {
      write('package-lock.json', { packages: locked });
      assert.match(stale(folder)!, /nothing is installed/);
      install({});
      assert.match(stale(folder)!, /a 1\.2\.0 is missing/);
      install({ 'node_modules/a': { version: '1.1.0' } });
      assert.match(stale(folder)!, /a 1\.2\.0 is missing/);
      install({ 'node_modules/a': { version: '1.2.0' }, 'node_modules/b': { version: '1.0.0' } });
      assert.match(stale(folder)!, /b is no longer wanted/);
      install({ 'node_modules/a': { version: '1.2.0' } });
      rmSync(path.join(folder, 'node_modules/a'), { recursive: true });
      assert.match(stale(folder)!, /a 1\.2\.0 is missing/);
    });
  });

  describe('steps', () => {
    /** Runs mocha on a spec and gives the sums, the notes and what was said. */
    async function spec(text: string): Promise<{ total: StepsLike['total']; notes: string }> {
      write('spec.cjs', text);
      const steps = new Steps(() => undefined);
      // Its own output would look like failures of ours.
      await steps.mocha('spec', ['--no-config', path.join(folder, 'spec.cjs')], { quiet: true });
      return { total: steps.total, notes: steps.rows.map(({ note }) => note).join() };
    }

    it('counts passed and failed tests', async () => {
      const { total } = await spec("it('a', () => {}); it('b', () => {}); it('c', () => { throw new Error('no'); });");
      assert.deepEqual(total, { passed: 2, failed: 1 });
    });

    it('counts a hook that fails', async () => {
      const { total } = await spec("before(() => { throw new Error('no'); }); it('a', () => {});");
      assert.deepEqual(total, { passed: 0, failed: 1 });
    });

    it('takes skipped tests, no tests, a crash and a bad exit for failures', async () => {
      const skipped = await spec("it('a', () => {}); it.skip('b', () => {});");
      assert.deepEqual(skipped.total, { passed: 1, failed: 1 });
      const none = await spec('');
      assert.deepEqual(none.total, { passed: 0, failed: 1 });
      const crash = await spec("it('a', () => process.exit(0));");
      assert.deepEqual(crash.total, { passed: 0, failed: 1 });
      assert.match(crash.notes, /without a result/);
      const exit = await spec("it('a', () => {}); after(() => setTimeout(() => process.kill(process.pid), 200));");
      assert.deepEqual(exit.total, { passed: 1, failed: 1 });
    });

    it('counts a command as one test', async () => {
      const steps = new Steps(() => undefined);
      assert.equal(await steps.command('good', process.execPath, ['-e', '']), true);
      assert.equal(await steps.command('bad', process.execPath, ['-e', 'process.exit(4)']), false);
      assert.equal(await steps.command('absent', path.join(folder, 'no-such-program'), []), false);
      assert.deepEqual(steps.total, { passed: 1, failed: 2 });
    });
  });
});
