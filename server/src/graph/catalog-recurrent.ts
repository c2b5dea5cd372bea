import { isUnknown } from './config';
import { ofRank, trained, type LayerKind, type ParameterCount, type Use } from './kind';
import { windowLength } from './length';
import { isModel, type Dim, type Layer, type Shape } from './model';
import { axisKey, distinctAxis } from './pattern';
import { lost, shifted, shiftOf, unsure, type Row, type RowInput, type State } from './row';
import { activate, alongOne, lose, onAxes } from './rows';
import { addShifts, scaleShift, untangle, type Shift, type Term } from './shift';
import { product, Settings, sum } from './settings';

/** tfjs-layers/src/layers/recurrent.ts, convolutional_recurrent.ts, wrappers.ts */

/** How many gates a cell has, and how many state tensors. */
const CELLS = {
  simpleRNNCell: { gates: 1, states: 1 },
  gruCell: { gates: 3, states: 1 },
  lstmCell: { gates: 4, states: 2 },
} as const;
type CellKind = keyof typeof CELLS;

const CELL_OF: Readonly<Record<string, CellKind>> = { simpleRNN: 'simpleRNNCell', gru: 'gruCell', lstm: 'lstmCell' };

function cellWeights(use: Use, kind: CellKind): ParameterCount {
  const units = use.settings.number('units');
  const inputs = use.inputs[0]?.at(-1) ?? null;
  const { gates } = CELLS[kind];
  return { kernel: product([gates, units, sum([inputs, units])]), bias: product([gates, units]) };
}

/** The output, then the states where they are returned. */
function recurrentShapes(use: Use, units: Dim, states: number): readonly (Shape | null)[] {
  const input = ofRank(use, 3);
  const sequences = use.settings.flag('returnSequences', false);
  const returned = use.settings.flag('returnState', false);
  if (input === null || isUnknown(sequences) || isUnknown(returned)) return [null];
  const state = [input[0]!, units];
  const output = sequences ? [input[0]!, input[1]!, units] : state;
  return [output, ...Array<Shape>(returned ? states : 0).fill(state)];
}

function recurrent(kind: string): LayerKind {
  const cell = CELL_OF[kind]!;
  return {
    shapes: (use) => recurrentShapes(use, use.settings.number('units'), CELLS[cell].states),
    parameters: (use) => cellWeights(use, cell),
    variables: trained(2),
    bias: 'inside',
    usesMask: true,
    masks: true,
    row: cell === 'simpleRNNCell' ? (input) => linearRecurrence(input, input.layer, '') : lose('its gates multiply'),
  };
}

function cell(kind: CellKind): LayerKind {
  return {
    shapes: () => [null],
    parameters: (use) => cellWeights(use, kind),
    variables: trained(2),
    bias: 'inside',
    row: () => unsure('a cell by itself is not analysed'),
  };
}

/** Those of what it wraps, or of so many layers made like that one. */
function wrappedVariables(times: number): NonNullable<LayerKind['variables']> {
  return ({ layer }, inside) => {
    const inner = layer.inner && inside.variables(layer.inner);
    const { all = null, trainable = null } = inner ?? {};
    return { all: product([times, all]), trainable: product([times, trainable]) };
  };
}

function stateSize(inner: RowInput['layer']['inner']): { units: Dim; states: number } | null {
  if (inner === null || isModel(inner)) return null;
  const known = CELLS[inner.kind as CellKind];
  return known ? { units: new Settings(inner).number('units'), states: known.states } : null;
}

const rnn: LayerKind = {
  shapes: (use) => {
    const size = stateSize(use.layer.inner);
    return size === null ? [null] : recurrentShapes(use, size.units, size.states);
  },
  parameters: (use, inside) => ({
    kernel: use.layer.inner === null ? null : inside.parameters(use.layer.inner, stepShapes(use)),
    bias: 0,
  }),
  variables: wrappedVariables(1),
  usesMask: true,
  masks: true,
  row: (input) => {
    const { inner } = input.layer;
    if (inner === null || isModel(inner) || stateSize(inner) === null) return unsure('its cell is not known');
    return inner.kind === 'simpleRNNCell' ? linearRecurrence(input, inner, '') : lost('its gates multiply');
  },
};

function stepShapes({ inputs }: Use): readonly (Shape | null)[] {
  return inputs.map((shape) => shape && shape.filter((_, axis) => axis !== 1));
}

/**
 * `h_t = W x_t + U h_{t-1} + b` is linear in inputs, initial state and bias when its activation is.
 *
 * @param cell the layer that holds units, activation, bias and dropout
 * @param direction tells the two passes of a bidirectional layer apart
 */
function linearRecurrence(input: RowInput, cell: Layer, direction: string): State | readonly State[] {
  const config = new Settings(cell);
  const activation = config.activation('tanh');
  const sequences = input.settings.flag('returnSequences', false);
  const noise = ['dropout', 'recurrentDropout'].map((key) => (input.training ? config.acts(key) : false));
  if (isUnknown(activation)) return unsure('its activation is not known');
  if (activation !== 'linear') return activate(activation, { ...input.inputs[0]!, state: ownOrLost(input) });
  if (isUnknown(sequences) || noise.some(isUnknown)) return unsure('an option that it depends on is not known');
  if (input.settings.flag('stateful', false) !== false) return unsure('it keeps its state from batch to batch');
  const fromInputs = input.inputs.some((value) => value.state.kind === 'shifted');
  if (noise[1] === true || (noise[0] === true && fromInputs)) return lost('dropout masks it anew for every sample');
  if (input.inputs.some((value) => value.masked)) return lost('a mask decides which steps count');
  const units = config.number('units');
  const steps = input.inputs[0]!.shape?.[1] ?? null;
  const own = cell === input.followed && config.flag('useBias', true) !== false;
  const ownTerm = { source: input.sources.bias, factor: 1, layout: alongOne(null, -1, units, input.held) };
  const terms = input.inputs.map((value) => shiftOf(value.state).map((term) => untangle(term, input.sources)));
  if (terms[0]!.some((term) => onAxes(term, 2) === null)) return unsure('the rank of its input is not known');
  /** The image of one term: constant along nothing but what is held around the layer. */
  const image = (term: Term, role: string, form: 'sequence' | 'state'): Term => {
    const key = `layer ${cell.id} ${direction} ${role} ${form} ${steps ?? '?'} ${term.layout.axes.map(axisKey).join()}`;
    const axes = form === 'sequence' ? [distinctAxis(steps), distinctAxis(units)] : [distinctAxis(units)];
    return { ...term, source: input.sources.image(term.source, key), layout: { ...term.layout, open: false, axes } };
  };
  return input.outputs.map((_, index) => {
    const form = index === 0 && sequences ? 'sequence' : 'state';
    const images = terms.flatMap((list, role) => list.map((term) => image(term, `input ${role}`, form)));
    return shifted(addShifts([own ? [...images, image(ownTerm, 'bias', form)] : images]));
  });
}

/** A state that is not free, for an activation that loses it. */
function ownOrLost(input: RowInput): State {
  const term = { source: input.sources.bias, factor: 1, layout: alongOne(null, -1, null, input.held) };
  return input.inputs.find((value) => value.state.kind !== 'free')?.state ?? shifted([term]);
}

/** tfjs makes two layers of the config of the wrapped one, the second running backwards. */
const bidirectional: LayerKind = {
  shapes: (use, inside) => {
    const { inner } = use.layer;
    const mode = mergeMode(use);
    if (inner === null || isModel(inner) || mode === undefined) return [null];
    const [output, ...states] = inside.shapes(inner, use.inputs);
    if (!output) return [null];
    const merged = mode === 'concat' ? [...output.slice(0, -1), product([output.at(-1)!, 2])] : output;
    return [merged, ...(mode === null ? [merged] : []), ...states, ...states];
  },
  parameters: ({ layer, inputs }, inside) => ({
    kernel: layer.inner === null ? null : product([2, inside.parameters(layer.inner, inputs)]),
    bias: 0,
  }),
  variables: wrappedVariables(2),
  usesMask: true,
  masks: true,
  row: (input) => bothWays(input),
};

/** `concat` by default; null gives both outputs; undefined: not known. */
function mergeMode({ layer }: Pick<Use, 'layer'>): string | null | undefined {
  const mode = layer.config.get('mergeMode');
  if (mode === undefined) return 'concat';
  return mode === null || typeof mode === 'string' ? mode : undefined;
}

const bothWays: Row = (input) => {
  const { inner } = input.layer;
  const mode = mergeMode(input);
  if (inner === null || isModel(inner) || mode === undefined) return unsure('what it wraps is not known');
  if (inner.kind !== 'simpleRNN')
    return CELL_OF[inner.kind] ? lost('its gates multiply') : unsure('what it wraps is not known');
  const settings = new Settings(inner);
  const outputs = settings.flag('returnState', false) === true ? 2 : 1;
  const single = { ...input, settings, outputs: Array<null>(outputs).fill(null) };
  const passes = ['forward', 'backward'].map((way) => [linearRecurrence(single, inner, way)].flat() as State[]);
  const trouble = passes.flat().find((state) => state.kind === 'any');
  if (trouble) return trouble;
  const [ahead, back] = passes.map((states) => shiftOf(states[0]!)) as [Shift, Shift];
  const states = passes.flatMap((pass) => pass.slice(1));
  if (mode === null) return [shifted(ahead), shifted(back), ...states];
  if (mode === 'mul') return [lost('it multiplies both directions'), ...states];
  if (mode !== 'concat') return [shifted(scaleShift(addShifts([ahead, back]), mode === 'ave' ? 0.5 : 1)), ...states];
  const both = [ahead, back].flat().map((term) => {
    const axes = term.layout.axes.map((axis, index) => {
      return index === term.layout.axes.length - 1 ? distinctAxis(product([settings.number('units'), 2])) : axis;
    });
    return { ...term, source: input.sources.image(term.source, 'half'), layout: { ...term.layout, axes } };
  });
  return [shifted(addShifts([both])), ...states];
};

const timeDistributed: LayerKind = {
  shapes: (use, inside) => {
    const { inner } = use.layer;
    const input = use.inputs[0] ?? null;
    if (inner === null || input === null || input.length < 3) return [null];
    const output = inside.shapes(inner, stepShapes(use))[0] ?? null;
    return [output && [output[0]!, input[1]!, ...output.slice(1)]];
  },
  parameters: (use, inside) => ({
    kernel: use.layer.inner === null ? null : inside.parameters(use.layer.inner, stepShapes(use)),
    bias: 0,
  }),
  variables: wrappedVariables(1),
  masks: true,
  row: (input) => {
    const { inner } = input.layer;
    if (inner === null) return unsure('what it wraps is not known');
    return input.perStep(inner, input.inputs)[0]?.state ?? unsure('what it wraps has no output');
  },
};

/** tfjs-layers/src/layers/convolutional_recurrent.ts */
const convLstm2d: LayerKind = {
  shapes: (use) => {
    const input = ofRank(use, 5);
    const sequences = use.settings.flag('returnSequences', false);
    const returned = use.settings.flag('returnState', false);
    const first = use.settings.channelsFirst;
    if (input === null || [sequences, returned, first].some(isUnknown)) return [null];
    const spatial = [0, 1].map((index): Dim => {
      const [size, stride, dilation] = ['kernelSize', 'strides', 'dilationRate'].map((key) => {
        return use.settings.tuple(key, 2, key === 'kernelSize' ? null : 1)[index]!;
      });
      const spec = {
        size: size!,
        stride: stride!,
        dilation: dilation!,
        padding: use.settings.text('padding', 'valid'),
      };
      return windowLength(input[(first ? 3 : 2) + index]!, spec);
    });
    if (spatial.some((size) => size !== null && size <= 0)) return [null];
    const filters = use.settings.number('filters');
    const image = first ? [filters, ...spatial] : [...spatial, filters];
    const output = sequences ? [input[0]!, input[1]!, ...image] : [input[0]!, ...image];
    return [output, ...Array<Shape>(returned ? 2 : 0).fill([input[0]!, ...image])];
  },
  parameters: (use) => convLstmWeights(use, 5),
  variables: trained(2),
  bias: 'inside',
  usesMask: true,
  masks: true,
  row: lose('its gates multiply'),
};

function convLstmWeights(use: Use, rank: number): ParameterCount {
  const first = use.settings.channelsFirst;
  const input = ofRank(use, rank);
  const channels = input === null || isUnknown(first) ? null : input[first ? rank - 3 : rank - 1]!;
  const filters = use.settings.number('filters');
  const taps = product(use.settings.tuple('kernelSize', 2));
  return { kernel: product([4, taps, filters, sum([channels, filters])]), bias: product([4, filters]) };
}

export const RECURRENT: Readonly<Record<string, LayerKind>> = {
  simpleRNN: recurrent('simpleRNN'),
  gru: recurrent('gru'),
  lstm: recurrent('lstm'),
  rnn,
  convLstm2d,
  simpleRNNCell: cell('simpleRNNCell'),
  gruCell: cell('gruCell'),
  lstmCell: cell('lstmCell'),
  convLstm2dCell: {
    shapes: () => [null],
    parameters: (use) => convLstmWeights(use, 4),
    variables: trained(2),
    bias: 'inside',
    row: () => unsure('a cell by itself is not analysed'),
  },
  // A layer of the graph wraps one other, not a list; of cells that tfjs has, only linear ones would keep a shift.
  stackedRNNCells: {
    shapes: () => [null],
    parameters: () => ({ kernel: null, bias: 0 }),
    variables: trained(null),
    row: () => unsure('a cell by itself is not analysed'),
  },
  bidirectional,
  timeDistributed,
};
