import { placeKey, type World } from '../../../server/src/graph';
import { redundantBias } from '../../../server/src/rules/redundant-bias';
import { valueUnder, type Judgement } from './worlds';

/**
 * The sites that redundant-bias reports on recovered graphs, and those that it reports on what was really built. Each
 * recorded graph takes the place of the world that it equals, with that world's decisions.
 */
export function compareVerdicts({ pairs }: Judgement): { readonly recovered: string[]; readonly recorded: string[] } {
  const real = pairs.map(([world, { recorded }]) => ({ ...world, graph: recorded.graph }));
  return { recovered: sites([...new Set(pairs.map(([world]) => world))]), recorded: sites(real) };
}

/**
 * Where redundant-bias reports a bias in a world, and not in the run that it equals. With that, what is reported where
 * something is not known is true as well: of what condition it speaks depends on the worlds in which all is known.
 */
export function falseAlarms({ pairs }: Judgement): readonly string[] {
  const places = (world: World): string[] => redundantBias.check([world], []).map(({ finding }) => placeKey(finding.place)); // prettier-ignore
  return pairs.flatMap(([world, { recorded, flags }]) => {
    const real = places({ ...world, graph: recorded.graph });
    return places(world)
      .filter((place) => !real.includes(place))
      .map((place) => `${place} under ${JSON.stringify(flags)}`);
  });
}

/**
 * What the recovery has to find: what is found on what was really built. Where something is not known, it may find less,
 * or find it under a condition: that has to be so in every run in which the condition holds.
 */
export function expected(judgement: Judgement): string[] {
  const { recovered, recorded } = compareVerdicts(judgement);
  return judgement.unknown.size === 0
    ? recorded
    : recovered.filter((finding) => recorded.includes(finding) || isBorneOut(finding, judgement));
}

function isBorneOut(finding: string, { pairs }: Judgement): boolean {
  const [, place, condition] = /^(\S+) (.*)$/.exec(finding)!;
  const runs = pairs.filter(
    ([world, { flags }]) =>
      condition === '' || (valueUnder(condition!, flags) ?? isDecided(world, condition!)) === true,
  );
  return runs.length > 0 && sites(runs.map(([world, { recorded }]) => ({ ...world, graph: recorded.graph }))).includes(`${place!} `); // prettier-ignore
}

/** Whether a world decides a condition to hold that names something else than flags: a parameter of some function. */
function isDecided({ decisions }: World, condition: string): boolean {
  const [text, side] = condition.startsWith('!') ? [condition.slice(1), false] : [condition, true];
  return decisions.some((decision) => decision.text === text && decision.value === side);
}

function sites(worlds: readonly World[]): string[] {
  return redundantBias
    .check(worlds, [])
    .map(({ finding }) => `${placeKey(finding.place)} ${finding.condition ?? ''}`)
    .sort();
}
