import { catalog, type Layer, type Shape, type Tensor } from '../../server/src/graph';
import { Bench, type Options } from './cases';

/** A graph that grows: the tensors of one model, newest last, and the layers that can be shared. */
export interface Scene {
  readonly bench: Bench;
  readonly pool: Tensor[];
  readonly layers: { readonly layer: Layer; readonly shape: string }[];
  /** Tensors that may carry a mask: only layers that take one are applied to them. */
  readonly masked: Set<Tensor>;
  readonly depth: number;
}

/** One step of growing a graph: the new tensor, or null where it does not fit. */
export type Move = (scene: Scene, x: Tensor, option: number) => Tensor | null;

/** The largest tensor, in numbers a sample. */
const LARGEST = 400;

export function fits(shape: Shape | null): boolean {
  if (shape === null || shape.length > 5 || shape.slice(1).includes(null)) return false;
  return shape.slice(1).reduce<number>((product, size) => product * size!, 1) <= LARGEST;
}

export function put(scene: Scene, layer: Layer, x: Tensor): Tensor {
  scene.layers.push({ layer, shape: String(x.shape) });
  return apply(scene, layer, x);
}

function apply(scene: Scene, layer: Layer, x: Tensor): Tensor {
  const output = scene.bench.builder.applyLayer(layer, [x]);
  if (layer.kind === 'masking' || scene.masked.has(x)) scene.masked.add(output);
  return output;
}

/** A mask of some other tensor strays to what uses one (`rows.test.ts` shows it), and may stop tfjs: no graph has that. */
function takes(scene: Scene, kind: string, x: Tensor): boolean {
  const { masks, usesMask } = catalog.get(kind)!;
  return scene.masked.has(x) ? masks === true : scene.masked.size === 0 || usesMask !== true;
}

/** A layer of one of these kinds (they are aliases), with one of these options. */
function unary(kinds: string | readonly string[], ...options: readonly Options[]): Move {
  return (scene, x, option) => {
    const names = [kinds].flat();
    const kind = names[option % names.length]!;
    const chosen = options.length === 0 ? {} : options[option % options.length]!;
    if (!takes(scene, kind, x) || !fits(probe(kind, chosen, x).shape)) return null;
    return put(scene, scene.bench.layer(kind, chosen), x);
  };
}

/** Asked first: a combination that tfjs refuses is no move. */
function probe(kind: string, options: Options, ...inputs: readonly Tensor[]): Tensor {
  const bench = new Bench();
  return bench.apply(kind, options, ...inputs.map(({ shape }) => bench.builder.input(shape)));
}

export const batchNorm: Move = (scene, x, option) => {
  if (x.shape!.length > 4) return within('timeDistributed', 'batchNormalization', {})(scene, x, option);
  const axis = option % 4 === 3 ? option % x.shape!.length || -1 : -1;
  return put(scene, scene.bench.layer('batchNormalization', axis === -1 ? {} : { axis }), x);
};

function merge(kind: string, options: Options = {}): Move {
  return (scene, x, option) => {
    const partners = scene.pool.filter((tensor) => String(tensor.shape) === String(x.shape));
    const partner = partners[option % partners.length]!;
    if (scene.masked.has(x) || scene.masked.has(partner)) return null;
    const nested = partner.producer?.inputs.includes(x) || x.producer?.inputs.includes(partner);
    // max(x, min(x, y)) is x: true, and no row can know it.
    if (nested && (kind === 'maximum' || kind === 'minimum')) return null;
    // Twice the same number, and layer norm makes a constant of it.
    if (kind === 'concatenate' && partner === x && x.shape!.at(-1) === 1) return null;
    if (!fits(probe(kind, options, x, partner).shape)) return null;
    return scene.bench.apply(kind, options, ...(option % 2 ? [x, partner] : [partner, x]));
  };
}

/** Applies a layer that is in use already to another tensor of the same shape. */
const share: Move = (scene, x, option) => {
  const fitting = scene.layers.filter(({ shape, layer }) => shape === String(x.shape) && takes(scene, layer.kind, x));
  if (fitting.length === 0) return null;
  return apply(scene, fitting[option % fitting.length]!.layer, x);
};

function within(wrapper: string, kind: string, ...options: readonly Options[]): Move {
  return wrapped(wrapper, [{}], kind, ...options);
}

function wrapped(wrapper: string, outer: readonly Options[], kind: string, ...options: readonly Options[]): Move {
  return (scene, x, option) => {
    if (scene.masked.has(x) || !takes(scene, wrapper, x) || !takes(scene, kind, x)) return null;
    const inner = scene.bench.layer(kind, options[option % options.length]);
    return put(scene, scene.bench.layer(wrapper, outer[option % outer.length]!, inner), x);
  };
}

const LOOK_UP: ReadonlySet<string> = new Set(['embedding', 'categoryEncoding']);

/** Brings whatever it is into whole numbers of a range, for layers that look them up. */
function counting(kind: string, options: Options): Move {
  return (scene, x) => {
    // What has been looked up once may take so few values that all samples are alike, and hides what comes later.
    const before = scene.bench.builder.finish().layers.some((layer) => LOOK_UP.has(layer.kind));
    if (before || scene.masked.has(x) || !fits(probe(kind, options, x).shape)) return null;
    const between = scene.bench.apply('activation', { activation: 'sigmoid' }, x);
    const counts = scene.bench.apply('rescaling', { scale: 30, offset: 2.5 }, between);
    return scene.bench.apply(kind, options, withOwnShape(scene, counts));
  };
}

/** For layers of tfjs that write into the shape of their input, which other tensors may have as theirs. */
function withOwnShape(scene: Scene, x: Tensor): Tensor {
  return scene.bench.apply('reshape', { targetShape: x.shape!.slice(1) }, x);
}

const reshapeTo: Move = (scene, x, option) => {
  const total = x.shape!.slice(1).reduce<number>((product, size) => product * size!, 1);
  const divisors = [2, 3, 4, 6].filter((size) => total % size === 0);
  if (divisors.length === 0 || scene.masked.has(x)) return null;
  const last = divisors[option % divisors.length]!;
  const rest = total / last;
  const targetShape = [[rest, last], [total], rest % 2 === 0 ? [2, rest / 2, last] : [rest, last]][option % 3]!;
  return scene.bench.apply('reshape', { targetShape }, x);
};

function permute(...orders: readonly number[][]): Move {
  return unary('permute', ...orders.map((dims) => ({ dims })));
}

/** Over a single element it would make everything after it constant, and any dependence invisible. */
function overSome(move: Move): Move {
  return (scene, x, option) => (x.shape!.at(-1) === 1 ? null : move(scene, x, option));
}

/** A linear recurrence over many steps overflows. */
function overFewSteps(move: Move): Move {
  return (scene, x, option) => (x.shape![1]! > 12 ? null : move(scene, x, option));
}

const ACTIVATIONS = ['relu', 'sigmoid', 'linear', 'elu', 'tanh', 'softplus', 'swish', 'hardSigmoid', 'relu6', 'selu'];
const LINEAR = { units: 3, activation: 'linear' };

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
  unary('activation', ...ACTIVATIONS.map((activation) => ({ activation }))),
  unary('leakyReLU', {}, { alpha: 1 }),
  unary(['reLU', 'elu', 'prelu', 'thresholdedReLU'], { theta: 0 }),
  unary('dropout', { rate: 0.4 }, { rate: 0 }),
  unary(['gaussianNoise', 'alphaDropout', 'gaussianDropout'], { stddev: 0.3, rate: 0.3 }),
  overSome(unary('layerNormalization')),
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

const POOL_1D: readonly Options[] = [{}, { poolSize: 3, strides: 2, padding: 'same' }, { poolSize: 3 }];
const POOL_2D: readonly Options[] = [{}, { poolSize: [1, 2] }, { poolSize: 3, strides: 1, padding: 'same' }];
const POOL_3D: readonly Options[] = [{}, { poolSize: [1, 2, 1], strides: 1, padding: 'same' }];

const VECTORS: readonly Move[] = [
  unary('repeatVector', { n: 3 }),
  overSome(unary('softmax')),
  overSome(counting('embedding', { inputDim: 40, outputDim: 3 })),
  overSome(counting('categoryEncoding', { numTokens: 40 })),
  merge('dot', { axes: -1 }),
];

const RECURRENT: readonly Move[] = [
  unary('simpleRNN', LINEAR, { ...LINEAR, returnSequences: true }),
  unary('simpleRNN', { units: 3 }, { units: 2, activation: 'linear', returnSequences: true, goBackwards: true }),
  unary('lstm', { units: 2 }, { units: 2, returnSequences: true }),
  unary('gru', { units: 2 }, { units: 2, returnSequences: true }),
  within('rnn', 'simpleRNNCell', LINEAR, { units: 2 }),
  within('rnn', 'gruCell', { units: 2 }),
  within('rnn', 'lstmCell', { units: 2 }),
  within('bidirectional', 'simpleRNN', LINEAR, { ...LINEAR, returnSequences: true }),
  wrapped('bidirectional', [{ mergeMode: 'sum' }, { mergeMode: 'ave' }, { mergeMode: 'mul' }], 'simpleRNN', LINEAR),
];

const SEQUENCES: readonly Move[] = [
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
  unary(['maxPooling1d', 'maxPool1d'], {}, { poolSize: 2, strides: 1, padding: 'same' }, { poolSize: 3 }),
  unary(['averagePooling1d', 'avgPool1d', 'avgPooling1d'], ...POOL_1D, { poolSize: [2], strides: 3 }),
  unary('globalAveragePooling1d'),
  unary(['globalMaxPooling1d', 'globalMaxPool1d']),
  unary('flatten'),
  unary('spatialDropout1d', { rate: 0.4 }, { rate: 0 }),
  overSome(counting('embedding', { inputDim: 40, outputDim: 3 })),
  merge('dot', { axes: -1 }),
  ...RECURRENT.map(overFewSteps),
  within('timeDistributed', 'dense', { units: 3 }, { units: 2, activation: 'relu' }),
  within('timeDistributed', 'batchNormalization', {}),
  permute([2, 1]),
  merge('concatenate', { axis: 1 }),
];

const IMAGES: readonly Move[] = [
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
  unary(['maxPooling2d', 'maxPool2d'], {}, { poolSize: [1, 2] }, { poolSize: 2, strides: 1, padding: 'same' }),
  unary(['averagePooling2d', 'avgPool2d', 'avgPooling2d'], ...POOL_2D, { poolSize: [2, 1] }),
  unary('globalAveragePooling2d', {}, { dataFormat: 'channelsFirst' }),
  unary(['globalMaxPooling2d', 'globalMaxPool2d'], {}, {}, { dataFormat: 'channelsFirst' }),
  unary('flatten', {}, { dataFormat: 'channelsFirst' }),
  unary('zeroPadding2d', {}, { padding: [1, 0] }),
  unary('cropping2D', { cropping: 1 }, { cropping: [0, 1] }),
  unary('upSampling2d', {}, { size: [2, 1], interpolation: 'bilinear' }),
  (scene, x, option) => {
    const [, height, width] = x.shape!;
    const options = { height: Math.max(1, height! - (option % 2)), width: Math.ceil(width! / 2) };
    return scene.bench.apply('centerCrop', options, withOwnShape(scene, x));
  },
  unary('dropout', { rate: 0.4, noiseShape: [1, 1, 1, null] }, { rate: 0.4, noiseShape: [1, null, 1, 1] }),
  within('timeDistributed', 'dense', { units: 3 }),
  within('timeDistributed', 'batchNormalization', {}),
  within('timeDistributed', 'conv1d', { filters: 3, kernelSize: 2 }, { filters: 2, kernelSize: 3, padding: 'same' }),
  permute([3, 1, 2], [2, 3, 1], [2, 1, 3], [1, 3, 2]),
  merge('concatenate', { axis: 1 }),
  merge('concatenate', { axis: 2 }),
];

const VOLUMES: readonly Move[] = [
  batchNorm,
  merge('add'),
  merge('concatenate'),
  share,
  unary('activation', { activation: 'relu' }, { activation: 'linear' }),
  reshapeTo,
  unary('conv3d', { filters: 2, kernelSize: 2 }, { filters: 3, kernelSize: 3, padding: 'same' }),
  unary('conv3dTranspose', { filters: 2, kernelSize: 1 }, { filters: 2, kernelSize: 2 }),
  unary('maxPooling3d', ...POOL_3D),
  unary(['averagePooling3d', 'avgPool3d', 'avgPooling3d'], ...POOL_3D),
  unary('convLstm2d', { filters: 2, kernelSize: 2 }),
  unary('flatten', {}, { dataFormat: 'channelsFirst' }),
  within('timeDistributed', 'conv2d', { filters: 3, kernelSize: 2 }),
  within('timeDistributed', 'maxPooling2d', { poolSize: 2 }),
  within('timeDistributed', 'globalAveragePooling2d', {}),
];

/** What can be done to a tensor of this rank, the batch counted. */
export function movesFor(rank: number): readonly Move[] {
  if (rank === 5) return VOLUMES;
  return [...ANY_RANK, ...({ 2: VECTORS, 3: SEQUENCES, 4: IMAGES }[rank] ?? [])];
}
