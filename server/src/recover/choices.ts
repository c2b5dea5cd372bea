/** One undecided condition of a segment, in the order of consulting. */
interface Choice {
  readonly id: string;
  side: boolean;
  flipped: boolean;
  /** What the first side led to. */
  readonly print: string;
}

/** The same condition met again, in a further turn of a loop or a further call, is of one kind. */
function kindOf(id: string): string {
  return id.replace(/#\d+/g, '');
}

/** How often both sides of a condition must have led to the same graph before it is taken to make no difference. */
const SAME = 2;

/**
 * Walks through the sides of a segment's conditions, depth first. A condition both sides of which have led to the same
 * graph twice, and never to different ones, is left at its first side from then on: it does not multiply the worlds.
 */
export class Choices {
  private readonly stack: Choice[] = [];
  private readonly same = new Map<string, number>();
  private readonly different = new Set<string>();

  /** The sides that the next run takes. */
  sides(): ReadonlyMap<string, boolean> {
    return new Map(this.stack.map(({ id, side }) => [id, side]));
  }

  /**
   * Takes in what a run consulted and what graph it led to, and moves to the next combination.
   *
   * @returns false when all have been run
   */
  advance(consulted: ReadonlyMap<string, boolean>, print: string): boolean {
    this.judge(print);
    const known = new Set(this.stack.map(({ id }) => id));
    for (const [id, side] of consulted) {
      if (!known.has(id) && !this.idle(kindOf(id))) this.stack.push({ id, side, flipped: false, print });
    }
    while (this.stack.length > 0) {
      const last = this.stack[this.stack.length - 1]!;
      if (!last.flipped && !this.idle(kindOf(last.id))) {
        last.side = !last.side;
        last.flipped = true;
        return true;
      }
      this.stack.pop();
    }
    return false;
  }

  /** Compares the run of a side just flipped with that of its first side: all before it in the stack is the same. */
  private judge(print: string): void {
    const last = this.stack[this.stack.length - 1];
    if (!last?.flipped) return;
    const kind = kindOf(last.id);
    if (last.print === print) this.same.set(kind, (this.same.get(kind) ?? 0) + 1);
    else this.different.add(kind);
  }

  private idle(kind: string): boolean {
    return !this.different.has(kind) && (this.same.get(kind) ?? 0) >= SAME;
  }
}
