import type { Witness } from '../../rules';
import { planBias } from './bias';
import { planOpUpdates } from './op-updates';
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
    const plan = planOf(witness);
    return { plan };
  } catch (error) {
    if (error instanceof NoPlan) return { plan: null, reason: error.message };
    throw error;
  }
}

function planOf(witness: Witness): Plan {
  if (witness.rule === 'redundant-bias') return planBias(witness.graph, witness.bias);
  if ('op' in witness) return planOpUpdates(witness.graph, witness.step, witness.op);
  return planUpdates(witness.graph, witness.step, witness.run);
}
