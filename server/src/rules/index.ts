import type { World } from '../graph';
import type { Diagnosis, Rule } from './finding';
import { redundantBias } from './redundant-bias';
import { updatesNotRun } from './updates-not-run';

export * from './aside';
export * from './finding';
export * from './meta';
export * from './suppress';

/** Every rule, in the order in which they are evaluated: a rule sees the diagnoses of those before it. */
export const rules: readonly Rule[] = [updatesNotRun, redundantBias];

/** All diagnoses of the given rules (default: all) over these worlds, ordered by file and offset. */
export function diagnose(worlds: readonly World[], enabled: readonly Rule[] = rules): readonly Diagnosis[] {
  const found: Diagnosis[] = [];
  for (const rule of enabled) found.push(...rule.check(worlds, found));
  return found.sort((a, b) => {
    const [left, right] = [a.finding.place, b.finding.place];
    return left.file < right.file ? -1 : left.file > right.file ? 1 : left.start - right.start;
  });
}
