import type { ConfigObject, Unknown } from './config';
import type { Place } from './place';
import type { CallSite } from './site';

/**
 * The vocabulary of the whole product: the layer graph that model code builds, in one world. Plain data; it holds no
 * text, no syntax tree and no file handle.
 */
export interface ModelGraph {
  readonly layers: readonly Layer[];
  readonly applications: readonly Application[];
  readonly tensors: readonly Tensor[];
  readonly models: readonly Model[];
  readonly steps: readonly GradientStep[];
}

/** One size of a shape; null is a size that is decided at run time (the batch) or not known to the analysis. */
export type Dim = number | null;
/** Batch axis first, as in tfjs. A tensor of unknown rank has the shape null. */
export type Shape = readonly Dim[];

export interface Layer {
  readonly id: number;
  /** The name of the `tf.layers` factory, `conv2d`; `custom:Name` for a class of the author's. */
  readonly kind: string;
  readonly config: ConfigObject;
  /** The layer or model that a wrapper (`timeDistributed`, `bidirectional`) wraps. */
  readonly inner: Layer | Model | null;
  /** The creating call; null for a layer that no source code creates (model.json, generated graphs). */
  readonly site: CallSite | null;
  /** The calls that led to the creating call, outermost first: one site in a helper creates a layer for each. */
  readonly calls: readonly Place[];
  /** How many layers the same site made before it by the same calls. */
  readonly ordinal: number;
  /** `layer.trainable` as last set after creation; true unless set. */
  trainable: boolean | Unknown;
  /** Where its weights are set one layer at a time. */
  readonly weights: readonly WeightSource[];
  /** Runs on data, outside of any gradient step, that update the statistics of batch norms in it, or may. */
  readonly updates: readonly Place[];
  /** What else happens to this layer where the analysis cannot follow it (handed to unknown code). Empty: nothing. */
  readonly escapes: readonly Escape[];
}

export type Target =
  | { readonly type: 'layer'; readonly layer: Layer }
  | { readonly type: 'model'; readonly model: Model }
  /** A function on tensors, by its access path after `tf`: `conv2d`, `fused.conv2d`; a chained method by its name. */
  | {
      readonly type: 'op';
      readonly name: string;
      /** The arguments that are no tensors, by the names of tfjs-core's parameters (graph/op-signatures.ts). */
      readonly attributes: ConfigObject;
      /** The parameter that each input stands for: `x`, `filter`, `bias`. Empty for an op of unknown signature. */
      readonly roles: readonly string[];
      /** Null where no source code makes the call. */
      readonly call: OpCall | null;
    }
  /** Something the analysis cannot see into: its outputs may depend on its inputs in any way. */
  | { readonly type: 'unknown'; readonly reason: string };

/** A call of an op in the source. */
export interface OpCall {
  readonly site: CallSite;
  /** The calls that led here, outermost first. */
  readonly calls: readonly Place[];
  /** Which of the calls from this site and path it is. */
  readonly ordinal: number;
  /** The source text of each input where it is a name: `bias`, `this.bias`. */
  readonly names: readonly (string | null)[];
  /** The result is thrown away: the call is a statement of its own. */
  readonly discarded: boolean;
}

/**
 * On which statistics batch norm runs in this application: those of the batch, the stored ones, or whatever the
 * caller of the model decides at run time (a symbolic application: the flag given while building is ignored by tfjs,
 * tfjs-layers/src/engine/executor.ts).
 */
export type Mode = 'batch' | 'stored' | 'caller';

/** One call of a layer, a model or an op on tensors. */
export interface Application {
  readonly id: number;
  readonly target: Target;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly mode: Mode;
  readonly place: Place | null;
}

export interface Tensor {
  readonly id: number;
  readonly shape: Shape | null;
  /** The application that made it; null for a model input, data, or a tensor that came from unknown code. */
  readonly producer: Application | null;
  readonly uses: readonly Application[];
  readonly escapes: readonly Escape[];
  /** For data that the code makes itself, `tf.variable(...)`, `tf.zeros(...)`; null for all other tensors. */
  readonly made: MadeTensor | null;
}

/** What a tensor holds before anything is computed. */
export interface MadeTensor {
  readonly as: 'variable' | 'constant';
  /** Whether an optimizer may change it; false for a constant. */
  readonly trainable: boolean | Unknown;
  /** The number that all its elements are; null for anything else. */
  readonly fill: number | null;
  /** The file that makes it has calls of `assign`, be they followed or not, or stores another one under its name. */
  readonly assignable: boolean;
  readonly place: Place | null;
}

/** A way to code that the analysis cannot see. */
export interface Escape {
  readonly reason: string;
  readonly place: Place | null;
  /** That code was handed the thing itself, and may change it: train or freeze a model, set its weights. */
  readonly handed?: true;
}

export interface Model {
  readonly id: number;
  readonly form: 'sequential' | 'functional' | 'custom';
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Layers and nested models in order of adding (sequential) or of first application (functional). */
  readonly members: readonly (Layer | Model)[];
  readonly site: CallSite | null;
  readonly calls: readonly Place[];
  readonly trainings: readonly Training[];
  /** Runs on data, outside of any gradient step, that update the statistics of batch norms in it, or may. */
  readonly updates: readonly Place[];
  readonly weights: readonly WeightSource[];
  trainable: boolean | Unknown;
  readonly escapes: readonly Escape[];
}

/** A call that trains a model through tfjs-layers' own loop, which always hands on `training: true`. */
export interface Training {
  readonly api: 'fit' | 'fitDataset' | 'trainOnBatch';
  readonly place: Place;
}

/** A place where the weights of a model or layer come from elsewhere than training. */
export interface WeightSource {
  /**
   * `loaded` from a file; `copied`: made of those of another model or layer; `own`: of nothing but its own, and of numbers
   * in the code and noise; `set` to anything.
   */
  readonly kind: 'loaded' | 'copied' | 'own' | 'set';
  readonly place: Place;
  /** For `copied`: the model that the weights were read from (a target network follows it). */
  readonly from: Model | null;
}

export type GradientApi =
  'minimize' | 'computeGradients' | 'variableGrads' | 'valueAndGrads' | 'grads' | 'valueAndGrad' | 'grad';

/** The call that takes gradients, and every model that runs inside. */
export interface GradientStep {
  readonly id: number;
  readonly api: GradientApi;
  readonly place: Place;
  /**
   * What the gradient is taken of: `all` trainable variables (no varList), the weights of these layers and models, the
   * function's own arguments (`arguments`: an image, a latent vector), or not known.
   */
  readonly variables: 'all' | 'arguments' | readonly (Layer | Model)[] | Unknown;
  /** Which of the gradients are applied: `none` where they are only looked at, `some` where code picks among them. */
  readonly applied: 'all' | 'some' | 'none';
  /** What is not trainable at the time of the step, or not known to be, whatever is set before and after. */
  readonly frozen: readonly (Layer | Model)[];
  readonly runs: readonly ModelRun[];
  /** The `tf.batchNorm*` and `tf.movingAverage` calls inside. */
  readonly ops: readonly StepOp[];
}

/** One call of an op inside a gradient step. */
export interface StepOp {
  readonly application: Application;
  /** The calls from the step's function down to it, outermost first. */
  readonly path: readonly Place[];
}

/** One run of a layer or a model on data inside a gradient step. */
export interface ModelRun {
  readonly target: Layer | Model;
  readonly api: 'predict' | 'predictOnBatch' | 'apply' | 'call';
  readonly site: CallSite;
  readonly mode: Mode | Unknown;
  /** How many samples go in. */
  readonly samples: Dim;
  /** The call itself says `training: false`. */
  readonly deliberate: boolean;
  /** The calls from the step's function down to this run, outermost first; empty when it stands in the step itself. */
  readonly path: readonly Place[];
  /** The `call` of a layer class that makes this run; null where the step's own code does. */
  readonly within: LayerCall | null;
}

/** The `call` of a layer class of the author's, which tfjs calls where a step runs such a layer. */
export interface LayerCall {
  /** The layers whose `call` it is in, outermost first: one may run another. */
  readonly layers: readonly Layer[];
  /** The run that calls the innermost of them, and its mode. */
  readonly site: CallSite;
  readonly mode: 'batch' | 'stored';
  /** What in the text hands the flag on from `call` to the run: `kwargs`, `{ training }`; null where there is nothing. */
  readonly handOn: string | null;
}

export function isModel(member: Layer | Model): member is Model {
  return 'members' in member;
}

/** A condition that is not known, and the side that a world takes. */
export interface Decision {
  /** The same value decided at several places has one id. */
  readonly id: string;
  /** The source text of the undecided value, `useBn`, `options.norm`. */
  readonly text: string;
  readonly place: Place;
  readonly value: boolean;
  /**
   * Where `text` can be written and means the same value (the scope of the parameter or constant that it names);
   * null when there is no such place, and then no fix may mention it.
   */
  readonly scope: Place | null;
}

/** One run in which every unknown condition was decided. */
export interface World {
  readonly graph: ModelGraph;
  /** The file whose run it is; null where no file was run. What a module makes is the same thing in the runs of all. */
  readonly root: string | null;
  /** The decisions of the run; where several runs have built this graph, those that they share. */
  readonly decisions: readonly Decision[];
  /** What came of conditions that depend on several decisions, `options.bn ?? true`. */
  readonly outcomes: readonly Decision[];
  /** Where several runs have built this graph: the decisions and outcomes of each. */
  readonly variants?: readonly (readonly Decision[])[];
}

/** Something that was not analysed, and why; asked for with `--explain`. */
export interface Silence {
  readonly place: Place;
  readonly reason: string;
}
