/** One undecided condition of a segment, in the order of consulting. */
interface Choice {
  readonly id: string;
  side: boolean;
  flipped: boolean;
}

/**
 * Walks through the sides of a segment's conditions, depth first, all combinations: a condition that makes no
 * difference under some sides of the others may make one under the rest.
 */
export class Choices {
  private readonly stack: Choice[] = [];

  /** The sides that the next run takes. */
  sides(): ReadonlyMap<string, boolean> {
    return new Map(this.stack.map(({ id, side }) => [id, side]));
  }

  /** How many runs there are to come at the least: every condition turns once. */
  get open(): number {
    return this.stack.filter(({ flipped }) => !flipped).length;
  }

  /**
   * Takes in what a run consulted, and moves to the next combination.
   *
   * @returns false when all have been run
   */
  advance(consulted: ReadonlyMap<string, boolean>): boolean {
    const known = new Set(this.stack.map(({ id }) => id));
    for (const [id, side] of consulted) if (!known.has(id)) this.stack.push({ id, side, flipped: false });
    while (this.stack[this.stack.length - 1]?.flipped) this.stack.pop();
    const last = this.stack[this.stack.length - 1];
    if (!last) return false;
    last.side = !last.side;
    last.flipped = true;
    return true;
  }
}
