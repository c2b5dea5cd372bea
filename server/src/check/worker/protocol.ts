import type { Claim } from '../result';
import type { Plan } from '../plan/types';

/** An engine to try: `path` is the folder or file that `require` takes; null is the bundled pure-JavaScript tfjs. */
export interface Engine {
  readonly name: 'tfjs-node' | 'tfjs-node-gpu' | 'tfjs';
  readonly path: string | null;
}

/** What the parent sends, once. */
export interface Job {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly memoryBytes: number;
}

/** What the worker sends: `loaded`, then one of the others. */
export type Message =
  | { readonly type: 'loaded'; readonly version: string }
  | { readonly type: 'measured'; readonly claims: readonly Claim[]; readonly standIns: readonly string[] }
  /** The plan cannot be measured on this engine; the engine itself is well. */
  | { readonly type: 'unmeasurable'; readonly reason: string }
  /** The engine does not load. */
  | { readonly type: 'unusable'; readonly reason: string };

/** The first line on stderr of a worker that its own watch ended for its memory. */
export const MEMORY_EXCEEDED = 'layerlint-check: memory cap exceeded';
