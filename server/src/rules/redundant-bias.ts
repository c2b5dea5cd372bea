import { isAdded, type AddedBias, type Layer, type Place } from '../graph';
import { addedName, additionFix, isUsedOtherwise, leaveOut } from './added-bias';
import { judgeBiases, parametersOf, type BiasSite, type RedundantOccurrence } from './biases';
import { conditionClause, conditionText, negatedAt } from './conditions';
import type { Diagnosis, Message, ProposedFix, Related, Rule } from './finding';
import { modelsHolding } from './membership';
import { ruleMetas } from './meta';
import { applicationName, applicationPlace, count, distinct, givenName, list, sitePlace } from './wording';

/** What a bias alone reads: without the bias it is dead. */
const BIAS_OPTIONS = ['biasInitializer', 'biasRegularizer', 'biasConstraint'];

/**
 * Biases that do nothing, because batch norm subtracts them again: one diagnosis a call that creates layers or adds a
 * tensor, judged over all biases that come of it. A bias that some gradient step trains on stored statistics is not reported: there, batch norm
 * cancels nothing (`updates-not-run` speaks of those).
 */
export const redundantBias: Rule = {
  meta: ruleMetas['redundant-bias'],
  check: (worlds) =>
    judgeBiases(worlds)
      .filter(({ muted, verdict }) => !muted && verdict.kind !== 'silent')
      .map(diagnosis),
};

function diagnosis(judged: BiasSite): Diagnosis {
  const { site, verdict, redundant } = judged;
  const shown = redundant[0]!;
  return {
    finding: {
      rule: 'redundant-bias',
      severity: ruleMetas['redundant-bias'].severity,
      message: message(judged),
      place: sitePlace(site),
      condition: condition(judged),
      related: related(judged, shown),
      unnecessary: verdict.kind === 'plain' ? deadOptions(judged).map(({ place }) => place) : [],
      fixes: fixes(judged),
    },
    witness: { rule: 'redundant-bias', graph: shown.world.graph, bias: shown.bias },
  };
}

function condition({ verdict }: BiasSite): string | null {
  if (verdict.kind === 'conditional') return conditionText(verdict.decisions);
  if (verdict.kind === 'partial') return `in ${verdict.redundant} of ${verdict.total} ${verdict.unit}`;
  return null;
}

function message(judged: BiasSite): Message {
  const { redundant, verdict } = judged;
  const shown = redundant[0]!;
  const parameters = variesInNumber(redundant) || usedOtherwise(judged) ? null : parametersOf(redundant);
  const size = parameters === null ? '' : ` (${count(parameters, 'parameter')})`;
  const where =
    verdict.kind === 'conditional'
      ? `Where ${conditionClause(verdict.decisions)}, the`
      : verdict.kind === 'partial'
        ? `${condition(judged)!.replace(/^i/, 'I')}, the`
        : 'The';
  return {
    what: `${where} bias ${subject(redundant)}${size} does nothing.`,
    why: why(shown),
    todo: todo(judged, parameters),
  };
}

function usedOtherwise({ redundant }: BiasSite): boolean {
  return redundant.some(({ bias }) => isAdded(bias) && isUsedOtherwise(bias));
}

function subject(redundant: readonly RedundantOccurrence[]): string {
  const added = addedOf(redundant);
  if (added !== null) return addedName(added);
  const layers = layersOf(distinct(redundant, ({ key }) => key));
  const kinds = distinct(layers.map(({ kind }) => kind));
  if (layers.length === 1) return `of this ${kinds[0]!} layer${givenName(layers[0]!)}`;
  return variesInNumber(redundant)
    ? `of each ${list(kinds)} layer made here`
    : `of the ${layers.length} ${list(kinds)} layers made here`;
}

/** A site either creates layers or adds tensors. */
function addedOf([shown]: readonly RedundantOccurrence[]): AddedBias | null {
  return shown !== undefined && isAdded(shown.bias) ? shown.bias : null;
}

function layersOf(redundant: readonly RedundantOccurrence[]): Layer[] {
  return redundant.flatMap(({ bias }) => (isAdded(bias) ? [] : [bias]));
}

/** Whether worlds differ in how many layers the site creates: then no number is the right one. */
function variesInNumber(redundant: readonly RedundantOccurrence[]): boolean {
  const paths = new Map<string, Set<string>>();
  for (const { key } of redundant) {
    const path = key.slice(0, key.lastIndexOf('#'));
    paths.set(path, (paths.get(path) ?? new Set()).add(key));
  }
  return distinct(redundant.map(({ world }) => world)).some((world) => {
    const keys = new Set(redundant.filter((occurrence) => occurrence.world === world).map(({ key }) => key));
    return [...paths.values()].some((path) => {
      const present = [...path].filter((key) => keys.has(key)).length;
      return present > 0 && present < path.size;
    });
  });
}

function why({ fate }: RedundantOccurrence): string {
  const norms = distinct(fate.cancelledBy.map(applicationName));
  const subtracts = norms.length === 1 ? 'subtracts' : 'subtract';
  const byBatch = fate.cancelledBy.every(
    ({ target }) => target.type === 'layer' && target.layer.kind === 'batchNormalization',
  );
  const byMean = fate.cancelledBy.every(({ target }) => target.type === 'op');
  const again = byBatch ? 'again with the mean of the batch' : byMean ? 'again with the mean' : 'again';
  const through = distinct(fate.through.map(applicationName));
  if (through.length === 0) {
    const behind = norms.length === 1 ? `${norms[0]!} right behind it` : `${list(norms)} behind it`;
    return `It shifts every value of a channel alike, and ${behind} ${subtracts} that shift ${again}.`;
  }
  return `It only adds a shift, which stays one through ${list(through)}, and which ${list(norms)} ${subtracts} ${again}.`;
}

function todo(judged: BiasSite, parameters: number | null): string {
  const { verdict, redundant } = judged;
  const waste = parameters === null ? 'harmless waste' : `harmless waste: ${count(parameters, 'parameter')}`;
  const harmless = `This is ${waste}, with no effect on results.`;
  const regularizer = layersOf(redundant).some(({ config }) => (config.get('biasRegularizer') ?? null) !== null)
    ? ' Its regularizer adds to the loss that `fit` shows, and to nothing else.'
    : '';
  if (verdict.kind === 'partial') {
    const needed = `The other ${count(verdict.total - verdict.redundant, verdict.unit.slice(0, -1))}`;
    const need = verdict.total - verdict.redundant === 1 ? 'needs' : 'need';
    const choose = addedOf(redundant) === null ? '`useBias`' : 'whether it is added';
    return `${needed} ${need} it, so let the caller choose ${choose}. ${harmless}${regularizer}`;
  }
  const added = addedOf(redundant);
  if (added !== null) return `${leaveOut(added, verdict.kind === 'plain', usedOtherwise(judged))}. ${harmless}`;
  const value = newValue(judged);
  const set = value === null ? 'Leave it out there' : `Set \`useBias: ${value}\``;
  return `${set}${loadsWeights(judged) ? ', unless weights that were saved with the bias must still load' : ''}. ${harmless}${regularizer}`;
}

/** The source text of the value that `useBias` should have; null where none can be written. */
function newValue({ site, verdict }: BiasSite): string | null {
  if (verdict.kind === 'plain') return 'false';
  return verdict.kind === 'conditional' ? negatedAt(site, verdict.decisions) : null;
}

/**
 * Whether weights from elsewhere go into a model with this layer: a file or a list that holds the bias as well. Its own
 * weights hold it where the layer does.
 */
function loadsWeights({ redundant }: BiasSite): boolean {
  return redundant.some(({ world, bias }) => {
    if (isAdded(bias)) return false;
    return [bias, ...modelsHolding(world.graph, bias)].some(({ weights }) =>
      weights.some(({ kind }) => kind === 'loaded' || kind === 'set'),
    );
  });
}

function fixes(judged: BiasSite): ProposedFix[] {
  const { site, verdict, redundant } = judged;
  const found: ProposedFix[] = [];
  const added = addedOf(redundant);
  const value = newValue(judged);
  if (added !== null) {
    if (verdict.kind === 'plain') found.push(...additionFix(added, usedOtherwise(judged)));
  } else if (value !== null) {
    const loads = loadsWeights(judged);
    const drop = verdict.kind === 'plain' ? deadOptions(judged).map(({ key }) => key) : [];
    found.push({
      title: `Set useBias: ${value}${loads ? ' (weights saved with the bias will no longer load)' : ''}`,
      kind: loads ? 'suggestion' : 'quickfix',
      remedy: {
        type: 'set-config',
        site,
        key: 'useBias',
        value,
        drop: drop.filter((key) => key !== 'useBias'),
      },
    });
  }
  const place = sitePlace(site);
  const remedy = { type: 'disable-line', place, rule: 'redundant-bias' } as const;
  return [...found, { title: 'Disable redundant-bias for this line', kind: 'suggestion', remedy }];
}

/** The options in the config literal that are without effect: those of the bias, and `useBias` where it asks for one. */
function deadOptions({ site, redundant }: BiasSite): { key: string; place: Place }[] {
  const properties = site.args[0]?.object?.properties ?? [];
  const asks = (layer: Layer): boolean => layer.config.get('useBias') === true;
  if (addedOf(redundant) !== null) return [];
  const keys = layersOf(redundant).every(asks) ? [...BIAS_OPTIONS, 'useBias'] : BIAS_OPTIONS;
  return properties.flatMap(({ key, span }) =>
    key !== null && keys.includes(key) ? [{ key, place: { file: site.file, ...span } }] : [],
  );
}

function related({ verdict }: BiasSite, shown: RedundantOccurrence): Related[] {
  const found: Related[] = [];
  const add = (place: Place | null, text: string): void => {
    if (place !== null) found.push({ place, message: text });
  };
  for (const application of shown.fate.through) {
    add(applicationPlace(application), `${applicationName(application)} passes the shift on`);
  }
  for (const application of shown.fate.cancelledBy) {
    add(applicationPlace(application), `${applicationName(application)} subtracts it`);
  }
  if (verdict.kind === 'conditional') {
    for (const { place, text } of verdict.decisions) add(place, `\`${text}\` is decided here`);
  }
  if (verdict.kind === 'partial') {
    for (const { origin } of verdict.needed) add(origin.calls.at(-1) ?? null, 'this call needs the bias');
  }
  return distinct(found, ({ place, message: text }) => `${place.file}:${place.start}:${place.end} ${text}`);
}
