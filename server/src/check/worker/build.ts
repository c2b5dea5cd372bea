import type { layers, LayersModel, SymbolicTensor, Tensor, Variable } from '@tensorflow/tfjs';
import { MAKE, type PlanGraph, type PlanInput, type PlanLayer, type PlanNode, type PlanValue } from '../plan/types';
import type { Tf } from './engine';
import { Unmeasurable } from './errors';
import { applyOp } from './ops';
import { normals, uniform } from './random';

export type Layer = layers.Layer;

/** Makes the plan's layers, each once: a layer that is used twice shares its weights. */
export class Layers {
  private readonly made = new Map<number, Layer>();

  /** @param override replaces keys of one layer's config */
  constructor(
    private readonly tf: Tf,
    private readonly plans: readonly PlanLayer[],
    private readonly override: { readonly layer: number; readonly config: Record<string, PlanValue> } | null = null,
  ) {}

  get(index: number): Layer {
    let layer = this.made.get(index);
    if (!layer) this.made.set(index, (layer = this.make(this.plans[index]!)));
    return layer;
  }

  /** The layer when it has been made; one that only stands in a list of variables may never be. */
  existing(index: number): Layer | undefined {
    return this.made.get(index);
  }

  plan(index: number): PlanLayer {
    return this.plans[index]!;
  }

  /** Whether running layer `index` runs layer `other`. */
  holds(index: number, other: number): boolean {
    if (index === other) return true;
    const { inner } = this.plans[index]!;
    if (inner === null) return false;
    if ('layer' in inner) return this.holds(inner.layer, other);
    return inner.graph.nodes.some(({ target }) => target.type === 'layer' && this.holds(target.layer, other));
  }

  /** Applies a node to tensors or, while a model is made, to symbolic ones. */
  apply<T extends Tensor | SymbolicTensor>(node: PlanNode, inputs: T[], training: boolean): T[] {
    const { target } = node;
    if (target.type === 'unknown') throw new Unmeasurable(target.reason);
    if (target.type === 'op') return applyOp(this.tf, target, inputs as Tensor[]) as T[];
    const layer = this.get(target.layer);
    if (this.plans[target.layer]!.kind === 'inputLayer') return inputs;
    const argument = inputs.length === 1 ? inputs[0]! : inputs;
    const output = layer.apply(argument as Tensor, { training });
    return (Array.isArray(output) ? output : [output]) as T[];
  }

  /** A functional model of a graph. */
  model(graph: PlanGraph): LayersModel {
    const { tf } = this;
    const tensors = new Map<number, SymbolicTensor>();
    for (const input of graph.inputs) {
      if (input.shape === null) throw new Unmeasurable('the shape of an input is not known');
      tensors.set(input.tensor, tf.input({ shape: input.shape.slice(1) as number[] }));
    }
    for (const node of graph.nodes) {
      if (node.target.type === 'op') throw new Unmeasurable(`${node.target.name} stands between the layers of a model`);
      const inputs = node.inputs.map((id) => tensors.get(id)!);
      const outputs = this.apply(node, inputs, false);
      node.outputs.forEach((id, index) => tensors.set(id, outputs[index]!));
    }
    const [inputs, outputs] = [graph.inputs.map(({ tensor }) => tensor), graph.outputs].map((ids) =>
      ids.map((id) => tensors.get(id)!),
    );
    return tf.model({ inputs: inputs!, outputs: outputs! });
  }

  private make(plan: PlanLayer): Layer {
    const factory = (this.tf.layers as unknown as Record<string, unknown>)[plan.kind];
    if (typeof factory !== 'function') throw new Unmeasurable(`this tfjs has no tf.layers.${plan.kind}`);
    const config: Record<string, unknown> = { ...(this.revive(plan.config) as object) };
    if (this.override?.layer === plan.id) Object.assign(config, this.override.config);
    if (plan.inner !== null) {
      const inner = 'layer' in plan.inner ? this.get(plan.inner.layer) : this.model(plan.inner.graph);
      config[plan.kind === 'rnn' ? 'cell' : 'layer'] = inner;
    }
    return (factory as (config: unknown) => Layer)(config);
  }

  private revive(value: PlanValue): unknown {
    if (Array.isArray(value)) return value.map((item) => this.revive(item));
    if (value === null || typeof value !== 'object') return value;
    const entries = value as { readonly [key: string]: PlanValue };
    const path = entries[MAKE];
    if (typeof path === 'string') return this.factory(path)(this.revive(entries['config'] ?? {}));
    return Object.fromEntries(Object.entries(entries).map(([key, item]) => [key, this.revive(item)]));
  }

  private factory(path: string): (config: unknown) => unknown {
    let at: unknown = this.tf;
    for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
    if (typeof at !== 'function') throw new Unmeasurable(`this tfjs has no tf.${path}`);
    return at as (config: unknown) => unknown;
  }
}

/** A weight of a layer as the variable that the engine trains. */
export interface Weight {
  readonly name: string;
  readonly variable: Variable;
}

export function weightsOf(layer: Layer): Weight[] {
  return layer.weights.map((weight) => ({
    name: weight.originalName.split('/').at(-1)!,
    variable: weight.read() as Variable,
  }));
}

export function isBias({ name }: Weight): boolean {
  return /bias(_\d+)?$/.test(name);
}

/**
 * Draws every weight that an initializer left constant. Otherwise a zero kernel, or the zero gamma that ends a residual
 * branch, would hide what is to be measured.
 */
export function drawConstants(tf: Tf, weights: readonly Weight[], seed: number): void {
  weights.forEach(({ name, variable }, index) => {
    const values = variable.dataSync();
    const first = values[0];
    if (values.some((value) => value !== first)) return;
    variable.assign(tf.tensor(drawn(name, variable.shape, seed + index), variable.shape));
  });
}

function drawn(name: string, shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (/gamma|variance/.test(name)) {
    const next = uniform(seed);
    return Float32Array.from({ length: count }, () => 0.5 + next());
  }
  const values = normals(count, seed);
  const fanIn = shape.length > 1 ? count / shape.at(-1)! : 4;
  return values.map((value) => value / Math.sqrt(fanIn));
}

/** Data for an input; the same for the same seed on every engine. */
export function drawInput(tf: Tf, input: PlanInput, shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  if (input.below === null) {
    const values = normals(count, seed);
    return tf.tensor(input.positive ? values.map((value) => 0.5 + Math.abs(value)) : values, [...shape]);
  }
  const next = uniform(seed);
  const values = Float32Array.from({ length: count }, () => Math.floor(next() * input.below!));
  return tf.tensor(values, [...shape]);
}
