import { isUnknown, type ConfigValue } from './config';
import { noActivityRegularizer, ofRank, sameShape, trained, type LayerKind, type Use } from './kind';
import type { Dim, Shape } from './model';
import { axisSize, constantAxis, distinctAxis } from './pattern';
import { lost, unsure, type Row } from './row';
import { activate, alongAxes, keep, lastAxisProduct, lose, permuteAxes, reshapeToOutput, termwise } from './rows';
import { reshapeTerm } from './shift';
import { product } from './settings';

/** tfjs-layers/src/layers/core.ts and embeddings.ts */

function lastDim(use: Use): Dim {
  return use.inputs[0]?.at(-1) ?? null;
}

function denseShape(use: Use): readonly (Shape | null)[] {
  const input = use.inputs[0] ?? null;
  if (input === null || input.length < 2) return [null];
  return [[...input.slice(0, -1), use.settings.number('units')]];
}

function flattenShape(use: Use): readonly (Shape | null)[] {
  const input = use.inputs[0] ?? null;
  if (input === null) return [[null, null]];
  return input.length < 3 ? [null] : [[input[0]!, product(input.slice(1))]];
}

const flatten: Row = termwise((term, input) => {
  const first = input.settings.channelsFirst;
  if (isUnknown(first)) return unsure('its data format is not known');
  let moved = term;
  if (first) {
    if (term.layout.open) return unsure('the rank of its input is not known');
    const order = term.layout.axes.map((_, index) => index);
    const permuted = permuteAxes(term, input, [...order.slice(1), 0]);
    if ('kind' in permuted) return permuted;
    moved = permuted;
  }
  return reshapeTerm(moved, [input.outputs[0]?.[1] ?? null]) ?? unsure('it flattens sizes that are not known');
});

/** tfjs resolves the open size of the target only where every size of the input is known, the batch among them. */
function reshapeShape(use: Use): readonly (Shape | null)[] {
  const target = use.settings.value('targetShape');
  const input = use.inputs[0] ?? null;
  if (!Array.isArray(target)) return [null];
  const sizes = (target as readonly ConfigValue[]).map((size) => (typeof size === 'number' && size >= 0 ? size : null));
  const open = sizes.filter((size) => size === null).length;
  const known = product(sizes.filter((size) => size !== null))!;
  const total = input === null ? null : product(input.slice(1));
  const fits = total === null || (open === 0 ? known === total : known > 0 && total % known === 0);
  if (!fits) return [null];
  const batch = input?.[0] ?? null;
  const resolved = batch !== null && total !== null && open === 1;
  return [[batch, ...sizes.map((size) => (size === null && resolved ? total / known : size))]];
}

/** The permutation of the axes without the batch, from 0; null when it is not known. */
function permutation(use: Pick<Use, 'settings'>): readonly number[] | null {
  const dims = use.settings.value('dims');
  if (!Array.isArray(dims)) return null;
  const order = (dims as readonly ConfigValue[]).map((dim) => (typeof dim === 'number' ? dim - 1 : -1));
  return [...order].sort((a, b) => a - b).every((dim, index) => dim === index) ? order : null;
}

function permuteShape(use: Use): readonly (Shape | null)[] {
  const order = permutation(use);
  if (order === null) return [use.inputs[0]?.map((size, axis) => (axis === 0 ? size : null)) ?? null];
  const input = ofRank(use, order.length + 1);
  return [input && [input[0]!, ...order.map((axis) => input[axis + 1]!)]];
}

function embeddingShape(use: Use): readonly (Shape | null)[] {
  const input = use.inputs[0] ?? null;
  if (input === null) return [null];
  const lengths = use.settings.value('inputLength');
  const inner = lengths === undefined ? input.slice(1) : Array.isArray(lengths) ? lengths : [lengths];
  if (inner.length !== input.length - 1) return [null];
  const sizes = inner.map((size, axis): Dim => (typeof size === 'number' ? size : input[axis + 1]!));
  if (sizes.some((size, axis) => size !== null && input[axis + 1] !== null && size !== input[axis + 1])) return [null];
  return [[input[0]!, ...sizes, use.settings.number('outputDim')]];
}

/** A mask of zeros drawn anew for every sample; where `noiseShape` shares it along the batch it is one linear map. */
const dropout: Row = (input) => {
  const acts = input.training ? input.settings.acts('rate') : false;
  if (isUnknown(acts)) return unsure('its rate is not known');
  if (!acts) return keep(input);
  const noise = input.settings.value('noiseShape');
  if (noise === undefined) return lost('dropout masks it anew for every sample');
  if (!Array.isArray(noise) || noise.some(isUnknown)) return unsure('its noise shape is not known');
  if (noise[0] !== 1) return lost('dropout masks it anew for every sample');
  const masked = noise.flatMap((size, axis) => (axis > 0 && size !== 1 ? [axis - 1] : []));
  return termwise((term) => {
    if (term.layout.open || term.layout.axes.length !== noise.length - 1) return unsure('its noise shape does not fit');
    return alongAxes(term, input, masked, `layer ${input.layer.id}`, true, (axis) => distinctAxis(axisSize(axis)));
  })(input);
};

export const CORE: Readonly<Record<string, LayerKind>> = {
  inputLayer: { shapes: sameShape, row: keep },
  input: { shapes: sameShape, row: keep },
  dense: {
    shapes: denseShape,
    parameters: (use) => {
      const units = use.settings.number('units');
      return { kernel: product([lastDim(use), units]), bias: units };
    },
    variables: trained(1),
    bias: 'last',
    activation: true,
    masks: true,
    throws: noActivityRegularizer,
    row: lastAxisProduct,
  },
  activation: {
    shapes: sameShape,
    masks: true,
    row: (input) => activate(input.settings.activation(), input.inputs[0]!),
  },
  dropout: { shapes: sameShape, stochastic: true, masks: true, row: dropout },
  spatialDropout1d: {
    shapes: (use) => [ofRank(use, 3)],
    stochastic: true,
    masks: true,
    row: (input) => {
      const acts = input.training ? input.settings.acts('rate') : false;
      if (isUnknown(acts)) return unsure('its rate is not known');
      return acts ? lost('dropout masks it anew for every sample') : keep(input);
    },
  },
  flatten: { shapes: flattenShape, row: flatten },
  reshape: { shapes: reshapeShape, row: reshapeToOutput },
  permute: {
    shapes: permuteShape,
    row: termwise((term, input) => {
      const order = permutation(input);
      return order === null ? unsure('its order of axes is not known') : permuteAxes(term, input, order);
    }),
  },
  repeatVector: {
    shapes: (use) => {
      const input = ofRank(use, 2);
      return [input && [input[0]!, use.settings.number('n'), input[1]!]];
    },
    row: termwise((term, input) => {
      const { layout } = term;
      if (layout.axes.length !== 1) return unsure('the rank of its input is not known');
      const axes = [constantAxis(input.settings.number('n')), layout.axes[0]!];
      return { ...term, layout: { ...layout, open: false, axes } };
    }),
  },
  masking: {
    shapes: sameShape,
    masks: true,
    // Zero rows times zero: with the default mask value the output is the input itself.
    row: (input) => {
      const value = input.settings.value('maskValue');
      if (isUnknown(value)) return unsure('its mask value is not known');
      return value === undefined || value === 0 ? keep(input) : lost('it sets to zero what equals the mask value');
    },
  },
  embedding: {
    shapes: embeddingShape,
    parameters: (use) => ({
      kernel: product([use.settings.number('inputDim'), use.settings.number('outputDim')]),
      bias: 0,
    }),
    variables: trained(1),
    masks: true,
    throws: noActivityRegularizer,
    row: lose('it takes its input as indices'),
  },
};
