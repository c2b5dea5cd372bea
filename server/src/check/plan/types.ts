import type { Mode } from '../../graph';

/** JSON that a config holds; `Made` stands for an object that a factory of tfjs makes. */
export type PlanValue = null | boolean | number | string | readonly PlanValue[] | { readonly [key: string]: PlanValue };

/** `tf.regularizers.l2({l2: 0.01})` is `{ $make: 'regularizers.l2', config: { l2: 0.01 } }`. */
export const MAKE = '$make';

/** A layer to be made by `tf.layers[kind](config)`. */
export interface PlanLayer {
  readonly id: number;
  readonly kind: string;
  readonly config: { readonly [key: string]: PlanValue };
  readonly inner: { readonly layer: number } | { readonly graph: PlanGraph } | null;
  readonly trainable: boolean;
}

/** Numbers of tensors are local to one PlanGraph. Nodes are in topological order; nested models are unfolded. */
export interface PlanGraph {
  readonly inputs: readonly PlanInput[];
  readonly nodes: readonly PlanNode[];
  readonly outputs: readonly number[];
}

/** Data that the worker draws. */
export interface PlanInput {
  readonly tensor: number;
  /** With the batch axis; a null size only where the tensor is made symbolic; null: the shape of the tensor `like`. */
  readonly shape: readonly (number | null)[] | null;
  readonly like: number | null;
  /** Drawn above zero, as a variance must be. */
  readonly positive: boolean;
  /** Whole numbers from 0 to this one, without it (what an embedding looks up); null: standard normal. */
  readonly below: number | null;
}

export type PlanTarget =
  | { readonly type: 'layer'; readonly layer: number }
  | {
      readonly type: 'op';
      readonly name: string;
      readonly attributes: { readonly [key: string]: PlanValue };
      /** The parameter that each input stands for. */
      readonly roles: readonly string[];
    }
  /** Cannot be rebuilt; the check is inconclusive exactly when it has to be run. */
  | { readonly type: 'unknown'; readonly reason: string };

export interface PlanNode {
  readonly target: PlanTarget;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly mode: Mode;
}

/**
 * Everything that may depend on one bias, and what of it can be observed. It does not say where the dependence ends:
 * the worker runs the nodes with two values of the bias and follows what differs.
 */
export interface BiasPlan {
  readonly rule: 'redundant-bias';
  readonly layers: readonly PlanLayer[];
  readonly graph: PlanGraph;
  /** Whose bias it is: a layer's, or a tensor that these nodes add. */
  readonly subject: { readonly layer: number } | { readonly nodes: readonly number[]; readonly input: number };
  readonly batch: number;
  readonly standIns: readonly string[];
}

/** A model or a single layer that a gradient step runs. */
export interface PlanModel {
  readonly form: 'model' | 'layer';
  /** Of a form `layer`: one node. */
  readonly graph: PlanGraph;
}

export interface PlanRun {
  readonly model: number;
  readonly api: 'predict' | 'predictOnBatch' | 'apply' | 'call';
  readonly training: boolean;
}

/** A gradient step: the runs as they are written, and what the gradient is taken of. */
export interface UpdatesPlan {
  readonly rule: 'updates-not-run';
  readonly layers: readonly PlanLayer[];
  readonly models: readonly PlanModel[];
  readonly runs: readonly PlanRun[];
  /** The index of the run that the finding stands on. */
  readonly run: number;
  /** Layers whose weights the gradient is taken of; `all`: every trainable variable; `arguments`: no weights. */
  readonly variables: 'all' | 'arguments' | readonly number[];
  readonly batch: number;
  readonly standIns: readonly string[];
}

/** A batch norm on tensors, or a moving average, inside a gradient step of all trainable variables. */
export interface OpUpdatesPlan {
  readonly rule: 'op-updates';
  readonly layers: readonly PlanLayer[];
  /** All that leads to it, and all that is assigned to its statistics. */
  readonly graph: PlanGraph;
  /** The inputs that are variables, and the number that fills them at first; null: drawn. */
  readonly variables: readonly { readonly tensor: number; readonly trainable: boolean; readonly fill: number | null }[];
  /** The variables that hold the statistics, and those that the step is to train. */
  readonly statistics: readonly number[];
  readonly trained: readonly number[];
  readonly batch: number;
  readonly standIns: readonly string[];
}

export type Plan = BiasPlan | UpdatesPlan | OpUpdatesPlan;

/** Why there is no plan; then the check is inconclusive. */
export class NoPlan extends Error {}
