import type { Dim, Shape } from './model';
import { constantAxis, distinctAxis, isConstant, type Axis } from './pattern';
import { shifted, shiftOf, unsure, type State } from './row';
import type { Settings } from './settings';
import { addShifts, untangle, type Shift, type Sources, type Term } from './shift';

/** One call of an op: what its shapes are computed from. */
export interface OpUse {
  readonly name: string;
  readonly settings: Settings;
  readonly inputs: readonly (Shape | null)[];
  /** The parameter that each input stands for. */
  readonly roles: readonly string[];
}

/** One input as the rows of ops see it: the layouts of its shift have all axes of the tensor, the first one included. */
export interface Operand {
  readonly role: string;
  readonly shape: Shape | null;
  readonly state: State;
  /** Names its value: equal names are equal values. */
  readonly identity: string;
}

/** What a row is asked: one call of an op on operands that are free or shifted, at least one of them shifted. */
export interface OpInput extends OpUse {
  readonly operands: readonly Operand[];
  readonly outputs: readonly (Shape | null)[];
  readonly sources: Sources;
}

/** One state per output. Rows never throw. */
export type OpRow = (input: OpInput) => State | readonly State[];

/** Everything that the product knows of one function on tensors. */
export interface OpKind {
  /** One per output; null when tfjs refuses these inputs or the rank is not known. */
  shapes(use: OpUse): readonly (Shape | null)[];
  readonly row: OpRow;
}

export const UNKNOWN_RANK = 'the rank of its input is not known';
export const UNKNOWN_ARGUMENT = 'an argument or a size that it depends on is not known';

export function operand(input: OpInput, role: string): Operand | undefined {
  return input.operands.find((one) => one.role === role);
}

export function shapeOf(use: OpUse, role: string): Shape | null {
  const index = use.roles.indexOf(role);
  return index < 0 ? null : (use.inputs[index] ?? null);
}

export function isShifted(one: Operand | undefined): boolean {
  return one?.state.kind === 'shifted';
}

/** The axis that counts from the front, for an index that may count from the end; null where it is none. */
export function axisOf(axis: number, rank: number): number | null {
  const index = axis < 0 ? rank + axis : axis;
  return index >= 0 && index < rank ? index : null;
}

/**
 * The state with layouts of all axes, the batch axis first.
 *
 * @returns null inside a wrapper that runs over time steps: what stands for the batch there is not said
 */
export function wholeState(state: State, shape: Shape | null, sources: Sources): State | null {
  if (state.kind !== 'shifted') return state;
  if (state.shift.some(({ layout }) => layout.held.length > 0)) return null;
  return shifted(
    state.shift.map((term) => {
      if (term.layout.whole) return term;
      const plain = untangle(term, sources);
      const axes = [constantAxis(shape?.[0] ?? null), ...plain.layout.axes];
      return { ...plain, layout: { ...plain.layout, axes, whole: true } };
    }),
  );
}

/** The same state as the rows of layers see it: without the batch axis, where the shift is constant along it. */
export function sampleState(state: State): State {
  if (state.kind !== 'shifted') return state;
  return shifted(
    state.shift.map((term): Term => {
      const { open, held, axes, tangled } = term.layout;
      const [first, ...rest] = axes;
      if (first === undefined || !isConstant(first)) return term;
      return { ...term, layout: { open, held, axes: rest, tangled } };
    }),
  );
}

/** The shift of a tensor that may hold a different number at every position; null where its rank is not known. */
export function ownShift(shape: Shape | null, source: number): Shift | null {
  if (shape === null) return null;
  const axes = shape.map(distinctAxis);
  return [{ source, factor: 1, layout: { open: false, held: [], axes, tangled: null, whole: true } }];
}

export function withAxes(term: Term, axes: readonly Axis[], open = term.layout.open): Term {
  return { ...term, layout: { ...term.layout, open, axes } };
}

/** Maps the terms of a state one by one; a state in place of a term ends it. */
export function eachTerm(state: State, map: (term: Term) => Term | State): State {
  const terms: Term[] = [];
  for (const term of shiftOf(state)) {
    const mapped = map(term);
    if ('kind' in mapped) return mapped;
    terms.push(mapped);
  }
  return shifted(addShifts([terms]));
}

/** A row that takes the terms of one operand; a shift of any other one is not followed. */
export function termsOf(role: string, map: (term: Term, input: OpInput) => Term | State): OpRow {
  return (input) => {
    const main = operand(input, role);
    if (main === undefined || input.operands.some((one) => one !== main && isShifted(one))) {
      return unsure(`what \`tf.${input.name}\` does with its other inputs is not followed`);
    }
    return eachTerm(main.state, (term) => map(term, input));
  };
}

/** The term on exactly `rank` axes; null where it has another number of them. */
export function ofRankExactly(term: Term, rank: number): Term | null {
  const { axes, open } = term.layout;
  if (!open) return axes.length === rank ? term : null;
  if (axes.length > rank) return null;
  const missing = Array.from({ length: rank - axes.length }, () => constantAxis(null));
  return withAxes(term, [...missing, ...axes], false);
}

/** The shape that tensors of these shapes broadcast to; null where one is not known, or where they do not fit. */
export function broadcastShapes(shapes: readonly (Shape | null)[]): Shape | null {
  if (shapes.length === 0 || shapes.includes(null)) return null;
  const known = shapes as readonly Shape[];
  const rank = Math.max(...known.map((shape) => shape.length));
  const output: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Dim = 1;
    for (const shape of known) {
      const at = axis - (rank - shape.length);
      if (at < 0) continue;
      const own = shape[at]!;
      if (own === null) size = size === 1 ? null : size;
      else if (size === 1 || size === null) size = own === 1 ? size : own;
      else if (own !== 1 && own !== size) return null;
    }
    output.push(size);
  }
  return output;
}

/**
 * The shifts of operands as they stand on the output that these broadcast to, in one form, so that equal ones are seen
 * to be equal. Null where ranks do not fit.
 */
export function broadcastShifts(shifts: readonly Shift[], output: Shape | null): readonly Shift[] | null {
  const rank = output?.length ?? Math.max(0, ...shifts.flat().map(({ layout }) => layout.axes.length));
  const open = output === null;
  if (shifts.flat().some(({ layout }) => layout.axes.length > rank)) return null;
  return shifts.map((shift) =>
    shift.map((term): Term => {
      const missing = rank - term.layout.axes.length;
      const axes = [...Array<Axis>(missing).fill([]), ...term.layout.axes];
      const stretched = axes.map((axis, index) => (isConstant(axis) ? constantAxis(output?.[index] ?? null) : axis));
      return withAxes(term, stretched, open);
    }),
  );
}
