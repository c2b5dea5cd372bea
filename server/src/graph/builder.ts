import { ConfigObject, type Unknown } from './config';
import type {
  Application,
  Escape,
  GradientApi,
  GradientStep,
  Layer,
  MadeTensor,
  Mode,
  Model,
  ModelGraph,
  ModelRun,
  OpCall,
  Shape,
  StepOp,
  Target,
  Tensor,
  Training,
  WeightSource,
} from './model';
import { connectedPart, type GraphPart } from './part';
import { placeKey, type Place } from './place';
import { outputShapes } from './shape';
import type { CallSite } from './site';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** How long the lists of a graph were at a mark, and how to take back what has changed since in what was there. */
interface Mark {
  readonly layers: number;
  readonly applications: number;
  readonly tensors: number;
  readonly models: number;
  readonly steps: number;
  readonly log: (() => void)[];
  readonly touched: Set<GraphPart>;
}

/**
 * Builds a ModelGraph step by step. The only place where graph objects are made, so that uses, producers and ids
 * always agree. What was built since a mark can be copied out (`grown`) and taken back (`undo`).
 */
export class GraphBuilder {
  private marked: Mark | null = null;
  /** Asked before anything is made or changed: it may throw where nothing may be. */
  guard: (() => void) | null = null;
  /** How many layers each site has made by each path of calls. */
  private readonly ordinals = new Map<string, number>();
  private readonly layers: Layer[] = [];
  private readonly applications: Application[] = [];
  private readonly tensors: Tensor[] = [];
  private readonly models: Model[] = [];
  private readonly steps: GradientStep[] = [];

  layer(
    kind: string,
    config: ConfigObject = ConfigObject.empty,
    at: { site?: CallSite | null; calls?: readonly Place[]; inner?: Layer | Model | null } = {},
  ): Layer {
    this.guard?.();
    const layer: Layer = {
      id: this.layers.length,
      kind,
      config,
      inner: at.inner ?? null,
      site: at.site ?? null,
      calls: at.calls ?? [],
      ordinal: this.ordinalOf(at.site ?? null, at.calls ?? []),
      // What tfjs sets itself (tfjs-layers/src/engine/input_layer.ts).
      trainable: kind !== 'inputLayer',
      weights: [],
      updates: [],
      escapes: [],
    };
    this.layers.push(layer);
    return layer;
  }

  /** A tensor that no known application makes: a model input, data, or the result of unknown code. */
  input(shape: Shape | null, made: MadeTensor | null = null): Tensor {
    return this.tensor(shape, null, made);
  }

  /** A call of an op, to be a part of the op's target. */
  opCall(
    site: CallSite,
    calls: readonly Place[],
    more: { readonly names?: readonly (string | null)[]; readonly discarded?: boolean } = {},
  ): OpCall {
    const { names = [], discarded = false } = more;
    return { site, calls, ordinal: this.ordinalOf(site, calls), names, discarded };
  }

  apply(target: Target, inputs: readonly Tensor[], at: { mode?: Mode; place?: Place | null } = {}): readonly Tensor[] {
    this.guard?.();
    const outputs: Tensor[] = [];
    const application: Application = {
      id: this.applications.length,
      target,
      inputs,
      outputs,
      mode: at.mode ?? 'caller',
      place: at.place ?? null,
    };
    const shapes = outputShapes(
      target,
      inputs.map((tensor) => tensor.shape),
    );
    for (const shape of shapes) outputs.push(this.tensor(shape, application));
    for (const tensor of new Set(inputs)) this.append(tensor, tensor.uses, application);
    this.applications.push(application);
    return outputs;
  }

  applyLayer(layer: Layer, inputs: readonly Tensor[], at: { mode?: Mode; place?: Place | null } = {}): Tensor {
    return this.apply({ type: 'layer', layer }, inputs, at)[0]!;
  }

  model(
    form: Model['form'],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    members: readonly (Layer | Model)[],
    at: { site?: CallSite | null; calls?: readonly Place[] } = {},
  ): Model {
    this.guard?.();
    const model: Model = {
      id: this.models.length,
      form,
      inputs: [...inputs],
      outputs: [...outputs],
      members: [...members],
      site: at.site ?? null,
      calls: at.calls ?? [],
      trainings: [],
      updates: [],
      weights: [],
      trainable: true,
      escapes: [],
    };
    this.models.push(model);
    return model;
  }

  /** Replaces inputs, outputs and members of a model that is still growing (`model.add`, `model.pop`). */
  reshape(
    model: Model,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    members: readonly (Layer | Model)[],
  ): void {
    const target = model as Mutable<Model>;
    const before = { inputs: target.inputs, outputs: target.outputs, members: target.members };
    this.changing(model, () => Object.assign(target, before));
    target.inputs = [...inputs];
    target.outputs = [...outputs];
    target.members = [...members];
  }

  step(
    api: GradientApi,
    place: Place,
    variables: GradientStep['variables'],
    applied: GradientStep['applied'] = 'all',
  ): GradientStep {
    const frozen = [...this.layers, ...this.models].filter(({ trainable }) => trainable !== true);
    const step: GradientStep = { id: this.steps.length, api, place, variables, applied, frozen, runs: [], ops: [] };
    this.steps.push(step);
    return step;
  }

  run(step: GradientStep, run: ModelRun): void {
    this.append(step, step.runs, run);
  }

  /** Notes that gradients of a step are applied; once it is not known which of them, that stays. */
  applied(step: GradientStep, applied: 'all' | 'some'): void {
    const target = step as Mutable<GradientStep>;
    const before = target.applied;
    if (before === 'some' || before === applied) return;
    this.changing(step, () => void (target.applied = before));
    target.applied = applied;
  }

  stepOp(step: GradientStep, op: StepOp): void {
    this.append(step, step.ops, op);
  }

  escape(subject: Tensor | Layer | Model, escape: Escape): void {
    this.append(subject, subject.escapes, escape);
  }

  trained(model: Model, training: Training): void {
    this.append(model, model.trainings, training);
  }

  updated(subject: Layer | Model, place: Place): void {
    this.append(subject, subject.updates, place);
  }

  weighted(subject: Layer | Model, source: WeightSource): void {
    this.append(subject, subject.weights, source);
  }

  setTrainable(subject: Layer | Model, trainable: boolean | Unknown): void {
    const before = subject.trainable;
    this.changing(subject, () => void (subject.trainable = before));
    subject.trainable = trainable;
  }

  /** Gives a layer of a class of the author's the config that the class hands to the layer that it extends. */
  configure(layer: Layer, config: ConfigObject): void {
    const writable: { config: ConfigObject } = layer;
    const before = layer.config;
    this.changing(layer, () => void (writable.config = before));
    writable.config = config;
  }

  /** From here on, what is built can be copied out and taken back. There is one mark at a time. */
  mark(): void {
    const { layers, applications, tensors, models, steps } = this;
    this.marked = {
      layers: layers.length,
      applications: applications.length,
      tensors: tensors.length,
      models: models.length,
      steps: steps.length,
      log: [],
      touched: new Set(),
    };
  }

  /** Takes back everything since the mark, which stays in force. */
  undo(): void {
    const { marked } = this;
    if (!marked) return;
    while (marked.log.length > 0) marked.log.pop()!();
    marked.touched.clear();
    this.layers.length = marked.layers;
    this.applications.length = marked.applications;
    this.tensors.length = marked.tensors;
    this.models.length = marked.models;
    this.steps.length = marked.steps;
  }

  /**
   * A copy of all parts that are new or changed since the mark, with all that hangs together with them.
   *
   * @param config what a config is in the copy
   */
  grown(config: (config: ConfigObject) => ConfigObject): ModelGraph {
    const { marked } = this;
    const isNew = new Set<GraphPart>(marked?.touched);
    const lists = ['layers', 'applications', 'tensors', 'models', 'steps'] as const;
    for (const list of lists) for (const part of this[list].slice(marked?.[list] ?? 0)) isNew.add(part);
    return connectedPart(this.finish(), (part) => isNew.has(part), config);
  }

  finish(): ModelGraph {
    return {
      layers: this.layers,
      applications: this.applications,
      tensors: this.tensors,
      models: this.models,
      steps: this.steps,
    };
  }

  private ordinalOf(site: CallSite | null, calls: readonly Place[]): number {
    if (!site) return 0;
    const key = `${placeKey({ file: site.file, ...site.call })} < ${calls.map(placeKey).join(' < ')}`;
    const ordinal = this.ordinals.get(key) ?? 0;
    this.ordinals.set(key, ordinal + 1);
    this.marked?.log.push(() => this.ordinals.set(key, ordinal));
    return ordinal;
  }

  /** Notes that a part changes; one that is newer than the mark vanishes with it. */
  private changing(part: GraphPart, undo: () => void): void {
    this.guard?.();
    if (!this.marked || part.id >= this.marked[this.listOf(part)]) return;
    this.marked.touched.add(part);
    this.marked.log.push(undo);
  }

  private append<T>(part: GraphPart, list: readonly T[], item: T): void {
    const { length } = list;
    this.changing(part, () => void ((list as T[]).length = length));
    (list as T[]).push(item);
  }

  private listOf(part: GraphPart): 'layers' | 'tensors' | 'models' | 'steps' | 'applications' {
    if ('uses' in part) return 'tensors';
    if ('kind' in part) return 'layers';
    if ('members' in part) return 'models';
    return 'runs' in part ? 'steps' : 'applications';
  }

  private tensor(shape: Shape | null, producer: Application | null, made: MadeTensor | null = null): Tensor {
    const tensor: Tensor = { id: this.tensors.length, shape, producer, uses: [], escapes: [], made };
    this.tensors.push(tensor);
    return tensor;
  }
}
