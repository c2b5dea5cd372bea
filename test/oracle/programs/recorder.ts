import * as tf from '@tensorflow/tfjs';
import type { GradientApi, ModelGraph } from '../../../server/src/graph';
import { noteMade } from './config';
import type { Runnable } from './program';
import { Recording } from './recording';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** What one real run built. */
export interface Recorded {
  readonly graph: ModelGraph;
  /** Where layers without weights are made, by the keys of their places. */
  readonly weightless: ReadonlySet<string>;
  /** Where gradient functions are made that were never called, by the keys of their places. */
  readonly dormant: ReadonlySet<string>;
  /** Where gradient steps apply something, by the keys of the places: a loop of steps is not followed to its end. */
  readonly trained: ReadonlySet<string>;
}

/** A function that the program exports, or a method of the last instance of a class of layers; what it is called with. */
export interface EntryCall {
  readonly name: string;
  /** For a method the class, which extends a layer of tfjs. */
  readonly of?: string;
  /** Made when the call is made, since arguments can be tensors. */
  readonly args: (api: typeof tf) => readonly unknown[];
}

let active: Recording | null = null;

/**
 * Runs a program on real tfjs and gives the graph that it built: of its top level; or, with an entry, of the call of
 * one of its exports, with all that hangs together with what that call built.
 */
export async function record(runnable: Runnable, entry?: EntryCall): Promise<Recorded> {
  const restore = patchTensor();
  tf.engine().startScope();
  const recording = new Recording(runnable);
  active = recording;
  try {
    const exported = runnable.run(api);
    if (entry) {
      await settled();
      recording.settle();
      recording.builder.mark();
      const args = recording.inside(() => entry.args(api as unknown as typeof tf));
      const call =
        entry.of === undefined
          ? (exported[entry.name] as Fn)
          : recording.methodOf(entry.of, entry.name, args[1] as object | undefined);
      recording.givenBack(await call(...args));
    }
    await settled();
    const graph = entry ? recording.grown() : recording.finish();
    const { weightless, dormant, trained } = recording;
    return { graph, weightless, dormant, trained };
  } finally {
    active = null;
    tf.engine().endScope();
    tf.disposeVariables();
    restore();
  }
}

/** Lets promises that a program has started come to their end. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a program's classes of layers extend. */
class RecordedLayer extends tf.layers.Layer {
  constructor(config: ConstructorParameters<typeof tf.layers.Layer>[0]) {
    super(config);
    active!.ownLayer(this, new.target.name, config as Record<string, unknown> | undefined);
  }
}

/** What its classes of models extend. */
class RecordedSequential extends tf.Sequential {
  constructor({ layers, ...config }: { layers?: tf.layers.Layer[]; name?: string } = {}) {
    super(config);
    active!.sequential(this, layers ?? []);
  }
}

class RecordedModel extends tf.LayersModel {
  constructor(config: Parameters<typeof tf.model>[0]) {
    super(config);
    active!.functional(this);
  }
}

/** tfjs as the program sees it. */
const api = wrapAll();

function wrapAll(): Record<string, unknown> {
  const wrapped: Record<string, unknown> = { ...tf, __esModule: true };
  for (const name of Object.keys(tf)) {
    const own = (tf as unknown as Record<string, unknown>)[name];
    if (isPlainFunction(own)) wrapped[name] = op(name, own);
  }
  for (const space of [
    'losses',
    'image',
    'linalg',
    'signal',
    'spectral',
    'fused',
    'sparse',
    'math',
    'metrics',
  ] as const) {
    wrapped[space] = mapFunctions(tf[space], (fn, name) => op(`${space}.${name}`, fn));
  }
  for (const space of ['initializers', 'regularizers', 'constraints'] as const) {
    wrapped[space] = mapFunctions(tf[space], (fn, name) => (...args) => {
      const made = fn(...args);
      noteMade(made, `${space}.${name}`, args[0]);
      return made;
    });
  }
  wrapped['train'] = { ...mapStatics(tf.train), Optimizer: tf.train.sgd };
  wrapped['layers'] = { ...mapFunctions(tf.layers, layerFactory), Layer: RecordedLayer };
  wrapped['input'] = wrapped['Input'] = input;
  wrapped['sequential'] = sequential;
  wrapped['model'] = functional;
  wrapped['Sequential'] = RecordedSequential;
  wrapped['LayersModel'] = RecordedModel;
  wrapped['variable'] = variable;
  for (const name of ['variableGrads', 'valueAndGrads', 'valueAndGrad', 'grads', 'grad'] as const)
    wrapped[name] = gradient(name, (tf as unknown as Record<string, Fn>)[name]!);
  for (const name of ['tidy', 'keep', 'dispose', 'time', 'profile', 'nextFrame', 'customGrad', 'memory', 'print'])
    wrapped[name] = (tf as unknown as Record<string, unknown>)[name];
  return wrapped;
}

function isPlainFunction(value: unknown): value is Fn {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

function mapFunctions(space: object, wrap: (fn: Fn, name: string) => Fn): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(space).map(([name, own]) => [name, isPlainFunction(own) ? wrap(own, name) : own]),
  );
}

function op(name: string, fn: Fn): Fn {
  return (...args) => (active ? active.op(name, args, false, () => fn(...args)) : fn(...args));
}

function layerFactory(fn: Fn, kind: string): Fn {
  if (kind === 'input') return input as Fn;
  return (...args) => {
    const recording = active;
    if (!recording || recording.internal) return fn(...args);
    const [given] = args as [Record<string, unknown> | undefined];
    // As the program wrote it: tfjs fills in the config of an input layer.
    const config = given && { ...given };
    const layer = recording.inside(() => fn(...args)) as tf.layers.Layer;
    recording.layer(layer, kind, config);
    return layer;
  };
}

function input(config: Parameters<typeof tf.input>[0]): tf.SymbolicTensor {
  const made = tf.input(config);
  active?.input(made);
  return made;
}

function sequential(config?: { layers?: tf.layers.Layer[]; name?: string }): tf.Sequential {
  const recording = active!;
  const { layers, ...rest } = config ?? {};
  const model = recording.inside(() => tf.sequential(rest));
  recording.sequential(model, layers ?? []);
  return model;
}

function functional(config: Parameters<typeof tf.model>[0]): tf.LayersModel {
  const recording = active!;
  const model = recording.inside(() => tf.model(config));
  recording.functional(model);
  return model;
}

function variable(initial: tf.Tensor, ...more: readonly [trainable?: boolean, name?: string]): tf.Variable {
  const recording = active!;
  const made = recording.inside(() => tf.variable(initial, ...more));
  if (!recording.internal) recording.variable(made, initial);
  return made;
}

/** `tf.variableGrads(f, varList)` runs `f` at once; the others give a function that does. */
function gradient(name: GradientApi, fn: Fn): Fn {
  return (f, variables) => {
    const recording = active!;
    const list = name !== 'variableGrads' ? 'arguments' : ((variables as tf.Variable[] | undefined) ?? 'all');
    const body = recording.gradients(name, f as Fn, list);
    if (name === 'variableGrads') return recording.inside(() => fn(body, variables));
    const derived = fn(body) as Fn;
    return (...args: unknown[]) => recording.inside(() => derived(...args));
  };
}

function mapStatics(train: object): Record<string, unknown> {
  const names = ['sgd', 'momentum', 'adadelta', 'adagrad', 'rmsprop', 'adamax', 'adam'];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...args: unknown[]) => watchOptimizer((train as Record<string, Fn>)[name]!.apply(train, args) as tf.Optimizer),
    ]),
  );
}

function watchOptimizer(optimizer: tf.Optimizer): tf.Optimizer {
  const recording = active!;
  const minimize = optimizer.minimize.bind(optimizer);
  const computeGradients = optimizer.computeGradients.bind(optimizer);
  const applyGradients = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = (gradients) => recording.inside(() => applyGradients(gradients));
  optimizer.minimize = (f, returnCost, variables) => {
    if (recording.internal) return minimize(f, returnCost, variables);
    const body = recording.gradients('minimize', f, variables ?? 'all');
    return recording.inside(() => minimize(body, returnCost, variables));
  };
  optimizer.computeGradients = (f, variables) => {
    if (recording.internal) return computeGradients(f, variables);
    const body = recording.gradients('computeGradients', f, variables ?? 'all');
    return recording.inside(() => computeGradients(body, variables));
  };
  return optimizer;
}

/** Methods of tensors that make no tensor. */
const READING = new Set(['constructor', 'dispose', 'print', 'toString', 'data', 'dataSync', 'array', 'arraySync', 'bytes', 'buffer', 'bufferSync', 'throwIfDisposed', 'assign']); // prettier-ignore

/** Makes chained operations part of the recording, until the returned function is called. */
function patchTensor(): () => void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, Fn>;
  const originals = new Map<string, Fn>();
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const own = Object.getOwnPropertyDescriptor(prototype, name)!.value as unknown;
    if (READING.has(name) || typeof own !== 'function') continue;
    originals.set(name, own as Fn);
    prototype[name] = function (...args) {
      return active ? active.op(name, [this, ...args], true, () => own.apply(this, args)) : own.apply(this, args);
    };
  }
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (value) {
    assign.call(this, value);
    active?.assigned(this, value);
  };
  return () => {
    Object.assign(prototype, Object.fromEntries(originals));
    tf.Variable.prototype.assign = assign;
  };
}
