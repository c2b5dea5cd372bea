import type { Tensor } from '@tensorflow/tfjs';
import { isBatchNormOp } from '../../graph';
import type { BiasPlan, PlanNode } from '../plan/types';
import type { Verdict } from '../result';
import { drawConstants, drawInput, isBias, weightsOf, type Layers, type Weight } from './build';
import type { LoadedEngine } from './engine';
import { Unmeasurable } from './errors';
import { float32Tolerance, zeroVerdict } from './float32';
import { normals, seeded } from './random';

/** A tensor with the bias and without it; one tensor where they are known to be equal. */
export interface Pair {
  readonly without: Tensor;
  readonly with: Tensor;
}

/** A tensor at which the trace ends: it was measured to be free of the bias, or it is observed and is not. */
export interface End {
  readonly tensor: number;
  /** Largest absolute difference over the largest absolute value. */
  readonly figure: number;
  readonly tolerance: number;
  readonly magnification: number;
  readonly verdict: Verdict;
  readonly observed: boolean;
  /** Largest absolute value. */
  readonly scale: number;
}

export interface Trace {
  readonly ends: readonly End[];
  /** The nodes that were run with both values of the bias, in order. */
  readonly active: readonly PlanNode[];
  readonly pairs: ReadonlyMap<number, Pair>;
  readonly biases: readonly Weight[];
  readonly kernels: readonly Weight[];
  /** The drawn values of the biases. */
  readonly drawn: readonly Tensor[];
  /** The tolerance on the gradient of the bias, which sums over everything that the trace passed. */
  readonly gradientTolerance: number;
  /** A dependence that leads into something that cannot be run; null when all of it was followed. */
  readonly lost: string | null;
}

const SEED = 20_161;

/** Runs a plan's nodes with a bias of zero and with a drawn one, following what differs. */
export class Tracer {
  private readonly values = new Map<number, Tensor>();
  private readonly inputs;
  private readonly producers = new Map<number, PlanNode>();
  private readonly prepared = new Set<number>();
  private biases: Weight[] = [];
  private kernels: Weight[] = [];
  private drawn: Tensor[] = [];
  /** The op whose other operand is compared to the bias it adds. */
  private compared: PlanNode | null = null;

  constructor(
    private readonly engine: LoadedEngine,
    private readonly plan: BiasPlan,
    readonly layers: Layers,
  ) {
    this.inputs = new Map(plan.graph.inputs.map((input) => [input.tensor, input]));
    for (const node of plan.graph.nodes) for (const id of node.outputs) this.producers.set(id, node);
  }

  /** In training mode; where a node's mode is fixed by the code, in that one. */
  run(): Trace {
    const pairs = new Map<number, Pair>();
    const ends: End[] = [];
    const active: PlanNode[] = [];
    let lost: string | null = null;
    let [accumulations, magnification] = [1, 0];
    const observed = new Set(this.plan.graph.outputs);
    for (const node of this.plan.graph.nodes) {
      const carries = this.isBiased(node);
      if (!carries && !node.inputs.some((id) => pairs.has(id))) continue;
      if (node.target.type === 'unknown') {
        lost ??= node.target.reason;
        continue;
      }
      const inputs = node.inputs.map((id) => pairs.get(id) ?? this.free(id));
      const outputs = this.both(node, inputs, carries);
      active.push(node);
      accumulations = Math.max(accumulations, this.accumulations(node, inputs));
      node.outputs.forEach((id, index) => {
        const pair = outputs[index]!;
        const end = this.compare(id, node, inputs, pair, observed.has(id));
        if (end.verdict !== 'confirmed') pairs.set(id, pair);
        else this.values.set(id, pair.without);
        if (end.verdict === 'confirmed' || end.observed) ends.push(end);
        if (end.verdict === 'confirmed') magnification = Math.max(magnification, end.magnification);
      });
    }
    const { biases, kernels, drawn } = this;
    const gradientTolerance = float32Tolerance(accumulations, magnification);
    return { ends, active, pairs, biases, kernels, drawn, gradientTolerance, lost };
  }

  isBiased(node: PlanNode): boolean {
    const { subject, graph } = this.plan;
    if ('nodes' in subject) return subject.nodes.some((index) => graph.nodes[index] === node);
    return node.target.type === 'layer' && this.layers.holds(node.target.layer, subject.layer);
  }

  /** The value of a tensor that is free of the bias. */
  value(id: number): Tensor {
    let value = this.values.get(id);
    if (value) return value;
    const input = this.inputs.get(id);
    if (input) {
      const shape = input.shape === null ? this.value(input.like!).shape : (input.shape as number[]);
      value = drawInput(this.engine.tf, input, shape, SEED + id);
      this.values.set(id, value);
      return value;
    }
    const node = this.producers.get(id);
    if (!node) throw new Unmeasurable('a tensor of the plan has no origin');
    const inputs = node.inputs.map((one) => this.value(one));
    const outputs = this.apply(node, inputs, node.mode !== 'stored');
    node.outputs.forEach((one, index) => this.values.set(one, outputs[index]!));
    return this.values.get(id)!;
  }

  /** Applies a node with its own random stream, so that both runs draw the same masks. */
  apply(node: PlanNode, given: Tensor[], training: boolean): Tensor[] {
    const inputs = node.target.type === 'op' && this.isBiased(node) ? this.withAdded(node, given) : given;
    this.refuseWrongNorm(node, inputs);
    const seed = SEED + (node.outputs[0] ?? 0);
    if (node.target.type === 'layer' && !this.prepared.has(node.target.layer)) {
      const { layer } = node.target;
      this.prepared.add(layer);
      seeded(seed, () => this.prepare(node, layer, inputs));
    }
    return seeded(seed, () => this.layers.apply(node, inputs, training));
  }

  setBias(values: readonly Tensor[] | null): void {
    this.biases.forEach(({ variable }, index) =>
      variable.assign(values?.[index] ?? this.engine.tf.zeros(variable.shape)),
    );
  }

  private free(id: number): Pair {
    const value = this.value(id);
    return { without: value, with: value };
  }

  private both(node: PlanNode, inputs: readonly Pair[], carries: boolean): readonly Pair[] {
    const training = node.mode !== 'stored';
    if (carries && this.biases.length > 0) this.setBias(null);
    const without = this.apply(
      node,
      inputs.map((pair) => pair.without),
      training,
    );
    if (carries) {
      if (this.biases.length === 0) throw new Unmeasurable('the layer has no bias');
      if (this.drawn.length === 0) this.drawBias(without[0]!);
      this.setBias(this.drawn);
    }
    const others = this.apply(
      node,
      inputs.map((pair) => pair.with),
      training,
    );
    return without.map((tensor, index) => ({ without: tensor, with: others[index]! }));
  }

  /** Builds a layer, draws its constant weights, and finds the bias when it is the one. */
  private prepare(node: PlanNode, index: number, inputs: Tensor[]): void {
    this.engine.tf.tidy(() => void this.layers.apply(node, inputs, false));
    const layer = this.layers.get(index);
    drawConstants(this.engine.tf, weightsOf(layer), SEED + 7 * index);
    if (!this.isBiased(node) || this.biases.length > 0) return;
    // A wrapper may work on a copy of what it wraps (bidirectional); then only its own weights count.
    const { subject } = this.plan;
    if ('nodes' in subject) return;
    const own = this.layers.get(subject.layer);
    const weights = weightsOf(own.built && own.weights.length > 0 ? own : layer);
    this.biases = weights.filter(isBias);
    this.kernels = weights.filter((weight) => !isBias(weight));
    if (this.biases.length > 0) this.setBias(null);
  }

  /** The inputs of an op that adds the bias, which is a variable here, and so is what the first such op adds it to. */
  private withAdded(node: PlanNode, given: readonly Tensor[]): Tensor[] {
    const { subject } = this.plan;
    if (!('nodes' in subject)) return [...given];
    const inputs = [...given];
    const other = otherInput(node, subject.input);
    if (this.biases.length === 0) {
      const { tf } = this.engine;
      const named = (name: string, value: Tensor): Weight => ({ name, variable: tf.variable(value) });
      this.biases = [named('bias', tf.zeros(inputs[subject.input]!.shape))];
      this.kernels = other === null ? [] : [named('operand', inputs[other]!)];
      this.compared = node;
    }
    inputs[subject.input] = this.biases[0]!.variable;
    if (node === this.compared && other !== null) inputs[other] = this.kernels[0]!.variable;
    return inputs;
  }

  /** A bias twice as large as what it is added to, so that its effect stands out and rounding stays small. */
  private drawBias(output: Tensor): void {
    const { tf } = this.engine;
    const spread = tf.moments(output).variance.sqrt().dataSync()[0]!;
    const size = spread > 0 && Number.isFinite(spread) ? 2 * spread : 1;
    this.drawn = this.biases.map(({ variable }, index) => {
      const values = normals(variable.size, SEED + 101 * (index + 1)).map((value) => value * size);
      return tf.tensor(values, variable.shape);
    });
  }

  private compare(id: number, node: PlanNode, inputs: readonly Pair[], pair: Pair, observed: boolean): End {
    const { tf } = this.engine;
    if (pair.with.size === 0) throw new Unmeasurable('sizes shrink to nothing: a tensor of the model is empty');
    const [difference, scale] = tf.tidy(() => [
      pair.with.sub(pair.without).abs().max().dataSync()[0]!,
      tf.maximum(pair.with.abs().max(), pair.without.abs().max()).dataSync()[0]!,
    ]);
    // Constant zero says nothing: whatever the bias does, it is hidden.
    const figure = scale > 0 ? difference / scale : Number.NaN;
    const magnification = this.magnification(node, inputs, scale);
    const tolerance = float32Tolerance(this.accumulations(node, inputs), magnification);
    return { tensor: id, figure, tolerance, magnification, verdict: zeroVerdict(figure, tolerance), observed, scale };
  }

  private accumulations(node: PlanNode, inputs: readonly Pair[]): number {
    let most = 1;
    for (const { without } of inputs) most = Math.max(most, without.size / (without.shape.at(-1) || 1));
    if (node.target.type !== 'layer') return most;
    const fanIns = weightsOf(this.layers.get(node.target.layer)).map(
      ({ variable }) => variable.size / (variable.shape.at(-1) || 1),
    );
    return most + Math.max(0, ...fanIns);
  }

  /** How many times rounding errors of the inputs are larger relative to the output. */
  private magnification(node: PlanNode, inputs: readonly Pair[], scale: number): number {
    const { tf } = this.engine;
    return tf.tidy(() => {
      const largest = Math.max(...inputs.map((pair) => pair.with.abs().max().dataSync()[0]!));
      const input = inputs[0]?.without;
      const variance = batchNormVariance(node, inputs);
      if (variance !== null) return largest / variance.add(1e-3).sqrt().min().dataSync()[0]!;
      const axis = input ? this.normAxis(node, input.rank) : null;
      if (!input || axis === null) return scale > 0 ? largest / scale : 0;
      const over = input.shape.map((_, index) => index).filter((index) => index !== axis);
      const layer = this.layers.get((node.target as { layer: number }).layer);
      const { epsilon } = layer.getConfig() as { epsilon: number };
      const spread = tf.moments(input, over).variance.add(epsilon).sqrt().min().dataSync()[0]!;
      return largest / spread;
    });
  }

  /** The axis of a batch norm on inputs of this rank, counted from the front; null for any other node. */
  normAxis(node: PlanNode, rank: number): number | null {
    if (node.target.type !== 'layer' || this.layers.plan(node.target.layer).kind !== 'batchNormalization') return null;
    const { axis } = this.layers.get(node.target.layer).getConfig() as { axis: number };
    return axis < 0 ? axis + rank : axis;
  }

  /**
   * tfjs's pure-JavaScript batch norm is wrong for any axis but the last, and for statistics of another rank than 1
   * (tfjs-backend-cpu, kernels/BatchNorm).
   */
  private refuseWrongNorm(node: PlanNode, inputs: readonly Tensor[]): void {
    if (!this.engine.pureJs || inputs.length === 0) return;
    const { rank } = inputs[0]!;
    const variance = batchNormVariance(
      node,
      inputs.map((one) => ({ without: one, with: one })),
    );
    if (variance !== null && variance.rank > 1 && variance.size !== variance.shape.at(-1)) {
      throw new Unmeasurable('pure-JavaScript tfjs computes batch norm with statistics of more than one axis wrongly');
    }
    const axis = this.normAxis(node, rank);
    if (axis !== null && axis !== rank - 1) {
      throw new Unmeasurable('pure-JavaScript tfjs computes batch norm over an axis other than the last wrongly');
    }
  }
}

/** The input of a batch-norm op that is its variance; null for any other node. */
function batchNormVariance({ target }: PlanNode, inputs: readonly Pair[]): Tensor | null {
  if (target.type !== 'op' || !isBatchNormOp(target.name)) return null;
  return inputs[target.roles.indexOf('variance')]?.without ?? null;
}

/** What a bias is compared to: the filter where the op has one, else the first other operand. */
function otherInput({ target, inputs }: PlanNode, bias: number): number | null {
  const filter = target.type === 'op' ? target.roles.indexOf('filter') : -1;
  if (filter >= 0) return filter;
  const other = inputs.findIndex((_, index) => index !== bias);
  return other < 0 ? null : other;
}
