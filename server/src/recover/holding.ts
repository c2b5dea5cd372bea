import type { Machine } from './machine';
import { Deferred, knownTruth, UnknownValue, type Value } from './values';

/** Which unknown truth values are comparisons of an unknown value with a constant. */
export const comparisons = new WeakMap<UnknownValue, { of: UnknownValue; constant: Value }>();

/** What follows from the sides of conditions that code runs on. */
export class Holding {
  private readonly sides: Map<string, boolean>;
  /** What values are that are compared, by the comparisons that hold. */
  private readonly equal: Map<string, Value>;
  /** Conditions of which it depends on others what follows from them. */
  private readonly open: readonly (readonly [condition: Value, holds: boolean])[];

  constructor(
    outer: Holding | null,
    conditions: Iterable<readonly [condition: Value, holds: boolean]>,
    private readonly m: Machine,
  ) {
    this.sides = new Map(outer?.sides);
    this.equal = new Map(outer?.equal);
    let open: (readonly [Value, boolean])[] = [...(outer?.open ?? []), ...conditions];
    for (let known = -1; this.sides.size > known;) {
      known = this.sides.size;
      open = open.filter(([at, side]) => !this.follow(at, side));
    }
    this.open = open;
  }

  side(condition: UnknownValue): boolean | null {
    const side = this.sides.get(condition.id) ?? this.m.decided(condition);
    if (side !== null) return side;
    const comparison = comparisons.get(condition);
    return comparison && this.equal.has(comparison.of.id)
      ? this.equal.get(comparison.of.id) === comparison.constant
      : null;
  }

  /** Takes in what follows from a condition; whether that is all there is in it. */
  private follow(value: Value, holds: boolean): boolean {
    const condition = this.m.resolve(value);
    if (condition instanceof UnknownValue) {
      this.sides.set(condition.id, holds);
      const comparison = comparisons.get(condition);
      if (comparison && holds) this.equal.set(comparison.of.id, comparison.constant);
      return true;
    }
    if (!(condition instanceof Deferred)) return true;
    const side = this.side(condition.condition);
    if (side !== null) return this.follow(side ? condition.whenTrue : condition.whenFalse, holds);
    for (const first of [true, false]) {
      const other = first ? condition.whenFalse : condition.whenTrue;
      const truth = other instanceof UnknownValue && other.id === condition.condition.id ? !first : this.truth(other);
      if (truth !== !holds) continue;
      this.follow(condition.condition, first);
      return this.follow(first ? condition.whenTrue : condition.whenFalse, holds);
    }
    return false;
  }

  private truth(value: Value): boolean | null {
    const at = this.m.resolve(value);
    if (at instanceof UnknownValue) return this.side(at);
    if (!(at instanceof Deferred)) return knownTruth(at);
    const side = this.side(at.condition);
    if (side !== null) return this.truth(side ? at.whenTrue : at.whenFalse);
    const truth = this.truth(at.whenTrue);
    return truth !== null && truth === this.truth(at.whenFalse) ? truth : null;
  }
}
