import {
  Unknown,
  isAdded,
  isModel,
  isUnknown,
  placeKey,
  type Bias,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
  type ModelRun,
  type World,
} from '../graph';
import type { Elsewhere } from './elsewhere';
import { batchNorms, contents, modelsHolding } from './membership';

/** A run of a model inside a gradient step, and what the step does to its batch norms. */
export interface StepRun {
  readonly world: World;
  readonly step: GradientStep;
  readonly run: ModelRun;
  /** All batch norms that run, those that layer classes of the author's apply in their `call` included. */
  readonly norms: readonly Layer[];
  /**
   * `trains`: on stored statistics, though the step trains them. `fine`: on the batch, or not trained by the step, or
   * updated elsewhere. Otherwise why the analysis cannot tell, and where that is seen.
   */
  readonly verdict: 'trains' | 'fine' | Unknown;
}

/** A batch norm that runs, and the layers of the author's whose `call` applies it, outermost first. */
interface Held {
  readonly norm: Layer;
  readonly through: readonly Layer[];
}

/**
 * Every run of something that holds batch norm, inside every gradient step of a world. What runs in the `call` of a layer
 * that is itself run on stored statistics belongs to that run: mending it comes first.
 */
export function stepRuns(world: World, elsewhere: Elsewhere): StepRun[] {
  const found: StepRun[] = [];
  for (const step of world.graph.steps) {
    for (const run of step.runs) {
      if (run.within?.mode === 'stored') continue;
      const held = heldBy(step, run);
      const norms = held.map(({ norm }) => norm);
      if (norms.length === 0) continue;
      const judged = judge(world.graph, step, run, held);
      const changed = judged === 'trains' && norms.some((norm) => elsewhere.changes(norm, world));
      found.push({ world, step, run, norms, verdict: changed ? CHANGED : judged });
    }
  }
  return found;
}

const CHANGED = new Unknown('code of another file updates, sets or freezes it');

function heldBy(step: GradientStep, run: ModelRun): Held[] {
  const own = batchNorms(run.target).map((norm) => ({ norm, through: run.within?.layers ?? [] }));
  if (run.mode !== 'stored') return own;
  const { site, target } = run;
  const parts = contents(target);
  const inner = step.runs.filter(
    ({ mode, within }) =>
      mode === 'stored' &&
      within?.mode === 'stored' &&
      placeKey({ file: within.site.file, ...within.site.call }) === placeKey({ file: site.file, ...site.call }) &&
      parts.has(within.layers.at(-1)!),
  );
  return [...own, ...inner.flatMap((one) => heldBy(step, one))];
}

function judge(graph: ModelGraph, step: GradientStep, run: ModelRun, held: readonly Held[]): StepRun['verdict'] {
  if (run.mode === 'batch') return 'fine';
  if (run.mode !== 'stored') return isUnknown(run.mode) ? run.mode : new Unknown('the caller decides');
  // Whoever writes `training: false` means it, as in fine-tuning.
  if (run.deliberate) return new Unknown('the call says `training: false`');
  // Whoever hands on something else than what `call` is given has thought of it.
  if (run.within !== null && (run.api === 'call' || (run.api === 'apply' && run.site.args.length !== 1)))
    return new Unknown('`call` hands on something else than it is given');
  const used = run.within && held.flatMap(({ norm }) => norm.escapes)[0];
  if (used) return new Unknown(`it is ${used.reason}`, used.place);
  if (held.some((one) => updatedElsewhere(graph, run, one))) return 'fine';
  const trained = held.map((one) => trains(graph, step, one));
  if (!trained.includes(true)) return trained.find(isUnknown) ?? 'fine';
  // Such a layer throws in training mode (tfjs-layers/src/layers/normalization.ts reads both): there is no mending.
  if (held.some(({ norm }) => !defaultTrue(norm, 'center') || !defaultTrue(norm, 'scale')))
    return new Unknown('tfjs has no training mode without `center` and `scale`');
  return 'trains';
}

/**
 * Whether the step trains this batch norm: its gamma is among the variables that the gradient is taken of, and nobody
 * has frozen it. A target network, whose weights are copied from another model, is not trained, and one whose weights
 * are set by other code may be one (an average over time); its own weights are no other model's, whatever they are
 * multiplied by and noise is added to them.
 */
function trains(graph: ModelGraph, step: GradientStep, { norm, through }: Held): boolean | Unknown {
  const { variables, applied } = step;
  if (variables === 'arguments' || applied === 'none') return false;
  if (isUnknown(variables)) return variables;
  if (applied === 'some') return new Unknown('which of the gradients are applied is not known');
  if (variables !== 'all' && !variables.some((subject) => contents(subject).has(norm))) return false;
  const layers = [norm, ...through];
  const holders = layers.flatMap((layer) => modelsHolding(graph, layer));
  const parts = [...layers, ...holders];
  const flags = [norm.config.get('trainable') ?? true, ...parts.map(({ trainable }) => trainable)];
  if (flags.includes(false)) return false;
  // Frozen for the time of this step, and trainable again afterwards.
  if (flags.some(isUnknown) || parts.some((part) => step.frozen.includes(part)))
    return new Unknown('it is frozen, or may be');
  // Code that it is handed to may freeze it, or train it in a way that updates the statistics.
  const given = parts.flatMap(({ escapes }) => escapes).find(({ handed }) => handed);
  if (given) return new Unknown(`it is ${given.reason}`, given.place);
  const sources = parts.flatMap(({ weights }) => weights);
  if (sources.some(({ kind }) => kind === 'copied')) return false;
  const set = sources.find(({ kind }) => kind === 'set');
  return set ? new Unknown('its weights are set to something that is not known', set.place) : true;
}

function defaultTrue(layer: Layer, key: string): boolean {
  const value = layer.config.get(key);
  return value === undefined || value === true;
}

/** Whether some other call updates its statistics: tfjs's own loop, or a run on batch statistics. */
function updatedElsewhere(graph: ModelGraph, run: ModelRun, { norm, through }: Held): boolean {
  // The run that calls a layer on batch statistics updates nothing that the layer does not hand the flag on to.
  const reached = run.within === null ? [norm, ...through] : [norm];
  const holds = (subject: Layer | Model, layers = reached): boolean => {
    const parts = contents(subject);
    return layers.some((layer) => parts.has(layer));
  };
  return (
    graph.models.some((model) => model.trainings.length > 0 && holds(model, [norm, ...through])) ||
    graph.steps.some((step) => step.runs.some((run) => run.mode !== 'stored' && holds(run.target))) ||
    [...graph.layers, ...graph.models].some((part) => part.updates.length > 0 && holds(part))
  );
}

/**
 * Whether a gradient step may train a bias while one of `cancelling` runs on stored statistics: then that batch norm
 * cancels nothing in this step. It errs on the side of yes, for a yes silences. It is so, too, where the model is
 * also trained through `fit`: the bias is not without effect in both.
 */
export function mayTrainOnStored({ graph }: Pick<World, 'graph'>, bias: Bias, cancelling: readonly Layer[]): boolean {
  return graph.steps.some(
    (step) =>
      mayTrain(step, bias) &&
      step.runs.some(({ mode, target }) => {
        if (mode === 'batch' || isTargetNetwork(target)) return false;
        const parts = contents(target);
        return cancelling.some((norm) => parts.has(norm));
      }),
  );
}

function mayTrain({ variables }: GradientStep, bias: Bias): boolean {
  if (variables === 'arguments') return false;
  // A list of variables is known by the layers that they belong to.
  if (variables === 'all' || isUnknown(variables) || isAdded(bias)) return true;
  return variables.some((subject) => contents(subject).has(bias));
}

function isTargetNetwork(target: Layer | Model): boolean {
  return isModel(target) && target.weights.some((source) => source.kind === 'copied');
}
