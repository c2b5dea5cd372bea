import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A workspace whose own tfjs-node is the given code; removed after the test that made it. */
export function workspaceWithEngine(code: string, name = 'tfjs-node'): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'layerlint-engine-'));
  const at = path.join(folder, 'node_modules', '@tensorflow', name);
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, 'package.json'), JSON.stringify({ name: `@tensorflow/${name}`, main: 'index.js' }));
  writeFileSync(path.join(at, 'index.js'), code);
  return folder;
}

export function removeWorkspace(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Code that leaves its process id in `pid` of the workspace, and that of a child which would live on. */
export const LEAVE_PIDS = `
const { spawn } = require('node:child_process');
const { renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const child = spawn('sleep', ['300'], { stdio: 'ignore' });
const pids = path.join(__dirname, '../../../pids');
writeFileSync(pids + '.new', process.pid + ' ' + child.pid);
renameSync(pids + '.new', pids);
`;
export const HANG = 'for (;;);';

/** The ids that `LEAVE_PIDS` left, as soon as they are there. */
export async function leftPids(workspace: string): Promise<readonly number[]> {
  const file = path.join(workspace, 'pids');
  while (!existsSync(file)) await sleep(50);
  return readFileSync(file, 'utf8').split(' ').map(Number);
}

/** Resolves as soon as none of these processes runs any more; a zombie that nobody has waited for does not run. */
export async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await sleep(50);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || readFileSync(status, 'utf8').split(') ')[1]?.[0] !== 'Z';
}
