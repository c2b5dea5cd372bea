import type { EngineChoice } from '../check';
import type { RuleId, Severity } from '../rules';

/** The settings `layerlint.*`. */
export interface Settings {
  readonly enable: boolean;
  /** Whose problems are shown unasked. */
  readonly scope: 'workspace' | 'openFiles';
  /** Rules whose severity is not their own. */
  readonly rules: Readonly<Partial<Record<RuleId, Severity | 'off'>>>;
  /** Patterns of `.gitignore`, relative to the workspace folder. */
  readonly exclude: readonly string[];
  readonly check: { readonly engine: EngineChoice; readonly timeoutSeconds: number };
}

export const defaultSettings: Settings = {
  enable: true,
  scope: 'workspace',
  rules: {},
  exclude: [],
  check: { engine: 'auto', timeoutSeconds: 60 },
};

const SEVERITIES: readonly unknown[] = ['off', 'error', 'warning', 'information', 'hint'];
const ENGINES: readonly unknown[] = ['auto', 'tfjs-node', 'tfjs'];

/** Reads the section `layerlint` as a client sends it. What is absent or of the wrong type has its default. */
export function readSettings(section: unknown): Settings {
  const given = record(section);
  const check = record(given['check']);
  const { timeout } = check as { timeout?: unknown };
  return {
    enable: given['enable'] !== false,
    scope: given['scope'] === 'openFiles' ? 'openFiles' : 'workspace',
    rules: Object.fromEntries(Object.entries(record(given['rules'])).filter(([, value]) => SEVERITIES.includes(value))),
    exclude: Array.isArray(given['exclude']) ? given['exclude'].filter((entry) => typeof entry === 'string') : [],
    check: {
      engine: ENGINES.includes(check['engine']) ? (check['engine'] as EngineChoice) : defaultSettings.check.engine,
      timeoutSeconds:
        typeof timeout === 'number' && timeout >= 1 && timeout <= 3600 ? timeout : defaultSettings.check.timeoutSeconds,
    },
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
