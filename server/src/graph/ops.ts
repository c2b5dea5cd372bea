import { ARITHMETIC } from './ops-arithmetic';
import { LINEAR } from './ops-linear';
import { REDUCE } from './ops-reduce';
import { MOVING } from './ops-shape';
import type { OpKind } from './op';
import type { Shape, Target } from './model';
import { Settings } from './settings';

/** `variable.assign(value)`: it gives back nothing. */
const ASSIGN: OpKind = { shapes: () => [], row: () => [] };

/** Every function on tensors whose shapes and dependence are known, by its access path after `tf`. */
export const ops: ReadonlyMap<string, OpKind> = new Map(
  [ARITHMETIC, LINEAR, REDUCE, MOVING, { assign: ASSIGN }].flatMap((family) => Object.entries(family)),
);

/** The shapes of an op's outputs. Never throws: inputs that tfjs refuses, and unknown ops, give null. */
export function opShapes(
  { name, attributes, roles }: Extract<Target, { type: 'op' }>,
  inputs: readonly (Shape | null)[],
): readonly (Shape | null)[] {
  const kind = ops.get(name);
  if (kind === undefined || roles.length !== inputs.length) return [null];
  return kind.shapes({ name, settings: new Settings({ config: attributes }), inputs, roles });
}
