import type { CallSite, Decision, World } from '../graph';

/**
 * The decisions that tell the worlds in which something holds from those in which it does not: it holds in every world
 * with all of these decisions, and each of the `others` has decided one of them the other way.
 *
 * @returns as few decisions as possible; empty where there are no others; null where decisions do not explain it
 */
export function telling(holding: readonly World[], others: readonly World[]): readonly Decision[] | null {
  if (others.length === 0) return [];
  const [first, ...rest] = runsOf(holding);
  if (first === undefined) return null;
  const common = first.filter((decision) => rest.every((run) => decided(run, decision) === true));
  const otherRuns = runsOf(others);
  const explains = (decisions: readonly Decision[]): boolean =>
    otherRuns.every((run) => decisions.some((decision) => decided(run, decision) === false));
  if (!explains(common)) return null;

  // Those without a place to be written at go first, then the later ones.
  const expendable = [...common].reverse().sort((a, b) => Number(a.scope !== null) - Number(b.scope !== null));
  let kept: readonly Decision[] = common;
  for (const decision of expendable) {
    const fewer = kept.filter((other) => other !== decision);
    if (explains(fewer)) kept = fewer;
  }
  // What came of several decisions may say it in one.
  const single = kept.length < 2 ? undefined : common.find((one) => one.scope !== null && explains([one]));
  return single ? [single] : kept;
}

/** The decisions of each run that the worlds stand for, and what came of them. */
function runsOf(worlds: readonly World[]): readonly (readonly Decision[])[] {
  return worlds.flatMap((world) => world.variants ?? [[...world.decisions, ...world.outcomes]]);
}

/** Whether a run took the same side (true), the other side (false), or never came to this decision (null). */
function decided(run: readonly Decision[], decision: Decision): boolean | null {
  const same = run.find((other) => other.id === decision.id);
  return same === undefined ? null : same.value === decision.value;
}

/** Without those that another one says as well: `a && b`, decided where a is true, is written with its a. */
function withoutImplied(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(
    (decision) =>
      !decision.value || !decisions.some((other) => other.value && other.text.startsWith(`${decision.text} && `)),
  );
}

/** The condition as a reader writes it: `useBn`, `!useBn`, `useBn && deep`. */
export function conditionText(all: readonly Decision[]): string {
  const decisions = withoutImplied(all);
  if (decisions.length === 1) return holds(decisions[0]!, false);
  return decisions.map((decision) => holds(decision, true)).join(' && ');
}

/** The condition within a sentence: `useBn` is true, `useBn` is false, `useBn && deep` is true. */
export function conditionClause(all: readonly Decision[]): string {
  const decisions = withoutImplied(all);
  const [only, ...more] = decisions;
  if (only === undefined || more.length > 0) return `\`${conditionText(decisions)}\` is true`;
  return `\`${only.text}\` is ${String(only.value)}`;
}

/**
 * A boolean expression that is true exactly where the condition does not hold; null where it cannot be written at
 * `site`, because a value is not in scope there.
 */
export function negatedAt(site: CallSite, all: readonly Decision[]): string | null {
  const decisions = withoutImplied(all);
  const written = decisions.every(
    ({ scope }) =>
      scope !== null && scope.file === site.file && scope.start <= site.call.start && site.call.end <= scope.end,
  );
  if (!written || decisions.length === 0) return null;
  if (decisions.length > 1) return `!(${conditionText(decisions)})`;
  const { text, value } = decisions[0]!;
  // A bare name may be undefined, which tfjs takes for the default, true.
  return value ? negation(text) : COMPARISON.test(text) ? text : `!!${operand(text)}`;
}

const SIMPLE = /^[\w$.?[\]'"]+(\([^()]*\))?$/;
const COMPARISON = /^((?:[^&|?=!<>]|\?\.)+?) (===|!==|==|!=) ((?:[^&|?=!<>]|\?\.)+)$/;
const OPPOSITE: Readonly<Record<string, string>> = { '===': '!==', '!==': '===', '==': '!=', '!=': '==' };

function holds({ text, value }: Decision, partOfMore: boolean): string {
  if (!value) return negation(text);
  return partOfMore ? operand(text) : text;
}

function negation(text: string): string {
  const comparison = COMPARISON.exec(text);
  if (comparison !== null) return `${comparison[1]!} ${OPPOSITE[comparison[2]!]!} ${comparison[3]!}`;
  return `!${operand(text)}`;
}

function operand(text: string): string {
  return SIMPLE.test(text) || /^!+[\w$.]+$/.test(text) ? text : `(${text})`;
}
