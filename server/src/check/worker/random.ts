/** A seeded stream of uniform numbers in [0, 1) (Mulberry32, public domain, T. Ettinger). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` standard normal numbers (Box and Muller 1958). */
export function normals(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * Runs `action` with a seeded `Math.random`, from which tfjs draws every seed (initializers, dropout, noise): two runs
 * with one seed draw the same masks.
 */
export function seeded<T>(seed: number, action: () => T): T {
  const original = Math.random;
  Math.random = uniform(seed);
  try {
    return action();
  } finally {
    Math.random = original;
  }
}
