import { placeKey, type World } from '../../../server/src/graph';
import { redundantBias } from '../../../server/src/rules/redundant-bias';
import type { Judgement } from './worlds';

/**
 * The sites that redundant-bias reports on recovered graphs, and those that it reports on what was really built. Each
 * recorded graph takes the place of the world that it equals, with that world's decisions.
 */
export function compareVerdicts({ pairs }: Judgement): { readonly recovered: string[]; readonly recorded: string[] } {
  const real = pairs.map(([world, { recorded }]) => ({ ...world, graph: recorded.graph }));
  return { recovered: sites([...new Set(pairs.map(([world]) => world))]), recorded: sites(real) };
}

function sites(worlds: readonly World[]): string[] {
  return redundantBias
    .check(worlds, [])
    .map(({ finding }) => `${placeKey(finding.place)} ${finding.condition ?? ''}`)
    .sort();
}
