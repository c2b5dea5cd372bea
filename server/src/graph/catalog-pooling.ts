import { isUnknown, type Unknown } from './config';
import { ofRank, type LayerKind, type Use } from './kind';
import { windowLength, type WindowSpec } from './length';
import type { Dim, Shape } from './model';
import { constantAxis, distinctAxis, isConstant, joinParts, axisSize, type Axis } from './pattern';
import { unsure, type Row } from './row';
import { alongAxes, onAxes, reduceAxes, termwise } from './rows';
import { borders, sum } from './settings';
import { crop, pad, slide, type WindowResult } from './window';

/** tfjs-layers/src/layers/pooling.ts, padding.ts, convolutional.ts (cropping, upsampling), preprocessing/ (crop, resize) */

/** The spatial axes of images, counted without the batch; null when the data format is not known. */
function spatialAxes(channelsFirst: boolean | Unknown, rank: number): readonly number[] | null {
  if (isUnknown(channelsFirst)) return null;
  return Array.from({ length: rank }, (_, index) => (channelsFirst ? index + 1 : index));
}

/** The shape with its spatial sizes replaced; null where one of them is not positive. */
function resized(
  use: Use,
  rank: number,
  size: (old: Dim, index: number) => Dim,
  first = use.settings.channelsFirst,
): Shape | null {
  const input = ofRank(use, rank + 2);
  if (input === null) return null;
  const axes = spatialAxes(first, rank);
  if (axes === null) return input.map((old, axis) => (axis === 0 ? old : null));
  const output = [...input];
  for (const [index, axis] of axes.entries()) {
    const length = size(input[axis + 1]!, index);
    if (length !== null && length <= 0) return null;
    output[axis + 1] = length;
  }
  return output;
}

/** A row that maps every spatial axis by itself. */
function spatially(rank: number, key: (use: Pick<Use, 'settings'>) => string, map: Mapper, fixed?: false): Row {
  return termwise((term, input) => {
    const axes = spatialAxes(fixed ?? input.settings.channelsFirst, rank);
    const ranked = onAxes(term, rank + 1);
    if (axes === null || ranked === null) return unsure('its data format or the rank of its input is not known');
    const sizes = axes.map((axis) => input.outputs[0]?.[axis + 1] ?? null);
    return alongAxes(ranked, input, axes, key(input), false, (axis, index) => map(axis, index, input, sizes[index]!));
  });
}

type Mapper = (axis: Axis, index: number, use: Pick<Use, 'settings'>, output: Dim) => WindowResult;

function poolWindows({ settings }: Pick<Use, 'settings'>, rank: number): readonly WindowSpec[] {
  const sizes = settings.tuple('poolSize', rank, 2);
  const strides = settings.value('strides') === undefined ? sizes : settings.tuple('strides', rank);
  const padding = settings.text('padding', 'valid');
  return sizes.map((size, index) => ({ size, stride: strides[index]!, dilation: 1, padding }));
}

/** The maximum of a window commutes with a shift that is constant within it; the mean is over the positions in bounds. */
function pooling(rank: number, kind: 'max' | 'mean'): LayerKind {
  // The one-dimensional layers have no data format.
  const fixed = rank === 1 ? false : undefined;
  const key = (use: Pick<Use, 'settings'>) => `${kind} ${JSON.stringify(poolWindows(use, rank))}`;
  return {
    shapes: (use) => {
      const specs = poolWindows(use, rank);
      return [
        resized(use, rank, (length, index) => windowLength(length, specs[index]!), fixed ?? use.settings.channelsFirst),
      ];
    },
    throws: ({ settings }) => (settings.text('padding', 'valid') === 'causal' ? 'tfjs has no causal padding' : null),
    row: spatially(rank, key, (axis, index, use) => slide(axis, poolWindows(use, rank)[index]!, kind), fixed),
  };
}

function globalPooling(rank: number, kind: 'max' | 'mean'): LayerKind {
  const fixed = rank === 1 ? false : undefined;
  return {
    shapes: (use) => {
      const input = ofRank(use, rank + 2);
      const first = fixed ?? use.settings.channelsFirst;
      if (input === null) return [null];
      return [[input[0]!, isUnknown(first) ? null : first ? input[1]! : input[rank + 1]!]];
    },
    row: reduceAxes((input) => spatialAxes(fixed ?? input.settings.channelsFirst, rank), rank + 1, kind),
  };
}

const averagePooling1d = pooling(1, 'mean');
const averagePooling2d = pooling(2, 'mean');
const averagePooling3d = pooling(3, 'mean');
const maxPooling1d = pooling(1, 'max');
const maxPooling2d = pooling(2, 'max');
const globalMaxPooling1d = globalPooling(1, 'max');
const globalMaxPooling2d = globalPooling(2, 'max');

const upSampling2d: LayerKind = {
  shapes: (use) => {
    const factors = upSamplingFactors(use);
    return [
      resized(use, 2, (length, index) => (length === null || factors[index] == null ? null : length * factors[index])),
    ];
  },
  row: spatially(
    2,
    (use) => `upsample ${String(use.settings.text('interpolation', 'nearest'))} ${upSamplingFactors(use).join()}`,
    (axis, index, use, output) => {
      const interpolation = use.settings.text('interpolation', 'nearest');
      if (isConstant(axis)) return constantAxis(output);
      const factor = upSamplingFactors(use)[index]!;
      if (isUnknown(interpolation) || factor === null) return 'unknown';
      return interpolation === 'nearest'
        ? joinParts([...axis, { size: factor, pattern: 'same' }])
        : distinctAxis(output);
    },
  ),
};

/** `size` is taken as a pair; a single number makes sizes of NaN. */
function upSamplingFactors({ settings }: Pick<Use, 'settings'>): readonly Dim[] {
  return typeof settings.value('size') === 'number' ? [null, null] : settings.tuple('size', 2, 2);
}

const zeroPadding2d: LayerKind = {
  shapes: (use) => {
    const sides = borders(use.settings.value('padding'), 1);
    return [resized(use, 2, (length, index) => sum([length, ...sides[index]!]))];
  },
  row: spatially(
    2,
    (use) => `pad ${JSON.stringify(borders(use.settings.value('padding'), 1))}`,
    (axis, index, use) => {
      return pad(axis, ...borders(use.settings.value('padding'), 1)[index]!);
    },
  ),
};

const cropping2D: LayerKind = {
  shapes: (use) => {
    const sides = borders(use.settings.value('cropping'), null);
    return [
      resized(use, 2, (length, index) => {
        const cut = sum(sides[index]!);
        return length === null || cut === null ? null : length - cut;
      }),
    ];
  },
  row: spatially(
    2,
    (use) => `crop ${JSON.stringify(borders(use.settings.value('cropping'), null))}`,
    (axis, index, use) => {
      return crop(axis, ...borders(use.settings.value('cropping'), null)[index]!);
    },
  ),
};

/** Picks or interpolates positions with weights that add up to one: a constant stays as it is. */
const centerCrop: LayerKind = {
  shapes: (use) => {
    const sizes = [use.settings.number('height'), use.settings.number('width')];
    return [resized(use, 2, (_, index) => sizes[index]!, false)];
  },
  throws: ({ inputs, settings }) => {
    const grows = ['height', 'width'].some(
      (key, index) => (settings.number(key) ?? 0) > (inputs[0]?.[index + 1] ?? Infinity),
    );
    return grows ? 'centerCrop cannot enlarge an image in a model' : null;
  },
  row: spatially(
    2,
    (use) => `center ${use.settings.number('height')} ${use.settings.number('width')}`,
    (axis, _index, _use, output) => (isConstant(axis) ? constantAxis(output) : distinctAxis(output ?? axisSize(axis))),
    false,
  ),
};

export const POOLING: Readonly<Record<string, LayerKind>> = {
  averagePooling1d,
  avgPool1d: averagePooling1d,
  avgPooling1d: averagePooling1d,
  averagePooling2d,
  avgPool2d: averagePooling2d,
  avgPooling2d: averagePooling2d,
  averagePooling3d,
  avgPool3d: averagePooling3d,
  avgPooling3d: averagePooling3d,
  maxPooling1d,
  maxPool1d: maxPooling1d,
  maxPooling2d,
  maxPool2d: maxPooling2d,
  maxPooling3d: pooling(3, 'max'),
  globalAveragePooling1d: globalPooling(1, 'mean'),
  globalAveragePooling2d: globalPooling(2, 'mean'),
  globalMaxPooling1d,
  globalMaxPool1d: globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPool2d: globalMaxPooling2d,
  zeroPadding2d,
  cropping2D,
  upSampling2d,
  centerCrop,
};
