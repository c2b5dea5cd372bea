import { createRequire } from 'node:module';
import type * as tensorflow from '@tensorflow/tfjs';
import type { Engine } from './protocol';

export type Tf = typeof tensorflow;

export interface LoadedEngine {
  readonly tf: Tf;
  readonly version: string;
  /** The pure-JavaScript kernels, whose known faults some claims have to allow for. */
  readonly pureJs: boolean;
}

/** @throws whatever the package throws while it loads, or when it cannot compute */
export async function loadEngine(engine: Engine): Promise<LoadedEngine> {
  const tf = engine.path === null ? bundled() : native(engine.path);
  if (engine.path === null) await tf.setBackend('cpu');
  await tf.ready();
  if (tf.scalar(1).add(2).dataSync()[0] !== 3) throw new Error('the engine does not compute');
  return { tf, version: tf.version['tfjs-core'], pureJs: tf.getBackend() === 'cpu' };
}

function bundled(): Tf {
  // Here and not at the top, so that a run on tfjs-node does not load a second tfjs.
  return require('@tensorflow/tfjs') as Tf;
}

function native(path: string): Tf {
  const requireFrom = createRequire(__filename);
  // tfjs-node 4.22 calls these; Node 23 removed them.
  const util = requireFrom('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
  return requireFrom(path) as Tf;
}
