import type { RuleId, RuleMeta } from './finding';

/** The name, severity and one-sentence description of every rule. */
export const ruleMetas: Readonly<Record<RuleId, RuleMeta>> = {
  'updates-not-run': {
    id: 'updates-not-run',
    severity: 'warning',
    description: 'A training step runs batch normalization on stored statistics, which therefore never change.',
  },
  'redundant-bias': {
    id: 'redundant-bias',
    severity: 'information',
    description: 'A bias does nothing, because batch normalization subtracts it again.',
  },
};

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(ruleMetas, text);
}
