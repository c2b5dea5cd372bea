import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { builtLauncher, withFolder } from '../support/command';
import { modelWith } from './fixtures';

const ROOT = path.join(__dirname, '..', '..');
const MODEL = {
  'project/package.json': '{"name": "empty", "private": true}\n',
  'project/src/model.js': modelWith(),
} as const;

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(command: string, args: readonly string[], cwd: string) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, status };
}

describe('the npm package', function () {
  this.timeout(180_000);

  before(() => void builtLauncher());

  it('runs in an empty folder: findings, the numerical check, the server', async () => {
    await withFolder(MODEL, async (folder) => {
      const project = path.join(folder, 'project');
      mkdirSync(path.join(folder, 'packed'));
      npm(['pack', '--ignore-scripts', '--pack-destination', path.join(folder, 'packed')], path.join(ROOT, 'server'));
      const [tarball] = readdirSync(path.join(folder, 'packed'));
      npm(['install', '--ignore-scripts', '--offline', path.join(folder, 'packed', tarball!)], project);
      const installed = path.join(project, 'node_modules', 'layerlint');
      const files = readdirSync(installed).sort();
      assert.deepEqual(files, ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'bin', 'dist', 'package.json']);
      assert.equal(
        readFileSync(path.join(installed, 'LICENSE'), 'utf8'),
        readFileSync(path.join(ROOT, 'LICENSE'), 'utf8'),
      );

      const command = path.join(project, 'node_modules', '.bin', 'layerlint');
      const found = await run(command, ['--format', 'json'], project);
      assert.equal(found.stderr, '');
      assert.equal(found.status, 1);
      const { findings } = JSON.parse(found.stdout) as { findings: { file: string; start: { line: number } }[] };
      assert.deepEqual(
        findings.map(({ file, start }) => `${file}:${start.line}`),
        ['src/model.js:3'],
      );

      const verified = await run(command, ['verify', '--engine', 'tfjs', '--format', 'json'], project);
      assert.equal(verified.status, 0, verified.stderr);
      const { version, engine, checks } = JSON.parse(verified.stdout);
      assert.deepEqual([version, engine.name, checks.length], [1, 'tfjs', 1]);
      const [{ rule, file, start, verdict, claims }] = checks;
      assert.deepEqual(
        [rule, file, start, verdict],
        ['redundant-bias', 'src/model.js', { line: 3, column: 11 }, 'confirmed'],
      );
      assert.ok(claims.length > 0 && claims.every((claim: object) => 'claim' in claim && 'figure' in claim));

      // A server without a client ends with its input.
      const server = await run(command, ['server', '--stdio'], project);
      assert.doesNotMatch(server.stderr, /Cannot find module/);
    });
  });

  it('is linked as a command of the checkout', async () => {
    await withFolder(MODEL, async (folder) => {
      const command = path.join(ROOT, 'node_modules', '.bin', 'layerlint');
      const { status, stdout } = await run(command, ['--format', 'json'], path.join(folder, 'project'));
      assert.equal(status, 1);
      assert.equal(JSON.parse(stdout).findings.length, 1);
    });
  });
});
