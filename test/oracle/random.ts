/** A stream of numbers in [0, 1) that depends on the seed alone (mulberry32, public domain). */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normally distributed numbers (Box and Muller 1958). */
export function normals(count: number, sd: number, next: () => number): number[] {
  return Array.from({ length: count }, () => {
    return sd * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  });
}

/** Runs `body` with `Math.random` replaced by a seeded stream: tfjs draws the seeds of its noise from it. */
export function withRandom<T>(seed: number, body: () => T): T {
  const original = Math.random;
  Math.random = randomStream(seed);
  try {
    return body();
  } finally {
    Math.random = original;
  }
}

/** Every sample of a sequence ends in another number of zero steps, which `masking` masks. */
export function someStepsZero(shape: readonly number[], next: () => number): number[] {
  const values = normals(
    shape.reduce((product, size) => product * size, 1),
    1,
    next,
  );
  const [, steps, features] = shape as [number, number, number];
  return values.map((value, index) => {
    const sample = Math.floor(index / (steps * features));
    return Math.floor(index / features) % steps >= steps - sample ? 0 : value;
  });
}
