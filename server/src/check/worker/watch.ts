import { Worker } from 'node:worker_threads';
import { MEMORY_EXCEEDED } from './protocol';

/**
 * Ends this process when its parent is gone or its memory passes the cap. In a thread of its own, since an engine may
 * keep the main thread in native code, where no event arrives; and TensorFlow's memory is outside V8's heap.
 */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { parent, memoryBytes, exceeded } = workerData;
function orphaned() {
  if (process.ppid !== parent) return true;
  try { process.kill(parent, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
}
setInterval(() => {
  const tooMuch = process.memoryUsage.rss() > memoryBytes;
  if (tooMuch) writeSync(2, exceeded + '\\n');
  if (tooMuch || orphaned()) process.kill(process.pid, 'SIGKILL');
}, 200);
`;

export function watch(memoryBytes: number): void {
  const workerData = { parent: process.ppid, memoryBytes, exceeded: MEMORY_EXCEEDED };
  new Worker(WATCH, { eval: true, workerData, execArgv: [] }).unref();
}
