import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import vm from 'node:vm';
import type { Tf } from './build';

/** A tfjs to measure with, and what its numbers can tell. */
export interface Arithmetic {
  readonly tf: Tf;
  /** Differences below are rounding. */
  readonly rounding: number;
  /** Differences above are dependence. Of those between nothing is told: other data may show more. */
  readonly dependence: number;
}

/** What native kernels compute with. A deep graph may magnify its rounding until it looks like dependence. */
export function float32(tf: Tf): Arithmetic {
  return { tf, rounding: 1e-4, dependence: 1e-3 };
}

let loaded: Arithmetic | null = null;

/**
 * The kernels of tfjs in pure JavaScript on arrays of doubles, where rounding is told from a small dependence: in 6,000
 * random graphs the one stayed below 5e-13, and the other above 1e-7; in float32 both reach 1e-4.
 *
 * tfjs has no dtype for doubles, but keeps the values of a `float32` tensor in what its modules call `Float32Array`. Here
 * they are loaded once more, with that name bound to `Float64Array`, and with a global object of their own, where tfjs
 * keeps its engine.
 */
export async function doubles(): Promise<Arithmetic> {
  if (loaded === null) {
    const tf = loadWith(Float64Array);
    await tf.setBackend('cpu');
    loaded = { tf, rounding: 1e-10, dependence: 1e-9 };
  }
  return loaded;
}

function loadWith(floats: typeof Float64Array): Tf {
  const globals = {};
  const types = { ...util.types, isFloat32Array: (value: unknown) => value instanceof floats };
  const modules = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const requireFrom = createRequire(file);
    const requires = (name: string): unknown => {
      if (name === 'util') return { ...util, types };
      return name.startsWith('@tensorflow/') ? load(requireFrom.resolve(name)) : requireFrom(name);
    };
    const names = ['exports', 'require', 'module', '__filename', '__dirname', 'Float32Array', 'global'];
    const run = vm.compileFunction(readFileSync(file, 'utf8'), names, { filename: file }) as (
      ...args: unknown[]
    ) => void;
    run(module.exports, requires, module, file, path.dirname(file), floats, globals);
    return module.exports;
  };
  return load(require.resolve('@tensorflow/tfjs')) as Tf;
}
