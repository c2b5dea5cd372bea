import type { LayersModel, Tensor, Variable } from '@tensorflow/tfjs';
import type { Claim } from '../result';
import type { PlanModel, PlanRun, UpdatesPlan } from '../plan/types';
import type { Measured } from './bias';
import { drawConstants, drawInput, Layers, weightsOf, type Layer } from './build';
import type { LoadedEngine, Tf } from './engine';
import { Unmeasurable } from './errors';
import { normals, seeded } from './random';
import { trainsClaim, unchangedClaim } from './update-claims';

const SEED = 40_961;

/** What of one batch norm is watched. */
interface Norm {
  readonly trained: readonly Variable[];
  readonly statistics: readonly Variable[];
}

/** Largest absolute change per batch norm in one step. */
interface Change {
  readonly trained: readonly number[];
  readonly statistics: readonly number[];
}

/**
 * Runs one gradient step as it is written and once more with `training: true` on the run that the finding stands on,
 * from the same weights and batch, and looks at what each batch norm of that run changed.
 */
export function measureUpdates(engine: LoadedEngine, plan: UpdatesPlan): Measured {
  const step = new Step(engine.tf, plan);
  const written = step.run(plan.runs);
  const mended = step.run(
    plan.runs.map((run, index) => (index === plan.run ? { ...run, api: mendedApi(run.api), training: true } : run)),
  );
  const { trained, statistics } = written;
  const moving = `moving mean and moving variance over ${count(statistics)}`;
  return {
    claims: [
      trainsClaim(Math.max(...trained), 'gamma and beta'),
      unchangedClaim(Math.max(...statistics), 'moving', moving),
      mendedClaim(mended),
    ],
    standIns: [],
  };
}

function mendedApi(api: PlanRun['api']): PlanRun['api'] {
  return api === 'call' ? 'call' : 'apply';
}

class Step {
  private readonly layers: Layers;
  private readonly targets: readonly { readonly owner: LayersModel | Layer; readonly inputs: readonly Tensor[] }[];
  private readonly norms: readonly Norm[];
  private readonly initial: readonly { readonly variable: Variable; readonly value: Tensor }[];

  constructor(
    private readonly tf: Tf,
    private readonly plan: UpdatesPlan,
  ) {
    this.layers = new Layers(tf, plan.layers);
    this.targets = seeded(SEED, () => plan.models.map((model) => this.target(model)));
    const made = plan.layers.flatMap(({ id }) => this.layers.existing(id) ?? []);
    made.forEach((layer, index) => drawConstants(tf, movable(layer), SEED + 7 * index));
    for (const { id, trainable } of plan.layers) {
      const layer = this.layers.existing(id);
      if (layer && !trainable) layer.trainable = false;
    }
    this.norms = this.findNorms();
    const variables = new Set(made.flatMap((layer) => weightsOf(layer).map(({ variable }) => variable)));
    this.initial = [...variables].map((variable) => ({ variable, value: variable.clone() }));
  }

  /** From the initial weights. */
  run(runs: readonly PlanRun[]): Change {
    const { tf, plan } = this;
    for (const { variable, value } of this.initial) variable.assign(value);
    const loss = () =>
      tf.tidy(() => {
        let sum: Tensor = tf.scalar(0);
        for (const run of runs) for (const output of this.outputs(run)) sum = sum.add(this.distance(output));
        return sum.asScalar();
      });
    seeded(SEED, () => {
      if (plan.variables === 'arguments') loss();
      else tf.train.sgd(0.01).minimize(loss, false, plan.variables === 'all' ? undefined : this.listed(plan.variables));
    });
    const before = new Map(this.initial.map(({ variable, value }) => [variable, value]));
    const change = (variables: readonly Variable[]): number =>
      Math.max(0, ...variables.map((one) => one.sub(before.get(one)!).abs().max().dataSync()[0]!));
    return {
      trained: this.norms.map(({ trained }) => change(trained)),
      statistics: this.norms.map(({ statistics }) => change(statistics)),
    };
  }

  private target(model: PlanModel): { readonly owner: LayersModel | Layer; readonly inputs: readonly Tensor[] } {
    const inputs = model.graph.inputs.map((input) => {
      if (input.shape === null) throw new Unmeasurable('the shape of an input is not known');
      return drawInput(this.tf, input, input.shape as number[], SEED + input.tensor);
    });
    if (model.form === 'model') return { owner: this.layers.model(model.graph), inputs };
    const [node] = model.graph.nodes;
    const byId = new Map(model.graph.inputs.map((input, index) => [input.tensor, inputs[index]!]));
    const ordered = node!.inputs.map((id) => byId.get(id)!);
    this.layers.apply(node!, ordered, false);
    return { owner: this.layers.get((node!.target as { readonly layer: number }).layer), inputs: ordered };
  }

  private outputs(run: PlanRun): Tensor[] {
    const { owner, inputs } = this.targets[run.model]!;
    const input = (inputs.length === 1 ? inputs[0]! : inputs) as Tensor;
    const flag = run.training ? { training: true } : {};
    let output: unknown;
    if (run.api === 'apply') output = owner.apply(input, flag);
    else if (run.api === 'call') output = owner.call(input, flag);
    else if (!('predict' in owner)) throw new Unmeasurable(`a layer has no ${run.api}`);
    else
      output =
        run.api === 'predict' ? owner.predict(input, { batchSize: this.plan.batch }) : owner.predictOnBatch(input);
    return (Array.isArray(output) ? output : [output]) as Tensor[];
  }

  private distance(output: Tensor): Tensor {
    const target = this.tf.tensor(normals(output.size, SEED + 1), output.shape);
    return output.sub(target).square().mean();
  }

  private listed(ids: readonly number[]): Variable[] {
    const layers = ids.flatMap((id) => this.layers.existing(id) ?? []);
    const trainable = layers.flatMap((layer) => layer.trainableWeights.map((weight) => weight.read() as Variable));
    if (trainable.length === 0)
      throw new Unmeasurable('none of the listed variables belongs to the models of this step');
    return trainable;
  }

  /** Of the run that the finding stands on. */
  private findNorms(): readonly Norm[] {
    const { graph } = this.plan.models[this.plan.runs[this.plan.run]!.model]!;
    const norms = this.plan.layers.filter(
      ({ id, kind }) =>
        kind === 'batchNormalization' &&
        graph.nodes.some(({ target }) => target.type === 'layer' && this.layers.holds(target.layer, id)),
    );
    if (norms.length === 0) throw new Unmeasurable('the model holds no batch norm');
    return norms.map(({ id }) => {
      const weights = weightsOf(this.layers.get(id));
      return {
        trained: weights.filter(({ name }) => /^(gamma|beta)/.test(name)).map(({ variable }) => variable),
        statistics: weights.filter(({ name }) => /^moving/.test(name)).map(({ variable }) => variable),
      };
    });
  }
}

/** All weights but the moving statistics, whose start at zero and one is part of the picture. */
function movable(layer: Layer): ReturnType<typeof weightsOf> {
  return weightsOf(layer).filter(({ name }) => !/^moving/.test(name));
}

function mendedClaim({ statistics }: Change): Claim {
  const figure = Math.min(...statistics);
  return {
    claim: 'With training: true the same step updates them.',
    figure,
    tolerance: 0,
    verdict: figure > 0 ? 'confirmed' : 'refuted',
    detail: `Smallest change over ${count(statistics)} in one step; it must be more than zero.`,
  };
}

function count(norms: readonly unknown[]): string {
  return norms.length === 1 ? 'one batch norm' : `${norms.length} batch norms`;
}
