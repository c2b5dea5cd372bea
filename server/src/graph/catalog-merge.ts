import { isUnknown } from './config';
import { joinShifts } from './join';
import type { LayerKind, Use } from './kind';
import type { Dim, Shape } from './model';
import { lost, shifted, shiftOf, unsure, type Row, type State } from './row';
import { addInputs, extremeOfInputs, lose } from './rows';
import { addShifts, axisIndex, shiftKey, untangle, type Shift } from './shift';
import { sum } from './settings';

/** tfjs-layers/src/layers/merge.ts */

/** Sizes broadcast from the last axis on; undefined where they do not fit. */
function broadcastSize(a: Dim, b: Dim): Dim | undefined {
  if (a === null || b === null) return null;
  if (a === 1) return b;
  return b === 1 || a === b ? a : undefined;
}

function broadcastShape({ inputs }: Use): readonly (Shape | null)[] {
  if (inputs.length < 2 || inputs.some((shape) => shape === null)) return [null];
  const shapes = inputs as readonly Shape[];
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const output: Dim[] = [batchOf(shapes)];
  for (let axis = 1; axis < rank; axis++) {
    let size: Dim | undefined = 1;
    for (const shape of shapes) {
      const at = axis - (rank - shape.length);
      if (at >= 1 && size !== undefined) size = broadcastSize(size, shape[at]!);
    }
    if (size === undefined) return [null];
    output.push(size);
  }
  return [output];
}

function batchOf(shapes: readonly Shape[]): Dim {
  return shapes.find((shape) => shape[0] !== null)?.[0] ?? null;
}

function concatenatedShape({ inputs, settings }: Use): readonly (Shape | null)[] {
  const given = settings.number('axis', -1);
  const first = inputs[0] ?? null;
  if (inputs.length < 2 || first === null || inputs.some((shape) => shape?.length !== first.length)) return [null];
  if (given === null) return [first.map(() => null)];
  const axis = given < 0 ? first.length + given : given;
  const shapes = inputs as readonly Shape[];
  // Strict, as `Concatenate.build` is: sizes off the axis must be equal, unknown ones too.
  const fits = shapes.every((shape) => shape.every((size, at) => at === axis || at === 0 || agree(size, first[at]!)));
  if (axis < 0 || axis >= first.length || !fits) return [null];
  return [first.map((size, at) => (at === axis ? sum(shapes.map((shape) => shape[at]!)) : size))];
}

function agree(a: Dim, b: Dim): boolean {
  return a === null || b === null || a === b;
}

function dotShape({ inputs, settings }: Use): readonly (Shape | null)[] {
  const [left, right] = inputs;
  const axes = settings.axes('axes', Number.NaN);
  if (inputs.length !== 2 || !left || !right || left.length > 3 || right.length > 3 || axes === null) return [null];
  const [i, j] = [axes[0]!, axes[1] ?? axes[0]!];
  const at = (shape: Shape, axis: number) => (axis < 0 ? shape.length + axis : axis);
  if (!agree(left[at(left, i)] ?? null, right[at(right, j)] ?? null)) return [null];
  const rest = [
    ...left.filter((_, axis) => axis !== at(left, i)),
    ...right.filter((_, axis) => axis !== at(right, j)).slice(1),
  ];
  return [rest.length === 1 ? [...rest, 1] : rest];
}

/** Along the axis, a term that all inputs have alike repeats itself; any other stands in its slot, with zeros around. */
const concatenate: Row = (input) => {
  const axis = input.settings.number('axis', -1);
  const shifts = input.inputs.map((value) => shiftOf(value.state).map((term) => untangle(term, input.sources)));
  if (axis === null) return unsure('its axis is not known');
  if (axis === 0) {
    const alike = new Set(shifts.map(shiftKey)).size === 1;
    return alike ? shifted(shifts[0]!) : lost('it joins samples with and without the shift');
  }
  const sizes = input.inputs.map(({ shape }) => shape?.[axis < 0 ? shape.length + axis : axis] ?? null);
  const joined = joinShifts(shifts, (layout) => axisIndex(layout, axis), sizes, input.sources);
  return joined ?? unsure('the rank of its input is not known');
};

function merge(row: Row, throws?: LayerKind['throws']): LayerKind {
  return { shapes: broadcastShape, masks: true, row, ...(throws ? { throws } : {}) };
}

const rescaling: Row = (input): State => {
  const scale = input.settings.value('scale');
  const term = shiftOf(input.inputs[0]!.state);
  if (typeof scale === 'number') return shifted(addShifts([scaled(term, scale)]));
  return isUnknown(scale) ? unsure('its scale is not known') : unsure('its scale is not a number');
};

function scaled(shift: Shift, factor: number): Shift {
  return shift.map((term) => ({ ...term, factor: term.factor * factor }));
}

export const MERGE: Readonly<Record<string, LayerKind>> = {
  add: merge(addInputs(() => 1)),
  average: merge(addInputs((count) => 1 / count)),
  multiply: merge(lose('it multiplies by another tensor')),
  maximum: merge(extremeOfInputs),
  minimum: merge(extremeOfInputs),
  concatenate: { shapes: concatenatedShape, masks: true, row: concatenate },
  dot: { shapes: dotShape, masks: true, row: lose('it multiplies by another tensor') },
  rescaling: {
    forgets: ({ settings }) => settings.value('scale') === 0,
    shapes: ({ inputs }) => [inputs[0] ?? null],
    row: rescaling,
  },
};
