import type { Verdict } from '../result';

/** The distance from 1 to the next float32. */
const EPSILON = 2 ** -23;
/** Room over the expected rounding error of one stage. */
const ROOM = 4;
/** A figure this many times over its tolerance is no rounding error. In between nothing is said. */
const MARGIN = 30;
/** Where rounding alone may reach this, relative to the values compared, float32 decides nothing. */
const USELESS = 0.01;

/**
 * The relative error that float32 leaves on a value that is free of a bias: `4 * 2^-23 * sqrt(n) * (1 + m)`.
 *
 * Every rounding has a relative error up to 2^-24; over n accumulations (positions under a mean, the fan-in of a kernel)
 * errors of random sign grow with sqrt(n) (N. Higham, Accuracy and Stability of Numerical Algorithms, section 2.8).
 * Subtracting the mean of values m standard deviations away from zero magnifies their rounding errors m times relative to
 * what is left: with a bias of 1, 100, 1e4 and 1e6 standard deviations the error of a batch norm was measured as 2.4e-7,
 * 6.4e-6, 8.6e-4 and 0.05.
 *
 * @param accumulations n
 * @param magnification m, largest absolute input over smallest standard deviation
 */
export function float32Tolerance(accumulations: number, magnification: number): number {
  return ROOM * EPSILON * Math.sqrt(Math.max(1, accumulations)) * (1 + magnification);
}

/** The verdict on "this figure is zero up to rounding". */
export function zeroVerdict(figure: number, tolerance: number): Verdict {
  if (!Number.isFinite(figure) || !(tolerance < USELESS)) return 'inconclusive';
  if (figure <= tolerance) return 'confirmed';
  return figure > MARGIN * tolerance ? 'refuted' : 'inconclusive';
}
