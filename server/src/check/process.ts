import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Claim } from './result';
import { MEMORY_EXCEEDED, type Job, type Message } from './worker/protocol';

export type Outcome =
  | {
      readonly type: 'measured';
      readonly version: string;
      readonly claims: readonly Claim[];
      readonly standIns: readonly string[];
    }
  /** The engine is well, the plan cannot be measured on it; or it took too long or too much memory. */
  | { readonly type: 'unmeasurable'; readonly version: string; readonly reason: string }
  /** The engine does not load, hangs while it loads, or crashed. */
  | { readonly type: 'unusable'; readonly reason: string };

export interface Limits {
  readonly loadSeconds: number;
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs one job in a process of its own and waits until that process is gone, whatever happened.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runWorker(job: Job, { loadSeconds, seconds, signal }: Limits): Promise<Outcome> {
  signal?.throwIfAborted();
  const child = start();
  let version = '';
  let answer: Outcome | null = null;
  let ended: 'time' | 'abort' | null = null;
  let stderr = '';
  const end = (why: 'time' | 'abort'): void => {
    ended ??= why;
    kill(child);
  };
  let timer = setTimeout(() => end('time'), loadSeconds * 1000);
  const abort = (): void => end('abort');
  signal?.addEventListener('abort', abort, { once: true });
  // Kept for the reason of a crash; read, so that the pipe never fills.
  child.stderr?.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-4000)));
  child.on('message', (message: Message) => {
    if (message.type === 'loaded') {
      version = message.version;
      clearTimeout(timer);
      timer = setTimeout(() => end('time'), seconds * 1000);
    } else {
      answer = message.type === 'unusable' ? message : { ...message, version };
    }
  });
  try {
    const exit = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('close', (code, name) =>
        resolve(name === null ? `ended with exit code ${code}` : `was ended by ${name}`),
      );
      child.send(job, () => undefined);
    });
    if (ended === 'abort') throw signal!.reason;
    if (answer !== null) return answer;
    const loaded = version !== '';
    if (ended === 'time') {
      return loaded
        ? { type: 'unmeasurable', version, reason: `no result within ${seconds} s` }
        : { type: 'unusable', reason: `it did not load within ${loadSeconds} s` };
    }
    if (stderr.includes(MEMORY_EXCEEDED)) {
      const reason = `more than ${Math.round(job.memoryBytes / 2 ** 20)} MB of memory were needed`;
      return loaded ? { type: 'unmeasurable', version, reason } : { type: 'unusable', reason };
    }
    return { type: 'unusable', reason: `its process ${exit}${lastLine(stderr)}` };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    kill(child);
  }
}

/** A process group of its own, so that whatever an engine starts is killed with it. */
function start(): ChildProcess {
  const bundle = path.join(__dirname, 'check-worker.js');
  const bundled = existsSync(bundle);
  // From source: through tsx, like whatever runs this.
  const execArgv = bundled ? [] : ['--import', pathToFileURL(createRequire(__filename).resolve('tsx')).href];
  return fork(bundled ? bundle : path.join(__dirname, 'worker', 'main.ts'), [], {
    execArgv,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already, with its whole group.
  }
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1);
  return line ? ` (${line.slice(0, 200)})` : '';
}
