import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

export interface Ended {
  /** The exit code; null when a signal ended the process. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let built = false;

/** The launcher of the built command line; builds it from the present sources at the first call. */
export function builtLauncher(): string {
  if (!built) execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root });
  built = true;
  return path.join(root, 'server', 'bin', 'layerlint.js');
}

/**
 * Runs the built command line to its end.
 *
 * @param args its arguments
 * @param options `megabytes` caps V8's heap: a run that needs more dies, and its status shows it
 */
export function runCommand(
  args: readonly string[],
  options: { readonly cwd: string; readonly megabytes?: number },
): Promise<Ended> {
  const node = options.megabytes === undefined ? [] : [`--max-old-space-size=${options.megabytes}`];
  const child = spawn(process.execPath, [...node, builtLauncher(), ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.once('error', reject);
    child.once('close', (status) => {
      process.removeListener('exit', kill);
      resolve({ status, stdout, stderr });
    });
  });
}

/** `file:line` of every finding that a run with `--format json` printed, in its order. */
export function foundIn(run: Ended): string[] {
  const report = JSON.parse(run.stdout) as { findings: { file: string; start: { line: number } }[] };
  return report.findings.map((finding) => `${finding.file.replaceAll('\\', '/')}:${finding.start.line}`);
}

/** Runs `use` with a new folder that holds the given files, and removes it afterwards. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'layerlint-test-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, name);
      assert.ok(file.startsWith(folder));
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
