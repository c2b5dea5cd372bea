import { isUnknown, type Unknown } from './config';
import { noActivityRegularizer, ofRank, trained, type LayerKind, type ParameterCount, type Use } from './kind';
import { transposedLength, windowLength, type WindowSpec } from './length';
import type { Dim, Layer, Shape } from './model';
import { axisSize, distinctAxis } from './pattern';
import { unsure, type Row } from './row';
import { alongAxes, onAxes, termwise } from './rows';
import { product, sum } from './settings';
import { slide, slideTransposed } from './window';

/** tfjs-layers/src/layers/convolutional.ts and convolutional_depthwise.ts */

type Form = 'full' | 'transposed' | 'depthwise' | 'separable';

const known = new WeakMap<Layer, readonly WindowSpec[]>();

/** The windows of a layer along its spatial axes. */
function windows(use: Pick<Use, 'layer' | 'settings'>, rank: number, form: Form): readonly WindowSpec[] {
  let specs = known.get(use.layer);
  if (specs === undefined) known.set(use.layer, (specs = readWindows(use, rank, form)));
  return specs;
}

function readWindows({ settings }: Pick<Use, 'settings'>, rank: number, form: Form): readonly WindowSpec[] {
  const sizes = settings.tuple('kernelSize', rank);
  const strides = settings.tuple('strides', rank, 1);
  // The depthwise layer hands on no dilation, the transposed ones have none.
  const dilated = form === 'full' || form === 'separable';
  const dilations = dilated ? settings.tuple('dilationRate', rank, 1) : Array<Dim>(rank).fill(1);
  const padding = settings.text('padding', 'valid');
  return sizes.map((size, index) => ({ size, stride: strides[index]!, dilation: dilations[index]!, padding }));
}

/** The axis of the channels in a shape with batch; null when the data format is not known. */
function channelAxis(channelsFirst: boolean | Unknown, rank: number): number | null {
  return isUnknown(channelsFirst) ? null : channelsFirst ? 1 : rank + 1;
}

function outputChannels({ settings }: Use, form: Form, inputChannels: Dim): Dim {
  if (form !== 'depthwise') return settings.number('filters');
  return product([inputChannels, settings.number('depthMultiplier', 1)]);
}

function convolvedShape(use: Use, rank: number, form: Form): Shape | null {
  const input = ofRank(use, rank + 2);
  if (input === null) return null;
  const channels = channelAxis(use.settings.channelsFirst, rank);
  if (channels === null) return [input[0]!, ...Array<Dim>(rank + 1).fill(null)];
  const specs = windows(use, rank, form);
  const output = [...input];
  output[channels] = outputChannels(use, form, input[channels]!);
  for (const [index, spec] of specs.entries()) {
    const axis = channels === 1 ? index + 2 : index + 1;
    const length = form === 'transposed' ? transposedLength(input[axis]!, spec) : windowLength(input[axis]!, spec);
    if (length !== null && length <= 0) return null;
    output[axis] = length;
  }
  return output;
}

function weights(use: Use, rank: number, form: Form): ParameterCount {
  const channels = channelAxis(use.settings.channelsFirst, rank);
  const input = ofRank(use, rank + 2);
  const inputChannels = channels === null || input === null ? null : input[channels]!;
  const outputs = outputChannels(use, form, inputChannels);
  const depthwise = product([inputChannels, use.settings.number('depthMultiplier', 1)]);
  const taps = product(use.settings.tuple('kernelSize', rank));
  if (form === 'depthwise') return { kernel: product([taps, depthwise]), bias: outputs };
  if (form === 'separable') {
    return { kernel: sum([product([taps, depthwise]), product([depthwise, outputs])]), bias: outputs };
  }
  return { kernel: product([taps, inputChannels, outputs]), bias: outputs };
}

/** A convolution is linear whatever its padding; a padded border makes a constant shift vary along the axis. */
function convolve(rank: number, form: Form): Row {
  return termwise((term, input) => {
    const channels = channelAxis(input.settings.channelsFirst, rank);
    const ranked = onAxes(term, rank + 1);
    if (channels === null || ranked === null) return unsure('its data format or the rank of its input is not known');
    const specs = windows(input, rank, form);
    const spatial = specs.map((_, index) => (channels === 1 ? index + 1 : index));
    const filters = input.outputs[0]?.[channels] ?? null;
    const axes = [...spatial, channels - 1];
    return alongAxes(ranked, input, axes, `layer ${input.layer.id}`, true, (axis, position) => {
      if (position === rank) return distinctAxis(filters ?? (form === 'depthwise' ? axisSize(axis) : null));
      return form === 'transposed' ? slideTransposed(axis, specs[position]!) : slide(axis, specs[position]!, 'weights');
    });
  });
}

function convolution(rank: number, form: Form, throws?: LayerKind['throws']): LayerKind {
  return {
    shapes: (use) => [convolvedShape(use, rank, form)],
    parameters: (use) => weights(use, rank, form),
    variables: trained(form === 'separable' ? 2 : 1),
    bias: 'channel',
    activation: true,
    row: convolve(rank, form),
    throws: (use, training) => {
      const regularized = noActivityRegularizer(use);
      if (regularized !== null) return regularized;
      if (use.settings.text('padding', 'valid') === 'causal') return 'tfjs has no causal padding';
      return throws?.(use, training) ?? null;
    },
  };
}

export const CONVOLUTION: Readonly<Record<string, LayerKind>> = {
  conv1d: convolution(1, 'full', ({ settings }) =>
    // The layer transposes its input and never back (`conv1dWithBias`): it declares [n, filters, length] and gives
    // [n, length, filters], so that what comes after it fits by accident only.
    settings.channelsFirst === false ? null : 'conv1d does not work with the data format channelsFirst',
  ),
  conv2d: convolution(2, 'full'),
  conv3d: convolution(3, 'full'),
  conv2dTranspose: convolution(2, 'transposed'),
  conv3dTranspose: convolution(3, 'transposed'),
  depthwiseConv2d: convolution(2, 'depthwise'),
  separableConv2d: convolution(2, 'separable', ({ settings }) =>
    // The bias is added along axis 1 of a tensor that has its channels last (`SeparableConv.call`).
    settings.channelsFirst === false || settings.flag('useBias', true) === false
      ? null
      : 'separableConv2d with a bias does not work with the data format channelsFirst',
  ),
};
