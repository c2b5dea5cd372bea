import type { ModelGraph, Shape, Tensor } from '../../server/src/graph';
import { Bench, SOURCES, type RowCase, type Source } from './cases';

/** What subtracts the shift, or would. */
export interface Norm {
  readonly name: string;
  /** Whether it can run at all on a tensor of this shape. */
  fits(shape: Shape): boolean;
  make(bench: Bench, x: Tensor): Tensor;
}

export const NORMS: readonly Norm[] = [
  {
    name: 'BN',
    fits: (shape) => shape.length <= 4,
    make: (bench, x) => bench.apply('batchNormalization', {}, x),
  },
  {
    name: 'BN axis 1',
    fits: (shape) => shape.length > 2 && shape.length <= 4 && shape[1] !== null,
    make: (bench, x) => bench.apply('batchNormalization', { axis: 1 }, x),
  },
  {
    name: 'TD(BN)',
    fits: (shape) => shape.length > 2,
    make: (bench, x) => {
      const inner = bench.layer('batchNormalization');
      return bench.builder.applyLayer(bench.layer('timeDistributed', {}, inner), [x]);
    },
  },
];

/** A source, one row, and a norm. */
export function throughRow(source: Source, row: RowCase, norm: Norm): ModelGraph {
  const bench = new Bench();
  const { input, output } = source.make(bench);
  const inner = row.inner ? bench.layer(row.inner.kind, row.inner.options) : null;
  const between = row.before ? bench.apply(row.before.kind, row.before.options, output) : output;
  const passed = bench.builder.applyLayer(bench.layer(row.kind, row.options, inner), [between]);
  bench.builder.model('functional', [input], [norm.make(bench, passed)], []);
  return bench.builder.finish();
}

/** The sources that a row is tried on. */
export function sourcesFor(row: RowCase): readonly Source[] {
  const fitting = SOURCES.filter(({ rank }) => row.ranks.includes(rank));
  return row.pointwise
    ? fitting.filter(({ rank }, index) => fitting.findIndex((other) => other.rank === rank) === index)
    : fitting;
}
