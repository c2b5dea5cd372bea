import {
  GraphIndex,
  isAdded,
  isModel,
  isUnknown,
  placeKey,
  type Layer,
  type LayerCall,
  type ModelRun,
  type World,
} from '../graph';
import { cancellingNorms, judgeBiases, parametersOf, type RedundantOccurrence } from './biases';
import { conditionClause, conditionText, telling } from './conditions';
import { Elsewhere } from './elsewhere';
import type { Diagnosis, Message, ProposedFix, Related, Rule } from './finding';
import { contents } from './membership';
import { ruleMetas } from './meta';
import { opUpdates } from './op-updates';
import { stepRuns, type StepRun } from './stored-training';
import { bySite, count, distinct, givenName, list, sitePlace } from './wording';

/** Layers that do something else in training mode. */
const NOISE = ['dropout', 'alphaDropout', 'gaussianDropout', 'gaussianNoise'];
/** What people write for `training`; tfjs ignores unknown keys. */
const MISSPELLED = ['isTraining', 'is_training', 'train', 'Training', 'trainable'];

/**
 * Training steps that run a model with batch norm on stored statistics, so that these never change: one diagnosis for
 * each call that runs the model. Only where the step trains that batch norm, and no other call updates it.
 */
export const updatesNotRun: Rule = {
  meta: ruleMetas['updates-not-run'],
  check(worlds) {
    const elsewhere = new Elsewhere(worlds);
    const runs = worlds.flatMap((world) => stepRuns(world, elsewhere));
    const calls = bySite(runs, ({ run }) => run.site);
    return [...calls.flatMap((some) => diagnosis(some, worlds)), ...opUpdates(worlds, elsewhere)];
  },
};

function diagnosis(runs: readonly StepRun[], worlds: readonly World[]): Diagnosis[] {
  const trains = runs.filter(({ verdict }) => verdict === 'trains');
  const shown = trains[0];
  if (shown === undefined || runs.some(({ verdict }) => isUnknown(verdict))) return [];
  const judged = judgeCondition(runs, trains);
  if (judged === null) return [];
  const biases = awaiting(trains, worlds);
  const aside = { rule: 'redundant-bias', text: biasText(biases), related: biasPlaces(biases) } as const;
  const { step, run } = shown;
  return [
    {
      finding: {
        rule: 'updates-not-run',
        severity: ruleMetas['updates-not-run'].severity,
        message: message(shown, judged.clause, aside.text),
        place: sitePlace(run.site),
        condition: judged.condition,
        related: [...related(shown), ...aside.related],
        unnecessary: [],
        fixes: fixes(shown, judged.everyRun && !trains.some(isOfOneSample), trains.some(mayBeMeantToStay)),
        ...(biases.length > 0 && { aside }),
      },
      witness: { rule: 'updates-not-run', graph: shown.world.graph, step, run, model: run.target },
    },
  ];
}

/** `everyRun`: whether every run from this call trains so, and the call itself can be mended without harm to others. */
function judgeCondition(
  runs: readonly StepRun[],
  trains: readonly StepRun[],
): { condition: string | null; clause: string; everyRun: boolean } | null {
  const others = runs.filter(({ verdict }) => verdict !== 'trains');
  if (others.length === 0) return { condition: null, clause: '', everyRun: true };
  const worldsOf = (some: readonly StepRun[]): World[] => distinct(some.map(({ world }) => world));
  const decisions = telling(worldsOf(trains), worldsOf(others));
  if (decisions !== null) {
    const clause = `, where ${conditionClause(decisions)}`;
    return { condition: conditionText(decisions), clause, everyRun: true };
  }
  const path = ({ step, run }: StepRun): string => [step.place, ...run.path].map(placeKey).join(' < ');
  const training = new Set(trains.map(path));
  const fine = new Set(others.map(path));
  if ([...training].some((one) => fine.has(one))) return null;
  const condition = `in ${training.size} of ${training.size + fine.size} runs`;
  return { condition, clause: `, ${condition}`, everyRun: false };
}

/** The biases that become redundant once these runs are mended. */
function awaiting(trains: readonly StepRun[], worlds: readonly World[]): RedundantOccurrence[] {
  const norms = new Set(trains.flatMap((run) => run.norms));
  return judgeBiases(worlds)
    .filter(({ verdict, muted }) => muted && verdict.kind !== 'silent')
    .flatMap(({ redundant }) =>
      redundant.filter(({ bias, fate }) => !isAdded(bias) && cancellingNorms(fate).every((norm) => norms.has(norm))),
    );
}

function message(shown: StepRun, clause: string, onBiases: string): Message {
  const { step, run, norms } = shown;
  const stay = mayBeMeantToStay(shown)
    ? ' Where it is meant to stay as it is, freeze it, or give the step a list of variables: without one, it is trained too.'
    : '';
  const runs = `\`${run.api}\` runs ${subject(run, norms)} on stored statistics inside a training step (\`${step.api}\`)`;
  const only = 'tfjs updates the moving mean and variance only in calls with `training: true`';
  if (run.within !== null) return innerMessage(shown, run.within, `${runs}${clause}`);
  return {
    what: `${runs}${clause}.`,
    why: `${only}${flagNote(run)}, so this step trains the weights while the statistics keep the values they have, and nothing is normalised by the batch.`,
    todo: `${remedyText(shown)}${onBiases}${stay}`,
  };
}

/**
 * Whether a run is one beside another, of something else, that does hand the flag on, in a step that trains all there is:
 * a teacher, or a discriminator in the step of its generator, that the step should leave alone.
 */
function mayBeMeantToStay({ step, run }: StepRun): boolean {
  const parts = contents(run.target);
  return (
    step.variables === 'all' &&
    step.runs.some(({ mode, target }) => mode === 'batch' && ![...contents(target)].some((part) => parts.has(part)))
  );
}

/** Whether a batch of one goes into a batch norm that sees one value of it a channel: on its own mean, that is nothing. */
function isOfOneSample({ world, run, norms }: StepRun): boolean {
  const hasPositions = (norm: Layer): boolean =>
    GraphIndex.of(world.graph)
      .running(norm)
      .some(({ inputs }) => (inputs[0]?.shape?.length ?? 0) > 2);
  return run.samples === 1 && !norms.every(hasPositions);
}

function moreSamples(shown: StepRun): string {
  if (!isOfOneSample(shown)) return '';
  return 'Train on batches of more than one sample: normalised by its own mean, a single one is all zeros. ';
}

/** Of a run in the `call` of a layer class, which is handed `training: true` and keeps it for itself. */
function innerMessage(shown: StepRun, { layers, handOn }: LayerCall, runs: string): Message {
  const { api } = shown.run;
  const flag = handOn ?? 'kwargs';
  const take = handOn === null ? `Hand the second parameter of \`call\` on to here: ` : 'Write ';
  return {
    what: `${runs}: \`call\` of \`${className(layers.at(-1)!)}\` does not hand the flag on.`,
    why: 'tfjs hands `training: true` to `call(inputs, kwargs)` of a layer class and not to the layers in it, so this step trains the weights while the statistics keep the values they have, and nothing is normalised by the batch.',
    todo: `${moreSamples(shown)}${take}\`apply(x, ${flag})\`${handOn === null ? '' : ' here'}.${api === 'apply' ? '' : ` \`${api}\` never hands it on.`}`,
  };
}

function className({ kind }: Layer): string {
  return kind.replace(/^custom:/, '');
}

function subject(run: ModelRun, norms: readonly Layer[]): string {
  const { target } = run;
  if (!isModel(target)) {
    if (!target.kind.startsWith('custom:')) return `this ${target.kind}${givenName(target)}`;
    return `a layer \`${className(target)}\` with ${count(norms.length, 'batchNormalization layer')}`;
  }
  return `a model with ${count(norms.length, 'batchNormalization layer')}`;
}

function flagNote({ api, site }: ModelRun): string {
  const keys = site.args[1]?.object?.properties.map(({ key }) => key) ?? [];
  if (api.startsWith('predict')) {
    return `, and \`${api}\` ${keys.includes('training') ? 'ignores the flag it is given' : 'never hands that on'}`;
  }
  const wrong = keys.find((key) => key !== null && MISSPELLED.includes(key));
  return wrong === undefined ? '' : ` (it ignores \`${String(wrong)}\`)`;
}

function remedyText(shown: StepRun): string {
  const { api, path } = shown.run;
  const call = api === 'call' ? 'call' : 'apply';
  const mended = `\`${call}(x, { training: true })\``;
  const more = moreSamples(shown);
  return path.length === 0
    ? `${more}Use ${mended} here.`
    : `${more}Use ${mended} when the call comes from the training step, for example by handing the flag through.`;
}

function biasText(biases: readonly RedundantOccurrence[]): string {
  if (biases.length === 0) return '';
  const layers = distinct(biases, ({ key }) => key).length;
  const parameters = parametersOf(biases);
  const size = parameters === null ? '' : ` (${count(parameters, 'parameter')})`;
  return layers === 1
    ? ` Then the bias of one layer${size} becomes redundant: batch normalisation will subtract it.`
    : ` Then the biases of ${layers} layers${size} become redundant: batch normalisation will subtract them.`;
}

function related({ step, run, norms }: StepRun): Related[] {
  const found: Related[] = [{ place: step.place, message: `the training step: \`${step.api}\`` }];
  for (const place of run.path) found.push({ place, message: 'which comes here through this call' });
  for (const norm of distinct(norms, ({ site }) => (site === null ? null : placeKey(sitePlace(site))))) {
    const place = sitePlace(norm.site);
    if (place !== null)
      found.push({ place, message: `${norm.kind}${givenName(norm)}, whose statistics stay as they are` });
  }
  return found;
}

function biasPlaces(biases: readonly RedundantOccurrence[]): Related[] {
  return distinct(biases, ({ origin }) => placeKey(sitePlace(origin.site))).map(({ origin, bias }) => ({
    place: sitePlace(origin.site),
    message: `the bias of ${isAdded(bias) ? 'this call' : `${bias.kind}${givenName(bias)}`} becomes redundant once this is mended`,
  }));
}

function fixes({ step, run }: StepRun, everyRun: boolean, mayStay: boolean): ProposedFix[] {
  const found: ProposedFix[] = [];
  const place = sitePlace(run.site);
  if (run.within !== null) {
    const { handOn } = run.within;
    if (everyRun && handOn !== null && run.api === 'apply') {
      const noise = step.runs.some((other) => placeKey(sitePlace(other.site)) === placeKey(place) && hasNoise(other));
      found.push({
        title: `Hand ${handOn} on to apply${noise ? ' (dropout becomes active)' : ''}`,
        kind: noise ? 'suggestion' : 'quickfix',
        remedy: { type: 'hand-on', site: run.site, flag: handOn },
      });
    }
  } else if (everyRun) {
    const predicts = run.api.startsWith('predict');
    const changes = [
      ...(run.path.length > 0 ? ['every caller of this function trains'] : []),
      ...(hasNoise(run) ? ['dropout becomes active'] : []),
      ...(predicts ? [`the batching and tidying of ${run.api} go away`] : []),
    ];
    const call = run.api === 'call' ? 'call' : 'apply';
    const title = predicts
      ? `Replace ${run.api}(x) by apply(x, { training: true })`
      : `Pass { training: true } to ${call}`;
    const local = !predicts && run.path.length === 0;
    found.push({
      title: changes.length === 0 || local ? title : `${title} (${list(changes)})`,
      kind: local && !mayStay ? 'quickfix' : 'suggestion',
      remedy: { type: 'set-training', site: run.site, api: run.api },
    });
  }
  const remedy = { type: 'disable-line', place, rule: 'updates-not-run' } as const;
  return [...found, { title: 'Disable updates-not-run for this line', kind: 'suggestion', remedy }];
}

function hasNoise(run: ModelRun): boolean {
  return [...contents(run.target)].some(
    (part) => !isModel(part) && (NOISE.includes(part.kind) || (part.config.get('dropout') ?? 0) !== 0),
  );
}
