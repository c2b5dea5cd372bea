import { isUnknown } from './config';
import type { Dim, Shape } from './model';
import { axisSize, constantAxis, distinctAxis, isConstant, joinParts, type Axis } from './pattern';
import { shiftOf, unsure, type State } from './row';
import { alongAxes } from './rows';
import { axisOf, eachTerm, ofRankExactly, shapeOf, termsOf, UNKNOWN_ARGUMENT, UNKNOWN_RANK, withAxes } from './op';
import { joinShifts } from './join';
import { numbers } from './ops-reduce';
import type { OpInput, OpKind, OpRow, OpUse } from './op';
import { product, sum } from './settings';
import { permuteTerm, reshapeTerm, untangle, type Term } from './shift';
import { crop, pad } from './window';

/** tfjs-core/src/ops: what moves values about, and computes none. */

/** tfjs resolves one size of -1 (`inferFromImplicitShape`, tfjs-core/src/util_base.ts). */
function reshapedShape({ inputs, settings }: OpUse): readonly (Shape | null)[] {
  const target = numbers(settings.value('shape'));
  if (target === null) return [null];
  const total = product(inputs[0] ?? [null]);
  const known = product(target.filter((size) => size !== -1));
  const open = target.filter((size) => size === -1).length;
  if (open > 1) return [null];
  if (total !== null && known !== null && (open === 0 ? total !== known : known === 0 || total % known !== 0))
    return [null];
  const rest = total === null || known === null || known === 0 ? null : total / known;
  return [target.map((size) => (size === -1 ? rest : size))];
}

const reshape: OpRow = termsOf('x', (term, input) => {
  const output = input.outputs[0];
  const reshaped = output && reshapeTerm(term, output);
  return reshaped ? untangle(reshaped, input.sources) : unsure('it reshapes to sizes that are not known');
});

function permutation({ settings }: OpUse, rank: number): readonly number[] | null {
  if (settings.value('perm') === undefined) return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const order = numbers(settings.value('perm'));
  const fits = order?.length === rank && [...order].sort((a, b) => a! - b!).every((axis, index) => axis === index);
  return fits ? (order as readonly number[]) : null;
}

function transposedShape(use: OpUse): readonly (Shape | null)[] {
  const shape = use.inputs[0] ?? null;
  const order = shape && permutation(use, shape.length);
  return [order && order.map((axis) => shape[axis]!)];
}

const transpose: OpRow = termsOf('x', (term, input) => {
  const rank = shapeOf(input, 'x')?.length ?? numbers(input.settings.value('perm'))?.length;
  const order = rank === undefined ? null : permutation(input, rank);
  const exact = order && ofRankExactly(term, order.length);
  return exact ? permuteTerm(exact, order, input.sources) : unsure(UNKNOWN_RANK);
});

function expandedAxis({ settings }: OpUse, rank: number): number | null {
  const axis = settings.number('axis', 0);
  return axis === null ? null : axisOf(axis, rank + 1);
}

const expandDims: OpKind = {
  shapes: (use) => {
    const shape = use.inputs[0] ?? null;
    const axis = shape && expandedAxis(use, shape.length);
    return [axis === null ? null : shape!.toSpliced(axis, 0, 1)];
  },
  row: termsOf('x', (term, input) => {
    const { axes, open } = term.layout;
    const rank = shapeOf(input, 'x')?.length ?? (open ? null : axes.length);
    const exact = rank === null ? null : ofRankExactly(term, rank);
    if (exact !== null) {
      const at = expandedAxis(input, exact.layout.axes.length);
      return at === null ? unsure(UNKNOWN_ARGUMENT) : withAxes(exact, exact.layout.axes.toSpliced(at, 0, []));
    }
    const axis = input.settings.number('axis', 0);
    // In front of an unknown number of constant axes, one more of them.
    if (axis === 0) return withAxes(term, [[], ...axes]);
    if (axis === null || axis >= 0 || axes.length + axis + 1 < 0) return unsure(UNKNOWN_RANK);
    return withAxes(term, axes.toSpliced(axes.length + axis + 1, 0, []));
  }),
};

/** The axes that go; null where that is not known. */
function squeezedAxes({ settings, inputs }: OpUse): readonly number[] | null {
  const shape = inputs[0] ?? null;
  if (shape === null) return null;
  if (settings.value('axis') === undefined) {
    return shape.includes(null) ? null : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  }
  const axes = settings.axes('axis', Number.NaN)?.map((axis) => axisOf(axis, shape.length));
  if (!axes || axes.some((axis) => axis === null || (shape[axis] !== 1 && shape[axis] !== null))) return null;
  return axes as readonly number[];
}

const squeeze: OpKind = {
  shapes: (use) => {
    const gone = squeezedAxes(use);
    return [gone && use.inputs[0]!.filter((_, axis) => !gone.includes(axis))];
  },
  row: termsOf('x', (term, input) => {
    const gone = squeezedAxes(input);
    const exact = gone && ofRankExactly(term, shapeOf(input, 'x')!.length);
    if (!exact) return unsure(UNKNOWN_RANK);
    return withAxes(
      exact,
      exact.layout.axes.filter((_, axis) => !gone.includes(axis)),
    );
  }),
};

/** One axis of every term mapped by itself, on a tensor of known rank. */
function alongOneAxis(
  input: OpInput,
  state: State,
  axis: number | null,
  key: string,
  map: (axis: Axis) => Axis | 'unknown' | 'lost',
): State {
  const rank = input.inputs[0]?.length;
  return eachTerm(state, (term) => {
    const exact = rank === undefined ? (term.layout.open ? null : term) : ofRankExactly(term, rank);
    const index = exact && axis !== null ? axisOf(axis, exact.layout.axes.length) : null;
    if (exact === null || index === null) return unsure(UNKNOWN_RANK);
    return alongAxes(exact, input, [index], key, false, map);
  });
}

function dropAxis(state: State, axis: number): State {
  return eachTerm(state, (term) => {
    const index = axisOf(axis, term.layout.axes.length);
    return index === null ? unsure(UNKNOWN_RANK) : withAxes(term, term.layout.axes.toSpliced(index, 1));
  });
}

/** The sizes of the parts that an axis is split into; null where their number is not known. */
function splitSizes({ inputs, settings }: OpUse): readonly Dim[] | null {
  const shape = inputs[0] ?? null;
  const axis = settings.number('axis', 0);
  const at = shape === null || axis === null ? null : axisOf(axis, shape.length);
  const size = at === null ? null : shape![at]!;
  const given = settings.value('numOrSizeSplits');
  if (typeof given === 'number') return Array<Dim>(given).fill(size === null ? null : size / given);
  const sizes = numbers(given);
  if (sizes === null || sizes.includes(null)) return null;
  const rest = size === null ? null : size - sizes.reduce<number>((total, one) => total + (one === -1 ? 0 : one!), 0);
  return sizes.map((one) => (one === -1 ? rest : one));
}

const split: OpKind = {
  shapes: (use) => {
    const shape = use.inputs[0] ?? null;
    const sizes = splitSizes(use);
    const axis = use.settings.number('axis', 0);
    const at = shape === null || axis === null ? null : axisOf(axis, shape.length);
    if (sizes === null) return [null];
    const whole = sizes.every((size) => size === null || (Number.isInteger(size) && size > 0));
    return sizes.map((size) =>
      at === null || !whole ? null : shape!.map((old, index) => (index === at ? size : old)),
    );
  },
  row: (input) => {
    const sizes = splitSizes(input);
    const { state } = input.operands[0]!;
    if (sizes === null) return unsure(UNKNOWN_ARGUMENT);
    return sizes.map((size, slot) => {
      const [before, after] = [sum(sizes.slice(0, slot)), sum(sizes.slice(slot + 1))];
      const key = `part ${before} ${size}`;
      return alongOneAxis(input, state, input.settings.number('axis', 0), key, (axis) =>
        isConstant(axis) ? constantAxis(size) : crop(axis, before, after),
      );
    });
  },
};

const unstack: OpKind = {
  shapes: ({ inputs, settings }) => {
    const shape = inputs[0] ?? null;
    const axis = settings.number('axis', 0);
    const at = shape === null || axis === null ? null : axisOf(axis, shape.length);
    const count = at === null ? null : shape![at]!;
    return count === null ? [null] : Array.from({ length: count }, () => shape!.filter((_, index) => index !== at));
  },
  row: (input) => {
    const axis = input.settings.number('axis', 0);
    const { state } = input.operands[0]!;
    if (axis === null) return unsure(UNKNOWN_ARGUMENT);
    return input.outputs.map((_, slot) =>
      dropAxis(
        alongOneAxis(input, state, axis, `entry ${slot}`, () => []),
        axis,
      ),
    );
  },
};

interface Cut {
  readonly begin: Dim;
  readonly size: Dim;
  /** The axis stays as it is. */
  readonly whole: boolean;
}

/** What of each axis is taken (`slice`, tfjs-core/src/ops/slice.ts). */
function cuts({ inputs, settings }: OpUse): readonly Cut[] | null {
  const shape = inputs[0] ?? null;
  const [begins, sizes] = [numbers(settings.value('begin')), settings.value('size')];
  if (shape === null || begins === null) return null;
  const given = sizes === undefined ? [] : numbers(sizes);
  if (given === null) return null;
  return shape.map((length, axis) => {
    const begin = axis < begins.length ? begins[axis]! : 0;
    const asked = axis < given.length ? given[axis]! : -1;
    const size = asked === -1 ? sum([length, begin === null ? null : -begin]) : asked;
    return { begin, size, whole: begin === 0 && (asked === -1 || (asked !== null && asked === length)) };
  });
}

const slice: OpKind = {
  shapes: (use) => {
    const parts = cuts(use);
    const over = parts?.some(({ begin, size }, axis) => (sum([begin, size]) ?? 0) > (use.inputs[0]![axis] ?? Infinity));
    return [parts === null || over ? null : parts.map(({ size }) => size)];
  },
  row: termsOf('x', (term, input) => {
    const parts = cuts(input);
    const shape = shapeOf(input, 'x');
    const exact = shape && ofRankExactly(term, shape.length);
    if (parts === null || !exact) return unsure(UNKNOWN_ARGUMENT);
    const axes = parts.flatMap(({ whole }, axis) => (whole ? [] : [axis]));
    return alongAxes(exact, input, axes, `slice ${JSON.stringify(parts)}`, false, (axis, at) => {
      const { begin, size } = parts[axes[at]!]!;
      if (isConstant(axis)) return constantAxis(size);
      const length = axisSize(axis);
      return crop(axis, begin, length === null || begin === null || size === null ? null : length - begin - size);
    });
  }),
};

function paddings({ settings, inputs }: OpUse): readonly (readonly [Dim, Dim])[] | null {
  const given = settings.value('paddings');
  if (!Array.isArray(given) || isUnknown(given)) return null;
  const pairs = given.map(numbers);
  if (pairs.some((pair) => pair?.length !== 2)) return null;
  return inputs[0] && inputs[0].length !== pairs.length ? null : (pairs as unknown as readonly [Dim, Dim][]);
}

function padding(mirrored: boolean): OpKind {
  return {
    shapes: (use) => {
      const pairs = paddings(use);
      return [pairs && pairs.map((pair, axis) => sum([use.inputs[0]?.[axis] ?? null, ...pair]))];
    },
    row: termsOf('x', (term, input) => {
      const pairs = paddings(input);
      const exact = pairs && ofRankExactly(term, pairs.length);
      if (!exact) return unsure(UNKNOWN_ARGUMENT);
      const padded = pairs.flatMap(([before, after], axis) => (before === 0 && after === 0 ? [] : [axis]));
      const key = `pad ${mirrored} ${JSON.stringify(pairs)}`;
      return alongAxes(exact, input, padded, key, false, (axis, at) => {
        const size = input.outputs[0]?.[padded[at]!] ?? null;
        if (!mirrored) return pad(axis, ...pairs[padded[at]!]!);
        return isConstant(axis) ? constantAxis(size) : distinctAxis(size);
      });
    }),
  };
}

/** Positions along an axis picked or interpolated with weights that add up to one: a constant stays as it is. */
const resize: OpKind = {
  shapes: ({ inputs, settings }) => {
    const size = numbers(settings.value('size'));
    const shape = inputs[0] ?? null;
    if (shape === null || size?.length !== 2 || shape.length < 3) return [null];
    return [[...shape.slice(0, -3), size[0]!, size[1]!, shape.at(-1)!]];
  },
  row: termsOf('images', (term, input) => {
    const exact = ofRankExactly(term, shapeOf(input, 'images')?.length ?? 4);
    if (exact === null) return unsure(UNKNOWN_RANK);
    const last = exact.layout.axes.length - 1;
    const key = `${input.name} ${JSON.stringify([...input.settings.tuple('size', 2)])}`;
    return alongAxes(exact, input, [last - 2, last - 1], key, false, (axis, at) => {
      const size = input.settings.tuple('size', 2)[at]!;
      return isConstant(axis) ? constantAxis(size) : distinctAxis(size);
    });
  }),
};

const reverse: OpKind = {
  shapes: ({ inputs }) => [inputs[0] ?? null],
  row: termsOf('x', (term, input) => {
    const rank = shapeOf(input, 'x')?.length;
    const exact = rank === undefined ? null : ofRankExactly(term, rank);
    const all = input.settings.value('axis') === undefined;
    const given = all ? exact?.layout.axes.map((_, axis) => axis) : input.settings.axes('axis', Number.NaN);
    const axes = exact && given?.map((axis) => axisOf(axis, exact.layout.axes.length));
    if (!axes || axes.includes(null)) return unsure(UNKNOWN_RANK);
    return alongAxes(exact, input, axes as number[], 'reverse', false, (axis) =>
      isConstant(axis) ? axis : distinctAxis(axisSize(axis)),
    );
  }),
};

const tile: OpKind = {
  shapes: ({ inputs, settings }) => {
    const reps = numbers(settings.value('reps'));
    const shape = inputs[0] ?? null;
    if (shape === null || reps?.length !== shape.length) return [null];
    return [shape.map((size, axis) => product([size, reps[axis]!]))];
  },
  row: termsOf('x', (term, input) => {
    const reps = numbers(input.settings.value('reps'));
    const exact = reps && ofRankExactly(term, reps.length);
    if (!exact) return unsure(UNKNOWN_ARGUMENT);
    const repeated = reps.flatMap((count, axis) => (count === 1 ? [] : [axis]));
    return alongAxes(exact, input, repeated, `tile ${reps.join()}`, false, (axis, at) => {
      const size = input.outputs[0]?.[repeated[at]!] ?? null;
      return isConstant(axis)
        ? constantAxis(size)
        : joinParts([{ size: reps[repeated[at]!]!, pattern: 'same' }, ...axis]);
    });
  }),
};

/** Along the axis, a term that all inputs have alike repeats itself; any other stands in its slot, with zeros around. */
function join(input: OpInput, states: readonly State[], axis: number, rank: number | null): State {
  const shifts = states.map((state) =>
    shiftOf(state).map((term) => (rank === null ? (term.layout.open ? null : term) : ofRankExactly(term, rank))),
  );
  if (shifts.flat().includes(null)) return unsure(UNKNOWN_RANK);
  const sizes = input.inputs.map((shape) => (shape === null ? null : (shape.at(axis) ?? null)));
  const joined = joinShifts(shifts as Term[][], (layout) => axisOf(axis, layout.axes.length), sizes, input.sources);
  return joined ?? unsure(UNKNOWN_RANK);
}

const concat: OpKind = {
  shapes: ({ inputs, settings }) => {
    const given = settings.number('axis', 0);
    const rank = inputs[0]?.length;
    const axis = given === null || rank === undefined ? null : axisOf(given, rank);
    if (axis === null || inputs.some((shape) => shape?.length !== rank)) return [null];
    const shapes = inputs as readonly Shape[];
    const fits = shapes.every((shape) =>
      shape.every((size, at) => at === axis || size === null || [null, size].includes(shapes[0]![at]!)),
    );
    return [fits ? shapes[0]!.map((size, at) => (at === axis ? sum(shapes.map((shape) => shape[at]!)) : size)) : null];
  },
  row: (input) => {
    const axis = input.settings.number('axis', 0);
    if (axis === null) return unsure(UNKNOWN_ARGUMENT);
    const states = input.operands.map(({ state }) => state);
    return join(input, states, axis, input.inputs[0]?.length ?? null);
  },
};

const stack: OpKind = {
  shapes: ({ inputs, settings }) => {
    const given = settings.number('axis', 0);
    const shape = inputs[0] ?? null;
    const axis = given === null || shape === null ? null : axisOf(given, shape.length + 1);
    return [
      axis === null || inputs.some((one) => one?.length !== shape!.length)
        ? null
        : shape!.toSpliced(axis, 0, inputs.length),
    ];
  },
  row: (input) => {
    const given = input.settings.number('axis', 0);
    const rank = input.inputs[0]?.length;
    const axis = given === null || rank === undefined ? null : axisOf(given, rank + 1);
    if (axis === null) return unsure(UNKNOWN_RANK);
    const states = input.operands.map(({ state }) =>
      eachTerm(state, (term) => {
        const exact = ofRankExactly(term, rank!);
        return exact === null ? unsure(UNKNOWN_RANK) : withAxes(exact, exact.layout.axes.toSpliced(axis, 0, []));
      }),
    );
    const wrong = states.find(({ kind }) => kind === 'any');
    const inputs = input.inputs.map((shape) => shape && shape.toSpliced(axis, 0, 1));
    return wrong ?? join({ ...input, inputs }, states, axis, rank! + 1);
  },
};

const gather: OpKind = {
  shapes: () => [null],
  row: () => unsure('which of its entries are taken is not known'),
};

export const MOVING: Readonly<Record<string, OpKind>> = {
  reshape: { shapes: reshapedShape, row: reshape },
  transpose: { shapes: transposedShape, row: transpose },
  expandDims,
  squeeze,
  split,
  unstack,
  slice,
  pad: padding(false),
  mirrorPad: padding(true),
  'image.resizeBilinear': resize,
  'image.resizeNearestNeighbor': resize,
  reverse,
  tile,
  concat,
  stack,
  gather,
};
