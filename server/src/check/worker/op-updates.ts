import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { OpUpdatesPlan, PlanNode } from '../plan/types';
import { drawInput, Layers } from './build';
import type { LoadedEngine } from './engine';
import { Unmeasurable } from './errors';
import type { Measured } from './bias';
import { normals, seeded } from './random';
import { trainsClaim, unchangedClaim } from './update-claims';

const SEED = 52_361;

/** Runs one gradient step on functions on tensors as it is written, and looks at what it changed. */
export function measureOpUpdates(engine: LoadedEngine, plan: OpUpdatesPlan): Measured {
  const step = new OpStep(engine, plan);
  const change = step.run();
  const claims = [unchangedClaim(Math.max(0, ...change.statistics), 'stored', 'the stored statistics')];
  if (change.trained.length > 0) claims.unshift(trainsClaim(Math.max(...change.trained), 'offset and scale'));
  return { claims, standIns: [] };
}

class OpStep {
  private readonly layers: Layers;
  private readonly given = new Map<number, Tensor>();

  constructor(
    private readonly engine: LoadedEngine,
    private readonly plan: OpUpdatesPlan,
  ) {
    this.layers = new Layers(engine.tf, plan.layers);
    const { tf } = engine;
    for (const input of plan.graph.inputs) {
      if (input.shape === null) throw new Unmeasurable('the shape of an input is not known');
      const variable = plan.variables.find(({ tensor }) => tensor === input.tensor);
      const drawn = drawInput(tf, input, input.shape as number[], SEED + input.tensor);
      const start = variable?.fill == null ? drawn : tf.fill(drawn.shape, variable.fill);
      this.given.set(input.tensor, variable === undefined ? drawn : tf.variable(start, variable.trainable));
    }
  }

  /** The largest change of each watched variable. */
  run(): { readonly statistics: readonly number[]; readonly trained: readonly number[] } {
    const { tf } = this.engine;
    const { plan } = this;
    const watched = (ids: readonly number[]): Variable[] => ids.map((id) => this.given.get(id) as Variable);
    const [statistics, trained] = [watched(plan.statistics), watched(plan.trained)];
    const before = new Map([...statistics, ...trained].map((variable) => [variable, variable.clone()]));
    seeded(SEED, () => {
      if (plan.graph.outputs.length === 0) tf.tidy(() => void this.forward());
      else tf.train.sgd(0.01).minimize(() => this.loss());
    });
    const change = (variable: Variable): number => variable.sub(before.get(variable)!).abs().max().dataSync()[0]!;
    return { statistics: statistics.map(change), trained: trained.map(change) };
  }

  private loss(): ReturnType<Tensor['asScalar']> {
    const { tf } = this.engine;
    const values = this.forward();
    const distances = this.plan.graph.outputs.map((id) => {
      const output = values.get(id)!;
      return output
        .sub(tf.tensor(normals(output.size, SEED + id), output.shape))
        .square()
        .mean();
    });
    return tf.addN(distances).asScalar();
  }

  private forward(): ReadonlyMap<number, Tensor> {
    const values = new Map(this.given);
    for (const node of this.plan.graph.nodes) {
      const inputs = node.inputs.map((id) => values.get(id)!);
      const outputs = this.apply(node, inputs);
      node.outputs.forEach((id, index) => values.set(id, outputs[index]!));
    }
    return values;
  }

  private apply(node: PlanNode, inputs: Tensor[]): Tensor[] {
    const { target, mode } = node;
    if (target.type !== 'op' || target.name !== 'assign') return this.layers.apply(node, inputs, mode === 'batch');
    (inputs[0] as Variable).assign(inputs[1]!);
    return [];
  }
}
