export type Verdict = 'confirmed' | 'refuted' | 'inconclusive';

export interface Claim {
  /** One sentence: what is claimed. */
  readonly claim: string;
  /** The measured figure; null where the measurement could not be made. */
  readonly figure: number | null;
  readonly tolerance: number;
  readonly verdict: Verdict;
  /** What the figure is, with its unit, and what was compared. */
  readonly detail: string;
}

export interface CheckResult {
  readonly verdict: Verdict;
  readonly claims: readonly Claim[];
  /** What stood in for the unknown: `input size unknown: 8 x 8`. */
  readonly standIns: readonly string[];
  /** Why it is inconclusive; null otherwise. */
  readonly reason: string | null;
  /** Name and version of the engine that measured; `none` where it came to no measurement. */
  readonly engine: { readonly name: string; readonly version: string };
  readonly seconds: number;
}

export type EngineChoice = 'auto' | 'tfjs-node' | 'tfjs';

export interface CheckOptions {
  /** `auto` falls on to the next engine where one is missing, does not load, or crashes. */
  readonly engine: EngineChoice;
  /** Folder whose own tfjs-node is tried first. */
  readonly workspace: string;
  /** For the measurement on one engine; default 120. */
  readonly timeoutSeconds?: number;
  /** For loading one engine; default 30. */
  readonly loadTimeoutSeconds?: number;
  /** Memory cap of the worker process; default 4096. */
  readonly memoryMegabytes?: number;
  /** Ends the check: the worker is killed, and only then the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The engine that was asked for cannot be used; the message says why and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/**
 * The verdict of all claims together: one refuted claim refutes. The first claim decides otherwise; a later one that
 * could not be measured leaves it standing and is shown as what it is.
 */
export function overall(claims: readonly Claim[]): Verdict {
  if (claims.some(({ verdict }) => verdict === 'refuted')) return 'refuted';
  return claims[0]?.verdict ?? 'inconclusive';
}
