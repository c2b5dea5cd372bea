import * as tf from '@tensorflow/tfjs';
import {
  GraphBuilder,
  placeKey,
  type CallSite,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
  type ModelRun,
  type Tensor,
  type Training,
} from '../../../server/src/graph';
import { configOf } from './config';
import { OpRecorder } from './op-recorder';
import { placeOf, type Runnable } from './program';
import { RealTensors, tensorsIn, type Real } from './real-tensors';

type Apply = (inputs: unknown, kwargs?: { training?: unknown }) => Real | Real[];

/** A sequential model while it grows: like the recovery's, its chain is linked when something first needs it. */
interface Chain {
  readonly model: Model;
  readonly members: { readonly real: tf.layers.Layer; readonly output: Real }[];
  inputs: Tensor[];
  readonly outputs: Tensor[];
}

/** What one run of a program has built, in the vocabulary of the recovery. One recording is active at a time. */
export class Recording {
  readonly builder = new GraphBuilder();
  /** Where layers without weights are made: a list of variables cannot mention them. */
  readonly weightless = new Set<string>();
  /** Where gradient functions are made that have not been called: what would run in them is not recorded. */
  readonly dormant = new Set<string>();
  /** Where gradient steps apply something, by the keys of the places. */
  readonly trained = new Set<string>();
  private depth = 0;
  /** Whether code of the program runs that is no part of the recording. */
  private unseen = false;
  private readonly layers = new Map<object, Layer>();
  private readonly late = new Map<object, () => Layer>();
  private readonly models = new Map<object, Model>();
  private readonly chains = new Map<object, Chain>();
  private readonly tensors = new RealTensors(this.builder);
  private readonly ops: OpRecorder;
  private readonly steps: GradientStep[] = [];
  /** By class name. */
  private readonly own = new Map<string, tf.layers.Layer>();
  /** What the `call` that is an entry point is given as its second argument. */
  private kwargs: object | null = null;
  /** What of `call` has been recorded in a step. */
  private readonly ownCalls = new Map<GradientStep, Set<string>>();

  constructor(private readonly runnable: Runnable) {
    this.ops = new OpRecorder(this.builder, this.tensors, runnable);
  }

  /** Whether tfjs itself is at work: what it calls then is no call of the program. */
  get internal(): boolean {
    return this.depth > 0;
  }

  /** Runs a piece of tfjs. */
  inside<T>(body: () => T): T {
    this.depth++;
    try {
      return body();
    } finally {
      this.depth--;
    }
  }

  /** Runs a function of the program that tfjs calls. */
  outside<T>(body: () => T): T {
    const { depth } = this;
    this.depth = 0;
    try {
      return body();
    } finally {
      this.depth = depth;
    }
  }

  finish(): ModelGraph {
    this.settle();
    return this.builder.finish();
  }

  /** The part of the graph that was built since `builder.mark()`. */
  grown(): ModelGraph {
    this.settle();
    return this.builder.grown((config) => config);
  }

  /** Links what has been added to sequential models, and reads what the program has set on layers. */
  settle(): void {
    for (const chain of this.chains.values()) this.link(chain);
    for (const [real, layer] of this.layers) {
      const { trainable, weights } = real as tf.layers.Layer;
      if (layer.trainable !== trainable) this.builder.setTrainable(layer, trainable);
      if (weights.length === 0 && layer.site) this.weightless.add(placeKey(placeOf(layer.site)));
    }
  }

  input(real: tf.SymbolicTensor): void {
    this.tensors.set(real, this.builder.input(real.shape));
  }

  layer(real: tf.layers.Layer, kind: string, config: Record<string, unknown> | undefined): void {
    const [site = null, ...calls] = this.runnable.stack();
    const wrapped = (config?.['layer'] ?? config?.['cell']) as object | undefined;
    const inner = wrapped === undefined ? null : this.memberOf(wrapped);
    const at = { site, calls: calls.map(placeOf).reverse(), inner };
    const given = configOf(config);
    this.made(real, () => this.builder.layer(kind, given, at));
    this.watch(real, 'apply');
    this.watch(real, 'call');
  }

  /** A layer that is made while nobody looks is part of the recording from its first use that is seen. */
  private made(real: tf.layers.Layer, register: () => Layer): void {
    if (this.unseen) this.late.set(real, register);
    else this.layers.set(real, register());
  }

  private layerOf(real: object): Layer | null {
    const register = this.late.get(real);
    if (register) {
      this.late.delete(real);
      this.layers.set(real, register());
    }
    return this.layers.get(real) ?? null;
  }

  /** An instance of a class of layers of the program's: tfjs calls its `call`, which is code of the program. */
  ownLayer(real: tf.layers.Layer, className: string, config: Record<string, unknown> | undefined): void {
    const made = this.runnable.stack().filter((site) => !this.runnable.isSuperCall(site));
    const [site = null, ...calls] = made;
    const at = { site, calls: calls.map(placeOf).reverse() };
    const given = configOf(config);
    this.made(real, () => this.builder.layer(`custom:${className}`, given, at));
    this.own.set(className, real);
    // A class writes its methods on the prototype; the instance comes before it.
    this.watch(real, 'apply');
    const build = real.build.bind(real);
    real.build = (shape) => this.outside(() => build(shape));
    const call = real.call.bind(real);
    real.call = (inputs, kwargs) =>
      this.internal
        ? this.ownCall(real, inputs, kwargs, () => call(inputs, kwargs))
        : (this.applied(real, 'call', inputs, kwargs, () => this.outside(() => call(inputs, kwargs))) as tf.Tensor);
  }

  /**
   * A method of the instance of a class of layers that was made last, as the program wrote it.
   *
   * @param kwargs what `call` is given: what it hands on of it is up to the caller
   */
  methodOf(className: string, name: string, kwargs: object | undefined): (...args: readonly unknown[]) => unknown {
    const instance = this.own.get(className);
    if (!instance) throw new Error(`the program has made no ${className}`);
    this.kwargs = kwargs ?? null;
    const methods = Object.getPrototypeOf(instance) as Record<string, (...args: readonly unknown[]) => unknown>;
    return methods[name]!.bind(instance);
  }

  /**
   * `call` of the program's, where tfjs calls it: part of the recording, once for each run, in a gradient step that takes
   * all variables there are. Elsewhere the layer is what it is taken for.
   */
  private ownCall<T>(
    real: tf.layers.Layer,
    inputs: unknown,
    kwargs: { training?: unknown } | undefined,
    run: () => T,
  ): T {
    const step = this.steps.at(-1);
    if (step?.variables !== 'all') return this.inUnseen(run);
    const [site] = this.runnable.stack();
    const key = `${this.layerOf(real)!.id} ${Boolean(kwargs?.training)} ${placeKey(placeOf(site!))}`;
    const before = this.ownCalls.get(step) ?? new Set();
    if (before.has(key)) return this.inUnseen(run);
    this.ownCalls.set(step, before.add(key));
    // It is looked at by itself: whatever tfjs hands it is data.
    const reals = tensorsIn([inputs]);
    const outer = reals.map((real) => this.tensors.get(real));
    for (const real of reals) this.tensors.set(real, this.builder.input(real.shape));
    try {
      const result = this.outside(run);
      for (const real of tensorsIn([result]))
        this.builder.escape(this.tensors.of(real), { reason: 'the output of a layer', place: null });
      return result;
    } finally {
      reals.forEach((real, at) => (outer[at] ? this.tensors.set(real, outer[at]) : this.tensors.delete(real)));
    }
  }

  private inUnseen<T>(run: () => T): T {
    const { unseen } = this;
    this.unseen = true;
    try {
      return run();
    } finally {
      this.unseen = unseen;
    }
  }

  sequential(real: tf.Sequential, layers: readonly tf.layers.Layer[]): void {
    const model = this.model(real, 'sequential', [], [], []);
    const chain: Chain = { model, members: [], inputs: [], outputs: [] };
    this.chains.set(real, chain);
    const add = real.add.bind(real);
    const pop = real.pop.bind(real);
    real.add = (layer) => this.add(real, chain, layer, add);
    real.pop = () => {
      this.inside(pop);
      chain.members.pop();
      if (chain.outputs.length <= chain.members.length) return;
      chain.outputs.pop();
      this.reshape(chain);
    };
    const compile = real.compile.bind(real);
    real.compile = (args) => this.inside(() => compile(args));
    for (const name of ['layers', 'inputs', 'outputs'] as const) this.watchReads(real, chain, name);
    for (const layer of layers) real.add(layer);
  }

  /** A program that reads what a sequential model consists of needs its chain. */
  private watchReads<K extends 'layers' | 'inputs' | 'outputs'>(real: tf.Sequential, chain: Chain, name: K): void {
    let held = real[name];
    Object.defineProperty(real, name, {
      get: () => {
        if (!this.internal) this.link(chain);
        return held;
      },
      set: (value: tf.Sequential[K]) => void (held = value),
    });
  }

  functional(real: tf.LayersModel): void {
    const members = real.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
    this.model(
      real,
      'functional',
      real.inputs.map((tensor) => this.tensors.of(tensor)),
      real.outputs.map((tensor) => this.tensors.of(tensor)),
      members.map((member) => this.memberOf(member)!),
    );
  }

  /** What an entry point gives to its caller: anything may be done with it. */
  givenBack(value: unknown): void {
    for (const real of tensorsIn([value]))
      this.builder.escape(this.tensors.of(real), { reason: 'given to the caller', place: null });
  }

  /** The call of a function on tensors, or of a method of the first of them. */
  op(name: string, args: readonly unknown[], method: boolean, run: () => unknown): unknown {
    if (this.internal) return run();
    const result = this.inside(run);
    this.ops.called(name, args, method, result, this.runnable.stack());
    return result;
  }

  /** `variable.assign(value)`. */
  assigned(variable: tf.Variable, value: tf.Tensor): void {
    if (!this.internal) this.ops.assigned(variable, value, this.runnable.stack());
  }

  /** `tf.variable(initial, trainable)`. */
  variable(real: tf.Variable, initial: tf.Tensor): void {
    this.ops.variable(real, initial, this.runnable.stack()[0]!);
  }

  /** The call that takes gradients of `fn`; gives the function that tfjs is to run instead. */
  gradients<A extends unknown[], R>(
    api: GradientStep['api'],
    fn: (...args: A) => R,
    variables: readonly tf.Variable[] | 'all' | 'arguments',
  ): (...args: A) => R {
    const [site] = this.runnable.stack();
    const owners = typeof variables === 'string' ? variables : this.ownersOf(variables);
    const step = this.builder.step(api, placeOf(site!), owners);
    const key = placeKey(step.place);
    this.dormant.add(key);
    return (...args) => {
      this.dormant.delete(key);
      this.steps.push(step);
      const { applications } = this.builder.finish();
      const before = applications.length;
      try {
        return this.outside(() => fn(...args));
      } finally {
        this.steps.pop();
        for (const { place } of applications.slice(before)) if (place) this.trained.add(placeKey(place));
      }
    };
  }

  private model(
    real: tf.LayersModel,
    form: Model['form'],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    members: readonly (Layer | Model)[],
  ): Model {
    const [site = null, ...calls] = this.runnable.stack();
    const at = { site, calls: calls.map(placeOf).reverse() };
    const model = this.builder.model(form, inputs, outputs, members, at);
    this.models.set(real, model);
    for (const api of ['apply', 'call', 'predict', 'predictOnBatch'] as const) this.watch(real, api);
    for (const api of ['fit', 'fitDataset', 'trainOnBatch'] as const) this.watchTraining(real, model, api);
    return model;
  }

  private add(real: tf.Sequential, chain: Chain, layer: tf.layers.Layer, add: (layer: tf.layers.Layer) => void): void {
    const first = chain.members.length === 0;
    const before = layer.inboundNodes.length;
    const [inputs, output] = this.inside(() => {
      add(layer);
      return [real.inputs, real.outputs[0]!];
    });
    const index = chain.members.push({ real: layer, output }) - 1;
    const own = first && this.models.has(layer);
    if (first && before > 0 && !own && layer.getClassName() !== 'InputLayer') {
      // tfjs takes over the application that there is.
      chain.inputs = inputs.map((tensor) => this.tensors.of(tensor));
      chain.outputs.push(this.tensors.of(output));
      this.reshape(chain);
      return;
    }
    if (first) {
      chain.inputs = [this.builder.input(inputs[0]!.shape)];
      this.tensors.set(inputs[0]!, chain.inputs[0]!);
      this.tensors.delete(output);
    }
    this.tensors.linkedBy(output, () => this.link(chain, index + 1));
  }

  private link(chain: Chain, count = chain.members.length): void {
    if (chain.outputs.length >= Math.min(count, chain.members.length)) return;
    while (chain.outputs.length < count && chain.outputs.length < chain.members.length) {
      const { real, output } = chain.members[chain.outputs.length]!;
      const inner = this.chains.get(real);
      if (inner) this.link(inner);
      const made = this.builder.apply(this.targetOf(real), [chain.outputs.at(-1) ?? chain.inputs[0]!])[0]!;
      chain.outputs.push(made);
      this.tensors.set(output, made);
    }
    this.reshape(chain);
  }

  private reshape({ model, inputs, outputs, members }: Chain): void {
    const linked = members.slice(0, outputs.length).map(({ real }) => this.memberOf(real)!);
    this.builder.reshape(model, outputs.length > 0 ? inputs : [], outputs.slice(-1), linked);
  }

  /** Makes calls of a method on tensors part of the recording. */
  private watch(real: tf.layers.Layer, api: ModelRun['api']): void {
    const methods = real as unknown as Record<string, Apply>;
    const original = methods[api]!.bind(real);
    methods[api] = (inputs, kwargs) => {
      if (this.internal) return original(inputs, kwargs);
      return this.applied(real, api, inputs, kwargs, () => original(inputs, kwargs));
    };
  }

  private applied(
    real: tf.layers.Layer,
    api: ModelRun['api'],
    given: unknown,
    kwargs: { training?: unknown } | undefined,
    run: () => Real | Real[],
  ): Real | Real[] {
    const [site] = this.runnable.stack();
    const inputs = tensorsIn([given]);
    const target = this.targetOf(real);
    const isData = !inputs.some((tensor) => tensor instanceof tf.SymbolicTensor);
    const predicting = api === 'predict' || api === 'predictOnBatch';
    const onData = kwargs?.training && !predicting ? 'batch' : 'stored';
    const mode = isData && (!kwargs || kwargs !== this.kwargs) ? onData : 'caller';
    // Before it runs: it may throw, and has been run all the same.
    if (isData) this.ran(target.type === 'layer' ? target.layer : target.model, api, site!, onData);
    const result = this.inside(run);
    const outputs = Array.isArray(result) ? result : [result];
    if (isData && target.type === 'model') {
      // What a model gives on data is data again, and not the output of a layer in it.
      for (const output of outputs) this.tensors.delete(output);
      return result;
    }
    const at = { mode, place: site ? placeOf(site) : null } as const;
    const of = inputs.map((tensor) => this.tensors.of(tensor));
    const made = this.builder.apply(target, of, at);
    outputs.forEach((output, index) => made[index] && this.tensors.set(output, made[index]));
    return result;
  }

  private ran(target: Layer | Model, api: ModelRun['api'], site: CallSite, mode: 'batch' | 'stored'): void {
    for (const step of this.steps) {
      const again = step.runs.some(
        (run) => run.target === target && run.mode === mode && run.site.call.start === site.call.start,
      );
      if (!again)
        this.builder.run(step, { target, api, site, mode, path: [], within: null, samples: null, deliberate: false });
    }
  }

  /** Training changes weights, never the graph: it is noted and left out. */
  private watchTraining(real: tf.LayersModel, model: Model, api: Training['api']): void {
    (real as unknown as Record<string, () => Promise<unknown>>)[api] = () => {
      const chain = this.chains.get(real);
      if (chain) this.link(chain);
      this.builder.trained(model, { api, place: placeOf(this.runnable.stack()[0]!) });
      return Promise.resolve(api === 'trainOnBatch' ? 1 : { epoch: [0], history: { loss: [1] } });
    };
  }

  private targetOf(
    real: object,
  ): { readonly type: 'layer'; readonly layer: Layer } | { readonly type: 'model'; readonly model: Model } {
    const model = this.models.get(real);
    if (!model) return { type: 'layer', layer: this.layerOf(real)! };
    const chain = this.chains.get(real);
    if (chain) this.link(chain);
    return { type: 'model', model };
  }

  private memberOf(real: object): Layer | Model | null {
    return this.models.get(real) ?? this.layerOf(real);
  }

  private ownersOf(variables: readonly tf.Variable[]): Layer[] {
    const wanted = new Set(variables.map(({ id }) => id));
    return [...this.layers].flatMap(([real, layer]) =>
      (real as tf.layers.Layer).weights.some((weight) => wanted.has(weight.read().id)) ? [layer] : [],
    );
  }
}
