import type { Witness } from '../rules';

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
  readonly engine: { readonly name: string; readonly version: string };
  readonly seconds: number;
}

export type EngineChoice = 'auto' | 'tfjs-node' | 'tfjs';

export interface CheckOptions {
  readonly engine: EngineChoice;
  /** Folder whose own tfjs-node is tried first. */
  readonly workspace: string;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export type CheckNumerically = (witness: Witness, options: CheckOptions) => Promise<CheckResult>;
