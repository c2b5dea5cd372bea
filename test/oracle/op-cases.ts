import type { Bias, ModelGraph, Tensor } from '../../server/src/graph';
import type { Arguments, OpBench } from './op-bench';

/** Makes a tensor to which a bias was added; `bias` picks it out of the graph. */
export interface OpSource {
  readonly name: string;
  readonly rank: number;
  make(bench: OpBench): Tensor;
  bias(graph: ModelGraph): Bias;
}

function added(name: string, rank: number, make: (bench: OpBench) => Tensor): OpSource {
  const bias = (graph: ModelGraph): Bias => {
    for (const application of graph.applications) {
      const { target, inputs } = application;
      if (target.type !== 'op') continue;
      const input = target.roles.indexOf(target.name === 'add' ? 'b' : 'bias');
      if (input >= 0 && inputs[input]!.made !== null) return { application, input };
    }
    throw new Error(`${name} adds nothing`);
  };
  return { name, rank, make, bias };
}

function ofLayer(name: string, rank: number, make: (bench: OpBench) => Tensor): OpSource {
  return { name, rank, make, bias: (graph) => graph.layers[0]! };
}

const image = (bench: OpBench): Tensor => bench.data(4, 6, 6, 2);

function conv(bench: OpBench, x: Tensor, more: Arguments = {}): Tensor {
  return bench.op('conv2d', { x, filter: bench.variable(3, 3, 2, 3), strides: 1, pad: 'same', ...more });
}

function plus(bench: OpBench, x: Tensor, ...shape: number[]): Tensor {
  return bench.op('add', { a: x, b: bench.variable(...shape) });
}

function fusedConv(bench: OpBench, more: Arguments = {}): Tensor {
  const filter = bench.variable(3, 3, 2, 3);
  return bench.op('fused.conv2d', {
    x: image(bench),
    filter,
    strides: 1,
    pad: 'same',
    bias: bench.variable(3),
    ...more,
  });
}

export const OP_SOURCES: readonly OpSource[] = [
  added('conv2d', 4, (bench) => plus(bench, conv(bench, image(bench)), 3)),
  added('conv2d, [1, 1, 1, C]', 4, (bench) => plus(bench, conv(bench, image(bench)), 1, 1, 1, 3)),
  added('conv2d, one number', 4, (bench) => plus(bench, conv(bench, image(bench)), 1)),
  added('conv2d, scalar', 4, (bench) => plus(bench, conv(bench, image(bench)))),
  added('conv2d, [H, W, C]', 4, (bench) => plus(bench, conv(bench, image(bench)), 6, 6, 3)),
  added('conv2d, [W, 1]', 4, (bench) => plus(bench, conv(bench, image(bench)), 6, 1)),
  added('conv2d, [N, 1, 1, C]', 4, (bench) => plus(bench, conv(bench, image(bench)), 4, 1, 1, 3)),
  added('fused.conv2d', 4, (bench) => fusedConv(bench)),
  added('fused.conv2d linear, strided', 4, (bench) =>
    fusedConv(bench, { strides: [2, 2], pad: 1, activation: 'linear' }),
  ),
  added('conv2d, channels first', 4, (bench) =>
    plus(bench, conv(bench, bench.data(4, 2, 6, 5), { dataFormat: 'NCHW' }), 3, 1, 1),
  ),
  added('conv2d, channels first, strided, [W]', 4, (bench) =>
    plus(bench, conv(bench, bench.data(4, 2, 6, 6), { dataFormat: 'NCHW', strides: [1, 2], pad: 'valid' }), 2),
  ),
  added('fused.conv2d, channels first', 4, (bench) =>
    fusedConv(bench, { x: bench.data(4, 2, 6, 5), dataFormat: 'NCHW' }),
  ),
  added('fused.conv2d relu', 4, (bench) => fusedConv(bench, { activation: 'relu' })),
  added('fused.depthwiseConv2d', 4, (bench) =>
    bench.op('fused.depthwiseConv2d', {
      x: image(bench),
      filter: bench.variable(3, 3, 2, 2),
      strides: 1,
      pad: 'valid',
      bias: bench.variable(4),
    }),
  ),
  added('conv2d of one image', 3, (bench) => plus(bench, conv(bench, bench.data(6, 6, 2)), 3)),
  added('conv2dTranspose', 4, (bench) =>
    plus(
      bench,
      bench.op('conv2dTranspose', {
        x: bench.data(4, 3, 3, 2),
        filter: bench.variable(2, 2, 3, 2),
        outputShape: [4, 6, 6, 3],
        strides: 2,
        pad: 'same',
      }),
      3,
    ),
  ),
  added('depthwiseConv2d', 4, (bench) =>
    plus(
      bench,
      bench.op('depthwiseConv2d', { x: image(bench), filter: bench.variable(3, 3, 2, 2), strides: 1, pad: 'same' }),
      4,
    ),
  ),
  added('separableConv2d', 4, (bench) =>
    plus(
      bench,
      bench.op('separableConv2d', {
        x: image(bench),
        depthwiseFilter: bench.variable(3, 3, 2, 1),
        pointwiseFilter: bench.variable(1, 1, 2, 4),
        strides: 1,
        pad: 'valid',
      }),
      4,
    ),
  ),
  added('conv1d', 3, (bench) =>
    plus(
      bench,
      bench.op('conv1d', { x: bench.data(4, 8, 2), filter: bench.variable(3, 2, 3), stride: 1, pad: 'same' }),
      3,
    ),
  ),
  added('conv3d', 5, (bench) =>
    plus(
      bench,
      bench.op('conv3d', {
        x: bench.data(2, 4, 4, 4, 1),
        filter: bench.variable(2, 2, 2, 1, 2),
        strides: 1,
        pad: 'valid',
      }),
      2,
    ),
  ),
  added('matMul', 2, (bench) => plus(bench, bench.op('matMul', { a: bench.data(5, 4), b: bench.variable(4, 6) }), 6)),
  added('matMul, transposed', 2, (bench) =>
    plus(bench, bench.op('matMul', { a: bench.data(5, 4), b: bench.variable(6, 4), transposeB: true }), 6),
  ),
  added('matMul, rank 3', 3, (bench) =>
    plus(bench, bench.op('matMul', { a: bench.data(4, 6, 3), b: bench.variable(3, 4) }), 4),
  ),
  added('fused.matMul', 2, (bench) =>
    bench.op('fused.matMul', { a: bench.data(5, 4), b: bench.variable(4, 6), bias: bench.variable(6) }),
  ),
  added('fused.matMul sigmoid', 2, (bench) =>
    bench.op('fused.matMul', {
      a: bench.data(5, 4),
      b: bench.variable(4, 6),
      bias: bench.variable(6),
      activation: 'sigmoid',
    }),
  ),
  added('dot', 2, (bench) => plus(bench, bench.op('dot', { t1: bench.data(5, 4), t2: bench.variable(4, 6) }), 6)),
  ofLayer('layer conv2d', 4, (bench) =>
    bench.layer('conv2d', { filters: 3, kernelSize: 3, padding: 'same' }, image(bench)),
  ),
  ofLayer('layer dense', 2, (bench) => bench.layer('dense', { units: 6 }, bench.data(5, 4))),
];

/** A normalisation of a tensor. */
export interface OpNorm {
  readonly name: string;
  fits(rank: number): boolean;
  make(bench: OpBench, x: Tensor, shape: readonly number[]): Tensor;
}

function axesBut(shape: readonly number[], last: number, first = 0): number[] {
  return shape.map((_, axis) => axis).slice(first, shape.length - last);
}

function byHand(bench: OpBench, x: Tensor, mean: Tensor, variance: Tensor): Tensor {
  const deviation = bench.op('sqrt', { x: bench.op('add', { a: variance, b: 1e-3 }) });
  return bench.op('div', { a: bench.op('sub', { a: x, b: mean }), b: deviation });
}

function overAxes(name: string, axes: (shape: readonly number[]) => number[], minRank = 1): OpNorm {
  return {
    name,
    fits: (rank) => rank >= minRank,
    make: (bench, x, shape) => {
      const [mean, variance] = bench.ops('moments', { x, axis: axes(shape), keepDims: true });
      return byHand(bench, x, mean!, variance!);
    },
  };
}

function byOp(name: string, suffix: (rank: number) => string): OpNorm {
  return {
    name,
    fits: (rank) => rank >= 2 && rank <= 4,
    make: (bench, x, shape) => {
      const channels = shape.at(-1)!;
      const [mean, variance] = bench.ops('moments', { x, axis: axesBut(shape, 1) });
      const [offset, scale] = [bench.variable(channels), bench.variable(channels)];
      return bench.op(`batchNorm${suffix(shape.length)}`, { x, mean: mean!, variance: variance!, offset, scale });
    },
  };
}

/** `tf.batchNorm` with statistics that are not both those of what it normalises. */
function mixed(
  name: string,
  statistics: (bench: OpBench, x: Tensor, shape: readonly number[]) => { mean: Tensor; variance: Tensor },
): OpNorm {
  return {
    name,
    fits: (rank) => rank >= 2 && rank <= 4,
    make: (bench, x, shape) => bench.op('batchNorm', { x, ...statistics(bench, x, shape) }),
  };
}

export const OP_NORMS: readonly OpNorm[] = [
  byOp('batchNorm', () => ''),
  byOp('batchNorm of that rank', (rank) => `${rank}d`),
  overAxes('by hand', (shape) => axesBut(shape, 1)),
  overAxes('by hand, channels first', (shape) => shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])), 3),
  overAxes('axis 0', () => [0]),
  overAxes('instance norm', (shape) => axesBut(shape, 1, 1), 3),
  overAxes('layer norm', (shape) => axesBut(shape, 0, 1)),
  overAxes('last axis', () => [-1]),
  overAxes('all axes', (shape) => axesBut(shape, 0)),
  {
    name: 'mean, squaredDifference',
    fits: () => true,
    make: (bench, x, shape) => {
      const axis = axesBut(shape, 1);
      const mean = bench.op('mean', { x, axis });
      const variance = bench.op('mean', { x: bench.op('squaredDifference', { a: x, b: mean }), axis });
      return byHand(bench, x, mean, variance);
    },
  },
  {
    name: 'sum over a count, square of the difference',
    fits: () => true,
    make: (bench, x, shape) => {
      const axis = axesBut(shape, 1);
      const count = axis.reduce((product, index) => product * shape[index]!, 1);
      const mean = bench.op('div', { a: bench.op('sum', { x, axis, keepDims: true }), b: count });
      const centred = bench.op('add', { a: x, b: bench.op('neg', { x: mean }) });
      const variance = bench.op('mean', { x: bench.op('square', { x: centred }), axis });
      return bench.op('mul', { a: centred, b: bench.op('rsqrt', { x: bench.op('add', { a: variance, b: 1e-3 }) }) });
    },
  },
  mixed('mean of the batch, stored variance', (bench, x, shape) => ({
    mean: bench.op('mean', { x, axis: axesBut(shape, 1) }),
    variance: bench.variable(shape.at(-1)!),
  })),
  mixed('stored mean, variance of the batch', (bench, x, shape) => ({
    mean: bench.variable(shape.at(-1)!),
    variance: bench.ops('moments', { x, axis: axesBut(shape, 1) })[1]!,
  })),
  mixed('moments of its double', (bench, x, shape) => {
    const double = bench.op('mul', { a: x, b: 2 });
    const [mean, variance] = bench.ops('moments', { x: double, axis: axesBut(shape, 1) });
    return { mean: mean!, variance: variance! };
  }),
  {
    name: 'stored statistics',
    fits: (rank) => rank >= 2 && rank <= 4,
    make: (bench, x, shape) => {
      const channels = shape.at(-1)!;
      return bench.op('batchNorm', { x, mean: bench.variable(channels), variance: bench.variable(channels) });
    },
  },
  {
    name: 'layer batchNormalization',
    fits: (rank) => rank >= 2 && rank <= 4,
    make: (bench, x) => bench.layer('batchNormalization', {}, x),
  },
  {
    name: 'rows flattened to one axis',
    fits: () => true,
    make: (bench, x, shape) => {
      const rows = bench.op('reshape', { x, shape: [-1, shape.at(-1)!] });
      const [mean, variance] = bench.ops('moments', { x: rows, axis: 0 });
      return byHand(bench, rows, mean!, variance!);
    },
  },
];

/** An op between the bias and the normalisation. */
export interface OpBetween {
  readonly name: string;
  readonly ranks: readonly number[];
  make(bench: OpBench, x: Tensor, shape: readonly number[]): Tensor;
}

const ALL = [2, 3, 4, 5];

function between(name: string, ranks: readonly number[], make: OpBetween['make']): OpBetween {
  return { name, ranks, make };
}

function simple(name: string, args: Arguments = {}, ranks = ALL, parameter = 'x'): OpBetween {
  return between(`${name} ${JSON.stringify(args)}`, ranks, (bench, x) => bench.op(name, { ...args, [parameter]: x }));
}

export const OP_BETWEEN: readonly OpBetween[] = [
  ...'relu elu sigmoid tanh sin square abs softplus neg clone zerosLike relu6 selu'
    .split(' ')
    .map((name) => simple(name)),
  simple('leakyRelu', { alpha: 0.1 }),
  simple('clipByValue', { clipValueMin: -0.5, clipValueMax: 0.5 }),
  simple('softmax', {}, ALL, 'logits'),
  simple('logSoftmax', {}, ALL, 'logits'),
  simple('cast', { dtype: 'float32' }),
  simple('cast', { dtype: 'int32' }),
  between('mul 3', ALL, (bench, x) => bench.op('mul', { a: x, b: 3 })),
  between('div 3', ALL, (bench, x) => bench.op('div', { a: x, b: 3 })),
  between('sub from 1', ALL, (bench, x) => bench.op('sub', { a: 1, b: x })),
  between('mul gamma', ALL, (bench, x, shape) => bench.op('mul', { a: x, b: bench.variable(shape.at(-1)!) })),
  between('mul of one', ALL, (bench, x) => bench.op('mul', { a: bench.variable(1), b: x })),
  between('mul of its own shape', ALL, (bench, x, shape) => bench.op('mul', { a: x, b: bench.data(...shape) })),
  between('div by a sample', ALL, (bench, x, shape) =>
    bench.op('div', { a: x, b: bench.op('exp', { x: bench.data(shape[0]!, ...shape.slice(1).map(() => 1)) }) }),
  ),
  between('mul itself', ALL, (bench, x) => bench.op('mul', { a: x, b: x })),
  between('div by itself', ALL, (bench, x) => bench.op('div', { a: x, b: bench.op('add', { a: x, b: 20 }) })),
  between('add itself', ALL, (bench, x) => bench.op('add', { a: x, b: x })),
  between('sub itself over two', ALL, (bench, x) => bench.op('sub', { a: x, b: bench.op('div', { a: x, b: 2 }) })),
  between('add data', ALL, (bench, x, shape) => bench.op('add', { a: bench.data(...shape), b: x })),
  between('add a row of itself', [3, 4, 5], (bench, x, shape) =>
    bench.op('add', { a: x, b: bench.op('slice', { x, begin: shape.map(() => 0), size: [1, 1, ...shape.slice(2)] }) }),
  ),
  between('addN', ALL, (bench, x, shape) => bench.op('addN', { tensors: [x, bench.data(...shape), x] })),
  between('maximum of data', ALL, (bench, x, shape) => bench.op('maximum', { a: x, b: bench.data(...shape) })),
  between('maximum of shifted', ALL, (bench, x, shape) =>
    bench.op('maximum', { a: x, b: bench.op('add', { a: x, b: bench.data(...shape) }) }),
  ),
  between('reshape to rows', ALL, (bench, x, shape) => bench.op('reshape', { x, shape: [shape[0]!, -1] })),
  between('reshape apart', [4], (bench, x, shape) =>
    bench.op('reshape', { x, shape: [shape[0]!, -1, 2, shape.at(-1)!] }),
  ),
  between('reshape across', [4], (bench, x, shape) =>
    bench.op('reshape', { x, shape: [shape[0]!, shape.at(-1)!, -1] }),
  ),
  between('transpose', ALL, (bench, x) => bench.op('transpose', { x })),
  between('transpose of batch and channels', ALL, (bench, x, shape) => {
    const perm = shape.map((_, axis) => axis);
    return bench.op('transpose', { x, perm: [perm.at(-1)!, ...perm.slice(1, -1), 0] });
  }),
  between('transpose of space', [4], (bench, x) => bench.op('transpose', { x, perm: [0, 2, 1, 3] })),
  between('expandDims, squeeze', [2, 3], (bench, x) =>
    bench.op('squeeze', { x: bench.op('expandDims', { x, axis: 1 }), axis: [1] }),
  ),
  between('expandDims', [2, 3], (bench, x) => bench.op('expandDims', { x, axis: 1 })),
  between('concat of channels', ALL, (bench, x, shape) =>
    bench.op('concat', { tensors: [x, bench.data(...shape)], axis: -1 }),
  ),
  between('concat of samples', ALL, (bench, x, shape) =>
    bench.op('concat', { tensors: [x, bench.data(...shape)], axis: 0 }),
  ),
  between('concat with itself', ALL, (bench, x) =>
    bench.op('concat', { tensors: [x, bench.op('mul', { a: x, b: 1 })], axis: 0 }),
  ),
  between('concat along space', [3, 4, 5], (bench, x, shape) =>
    bench.op('concat', { tensors: [x, bench.data(...shape)], axis: 1 }),
  ),
  between('stack', [2, 3], (bench, x, shape) => bench.op('stack', { tensors: [x, bench.data(...shape)], axis: 1 })),
  between('stack with itself', [2, 3], (bench, x) =>
    bench.op('stack', { tensors: [x, bench.op('clone', { x })], axis: 1 }),
  ),
  between('slice of space', [4], (bench, x) => bench.op('slice', { x, begin: [0, 1], size: [-1, 3] })),
  between('slice of channels', [2, 3, 4], (bench, x, shape) =>
    bench.op('slice', {
      x,
      begin: shape.map((_, axis) => (axis === shape.length - 1 ? 1 : 0)),
      size: shape.map((size, axis) => (axis === shape.length - 1 ? 2 : size)),
    }),
  ),
  between(
    'split of samples',
    [3, 4],
    (bench, x, shape) => bench.ops('split', { x, numOrSizeSplits: [1, shape[0]! - 1], axis: 0 })[1]!,
  ),
  between('unstack of space', [4], (bench, x) => bench.ops('unstack', { x, axis: 1 })[0]!),
  between('pad space', [4], (bench, x) =>
    bench.op('pad', {
      x,
      paddings: [
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    }),
  ),
  between('pad channels', ALL, (bench, x, shape) =>
    bench.op('pad', { x, paddings: shape.map((_, axis) => (axis === shape.length - 1 ? [1, 1] : [0, 0])) }),
  ),
  between('mirrorPad', [4], (bench, x) =>
    bench.op('mirrorPad', {
      x,
      paddings: [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      mode: 'reflect',
    }),
  ),
  between('reverse', ALL, (bench, x) => bench.op('reverse', { x, axis: 0 })),
  between('tile', ALL, (bench, x, shape) =>
    bench.op('tile', { x, reps: shape.map((_, axis) => (axis === 0 ? 2 : 1)) }),
  ),
  simple('maxPool', { filterSize: 2, strides: 2, pad: 'valid' }, [3, 4]),
  simple('avgPool', { filterSize: 3, strides: 1, pad: 'same' }, [3, 4]),
  simple('image.resizeBilinear', { size: [4, 9] }, [4], 'images'),
  between('mean over space', [4], (bench, x) => bench.op('mean', { x, axis: [1, 2] })),
  between('max over space', [4], (bench, x) => bench.op('max', { x, axis: [1, 2] })),
  between('sum over space', [4], (bench, x) => bench.op('sum', { x, axis: [1, 2] })),
  between('sum over channels', [3, 4], (bench, x) => bench.op('sum', { x, axis: -1, keepDims: true })),
  between('mean over samples', ALL, (bench, x) => bench.op('mean', { x, axis: 0, keepDims: true })),
  between('matMul', ALL.slice(0, 2), (bench, x, shape) =>
    bench.op('matMul', { a: x, b: bench.variable(shape.at(-1)!, 4) }),
  ),
  between('matMul from the left', [2], (bench, x, shape) =>
    bench.op('matMul', { a: bench.variable(4, shape[0]!), b: x }),
  ),
  between('matMul with itself', [2], (bench, x) => bench.op('matMul', { a: x, b: x, transposeB: true })),
  between('conv2d valid', [3, 4], (bench, x, shape) =>
    bench.op('conv2d', { x, filter: bench.variable(2, 2, shape.at(-1)!, 3), strides: 1, pad: 'valid' }),
  ),
  between('conv2d, channels first', [4], (bench, x, shape) =>
    bench.op('conv2d', { x, filter: bench.variable(2, 2, shape[1]!, 3), strides: 1, pad: 'valid', dataFormat: 'NCHW' }),
  ),
  between('conv2d same', [4], (bench, x, shape) =>
    bench.op('conv2d', { x, filter: bench.variable(3, 3, shape.at(-1)!, 3), strides: 1, pad: 'same' }),
  ),
  between('stored batchNorm', [2, 3, 4], (bench, x, shape) => {
    const channels = shape.at(-1)!;
    return bench.op('batchNorm', { x, mean: bench.variable(channels), variance: bench.variable(channels) });
  }),
  between('layer dense', [2, 3], (bench, x) => bench.layer('dense', { units: 4, useBias: false }, x)),
];
