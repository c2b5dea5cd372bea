import { outputShapes, type Shape } from '../../graph';
import type { FlatTensor } from './unfold';

/** Stand-ins for sizes that nobody knows: enough to survive five halvings of an image. */
const SPATIAL = 32;
const TIME = 16;
const FEATURES = 8;
const CHANNELS = 3;

/** Per kind, the rank of the tensors that it takes. */
const RANKS: readonly (readonly [RegExp, number])[] = [
  [/^(conv3d|conv3dTranspose|convLstm2d|maxPooling3d|averagePooling3d|maxPool3d|avgPool3d)/, 5],
  [/(2d|2D|2dTranspose)(V[12])?$|^centerCrop$|^resizing$|^randomWidth$/, 4],
  [/(1d|1D)$|^(lstm|gru|simpleRNN|rnn|bidirectional|timeDistributed)$/, 3],
];

/** Concrete sizes for the tensors of a plan, by carrying stand-ins for unknown input sizes forward. */
export class Sizes {
  private readonly memo = new Map<FlatTensor, readonly number[] | null>();

  constructor(readonly batch: number) {}

  /** All sizes of a tensor; null when they follow from nothing that is known. */
  of(tensor: FlatTensor): readonly number[] | null {
    if (!this.memo.has(tensor)) {
      this.memo.set(tensor, null);
      this.memo.set(tensor, this.compute(tensor));
    }
    return this.memo.get(tensor)!;
  }

  /** The sizes of data that the worker draws for `tensor`, and what in them is a stand-in. */
  drawn(tensor: FlatTensor): { readonly shape: readonly number[]; readonly standIn: string | null } {
    const derived = this.of(tensor);
    const stated = tensor.shape ?? null;
    if (derived !== null && (tensor.producer !== null || isKnown(stated))) return { shape: derived, standIn: null };
    const shape = derived ?? (stated === null ? this.guess(tensor) : this.fill(stated));
    const asked = stated === null ? 'input shape unknown' : `input shape [${stated.map((n) => n ?? '?').join(', ')}]`;
    return { shape, standIn: `${asked}: ${shape.slice(1).join(' x ')} (batch ${this.batch})` };
  }

  private compute(tensor: FlatTensor): readonly number[] | null {
    const stated = tensor.shape;
    const { producer } = tensor;
    // A variable or constant has no samples: its first axis is like any other.
    if (producer === null && tensor.source.made !== null)
      return stated?.includes(null) ? null : (stated as number[] | null);
    // What an op gives need not have samples either; it follows from what goes in.
    if (producer?.target.type !== 'op') {
      if (stated !== null && isKnown(stated)) return this.fill(stated);
      if (producer === null) return stated === null ? null : this.fill(stated);
    }
    const inputs = producer.inputs.map((input) => this.of(input));
    if (inputs.includes(null)) return null;
    const shape = outputShapes(producer.target, inputs)[producer.outputs.indexOf(tensor)] ?? null;
    if (shape === null || shape.some((size) => size === null || size < 1)) return null;
    return shape as readonly number[];
  }

  private fill(shape: Shape): readonly number[] {
    const last = shape.length - 1;
    return shape.map((size, axis) => {
      if (axis === 0) return shape.length === 1 && size !== null ? size : this.batch;
      if (size !== null) return size;
      if (axis === last) return last === 1 ? FEATURES : CHANNELS;
      return last === 2 ? TIME : SPATIAL;
    });
  }

  private guess(tensor: FlatTensor): readonly number[] {
    const rank = rankTaken(tensor) ?? 2;
    const shape = this.fill(new Array<null>(rank).fill(null));
    const taken = channelsTaken(tensor);
    if (taken === null) return shape;
    const [samples, ...others] = shape.slice(0, -1);
    return taken.first ? [samples!, taken.channels, ...others] : [samples!, ...others, taken.channels];
  }
}

/** Known up to the batch axis. */
function isKnown(shape: Shape | null): boolean {
  return shape !== null && shape.length > 0 && shape.slice(1).every((size) => size !== null);
}

/** The number of channels that the filter of an op asks for, and whether they stand first; null where nothing does. */
function channelsTaken(tensor: FlatTensor): { readonly channels: number; readonly first: boolean } | null {
  for (const { target, inputs } of tensor.uses) {
    if (target.type !== 'op') continue;
    const role = target.roles[inputs.indexOf(tensor)];
    const weights = inputs[target.roles.findIndex((one) => /^(filter|depthwiseFilter|b)$/.test(one))]?.shape;
    if (!weights || (role !== 'x' && role !== 'a') || /^(add|sub|mul|div)$/.test(target.name)) continue;
    const flipped = /Transpose/.test(target.name) || target.attributes.get('transposeB') === true;
    const channels = weights.at(flipped ? -1 : -2);
    if (channels != null) return { channels, first: target.attributes.get('dataFormat') === 'NCHW' };
  }
  return null;
}

/** The rank that the first layers to use a tensor ask for, looking through layers that take any rank. */
function rankTaken(tensor: FlatTensor, depth = 0): number | null {
  if (depth > 6) return null;
  for (const { target } of tensor.uses) {
    if (target.type !== 'layer' && target.type !== 'op') continue;
    const kind = target.type === 'op' ? target.name.replace(/^fused\./, '') : target.layer.kind;
    for (const [kinds, rank] of RANKS) if (kinds.test(kind)) return rank;
    if (kind === 'matMul') return 2;
    if (kind === 'embedding' || kind === 'dense') return 2;
  }
  for (const use of tensor.uses) {
    for (const output of use.outputs) {
      const rank = rankTaken(output, depth + 1);
      if (rank !== null) return rank;
    }
  }
  return null;
}
