/**
 * The q-quantile (0 to 1) of the values by the nearest-rank method: always one of the values.
 *
 * @param {readonly number[]} values at least one
 */
export function quantile(values, q) {
  if (values.length === 0) throw new RangeError('a quantile of no values');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  return quantile(values, 0.5);
}

/** A generator of the same numbers in [0, 1) on every machine (Park and Miller's minimal standard generator). */
export function random(seed) {
  let state = seed % 2147483647 || 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
