import type { Witness } from '../../rules';
import { planBias } from './bias';
import { NoPlan, type Plan } from './types';
import { planUpdates } from './updates';

export * from './types';

export type Planned = { readonly plan: Plan } | { readonly plan: null; readonly reason: string };

/**
 * The plan of a numerical check: serialisable, made without any I/O, and without regard to what the rule concluded (a
 * wrong diagnosis has to come out refuted).
 */
export function planCheck(witness: Witness): Planned {
  try {
    const plan =
      witness.rule === 'redundant-bias'
        ? planBias(witness.graph, witness.bias)
        : planUpdates(witness.graph, witness.step, witness.run);
    return { plan };
  } catch (error) {
    if (error instanceof NoPlan) return { plan: null, reason: error.message };
    throw error;
  }
}
