import type { Layer, Model, Shape, Tensor } from '../../server/src/graph';
import { Bench, type Options } from './cases';

/** Three numbers that choose a move, what it is applied to, and its options. */
export type Gene = readonly [move: number, pick: number, option: number];

/** The largest tensor, in numbers a sample. */
const LARGEST = 500;

/** One step of growing a graph: the new tensor, or null where it does not fit. */
type Move = (scene: Scene, x: Tensor, option: number) => Tensor | null;

/** A graph that grows: the tensors of one model, newest last, and the layers that can be shared. */
interface Scene {
  readonly bench: Bench;
  readonly pool: Tensor[];
  readonly layers: { readonly layer: Layer; readonly shape: string }[];
  readonly depth: number;
}

const START: readonly (readonly number[])[] = [[6], [6, 3], [4, 4, 2], [4, 6, 3]];

/** Grows a graph from genes. Equal genes give equal graphs, and every prefix of genes is a graph. */
export function growGraph(start: number, genes: readonly Gene[]): Bench {
  const bench = new Bench();
  const input = bench.input(...START[start % START.length]!);
  const scene: Scene = { bench, pool: [input], layers: [], depth: 0 };
  growModel(scene, genes, start);
  return bench;
}

function growModel(scene: Scene, genes: readonly Gene[], ending: number): Model | null {
  const [input] = scene.pool as [Tensor];
  for (const [index, gene] of genes.entries()) grow(scene, gene, genes.slice(index + 1));
  const ends = scene.pool.filter((tensor) => tensor !== input && tensor.uses.length === 0);
  if (ends.length === 0) return null;
  const every = scene.depth > 0 ? 2 : 5;
  const outputs = ends.map((x, index) => ((ending + index) % every === 0 ? x : normalised(scene, x, ending)));
  return scene.bench.builder.model('functional', [input], outputs, []);
}

function normalised(scene: Scene, x: Tensor, option: number): Tensor {
  return batchNorm(scene, x, option) ?? x;
}

function grow(scene: Scene, [move, pick, option]: Gene, rest: readonly Gene[]): void {
  // Mostly the newest tensor, so that graphs grow deep.
  const back = pick % 5 < 3 ? 0 : pick % Math.min(scene.pool.length, 4);
  const x = scene.pool[scene.pool.length - 1 - back]!;
  const moves = movesFor(x.shape!.length);
  const choice = move % (moves.length + 1);
  const grown = choice === moves.length ? nested(scene, x, option, rest) : moves[choice]!(scene, x, option);
  if (grown !== null && fits(grown.shape)) scene.pool.push(grown);
}

function fits(shape: Shape | null): boolean {
  if (shape === null || shape.length > 4 || shape.slice(1).includes(null)) return false;
  return shape.slice(1).reduce<number>((product, size) => product * size!, 1) <= LARGEST;
}

function put(scene: Scene, layer: Layer, x: Tensor): Tensor | null {
  scene.layers.push({ layer, shape: String(x.shape) });
  return scene.bench.builder.applyLayer(layer, [x]);
}

function unary(kind: string, ...options: readonly Options[]): Move {
  return (scene, x, option) => {
    const chosen = options.length === 0 ? {} : options[option % options.length]!;
    // Asked first: a combination that tfjs refuses is no move.
    const probe = new Bench().apply(kind, chosen, scratch(x.shape!));
    return fits(probe.shape) ? put(scene, scene.bench.layer(kind, chosen), x) : null;
  };
}

function scratch(shape: Shape): Tensor {
  return new Bench().builder.input(shape);
}

const batchNorm: Move = (scene, x, option) => {
  const axis = option % 4 === 3 ? option % x.shape!.length || -1 : -1;
  return put(scene, scene.bench.layer('batchNormalization', axis === -1 ? {} : { axis }), x);
};

function merge(kind: string, options: Options = {}): Move {
  return (scene, x, option) => {
    const partners = scene.pool.filter((tensor) => String(tensor.shape) === String(x.shape));
    const partner = partners[option % partners.length]!;
    const nested = partner.producer?.inputs.includes(x) || x.producer?.inputs.includes(partner);
    // max(x, min(x, y)) is x: true, and no row can know it.
    if (nested && (kind === 'maximum' || kind === 'minimum')) return null;
    return scene.bench.apply(kind, options, ...(option % 2 ? [x, partner] : [partner, x]));
  };
}

/** Applies a layer that is in use already to another tensor of the same shape. */
const share: Move = (scene, x, option) => {
  const fitting = scene.layers.filter(({ shape }) => shape === String(x.shape));
  if (fitting.length === 0) return null;
  return scene.bench.builder.applyLayer(fitting[option % fitting.length]!.layer, [x]);
};

function within(wrapper: string, kind: string, ...options: readonly Options[]): Move {
  return (scene, x, option) => {
    const inner = scene.bench.layer(kind, options[option % options.length]);
    return put(scene, scene.bench.layer(wrapper, {}, inner), x);
  };
}

/** A model of its own, applied to one tensor or to two. */
function nested(scene: Scene, x: Tensor, option: number, rest: readonly Gene[]): Tensor | null {
  if (scene.depth > 1) return null;
  const input = scene.bench.builder.input(x.shape);
  const inner: Scene = { ...scene, pool: [input], layers: [], depth: scene.depth + 1 };
  const model = growModel(inner, rest.slice(0, 1 + (option % 3)), option);
  if (model === null) return null;
  const target = { type: 'model', model } as const;
  const twins = scene.pool.filter((tensor) => tensor !== x && String(tensor.shape) === String(x.shape));
  const outputs = [...scene.bench.builder.apply(target, [x])];
  if (option % 2 === 1 && twins.length > 0) outputs.push(...scene.bench.builder.apply(target, [twins[0]!]));
  scene.pool.push(...outputs.slice(1).filter((tensor) => fits(tensor.shape)));
  return outputs[0]!;
}

const reshapeTo: Move = (scene, x, option) => {
  const total = x.shape!.slice(1).reduce<number>((product, size) => product * size!, 1);
  const divisors = [2, 3, 4, 6].filter((size) => total % size === 0);
  if (divisors.length === 0) return null;
  const last = divisors[option % divisors.length]!;
  const rest = total / last;
  const targetShape = [[rest, last], [total], rest % 2 === 0 ? [2, rest / 2, last] : [rest, last]][option % 3]!;
  return scene.bench.apply('reshape', { targetShape }, x);
};

const permuteTo: Move = (scene, x, option) => {
  const orders =
    x.shape!.length === 3
      ? [[2, 1]]
      : [
          [3, 1, 2],
          [2, 3, 1],
          [2, 1, 3],
          [1, 3, 2],
        ];
  return scene.bench.apply('permute', { dims: orders[option % orders.length]! }, x);
};

const ANY_RANK: readonly Move[] = [
  unary(
    'dense',
    { units: 4 },
    { units: 3 },
    { units: 6 },
    { units: 4, useBias: false },
    { units: 3, activation: 'tanh' },
  ),
  batchNorm,
  batchNorm,
  unary('activation', { activation: 'relu' }, { activation: 'sigmoid' }, { activation: 'linear' }),
  unary('leakyReLU', {}, { alpha: 1 }),
  unary('dropout', { rate: 0.4 }, { rate: 0 }),
  unary('gaussianNoise', { stddev: 0.3 }),
  // Over a single element it would make everything after it constant, and any dependence invisible.
  (scene, x, option) => (x.shape!.at(-1) === 1 ? null : unary('layerNormalization')(scene, x, option)),
  unary('rescaling', { scale: -0.4, offset: 0.3 }, { scale: 0.5, offset: 1 }),
  merge('add'),
  merge('add'),
  merge('average'),
  merge('maximum'),
  merge('minimum'),
  merge('multiply'),
  merge('concatenate'),
  share,
  share,
  reshapeTo,
];

const BY_RANK: Readonly<Record<number, readonly Move[]>> = {
  2: [unary('repeatVector', { n: 3 })],
  3: [
    unary(
      'conv1d',
      { filters: 3, kernelSize: 2 },
      { filters: 4, kernelSize: 3, padding: 'same' },
      { filters: 2, kernelSize: 1 },
    ),
    unary(
      'conv1d',
      { filters: 3, kernelSize: 2, strides: 2, padding: 'same' },
      { filters: 3, kernelSize: 3, activation: 'relu' },
    ),
    unary('maxPooling1d', {}, { poolSize: 2, strides: 1, padding: 'same' }, { poolSize: 3 }),
    unary('averagePooling1d', {}, { poolSize: 3, strides: 2, padding: 'same' }, { poolSize: 3 }),
    unary('globalAveragePooling1d'),
    unary('globalMaxPooling1d'),
    unary('flatten'),
    unary('simpleRNN', { units: 3, activation: 'linear' }, { units: 3, activation: 'linear', returnSequences: true }),
    unary('simpleRNN', { units: 3 }, { units: 2, activation: 'linear', returnSequences: true, goBackwards: true }),
    unary('lstm', { units: 2 }, { units: 2, returnSequences: true }),
    within(
      'bidirectional',
      'simpleRNN',
      { units: 2, activation: 'linear' },
      { units: 2, activation: 'linear', returnSequences: true },
    ),
    within('timeDistributed', 'dense', { units: 3 }, { units: 2, activation: 'relu' }),
    within('timeDistributed', 'batchNormalization', {}),
    permuteTo,
    merge('concatenate', { axis: 1 }),
  ],
  4: [
    unary(
      'conv2d',
      { filters: 3, kernelSize: 2 },
      { filters: 4, kernelSize: 3, padding: 'same' },
      { filters: 2, kernelSize: 1 },
    ),
    unary('conv2d', { filters: 3, kernelSize: 2, strides: 2, padding: 'same' }, { filters: 3, kernelSize: [1, 2] }),
    unary(
      'conv2d',
      { filters: 3, kernelSize: 2, activation: 'relu' },
      { filters: 3, kernelSize: 1, dataFormat: 'channelsFirst' },
    ),
    unary('depthwiseConv2d', { kernelSize: 2 }, { kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
    unary('separableConv2d', { filters: 3, kernelSize: 2 }, { filters: 3, kernelSize: 3, padding: 'same' }),
    unary(
      'conv2dTranspose',
      { filters: 3, kernelSize: 2 },
      { filters: 2, kernelSize: 2, strides: 2 },
      { filters: 3, kernelSize: 1 },
    ),
    unary('maxPooling2d', {}, { poolSize: [1, 2] }, { poolSize: 2, strides: 1, padding: 'same' }),
    unary('averagePooling2d', {}, { poolSize: [2, 1] }, { poolSize: 3, strides: 1, padding: 'same' }),
    unary('globalAveragePooling2d', {}, { dataFormat: 'channelsFirst' }),
    unary('globalMaxPooling2d', {}, { dataFormat: 'channelsFirst' }),
    unary('flatten', {}, { dataFormat: 'channelsFirst' }),
    unary('zeroPadding2d', {}, { padding: [1, 0] }),
    unary(
      'cropping2D',
      { cropping: 1 },
      {
        cropping: [
          [1, 0],
          [0, 1],
        ],
      },
      { cropping: [0, 1] },
    ),
    unary('upSampling2d', {}, { size: [2, 1], interpolation: 'bilinear' }),
    within('timeDistributed', 'dense', { units: 3 }),
    within('timeDistributed', 'batchNormalization', {}),
    within('timeDistributed', 'conv1d', { filters: 3, kernelSize: 2 }, { filters: 2, kernelSize: 3, padding: 'same' }),
    permuteTo,
    merge('concatenate', { axis: 1 }),
    merge('concatenate', { axis: 2 }),
  ],
};

function movesFor(rank: number): readonly Move[] {
  return [...ANY_RANK, ...(BY_RANK[rank] ?? [])];
}
