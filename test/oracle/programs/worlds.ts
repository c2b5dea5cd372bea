import type { World } from '../../../server/src/graph';
import { compareGraphs, type Comparison } from './compare';
import type { Recorded } from './recorder';

/** A real run, and the values of the flags that it was made with; no flags for the program's top level. */
export interface RealRun {
  readonly recorded: Recorded;
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface Judgement extends Comparison {
  /** For each real run the world that it equals. */
  readonly pairs: readonly (readonly [World, RealRun])[];
}

/**
 * Compares all recovered worlds with all real runs: each run must equal exactly one world whose decisions agree with
 * the run's flags, and each world must be the world of some run.
 */
export function judgeWorlds(worlds: readonly World[], runs: readonly RealRun[]): Judgement {
  const disagreements: string[] = [];
  const unknown = new Map<string, number>();
  const pairs: [World, RealRun][] = [];
  let facts = 0;
  for (const run of runs) {
    const { graph } = run.recorded;
    if (graph.layers.length + graph.models.length + graph.applications.length + graph.steps.length === 0) continue;
    const possible = worlds.filter((world) => agree(world, run.flags));
    const compared = possible.map((world) => ({ world, found: compareGraphs(world.graph, run.recorded) }));
    const equal = compared.filter(({ found }) => found.disagreements.length === 0);
    const named = JSON.stringify(run.flags);
    if (equal.length > 1) disagreements.push(`${equal.length} worlds equal the run ${named}`);
    if (equal.length === 0) {
      const closest = compared.sort((a, b) => a.found.disagreements.length - b.found.disagreements.length)[0];
      if (closest) disagreements.push(...closest.found.disagreements.map((each) => `run ${named}: ${each}`));
      else disagreements.push(`run ${named}: none of ${worlds.length} worlds has these flags`);
    }
    for (const { world, found } of equal) {
      pairs.push([world, run]);
      facts += found.facts;
      for (const [reason, count] of found.unknown) unknown.set(reason, (unknown.get(reason) ?? 0) + count);
    }
  }
  for (const world of worlds) {
    if (disagreements.length === 0 && !pairs.some(([paired]) => paired === world)) {
      const sides = world.decisions.map(({ text, value }) => `${text}=${value}`);
      disagreements.push(`no run is like the world ${sides.join(' ') || 'without decisions'}`);
    }
  }
  return { disagreements, unknown, facts, pairs };
}

/** Whether the decisions of a world are those of a run; a decision about something else than flags agrees with all. */
function agree(world: World, flags: Readonly<Record<string, unknown>>): boolean {
  return world.decisions.every(({ text, value }) => (valueUnder(text, flags) ?? value) === value);
}

/** Whether a condition holds with these flags; null where it is about something else. */
export function valueUnder(condition: string, flags: Readonly<Record<string, unknown>>): boolean | null {
  try {
    const names = Object.keys(flags);
    const decided = new Function(...names, `'use strict'; return (${condition});`) as (...values: unknown[]) => unknown;
    return Boolean(decided(...names.map((name) => flags[name])));
  } catch {
    return null;
  }
}
