/** A measurement that cannot be made here; the check is then inconclusive for this reason. */
export class Unmeasurable extends Error {}
