import {
  isAdded,
  isModel,
  isUnknown,
  type Bias,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
  type ModelRun,
  type World,
} from '../graph';
import { batchNorms, contents, modelsHolding } from './membership';

/** A run of a model inside a gradient step, and what the step does to its batch norms. */
export interface StepRun {
  readonly world: World;
  readonly step: GradientStep;
  readonly run: ModelRun;
  /** All batch norms that run. */
  readonly norms: readonly Layer[];
  /**
   * `trains`: on stored statistics, though the step trains them. `fine`: on the batch, or not trained by the step, or
   * updated elsewhere. `unknown`: the analysis cannot tell.
   */
  readonly verdict: 'trains' | 'fine' | 'unknown';
}

/** Every run of something that holds batch norm, inside every gradient step of a world. */
export function stepRuns(world: World): StepRun[] {
  const found: StepRun[] = [];
  for (const step of world.graph.steps) {
    for (const run of step.runs) {
      const norms = batchNorms(run.target);
      if (norms.length > 0) found.push({ world, step, run, norms, verdict: judge(world.graph, step, run, norms) });
    }
  }
  return found;
}

function judge(graph: ModelGraph, step: GradientStep, run: ModelRun, norms: readonly Layer[]): StepRun['verdict'] {
  if (run.mode === 'batch') return 'fine';
  if (run.mode !== 'stored') return 'unknown';
  const trained = norms.map((norm) => trains(graph, step, norm));
  if (!trained.includes(true)) return trained.includes(null) ? 'unknown' : 'fine';
  // Such a layer throws in training mode (tfjs-layers/src/layers/normalization.ts reads both): there is no mending.
  if (norms.some((norm) => !defaultTrue(norm, 'center') || !defaultTrue(norm, 'scale'))) return 'unknown';
  return norms.some((norm) => updatedElsewhere(graph, norm)) ? 'fine' : 'trains';
}

/**
 * Whether the step trains this batch norm: its gamma is among the variables that the gradient is taken of, and nobody
 * has frozen it. A target network, whose weights are copied from another model, is not trained, and one whose weights
 * are set by other code may be one (an average over time). null: not known.
 */
function trains(graph: ModelGraph, step: GradientStep, norm: Layer): boolean | null {
  const { variables } = step;
  if (variables === 'arguments') return false;
  if (isUnknown(variables)) return null;
  if (variables !== 'all' && !variables.some((subject) => contents(subject).has(norm))) return false;
  const holders = modelsHolding(graph, norm);
  const flags = [norm.trainable, norm.config.get('trainable') ?? true, ...holders.map((model) => model.trainable)];
  if (flags.includes(false)) return false;
  // Frozen for the time of this step, and trainable again afterwards.
  if (flags.some(isUnknown) || [norm, ...holders].some((part) => step.frozen.includes(part))) return null;
  const sources = [norm, ...holders].flatMap((part) => part.weights.map(({ kind }) => kind));
  if (sources.includes('copied')) return false;
  return sources.includes('set') ? null : true;
}

function defaultTrue(layer: Layer, key: string): boolean {
  const value = layer.config.get(key);
  return value === undefined || value === true;
}

/** Whether some other call updates its statistics: tfjs's own loop, or a run on batch statistics. */
function updatedElsewhere(graph: ModelGraph, norm: Layer): boolean {
  const holds = (subject: Layer | Model): boolean => contents(subject).has(norm);
  return (
    graph.models.some((model) => model.trainings.length > 0 && holds(model)) ||
    graph.steps.some((step) => step.runs.some((run) => run.mode !== 'stored' && holds(run.target))) ||
    graph.applications.some(
      ({ target, mode }) =>
        mode === 'batch' &&
        ((target.type === 'layer' && holds(target.layer)) || (target.type === 'model' && holds(target.model))),
    )
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
