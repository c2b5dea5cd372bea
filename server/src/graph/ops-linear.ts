import { isUnknown } from './config';
import { transposedLength, windowLength, type WindowSpec } from './length';
import type { Dim, Shape } from './model';
import { axisKey, axisSize, constantAxis, distinctAxis, type Axis } from './pattern';
import { FREE, lost, shiftOf, unsure, type State, type Value } from './row';
import { activate, alongAxes } from './rows';
import { axisOf, broadcastShapes, eachTerm, isShifted, ofRankExactly, operand, shapeOf, withAxes } from './op';
import { UNKNOWN_ARGUMENT, UNKNOWN_RANK, type OpInput, type OpKind, type OpRow, type OpUse } from './op';
import { sumShifts } from './ops-arithmetic';
import { numbers } from './ops-reduce';
import { product } from './settings';
import type { Term } from './shift';
import { pad, slide, slideTransposed, type WindowKind, type WindowResult } from './window';

/** tfjs-core/src/ops: convolutions, pooling and matrix products, and their fused forms. */

type Form = 'full' | 'transposed' | 'depthwise' | 'separable';

/** A window along one axis, and zeros that are put around the axis before. */
interface Window extends WindowSpec {
  readonly zeros: Dim;
}

function window(use: OpUse, size: Dim, stride: Dim, dilation: Dim): Window {
  const given = use.settings.value('pad');
  if (use.settings.value('dimRoundingMode') !== undefined) {
    return { size, stride, dilation, zeros: null, padding: 'valid' };
  }
  if (typeof given === 'number') return { size, stride, dilation, zeros: given, padding: 'valid' };
  const padding = use.settings.text('pad', 'valid');
  const zeros = padding === 'valid' || padding === 'same' ? 0 : null;
  return { size, stride, dilation, zeros, padding };
}

function length(size: Dim, spec: Window): Dim {
  return size === null || spec.zeros === null ? null : windowLength(size + 2 * spec.zeros, spec);
}

function slideOver(axis: Axis, spec: Window, kind: WindowKind): WindowResult {
  if (spec.zeros === null) return 'unknown';
  if (spec.zeros > 0 && kind !== 'weights') return 'unknown';
  const padded = spec.zeros === 0 ? axis : pad(axis, spec.zeros, spec.zeros);
  return typeof padded === 'string' ? padded : slide(padded, spec, kind);
}

/**
 * Where the channels stand by `dataFormat`. Before the image in `conv2d` and `fused.conv2d` alone: the other ops refuse
 * that, or have kernels that compute something else (tfjs-backend-cpu, DepthwiseConv2dNative).
 */
function channelsOf({ name, settings }: OpUse): 'first' | 'last' | null {
  const format = settings.text('dataFormat', 'NHWC');
  if (isUnknown(format)) return null;
  if (/^N(W|HW|DHW)C$/.test(format)) return 'last';
  return format === 'NCHW' && /^(fused\.)?conv2d$/.test(name) ? 'first' : null;
}

function convWindows(use: OpUse, rank: number, form: Form): readonly Window[] {
  const filter = shapeOf(use, form === 'separable' ? 'depthwiseFilter' : 'filter');
  const strides = use.settings.tuple(rank === 1 ? 'stride' : 'strides', rank);
  const dilated = rank === 1 || form === 'separable' ? 'dilation' : 'dilations';
  const dilations = form === 'transposed' ? Array<Dim>(rank).fill(1) : use.settings.tuple(dilated, rank, 1);
  return strides.map((stride, at) => window(use, filter?.[at] ?? null, stride, dilations[at]!));
}

function filters(use: OpUse, rank: number, form: Form): Dim {
  if (form === 'separable') return shapeOf(use, 'pointwiseFilter')?.[rank + 1] ?? null;
  const filter = shapeOf(use, 'filter');
  if (form === 'depthwise') return filter ? product([filter[rank]!, filter[rank + 1]!]) : null;
  return filter?.[form === 'transposed' ? rank : rank + 1] ?? null;
}

/**
 * The rank of what is convolved or pooled. One that is not known is taken to have a batch: a single image that is then
 * normalised over its first axes would be normalised over its channels, too.
 */
function convRank(shape: Shape | null, spatial: number): number | null {
  const rank = shape?.length ?? spatial + 2;
  return rank === spatial + 2 || rank === spatial + 1 ? rank : null;
}

function convShape(use: OpUse, spatial: number, form: Form): Shape | null {
  const input = shapeOf(use, 'x');
  const rank = convRank(input, spatial);
  const channels = channelsOf(use);
  if (rank === null || channels === null) return null;
  const lead = input?.slice(0, rank - spatial - 1) ?? Array<Dim>(rank - spatial - 1).fill(null);
  const given = form === 'transposed' ? numbers(use.settings.value('outputShape')) : null;
  const sizes = convWindows(use, spatial, form).map((spec, at): Dim => {
    if (form === 'transposed') return given?.[lead.length + at] ?? null;
    return length(input?.[lead.length + at + (channels === 'first' ? 1 : 0)] ?? null, spec);
  });
  if (sizes.some((size) => size !== null && size < 1)) return null;
  const count = filters(use, spatial, form);
  return channels === 'first' ? [...lead, count, ...sizes] : [...lead, ...sizes, count];
}

function convTerm(term: Term, input: OpInput, spatial: number, form: Form): Term | State {
  const rank = convRank(shapeOf(input, 'x'), spatial);
  const exact = rank === null ? null : ofRankExactly(term, rank);
  const channels = channelsOf(input);
  if (exact === null || channels === null) return unsure(UNKNOWN_RANK);
  const first = rank! - spatial - (channels === 'first' ? 0 : 1);
  const specs = convWindows(input, spatial, form);
  const output = input.outputs[0];
  const weights = input.operands.filter(({ role }) => /ilter$/.test(role)).map(({ identity }) => identity);
  const key = `conv ${form} ${weights.join()} ${JSON.stringify(specs)}`;
  const indices = [...specs.map((_, at) => first + at), channels === 'first' ? first - 1 : rank! - 1];
  return alongAxes(exact, input, indices, key, true, (axis, at) => {
    if (at === spatial) {
      const count = filters(input, spatial, form);
      return distinctAxis(count ?? (form === 'depthwise' ? axisSize(axis) : null));
    }
    if (form !== 'transposed') return slideOver(axis, specs[at]!, 'weights');
    const size = output?.[first + at] ?? null;
    // The size that is asked for decides how the border is cut: only the usual one is followed.
    const usual = transposedLength(axisSize(axis), specs[at]!);
    const trivial = specs[at]!.size === 1 && specs[at]!.stride === 1;
    return specs[at]!.zeros === 0 && (trivial || (size !== null && size === usual))
      ? slideTransposed(axis, specs[at]!)
      : distinctAxis(size);
  });
}

function convolution(spatial: number, form: Form): OpRow {
  return (input) => {
    if (input.operands.some((one) => one.role !== 'x' && isShifted(one) && one.role !== 'bias')) {
      return lost('its filter depends on the bias');
    }
    return eachTerm(operand(input, 'x')?.state ?? FREE, (term) => convTerm(term, input, spatial, form));
  };
}

function conv(spatial: number, form: Form): OpKind {
  return { shapes: (use) => [convShape(use, spatial, form)], row: convolution(spatial, form) };
}

/** `max` and `mean` see positions in bounds only. */
function pooling(spatial: number, kind: (use: OpUse) => 'max' | 'mean' | null, x = 'x', size = 'filterSize'): OpKind {
  const specs = (use: OpUse): readonly Window[] => {
    const sizes = use.settings.tuple(size, spatial);
    const strides = use.settings.tuple('strides', spatial, use.name === 'pool' ? 1 : null);
    const dilations = use.settings.tuple('dilations', spatial, 1);
    return sizes.map((one, at) => window(use, one, strides[at]!, dilations[at]!));
  };
  return {
    shapes: (use) => {
      const input = shapeOf(use, x);
      const rank = convRank(input, spatial);
      if (rank === null || channelsOf(use) !== 'last') return [null];
      const shape = input ?? Array<Dim>(rank).fill(null);
      const sizes = specs(use).map((spec, at) => length(shape[rank - spatial - 1 + at]!, spec));
      return [[...shape.slice(0, rank - spatial - 1), ...sizes, shape[rank - 1]!]];
    },
    row: (input) => {
      const way = kind(input);
      const rank = convRank(shapeOf(input, x), spatial);
      if (way === null || channelsOf(input) !== 'last') return unsure(UNKNOWN_ARGUMENT);
      const windows = specs(input);
      if (windows.some(({ dilation }) => dilation !== 1)) return unsure(UNKNOWN_ARGUMENT);
      return eachTerm(input.operands[0]!.state, (term) => {
        const exact = rank === null ? null : ofRankExactly(term, rank);
        if (exact === null) return unsure(UNKNOWN_RANK);
        const indices = windows.map((_, at) => rank! - spatial - 1 + at);
        const key = `${way} ${JSON.stringify(windows)}`;
        return alongAxes(exact, input, indices, key, false, (axis, at) => slideOver(axis, windows[at]!, way));
      });
    },
  };
}

/** Rows and columns of a factor among the axes of its shape; null where it is not known whether it is transposed. */
function matrix(use: OpUse, transpose: string): { rows: number; columns: number } | null {
  const flipped = use.settings.flag(transpose, false);
  if (isUnknown(flipped)) return null;
  return flipped ? { rows: -1, columns: -2 } : { rows: -2, columns: -1 };
}

function productShape(use: OpUse): Shape | null {
  const [a, b] = [shapeOf(use, 'a'), shapeOf(use, 'b')];
  const [left, right] = [matrix(use, 'transposeA'), matrix(use, 'transposeB')];
  if (!a || !b || a.length < 2 || b.length < 2 || left === null || right === null) return null;
  const [inner, other] = [a.at(left.columns)!, b.at(right.rows)!];
  if (inner !== null && other !== null && inner !== other) return null;
  const lead = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
  return lead && [...lead, a.at(left.rows)!, b.at(right.columns)!];
}

/** One factor of a matrix product is free of the bias: the other one is mapped by it, row by row. */
function multiplied(input: OpInput): State {
  const [a, b] = [operand(input, 'a'), operand(input, 'b')];
  if (a === undefined || b === undefined) return unsure(UNKNOWN_ARGUMENT);
  if (isShifted(a) && isShifted(b)) return lost('it multiplies by another tensor that depends on the bias');
  const [moved, by] = isShifted(a) ? [a, b] : [b, a];
  const [left, right] = [matrix(input, 'transposeA'), matrix(input, 'transposeB')];
  if (left === null || right === null) return unsure(UNKNOWN_ARGUMENT);
  // A batch of matrices maps every sample in its own way.
  if (by.shape === null) return unsure('the rank of what it is multiplied by is not known');
  if (by.shape.length !== 2)
    return by.shape.length < 2 ? unsure(UNKNOWN_RANK) : unsure('it multiplies by many matrices');
  const [kept, summed] = moved === a ? [left.rows, left.columns] : [right.columns, right.rows];
  const size = by.shape.at(moved === a ? right.columns : left.rows)!;
  return eachTerm(moved.state, (term) => {
    const { axes, open } = term.layout;
    if (!open && axes.length < 2) return unsure(UNKNOWN_RANK);
    const missing = Array.from({ length: Math.max(0, 2 - axes.length) }, () => constantAxis(null));
    const full = withAxes(term, [...missing, ...axes]);
    const at = axisOf(summed, full.layout.axes.length)!;
    const key = `product ${moved === a ? 'right' : 'left'} ${by.identity} ${axisKey(full.layout.axes[at]!)}`;
    const mapped = alongAxes(full, input, [at], key, true, () => distinctAxis(size));
    if ('kind' in mapped) return mapped;
    const [keptAxis, newAxis] = [mapped.layout.axes.at(kept)!, mapped.layout.axes.at(summed)!];
    const pair = moved === a ? [keptAxis, newAxis] : [newAxis, keptAxis];
    return withAxes(mapped, [...mapped.layout.axes.slice(0, -2), ...pair]);
  });
}

const matMul: OpKind = { shapes: (use) => [productShape(use)], row: multiplied };

function renamed(use: OpUse): OpUse {
  const names: Readonly<Record<string, string>> = { t1: 'a', t2: 'b' };
  return { ...use, roles: use.roles.map((role) => names[role] ?? role) };
}

/** Of two matrices only; vectors are not followed. */
const dot: OpKind = {
  shapes: (use) => {
    const matrices = use.inputs.every((shape) => shape?.length === 2);
    return [matrices ? productShape(renamed(use)) : null];
  },
  row: (input) => {
    if (input.operands.some(({ shape }) => shape?.length !== 2)) return unsure(UNKNOWN_RANK);
    const operands = input.operands.map((one) => ({ ...one, role: one.role === 't1' ? 'a' : 'b' }));
    return multiplied({ ...input, ...renamed(input), operands });
  },
};

/** The bias of a fused op as it is added: with axes of length 1 behind it where the channels stand before the image. */
function alongChannels(bias: State, input: OpInput): State {
  if (channelsOf(input) !== 'first') return bias;
  return eachTerm(bias, (term) => {
    const { axes, open } = term.layout;
    if (open || axes.length > 1) return unsure(UNKNOWN_RANK);
    return axes.length === 0 ? term : withAxes(term, [...axes, constantAxis(1), constantAxis(1)]);
  });
}

/** The activations of fused ops, by the names of layers' ones. */
const ACTIVATIONS: Readonly<Record<string, string>> = { leakyrelu: 'leakyReLU' };

/** The product or convolution, the bias added to it, and the activation. */
function fused(kind: OpKind): OpKind {
  return {
    shapes: kind.shapes,
    row: (input) => {
      const bias = operand(input, 'bias');
      const slopes = operand(input, 'preluActivationWeights');
      if (isShifted(slopes)) return lost('its activation depends on the bias');
      const computed = [kind.row(input)].flat()[0] as State;
      if (computed.kind === 'any') return computed;
      const output = input.outputs[0] ?? null;
      const added = alongChannels(bias?.state ?? FREE, input);
      if (added.kind === 'any') return added;
      const sum = sumShifts([shiftOf(computed), shiftOf(added)], output);
      const name = input.settings.activation();
      const value: Value = { shape: output, state: sum, masked: false };
      return activate(typeof name === 'string' ? (ACTIVATIONS[name] ?? name) : name, value);
    },
  };
}

const conv2d = conv(2, 'full');
const depthwiseConv2d = conv(2, 'depthwise');
const max = (): 'max' => 'max';
const mean = (): 'mean' => 'mean';

export const LINEAR: Readonly<Record<string, OpKind>> = {
  conv1d: conv(1, 'full'),
  conv2d,
  conv3d: conv(3, 'full'),
  conv2dTranspose: conv(2, 'transposed'),
  conv3dTranspose: conv(3, 'transposed'),
  depthwiseConv2d,
  separableConv2d: conv(2, 'separable'),
  matMul,
  dot,
  'fused.conv2d': fused(conv2d),
  'fused.depthwiseConv2d': fused(depthwiseConv2d),
  'fused.matMul': fused(matMul),
  maxPool: pooling(2, max),
  avgPool: pooling(2, mean),
  maxPool3d: pooling(3, max),
  avgPool3d: pooling(3, mean),
  pool: pooling(
    2,
    ({ settings }) => ({ max: 'max', avg: 'mean' })[String(settings.text('poolingType', ''))] as 'max' | 'mean',
    'input',
    'windowShape',
  ),
};
