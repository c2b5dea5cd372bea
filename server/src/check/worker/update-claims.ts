import type { Claim } from '../result';

/** @param of the parameters that are watched, in words */
export function trainsClaim(figure: number, of: string): Claim {
  return {
    claim: 'The step trains the batch norm.',
    figure,
    tolerance: 0,
    verdict: figure > 0 ? 'confirmed' : 'refuted',
    detail: `Largest change of ${of} in one step as it is written; it must be more than zero.`,
  };
}

/**
 * @param kind what the statistics are called
 * @param of the statistics that are watched, in words
 */
export function unchangedClaim(figure: number, kind: 'moving' | 'stored', of: string): Claim {
  return {
    claim: `As it is written, the step leaves the ${kind} statistics as they are.`,
    figure,
    tolerance: 0,
    verdict: figure === 0 ? 'confirmed' : 'refuted',
    detail: `Largest change of ${of} in one step; an update that is not run changes nothing at all.`,
  };
}
