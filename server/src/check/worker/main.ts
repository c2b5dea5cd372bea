import type { Job, Message } from './protocol';
import type { Plan } from '../plan/types';
import { loadEngine, type LoadedEngine } from './engine';
import { measureBias, type Measured } from './bias';
import { measureOpUpdates } from './op-updates';
import { measureUpdates } from './updates';
import { Unmeasurable } from './errors';
import { watch } from './watch';

/**
 * The worker process of a numerical check: one job, one answer, over the IPC channel (tfjs-node greets on stdout). It
 * ends with its parent: on a closed channel at once, in the middle of native code by the watch.
 */
process.on('disconnect', () => process.exit(0));
process.once('message', (job: Job) => {
  watch(job.memoryBytes);
  void run(job).then((message) => send(message, () => process.exit(0)));
});

async function run({ engine, plan }: Job): Promise<Message> {
  let loaded;
  try {
    loaded = await loadEngine(engine);
  } catch (error) {
    return { type: 'unusable', reason: text(error) };
  }
  send({ type: 'loaded', version: loaded.version });
  try {
    return { type: 'measured', ...measure(loaded, plan) };
  } catch (error) {
    const reason = error instanceof Unmeasurable ? error.message : `tfjs refuses the model: ${text(error)}`;
    return { type: 'unmeasurable', reason };
  }
}

function measure(engine: LoadedEngine, plan: Plan): Measured {
  if (plan.rule === 'redundant-bias') return measureBias(engine, plan);
  return plan.rule === 'op-updates' ? measureOpUpdates(engine, plan) : measureUpdates(engine, plan);
}

function send(message: Message, done?: () => void): void {
  process.send?.(message, undefined, undefined, () => done?.());
}

function text(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.slice(0, 300);
}
