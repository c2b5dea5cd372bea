import { isUnknown } from './config';
import type { Shape } from './model';
import { distinctAxis, isConstant } from './pattern';
import { FREE, lost, shifted, shiftOf, unsure, type State } from './row';
import { alongAxes } from './rows';
import { broadcastShapes, broadcastShifts, eachTerm, isShifted, operand, UNKNOWN_ARGUMENT, UNKNOWN_RANK } from './op';
import type { Operand, OpInput, OpKind, OpRow, OpUse } from './op';
import { addShifts, scaleShift, shiftKey, type Shift } from './shift';

/** tfjs-core/src/ops: arithmetic, element by element, with broadcasting. */

/** An operand of a binary op: a tensor, a plain number (null: not known), or nothing. */
type Side = { readonly tensor: Operand } | { readonly number: number | null };

function side(input: OpInput, role: string): Side {
  const tensor = operand(input, role);
  if (tensor !== undefined) return { tensor };
  return { number: input.settings.number(role) };
}

export function binaryShapes({ inputs, settings, roles }: OpUse): readonly (Shape | null)[] {
  // An operand that is no tensor is a number, or an array of numbers whose shape is not looked at.
  const plain = ['a', 'b', 'base', 'exp'].filter((role) => !roles.includes(role) && settings.value(role) !== undefined);
  const scalars = plain.every((role) => typeof settings.value(role) === 'number');
  return [scalars ? broadcastShapes(inputs) : null];
}

/** The sum of shifts, each with a factor, on the output. */
export function sumShifts(shifts: readonly Shift[], output: Shape | null): State {
  const spread = broadcastShifts(shifts, output);
  return spread === null ? unsure(UNKNOWN_RANK) : shifted(addShifts(spread));
}

function linear(factors: readonly [number, number]): OpRow {
  return (input) => {
    const shifts = ['a', 'b'].map((role, index) => {
      const one = operand(input, role);
      return one === undefined ? [] : scaleShift(shiftOf(one.state), factors[index]!);
    });
    return sumShifts(shifts, input.outputs[0] ?? null);
  };
}

/**
 * Multiplies a shift by something free of the bias, element by element: it varies along the axes along which that does.
 *
 * @param by the operand, and the name of what is done with it
 */
export function scaleBy(state: State, by: Operand, verb: string, input: OpInput): State {
  const output = input.outputs[0] ?? null;
  const { shape, identity } = by;
  if (shape === null) return unsure('the shape of what it is multiplied by is not known');
  const spread = broadcastShifts([shiftOf(state)], output);
  if (spread === null) return unsure(UNKNOWN_RANK);
  return eachTerm(shifted(spread[0]!), (term) => {
    const rank = term.layout.axes.length;
    if (rank < shape.length) return unsure(UNKNOWN_RANK);
    const varying = shape.flatMap((size, axis) => (size === 1 ? [] : [rank - shape.length + axis]));
    const key = `${verb} ${identity}`;
    return varying.length === 0
      ? { ...term, source: input.sources.image(term.source, key) }
      : alongAxes(term, input, varying, key, true, (_, at) => distinctAxis(output?.[varying[at]!] ?? null));
  });
}

const multiply: OpRow = (input) => {
  const [a, b] = [side(input, 'a'), side(input, 'b')];
  const tensors = [a, b].flatMap((one) => ('tensor' in one ? [one.tensor] : []));
  const moved = tensors.filter(isShifted);
  if (moved.length > 1) return lost('it multiplies by another tensor that depends on the bias');
  const other = [a, b].find((one) => !('tensor' in one && one.tensor === moved[0]))!;
  if ('tensor' in other) return scaleBy(moved[0]!.state, other.tensor, 'times', input);
  if (other.number === null) return unsure(UNKNOWN_ARGUMENT);
  return sumShifts([scaleShift(shiftOf(moved[0]!.state), other.number)], input.outputs[0] ?? null);
};

const divide: OpRow = (input) => {
  const [a, b] = [side(input, 'a'), side(input, 'b')];
  if ('tensor' in b && isShifted(b.tensor)) return lost('it divides by a tensor that depends on the bias');
  if (!('tensor' in a)) return lost('it is not linear');
  if ('tensor' in b) return scaleBy(a.tensor.state, b.tensor, 'over', input);
  if (b.number === null || b.number === 0) return unsure(UNKNOWN_ARGUMENT);
  return sumShifts([scaleShift(shiftOf(a.tensor.state), 1 / b.number)], input.outputs[0] ?? null);
};

/** The shifts of both operands on the output. */
function both(input: OpInput): readonly Shift[] | null {
  const shifts = ['a', 'b'].map((role) => shiftOf(operand(input, role)?.state ?? FREE));
  return broadcastShifts(shifts, input.outputs[0] ?? null);
}

/** What depends on the difference of its operands only. */
const ofDifference: OpRow = (input) => {
  const shifts = both(input);
  if (shifts === null) return unsure(UNKNOWN_RANK);
  const rest = addShifts([shifts[0]!, scaleShift(shifts[1]!, -1)]);
  return rest.length === 0 ? FREE : lost('it is not linear');
};

const extreme: OpRow = (input) => {
  const shifts = both(input);
  if (shifts === null) return unsure(UNKNOWN_RANK);
  const alike = shiftKey(addShifts([shifts[0]!])) === shiftKey(addShifts([shifts[1]!]));
  return alike ? shifted(addShifts([shifts[0]!])) : lost('it compares tensors that do not have the same shift');
};

const addAll: OpRow = (input) =>
  sumShifts(
    input.operands.map(({ state }) => shiftOf(state)),
    input.outputs[0] ?? null,
  );

const cast: OpRow = (input) => {
  const type = input.settings.text('dtype', 'float32');
  if (isUnknown(type)) return unsure(UNKNOWN_ARGUMENT);
  return type === 'float32' ? input.operands[0]!.state : lost('it turns numbers into others');
};

/** Softmax and its logarithm do not change when a constant is added along their axis. */
function softmax(parameter: string): OpRow {
  return ({ operands, settings }) => {
    const axis = settings.number(parameter, -1);
    const { shape, state } = operands[0]!;
    if (axis === null) return unsure(UNKNOWN_ARGUMENT);
    for (const { layout } of shiftOf(state)) {
      const rank = shape?.length ?? (layout.open ? null : layout.axes.length);
      if (axis >= 0 && rank === null) return unsure(UNKNOWN_RANK);
      const along = layout.axes.at(axis < 0 ? axis : axis - rank!);
      if (along !== undefined && !isConstant(along)) return lost('the shift varies along the axis of the softmax');
    }
    return FREE;
  };
}

/** `scale * (x - mean) / sqrt(variance + epsilon) + offset` (tfjs-core/src/ops/batchnorm.ts). */
const batchNorm: OpRow = (input) => {
  const [x, mean, variance, offset, scale] = ['x', 'mean', 'variance', 'offset', 'scale'].map((role) =>
    operand(input, role),
  );
  if (x === undefined || mean === undefined || variance === undefined) return unsure(UNKNOWN_ARGUMENT);
  if (isShifted(variance) || isShifted(scale)) return lost('its variance or scale depends on the bias');
  const output = input.outputs[0] ?? null;
  const centred = sumShifts([shiftOf(x.state), scaleShift(shiftOf(mean.state), -1)], output);
  const scaled = [variance, scale].reduce<State>(
    (state, by) => (by === undefined || state.kind !== 'shifted' ? state : scaleBy(state, by, by.role, input)),
    centred,
  );
  if (scaled.kind === 'any') return scaled;
  return sumShifts([shiftOf(scaled), shiftOf(offset?.state ?? FREE)], output);
};

const keep: OpRow = (input) => input.operands[0]!.state;
export const sameShape = ({ inputs }: OpUse): readonly (Shape | null)[] => [inputs[0] ?? null];
const bent: OpKind = { shapes: sameShape, row: () => lost('it is not linear') };
const binary = (row: OpRow): OpKind => ({ shapes: binaryShapes, row });
const norm: OpKind = { shapes: sameShape, row: batchNorm };
const forgetful: OpKind = { shapes: sameShape, row: () => FREE };

const BENT =
  'abs acos acosh asin asinh atan atanh ceil cos cosh erf exp expm1 floor log log1p reciprocal relu relu6 round rsqrt ' +
  'selu sigmoid sign sin sinh softplus sqrt square tan tanh elu logSigmoid clipByValue leakyRelu step logicalNot isNaN ' +
  'localResponseNormalization dropout cumprod prelu';

export const ARITHMETIC: Readonly<Record<string, OpKind>> = {
  ...Object.fromEntries(BENT.split(' ').map((name) => [name, bent])),
  add: binary(linear([1, 1])),
  sub: binary(linear([1, -1])),
  mul: binary(multiply),
  div: binary(divide),
  divNoNan: binary(divide),
  maximum: binary(extreme),
  minimum: binary(extreme),
  squaredDifference: binary(ofDifference),
  pow: binary(() => lost('it is not linear')),
  addN: { shapes: ({ inputs }) => [broadcastShapes(inputs)], row: addAll },
  neg: { shapes: sameShape, row: ({ operands }) => shifted(scaleShift(shiftOf(operands[0]!.state), -1)) },
  clone: { shapes: sameShape, row: keep },
  identity: { shapes: sameShape, row: keep },
  cast: { shapes: sameShape, row: cast },
  zerosLike: forgetful,
  onesLike: forgetful,
  softmax: { shapes: sameShape, row: softmax('dim') },
  logSoftmax: { shapes: sameShape, row: softmax('axis') },
  batchNorm: norm,
  batchNorm2d: norm,
  batchNorm3d: norm,
  batchNorm4d: norm,
};
