import { isModel, modelApplications, type Layer, type Model } from '../../graph';
import { planConfig, planRecord, type Role } from './config';
import { Sizes } from './sizes';
import { NoPlan, type PlanGraph, type PlanInput, type PlanLayer, type PlanNode, type PlanTarget } from './types';
import { isOpen, Unfolder, type FlatNode, type FlatTensor } from './unfold';

/** Kinds whose output has the shape of each of their inputs. */
const MERGES = new Set(['add', 'average', 'concatenate', 'maximum', 'minimum', 'multiply']);
/** Elements that the largest tensor of a plan should have; the batch follows from it. */
const FEW_ELEMENTS = 1e5;
/** Elements that it may have at most. */
const MAX_ELEMENTS = 4e6;
const MAX_BATCH = 16;
/** Samples that say as much as more of them do, where a batch norm sees one number of each. */
const ENOUGH = 4;
/** Numbers of one channel that say as much as more of them do. */
const POSITIONS = 64;

/**
 * A batch that keeps the largest of these tensors small, for pure-JavaScript kernels are slow: no verdict depends on the
 * number of samples. At least 2, which batch norm needs.
 */
export function chooseBatch(tensors: readonly FlatTensor[]): number {
  const written = writtenBatch(tensors);
  if (written !== null) return written;
  const sizes = new Sizes(1);
  let largest = 1;
  let fixed: number | null = null;
  let positions = Infinity;
  for (const tensor of tensors) {
    const shape = sizes.of(tensor);
    if (shape) {
      largest = Math.max(largest, product(shape.slice(1)));
      positions = Math.min(positions, product(shape.slice(1, -1)));
    }
    const stated = tensor.shape && tensor.shape.length > 1 ? tensor.shape[0] : null;
    if (stated != null && stated > 1 && tensor.producer === null) fixed = Math.max(fixed ?? 0, stated);
  }
  const enough = Math.min(ENOUGH, Math.ceil(POSITIONS / positions), Math.floor(MAX_ELEMENTS / largest));
  const bearable = Math.max(2, enough, Math.min(MAX_BATCH, Math.floor(FEW_ELEMENTS / largest)));
  return fixed === null ? bearable : Math.min(fixed, bearable);
}

/** Parameters that take samples. */
const SAMPLES = /^(x|a|t1|tensors|images|logits|input)$/;

/** The number of samples in the code itself, where functions on tensors may count on it (`sum` over a batch, divided). */
function writtenBatch(tensors: readonly FlatTensor[]): number | null {
  if (!tensors.some(({ producer, uses }) => [producer, ...uses].some((node) => node?.target.type === 'op')))
    return null;
  let batch: number | null = null;
  const seen = new Set<FlatTensor>();
  const open = [...tensors];
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (tensor.producer !== null) open.push(...tensor.producer.inputs);
    else if (takesSamples(tensor) && (tensor.shape?.length ?? 0) > 1) {
      const first = tensor.shape![0]!;
      if (first !== null && first > 1) batch = Math.max(batch ?? 0, first);
    }
  }
  return batch;
}

function takesSamples(tensor: FlatTensor): boolean {
  return tensor.uses.some(({ target, inputs }) => {
    if (target.type !== 'op') return true;
    return inputs.some((input, at) => input === tensor && SAMPLES.test(target.roles[at] ?? ''));
  });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}

/** Turns layers and nodes of the graph into their serialisable form, collecting the stand-ins. */
export class Assembler {
  readonly layers: PlanLayer[] = [];
  readonly sizes: Sizes;
  private readonly indices = new Map<Layer, number>();
  private readonly blocked = new Map<Layer, string>();
  private readonly notes = new Set<string>();

  constructor(
    readonly batch: number,
    private readonly roleOf: (layer: Layer) => Role,
  ) {
    this.sizes = new Sizes(batch);
  }

  get standIns(): readonly string[] {
    return [...this.notes];
  }

  /** The index of a layer among the plan's layers; a layer that is used twice is one layer. */
  layer(layer: Layer): number {
    const known = this.indices.get(layer);
    if (known !== undefined) return known;
    const inner = layer.inner === null ? null : this.inner(layer.inner);
    const { config, standIns, reason } = planConfig(layer, this.roleOf(layer));
    for (const note of standIns) this.notes.add(note);
    if (reason !== null) this.blocked.set(layer, reason);
    const index = this.layers.length;
    this.indices.set(layer, index);
    this.layers.push({ id: index, kind: layer.kind, config, inner, trainable: layer.trainable !== false });
    return index;
  }

  node(node: FlatNode): PlanNode {
    return {
      target: this.target(node.target),
      inputs: node.inputs.map(({ id }) => id),
      outputs: node.outputs.map(({ id }) => id),
      mode: node.mode,
    };
  }

  /** Data of the right shape in place of a tensor. */
  input(tensor: FlatTensor): PlanInput {
    const below = lookedUp(tensor);
    const positive = isVariance(tensor);
    const like = this.sizes.of(tensor) === null && tensor.shape === null ? partner(tensor) : null;
    if (like !== null) {
      this.notes.add('the shape of a merged tensor is unknown: that of the other one');
      return { tensor: tensor.id, shape: null, like: like.id, positive, below };
    }
    const { shape, standIn } = this.sizes.drawn(tensor);
    if (standIn !== null) this.notes.add(standIn);
    return { tensor: tensor.id, shape, like: null, positive, below };
  }

  /** The inside of a model, to be made symbolic. */
  model(model: Model, symbolic: boolean): PlanGraph {
    if (!isOpen(model)) throw new NoPlan('the inside of the model is not known');
    const unfolder = new Unfolder();
    const known = new Map();
    const inputs = model.inputs.map((tensor) => unfolder.flat(tensor, known));
    unfolder.run(modelApplications(model), known, 'caller');
    const given = new Set(inputs);
    if (unfolder.nodes.some((node) => node.inputs.some((one) => one.producer === null && !given.has(one)))) {
      throw new NoPlan('the model takes in a tensor that comes from elsewhere');
    }
    return {
      inputs: inputs.map((tensor) => (symbolic ? this.symbolicInput(tensor) : this.input(tensor))),
      nodes: unfolder.nodes.map((node) => this.node(node)),
      outputs: model.outputs.map((tensor) => unfolder.flat(tensor, known).id),
    };
  }

  private symbolicInput(tensor: FlatTensor): PlanInput {
    const { shape } = tensor;
    if (shape === null) throw new NoPlan('the input shape of a wrapped model is not known');
    return { tensor: tensor.id, shape: [null, ...shape.slice(1)], like: null, positive: false, below: null };
  }

  private inner(inner: Layer | Model): PlanLayer['inner'] {
    return isModel(inner) ? { graph: this.model(inner, true) } : { layer: this.layer(inner) };
  }

  private target(target: FlatNode['target']): PlanTarget {
    if (target.type === 'unknown') return target;
    if (target.type === 'op') {
      const attributes = planRecord(target.attributes);
      if (attributes === null) return { type: 'unknown', reason: `the arguments of ${target.name} are not known` };
      return { type: 'op', name: target.name, attributes, roles: target.roles };
    }
    const { layer } = target;
    if (layer.kind.startsWith('custom:')) {
      return { type: 'unknown', reason: `${layer.kind.slice('custom:'.length)} is a layer class of its own` };
    }
    const index = this.layer(layer);
    const reason = this.blockedWithin(layer);
    return reason === null ? { type: 'layer', layer: index } : { type: 'unknown', reason };
  }

  private blockedWithin(layer: Layer): string | null {
    const own = this.blocked.get(layer);
    if (own !== undefined) return own;
    return layer.inner === null || isModel(layer.inner) ? null : this.blockedWithin(layer.inner);
  }
}

/** Whether an op takes it as the variance of something. */
function isVariance(tensor: FlatTensor): boolean {
  return tensor.uses.some(
    ({ target, inputs }) =>
      target.type === 'op' && inputs.some((input, at) => input === tensor && target.roles[at] === 'variance'),
  );
}

/** The number of entries of the table that a tensor is looked up in, null when it is not looked up. */
function lookedUp(tensor: FlatTensor): number | null {
  for (const { target } of tensor.uses) {
    if (target.type !== 'layer') continue;
    const { kind, config } = target.layer;
    const key = kind === 'embedding' ? 'inputDim' : kind === 'categoryEncoding' ? 'numTokens' : null;
    const entries = key === null ? null : config.get(key);
    if (typeof entries === 'number' && entries >= 1) return Math.floor(entries);
    if (key !== null) return 16;
  }
  return null;
}

/** Another input of a merge that `tensor` goes into: they have the same shape. */
function partner(tensor: FlatTensor): FlatTensor | null {
  for (const { target, inputs } of tensor.uses) {
    if (target.type !== 'layer' || !MERGES.has(target.layer.kind)) continue;
    const other = inputs.find((input) => input !== tensor && input.producer !== null);
    if (other) return other;
  }
  return null;
}
