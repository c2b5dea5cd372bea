import type { Machine } from '../machine';
import { TrailedMap } from '../trail';
import type { Value } from '../values';

const patches = new WeakMap<Machine, TrailedMap<string, Value>>();

/** `tf.layers.conv2d = ...`: from here on, the program's tfjs has something else at this access path. */
export function patchApi(m: Machine, path: string, value: Value): void {
  let patched = patches.get(m);
  if (!patched) patches.set(m, (patched = new TrailedMap(0)));
  patched.set(path, value);
}

/** What the program has put at an access path of tfjs; undefined where nothing. */
export function patchedApi(m: Machine, path: string): Value {
  return patches.get(m)?.get(path);
}
