import type { Severity } from './finding';

/** The severity of every rule, and one sentence that describes it in indexes and settings. */
const metas = {
  'updates-not-run': {
    severity: 'warning',
    description: 'A training step that never updates the statistics of its batch normalisation.',
  },
  'redundant-bias': {
    severity: 'information',
    description: 'A bias that batch normalisation subtracts again.',
  },
} satisfies Record<string, { severity: Severity; description: string }>;

export type RuleId = keyof typeof metas;

export interface RuleMeta {
  readonly id: RuleId;
  readonly severity: Severity;
  /** One sentence, for indexes and settings. */
  readonly description: string;
}

export const ruleMetas = Object.fromEntries(
  Object.entries(metas).map(([id, meta]) => [id, { id: id as RuleId, ...meta }]),
) as Readonly<Record<RuleId, RuleMeta>>;

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(ruleMetas, text);
}
