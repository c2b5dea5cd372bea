import type { CheckResult } from '../check';

/**
 * Results of numerical checks by the id of their finding, for as long as the sources stay what they were: a verdict on
 * other code would be a lie.
 */
export class Verdicts {
  #epoch = -1;
  readonly #results = new Map<string, CheckResult>();

  put(finding: string, result: CheckResult, epoch: number): void {
    this.#keep(epoch);
    this.#results.set(finding, result);
  }

  get(finding: string, epoch: number): CheckResult | undefined {
    return this.#epoch === epoch ? this.#results.get(finding) : undefined;
  }

  #keep(epoch: number): void {
    if (this.#epoch !== epoch) this.#results.clear();
    this.#epoch = epoch;
  }
}

/** `confirmed on tfjs-node 4.22.0`; the verdict alone where no engine came to run. */
export function verdictText({ verdict, engine }: CheckResult): string {
  return engine.version === '' ? verdict : `${verdict} on ${engine.name} ${engine.version}`;
}
