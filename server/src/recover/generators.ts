import type { Frame, Machine } from './machine';
import { Cell } from './trail';
import { ArrayValue, type Value } from './values';

/** Ends a generator whose consumer takes no more. */
export class Enough extends Error {
  constructor(readonly generator: GeneratorValue) {
    super('a generator is left early');
  }
}

type Sink = (value: Value) => void;

const sinks = new WeakMap<Frame, Sink>();

/**
 * What the call of a generator function gives. Its body runs while somebody takes what it yields, so that what it does
 * and what its consumer does stay in the order of the program.
 */
export class GeneratorValue {
  private readonly spent = new Cell(false);

  constructor(
    /** What it was called with: handed on wherever it goes out of sight. */
    readonly held: readonly Value[],
    private readonly body: (opened: (frame: Frame) => void) => void,
  ) {}

  /** Runs the body, once; `take` is called for each value and says whether it wants more. */
  consume(m: Machine, take: (value: Value) => boolean): void {
    if (this.spent.value) return;
    this.spent.value = true;
    const [frames, loops, tries] = [m.frames.length, m.loops.length, m.tries.length];
    const sink = (value: Value): void => {
      // The consumer's code runs in the frames, loops and tries of the consumer.
      const [innerFrames, innerLoops, innerTries] = [
        m.frames.splice(frames),
        m.loops.splice(loops),
        m.tries.splice(tries),
      ];
      try {
        if (!take(value)) throw new Enough(this);
      } finally {
        m.frames.push(...innerFrames);
        m.loops.push(...innerLoops);
        m.tries.push(...innerTries);
      }
    };
    try {
      this.body((frame) => void sinks.set(frame, sink));
    } catch (error) {
      if (!(error instanceof Enough) || error.generator !== this) throw error;
    }
  }

  /** Everything that it yields, in one go. */
  all(m: Machine, most = 4096): Value[] {
    // A list of the program's own: some values may be yielded under a condition.
    const values = new ArrayValue();
    this.consume(m, (value) => {
      values.push(value);
      return values.length < most;
    });
    return [...values.items];
  }
}

/** `yield value` in the frame that runs. */
export function yieldValue(m: Machine, value: Value): void {
  const { frame } = m;
  if (frame) sinks.get(frame)?.(value);
}

/** `yield* generator`: what the inner one yields goes to the consumer of the outer one. */
export function yieldAll(m: Machine, generator: GeneratorValue): void {
  generator.consume(m, (value) => {
    yieldValue(m, value);
    return true;
  });
}
