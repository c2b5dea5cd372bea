import { isUnknown } from './config';
import { sameShape, trained, type LayerKind, type ParameterCount, type Use, type VariableCount } from './kind';
import type { Dim } from './model';
import { lost, unsure, type Row, type RowInput, type State } from './row';
import { keep, lose, mapTerms, scaleAlong, subtractMeanBut, subtractMeanOver } from './rows';
import { axisIndex } from './shift';
import { product, sum } from './settings';

/** tfjs-layers/src/layers/normalization.ts, noise.ts, advanced_activations.ts, preprocessing/ */

/** tfjs normalises tensors of rank 2 to 4 only (`batchNormalization` in normalization.ts). */
function rankThrows({ inputs }: Use): string | null {
  const rank = inputs[0]?.length;
  return rank !== undefined && (rank < 2 || rank > 4) ? `tfjs does not normalise tensors of rank ${rank}` : null;
}

function repeatedAxis({ inputs, settings }: Use): string | null {
  const rank = inputs[0]?.length;
  const axes = settings.axes('axis', -1);
  if (rank === undefined || axes === null) return null;
  const distinct = new Set(axes.map((axis) => (axis < 0 ? rank + axis : axis)));
  return distinct.size < axes.length ? 'layer norm names an axis twice' : null;
}

const batchNormThrows: LayerKind['throws'] = (use, training) => {
  for (const key of training ? ['center', 'scale'] : []) {
    const flag = use.settings.flag(key, true);
    if (isUnknown(flag) || !flag) return `batch norm with \`${key}: false\` throws in training`;
  }
  return rankThrows(use);
};

const batchNorm: Row = (input) => {
  const axes = input.settings.axes('axis', -1);
  if (axes === null || axes.length !== 1) return unsure('the axis of the batch norm is not known');
  if (input.training) return subtractMeanBut(input, axes[0]!);
  return mapTerms(input.inputs[0]!, (term) => {
    const index = axisIndex(term.layout, axes[0]!);
    if (index === null) return unsure('the rank of its input is not known');
    return scaleAlong(term, input, index, `layer ${input.layer.id}`);
  });
};

function channelWeights(use: Use, perChannel: readonly string[], always: number): ParameterCount {
  const axes = use.settings.axes('axis', -1);
  const input = use.inputs[0] ?? null;
  const sizes = axes?.map((axis): Dim => input?.[axis < 0 ? input.length + axis : axis] ?? null) ?? [null];
  return { kernel: product([channelVariables(use, perChannel, always).all, ...sizes]), bias: 0 };
}

/** A vector for each of the flags that is on, and those that are always there and follow the data. */
function channelVariables(
  { settings }: Pick<Use, 'settings'>,
  perChannel: readonly string[],
  always: number,
): VariableCount {
  const flags = perChannel.map((key) => settings.flag(key, true));
  const trainable = flags.some(isUnknown) ? null : flags.filter(Boolean).length;
  return { all: sum([trainable, always]), trainable };
}

/** A kind of noise that is drawn anew for every sample and multiplies. */
function multiplicativeNoise(): LayerKind {
  return {
    shapes: sameShape,
    stochastic: true,
    masks: true,
    row: (input) => {
      const acts = input.training ? input.settings.acts('rate') : false;
      if (isUnknown(acts)) return unsure('its rate is not known');
      return acts ? lost('it multiplies by noise') : keep(input);
    },
  };
}

const softmax: Row = (input): State => {
  const axes = input.settings.axes('axis', 1);
  if (axes === null) return unsure('the axis of the softmax is not known');
  return subtractMeanOver(input.inputs[0]!, axes, 'softmax');
};

/** Whether all that is normalised together is one element. */
function singleElement({ settings, inputs }: Use, fallback: number): boolean {
  const axes = settings.axes('axis', fallback);
  const input = inputs[0] ?? null;
  return axes !== null && input !== null && axes.every((axis) => input.at(axis) === 1);
}

function softmaxThrows({ settings, inputs }: Use): string | null {
  const axes = settings.axes('axis', 1);
  const rank = inputs[0]?.length;
  if (axes?.length !== 1 || rank === undefined) return null;
  return axes[0] === -1 || axes[0] === rank - 1 ? null : 'tfjs has softmax along the last axis only';
}

function pointwise(row: Row, masks = false): LayerKind {
  return { shapes: sameShape, masks, row };
}

/** One slope for each position within a sample; 1 along the shared axes. */
function preluWeights({ settings, inputs }: Use): ParameterCount {
  const input = inputs[0] ?? null;
  const shared = settings.value('sharedAxes') === undefined ? [] : settings.axes('sharedAxes', 0);
  if (input === null || shared === null) return { kernel: null, bias: 0 };
  return { kernel: product(input.slice(1).filter((_, index) => !shared.includes(index + 1))), bias: 0 };
}

function leaky(input: RowInput): State {
  const alpha = input.settings.value('alpha');
  if (isUnknown(alpha)) return unsure('its slope is not known');
  return alpha === 1 ? input.inputs[0]!.state : lost('it is not linear');
}

export const NORMALIZATION: Readonly<Record<string, LayerKind>> = {
  batchNormalization: {
    shapes: sameShape,
    parameters: (use) => channelWeights(use, ['center', 'scale'], 2),
    variables: (use) => channelVariables(use, ['center', 'scale'], 2),
    masks: true,
    throws: batchNormThrows,
    row: batchNorm,
  },
  layerNormalization: {
    shapes: sameShape,
    parameters: (use) => channelWeights(use, ['center', 'scale'], 0),
    variables: (use) => channelVariables(use, ['center', 'scale'], 0),
    masks: true,
    throws: (use) => rankThrows(use) ?? repeatedAxis(use),
    forgets: (use) => singleElement(use, -1),
    row: (input) => {
      const axes = input.settings.axes('axis', -1);
      if (axes === null) return unsure('the axes of the layer norm are not known');
      return subtractMeanOver(input.inputs[0]!, axes, 'layer norm');
    },
  },
  gaussianNoise: { shapes: sameShape, stochastic: true, masks: true, row: keep },
  gaussianDropout: multiplicativeNoise(),
  alphaDropout: multiplicativeNoise(),
  softmax: {
    shapes: sameShape,
    throws: softmaxThrows,
    forgets: (use) => singleElement(use, 1),
    usesMask: true,
    row: softmax,
  },
  reLU: pointwise(lose('it is not linear'), true),
  leakyReLU: pointwise(leaky),
  elu: pointwise(lose('it is not linear')),
  thresholdedReLU: pointwise(lose('it is not linear')),
  prelu: {
    shapes: sameShape,
    masks: true,
    parameters: preluWeights,
    variables: trained(1),
    row: lose('it is not linear'),
  },
  categoryEncoding: {
    shapes: ({ settings, inputs }) => {
      const input = inputs[0] ?? null;
      const mode = settings.text('outputMode', 'multiHot');
      if (input === null || isUnknown(mode)) return [null];
      const tokens = settings.number('numTokens');
      return [mode === 'oneHot' && input.at(-1) !== 1 ? [...input, tokens] : [...input.slice(0, -1), tokens]];
    },
    row: lose('it takes its input as categories'),
  },
  // A model hands its layers lists, which `image.resizeBilinear` refuses, and the shape that it computes is that of a
  // single image, without the batch (tfjs-layers/src/layers/preprocessing/image_resizing.ts).
  resizing: {
    shapes: () => [null],
    throws: () => 'resizing fails in a model',
    row: () => unsure('resizing fails in a model'),
  },
  // Its shape is that of a single image, too, and the width is drawn anew in each call.
  randomWidth: {
    shapes: () => [null],
    stochastic: true,
    row: () => unsure('randomWidth declares a wrong shape'),
  },
};
