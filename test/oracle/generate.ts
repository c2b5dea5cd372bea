import type { Model, Shape, Tensor } from '../../server/src/graph';
import { Bench } from './cases';
import { batchNorm, fits, movesFor, put, type Scene } from './moves';

/** Three numbers that choose a move, what it is applied to, and its options. */
export type Gene = readonly [move: number, pick: number, option: number];

const START: readonly (readonly number[])[] = [[6], [6, 3], [4, 4, 2], [4, 6, 3], [3, 4, 4, 2]];

/** Grows a graph from genes. Equal genes give equal graphs, and every prefix of genes is a graph. */
export function growGraph(start: number, genes: readonly Gene[]): Bench {
  const bench = new Bench();
  const input = bench.input(...START[start % START.length]!);
  const scene: Scene = { bench, pool: [input], layers: [], masked: new Set(), depth: 0 };
  if (input.shape!.length === 3 && start % 4 === 0) scene.pool.push(put(scene, bench.layer('masking'), input));
  growModel(scene, genes, start);
  return bench;
}

function growModel(scene: Scene, genes: readonly Gene[], ending: number): Model | null {
  const [input] = scene.pool as [Tensor];
  for (const [index, gene] of genes.entries()) grow(scene, gene, genes.slice(index + 1));
  const ends = scene.pool.filter((tensor) => tensor !== input && tensor.uses.length === 0);
  if (ends.length === 0) return null;
  const every = scene.depth > 0 ? 2 : 5;
  const outputs = ends.map((x, index) => {
    return (ending + index) % every === 0 ? x : (batchNorm(scene, x, ending) ?? x);
  });
  return scene.bench.builder.model('functional', [input], outputs, []);
}

function grow(scene: Scene, [move, pick, option]: Gene, rest: readonly Gene[]): void {
  // Mostly the newest tensor, so that graphs grow deep.
  const back = pick % 5 < 3 ? 0 : pick % Math.min(scene.pool.length, 4);
  const x = scene.pool[scene.pool.length - 1 - back]!;
  const moves = movesFor(x.shape!.length);
  const choice = move % (moves.length + 1);
  const grown = choice === moves.length ? nested(scene, x, option, rest) : moves[choice]!(scene, x, option);
  if (grown !== null && fits(grown.shape)) scene.pool.push(grown);
}

/** A model of its own, applied to one tensor or to two. */
function nested(scene: Scene, x: Tensor, option: number, rest: readonly Gene[]): Tensor | null {
  if (scene.depth > 1 || scene.masked.has(x)) return null;
  const input = scene.bench.builder.input(x.shape);
  const inner: Scene = { ...scene, pool: [input], layers: [], depth: scene.depth + 1 };
  const model = growModel(inner, rest.slice(0, 1 + (option % 3)), option);
  if (model === null) return null;
  const target = { type: 'model', model } as const;
  const twins = scene.pool.filter(
    (tensor) => tensor !== x && alike(tensor.shape, x.shape) && !scene.masked.has(tensor),
  );
  const outputs = [...scene.bench.builder.apply(target, [x])];
  if (option % 2 === 1 && twins.length > 0) outputs.push(...scene.bench.builder.apply(target, [twins[0]!]));
  scene.pool.push(...outputs.slice(1).filter((tensor) => fits(tensor.shape)));
  return outputs[0]!;
}

function alike(one: Shape | null, other: Shape | null): boolean {
  return String(one) === String(other);
}
