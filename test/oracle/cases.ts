import { ConfigObject, GraphBuilder, type ConfigValue, type Layer, type Tensor } from '../../server/src/graph';

export type Options = Readonly<Record<string, ConfigValue>>;

/** Builds small graphs in a few words. */
export class Bench {
  readonly builder = new GraphBuilder();

  input(...shape: (number | null)[]): Tensor {
    return this.builder.input([null, ...shape]);
  }

  layer(kind: string, options: Options = {}, inner: Layer | null = null): Layer {
    return this.builder.layer(kind, ConfigObject.of(options), { inner });
  }

  apply(kind: string, options: Options, ...inputs: Tensor[]): Tensor {
    return this.builder.applyLayer(this.layer(kind, options), inputs);
  }
}

/** A layer with a bias, applied to an input. */
export interface Source {
  readonly name: string;
  /** Of the output, with the batch. */
  readonly rank: number;
  make(bench: Bench): { readonly input: Tensor; readonly layer: Layer; readonly output: Tensor };
}

function source(name: string, kind: string, options: Options, ...shape: number[]): Source {
  return {
    name,
    rank: kind === 'simpleRNN' && options['returnSequences'] !== true ? 2 : shape.length + 1,
    make: (bench) => {
      const input = bench.input(...shape);
      const layer = bench.layer(kind, options);
      return { input, layer, output: bench.builder.applyLayer(layer, [input]) };
    },
  };
}

export const SOURCES: readonly Source[] = [
  source('dense 12', 'dense', { units: 12 }, 5),
  source('simpleRNN linear', 'simpleRNN', { units: 4, activation: 'linear' }, 3, 2),
  source('conv1d', 'conv1d', { filters: 3, kernelSize: 3, padding: 'same' }, 8, 2),
  source('dense on rank 3', 'dense', { units: 4 }, 6, 3),
  source('simpleRNN linear sequences', 'simpleRNN', { units: 3, activation: 'linear', returnSequences: true }, 6, 2),
  source('conv2d', 'conv2d', { filters: 3, kernelSize: 3, padding: 'same' }, 6, 6, 2),
  source('conv2dTranspose', 'conv2dTranspose', { filters: 3, kernelSize: 2, strides: 2 }, 3, 4, 2),
  source('depthwiseConv2d', 'depthwiseConv2d', { kernelSize: 3, depthMultiplier: 2 }, 6, 8, 2),
  source('separableConv2d', 'separableConv2d', { filters: 4, kernelSize: 3 }, 7, 6, 2),
  source('conv2d channelsFirst', 'conv2d', { filters: 4, kernelSize: 1, dataFormat: 'channelsFirst' }, 2, 6, 6),
  source('conv3d', 'conv3d', { filters: 2, kernelSize: 2 }, 4, 4, 4, 1),
];

/** One row of the catalogue with some options, to stand between a source and a batch norm. */
export interface RowCase {
  readonly kind: string;
  readonly options: Options;
  /** Ranks of inputs (with the batch) that it is tried on. */
  readonly ranks: readonly number[];
  /** A row between the source and this one, to bring its input into a range. */
  readonly before?: { readonly kind: string; readonly options: Options };
  /** Whether it does the same to every element, so that one source of each rank tells all. */
  readonly pointwise?: boolean;
  /** The layer within a wrapper. */
  readonly inner?: { readonly kind: string; readonly options: Options };
}

function rows(kind: string, ranks: readonly number[], ...options: Options[]): RowCase[] {
  return (options.length > 0 ? options : [{}]).map((entry) => ({ kind, options: entry, ranks }));
}

function pointwise(kind: string, ranks: readonly number[], ...options: Options[]): RowCase[] {
  return rows(kind, ranks, ...options).map((row) => ({ ...row, pointwise: true }));
}

/** Rows that take whole numbers from 0 on. */
function counting(kind: string, ranks: readonly number[], ...options: Options[]): RowCase[] {
  const before = { kind: 'rescaling', options: { scale: 1, offset: 40 } };
  return rows(kind, ranks, ...options).map((row) => ({ ...row, before }));
}

function wrapped(
  kind: string,
  ranks: readonly number[],
  inner: string,
  options: Options,
  outer: Options = {},
): RowCase {
  return { kind, options: outer, ranks, inner: { kind: inner, options } };
}

const ALL = [2, 3, 4];
const IMAGE = [4];
const pool2d: Options[] = [
  {},
  { poolSize: 3, strides: 2, padding: 'same' },
  { poolSize: [1, 2], strides: [2, 1] },
  { poolSize: 2, strides: 1, padding: 'same', dataFormat: 'channelsFirst' },
];
const pool1d: Options[] = [{}, { poolSize: 3, strides: 1, padding: 'same' }, { poolSize: [2], strides: 3 }];
const pool3d: Options[] = [{}, { poolSize: [1, 2, 1], strides: 1, padding: 'same' }];
const conv2d: Options[] = [
  { kernelSize: 3 },
  { kernelSize: 3, padding: 'same' },
  { kernelSize: 2, strides: 2, padding: 'same' },
  { kernelSize: [1, 3], padding: 'same', useBias: false },
  { kernelSize: 1, activation: 'relu' },
  { kernelSize: 2, dataFormat: 'channelsFirst' },
  { kernelSize: 2, dilationRate: 2, activation: null },
];
const withFilters = (options: Options): Options => ({ filters: 3, ...options });
const activations = [
  ...['linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'hardSigmoid', 'softplus', 'softsign', 'tanh'],
  ...['swish', 'mish', 'gelu', 'softmax', 'logSoftmax'],
];

/** Every kind of layer with the options that decide what it does to a shift. */
export const ROWS: readonly RowCase[] = [
  ...rows('inputLayer', []),
  ...rows('dense', ALL, { units: 3 }, { units: 1 }, { units: 3, activation: 'tanh' }, { units: 3, useBias: false }),
  ...activations.flatMap((activation) => pointwise('activation', ALL, { activation })),
  ...pointwise('dropout', ALL, { rate: 0.5 }, { rate: 0 }, { rate: 1 }),
  ...rows('dropout', [4], { rate: 0.4, noiseShape: [1, 1, 1, null] }, { rate: 0.4, noiseShape: [1, null, 1, 1] }),
  ...rows('dropout', [3], { rate: 0.4, noiseShape: [null, 1, 1] }),
  ...rows('spatialDropout1d', [3], { rate: 0.5 }, { rate: 0 }),
  ...pointwise('gaussianNoise', ALL, { stddev: 0.5 }),
  ...pointwise('gaussianDropout', ALL, { rate: 0.5 }, { rate: 0 }),
  ...pointwise('alphaDropout', ALL, { rate: 0.5 }, { rate: 0 }),
  ...rows('flatten', [3, 4, 5], {}, { dataFormat: 'channelsFirst' }),
  ...rows('reshape', [2], { targetShape: [2, 2, 3] }, { targetShape: [12, 1] }, { targetShape: [-1, 3] }),
  ...rows(
    'reshape',
    [3],
    { targetShape: [24] },
    { targetShape: [8, 3] },
    { targetShape: [3, 8] },
    { targetShape: [4, 2, 3] },
  ),
  ...rows(
    'reshape',
    [4],
    { targetShape: [108] },
    { targetShape: [36, 3] },
    { targetShape: [3, 36] },
    { targetShape: [54, 2] },
  ),
  ...rows('reshape', [4], { targetShape: [12, 3, 3] }, { targetShape: [2, 3, 18] }, { targetShape: [null, 12] }),
  ...rows('reshape', [5], { targetShape: [9, 3, 2] }, { targetShape: [54] }),
  ...rows('permute', [3], { dims: [2, 1] }, { dims: [1, 2] }),
  ...rows('permute', [4], { dims: [3, 1, 2] }, { dims: [2, 1, 3] }),
  ...rows('repeatVector', [2], { n: 3 }),
  ...pointwise('masking', [2, 3], {}, { maskValue: 0 }),
  ...counting('embedding', [2, 3], { inputDim: 80, outputDim: 3 }),
  ...conv2d.flatMap((options) => rows('conv2d', IMAGE, withFilters(options))),
  ...conv2d.flatMap((options) => rows('separableConv2d', IMAGE, { ...options, filters: 11 })),
  ...conv2d.flatMap((options) => rows('depthwiseConv2d', IMAGE, options)),
  ...conv2d.flatMap((options) => rows('conv2dTranspose', IMAGE, withFilters(options))),
  ...rows('conv2dTranspose', IMAGE, { filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
  ...rows('conv1d', [3], { filters: 2, kernelSize: 3 }, { filters: 2, kernelSize: 3, padding: 'same' }),
  ...rows('conv1d', [3], { filters: 2, kernelSize: 2, padding: 'causal' }, { filters: 2, kernelSize: [2], strides: 2 }),
  ...rows('conv3d', [5], { filters: 2, kernelSize: 2 }, { filters: 2, kernelSize: 3, padding: 'same' }),
  ...rows('conv3dTranspose', [5], { filters: 2, kernelSize: 1 }, { filters: 2, kernelSize: 2, strides: 2 }),
  ...['averagePooling1d', 'avgPool1d', 'avgPooling1d', 'maxPooling1d', 'maxPool1d'].flatMap((kind) =>
    rows(kind, [3], ...pool1d),
  ),
  ...['averagePooling2d', 'avgPool2d', 'avgPooling2d', 'maxPooling2d', 'maxPool2d'].flatMap((kind) =>
    rows(kind, [4], ...pool2d),
  ),
  ...['averagePooling3d', 'avgPool3d', 'avgPooling3d', 'maxPooling3d'].flatMap((kind) => rows(kind, [5], ...pool3d)),
  ...['globalAveragePooling1d', 'globalMaxPooling1d', 'globalMaxPool1d'].flatMap((kind) => rows(kind, [3])),
  ...['globalAveragePooling2d', 'globalMaxPooling2d', 'globalMaxPool2d'].flatMap((kind) =>
    rows(kind, [4], {}, { dataFormat: 'channelsFirst' }),
  ),
  ...rows(
    'zeroPadding2d',
    [4],
    {},
    { padding: [0, 1] },
    {
      padding: [
        [0, 0],
        [0, 0],
      ],
    },
    { padding: 1, dataFormat: 'channelsFirst' },
  ),
  ...rows(
    'cropping2D',
    [4],
    { cropping: 1 },
    {
      cropping: [
        [1, 0],
        [0, 1],
      ],
    },
    { cropping: [0, 1], dataFormat: 'channelsFirst' },
  ),
  ...rows('upSampling2d', [4], {}, { size: [1, 3] }, { interpolation: 'bilinear' }, { dataFormat: 'channelsFirst' }),
  ...rows('centerCrop', [4], { height: 4, width: 4 }, { height: 8, width: 3 }),
  ...rows('batchNormalization', ALL, {}, { axis: 1 }, { center: false }, { scale: false }),
  ...rows('layerNormalization', ALL, {}, { axis: 1 }, { axis: [1, -1] }),
  ...rows('softmax', [2, 3], {}, { axis: -1 }),
  ...pointwise('reLU', ALL, {}, { maxValue: 3 }),
  ...pointwise('leakyReLU', ALL, {}, { alpha: 1 }, { alpha: 0 }),
  ...pointwise('elu', ALL),
  ...pointwise('thresholdedReLU', ALL, {}, { theta: 0 }),
  ...pointwise('prelu', ALL, {}, { sharedAxes: [1] }),
  ...pointwise('rescaling', ALL, { scale: 0.5 }, { scale: -2, offset: 1 }, { scale: 0 }),
  ...counting('categoryEncoding', [2], { numTokens: 80 }, { numTokens: 80, outputMode: 'count' }),
  ...rows('resizing', [4], { height: 4, width: 4 }),
  ...rows('randomWidth', [4], { factor: 0.5 }),
  ...rows('simpleRNN', [3], { units: 3 }, { units: 3, activation: 'linear' }, { units: 3, activation: null }),
  ...rows('simpleRNN', [3], { units: 3, activation: 'linear', returnSequences: true }),
  ...rows(
    'simpleRNN',
    [3],
    { units: 2, activation: 'linear', dropout: 0.5 },
    { units: 1, activation: 'linear', goBackwards: true },
  ),
  ...rows('gru', [3], { units: 3 }, { units: 2, returnSequences: true }),
  ...rows('lstm', [3], { units: 3 }, { units: 2, returnSequences: true, unitForgetBias: true }),
  ...rows('convLstm2d', [5], { filters: 2, kernelSize: 2 }, { filters: 2, kernelSize: 3, padding: 'same' }),
  wrapped('rnn', [3], 'simpleRNNCell', { units: 3, activation: 'linear' }),
  wrapped('rnn', [3], 'simpleRNNCell', { units: 3 }, { returnSequences: true }),
  wrapped('rnn', [3], 'gruCell', { units: 3 }),
  wrapped('rnn', [3], 'lstmCell', { units: 3 }, { returnSequences: true }),
  wrapped('timeDistributed', [3, 4], 'dense', { units: 3 }),
  wrapped('timeDistributed', [3], 'dense', { units: 3, activation: 'sigmoid' }),
  wrapped('timeDistributed', [4], 'flatten', {}),
  wrapped('timeDistributed', [4], 'conv1d', { filters: 2, kernelSize: 3, padding: 'same' }),
  wrapped('timeDistributed', [5], 'conv2d', { filters: 2, kernelSize: 2 }),
  wrapped('timeDistributed', [5], 'globalAveragePooling2d', {}),
  wrapped('timeDistributed', [5], 'maxPooling2d', { poolSize: 3 }),
  wrapped('timeDistributed', [3, 4, 5], 'batchNormalization', {}),
  wrapped('timeDistributed', [4], 'simpleRNN', { units: 2, activation: 'linear' }),
  ...[undefined, 'concat', 'sum', 'ave', 'mul'].map((mergeMode) =>
    wrapped('bidirectional', [3], 'simpleRNN', { units: 2, activation: 'linear' }, { mergeMode }),
  ),
  wrapped('bidirectional', [3], 'simpleRNN', { units: 2, activation: 'linear', returnSequences: true }),
  wrapped('bidirectional', [3], 'lstm', { units: 2 }),
  wrapped('bidirectional', [3], 'gru', { units: 2, returnSequences: true }),
];

/** Merges, with a source on the first side and what stands on the other. */
export const MERGES: readonly { readonly kind: string; readonly options: Options }[] = [
  ...['add', 'average', 'multiply', 'maximum', 'minimum'].map((kind) => ({ kind, options: {} })),
  ...[{}, { axis: 1 }, { axis: -1 }].map((options) => ({ kind: 'concatenate', options })),
  ...[{ axes: -1 }, { axes: 1 }].map((options) => ({ kind: 'dot', options })),
];
