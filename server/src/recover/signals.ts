import type { Frame, Loop, Try } from './machine';
import type { Value } from './values';

/** What ends the running of code before its end. Past a bound of the whole run it is a `BudgetExceeded`. */

/** Thrown very often, and never shown: it has no stack, which takes time to write. */
class Signal extends Error {
  constructor(message?: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A JavaScript exception of the program that is run. */
export class ThrowSignal extends Signal {
  constructor(readonly value: Value) {
    super('thrown by model code');
  }
}

/** Ends the call of a function that cannot touch the graph, at a condition that is not known. */
export class InertAbort extends Signal {
  constructor(readonly frame: Frame) {
    super('undecided condition in a function without effect on the graph');
  }
}

/** Ends the run of a function that nobody calls, past a bound of its own. */
export class LeftIdle extends Signal {
  constructor() {
    super('code that runs at a time that is not known takes too many steps');
  }
}

/** Leaves a loop that cannot touch the graph, at a condition that is not known. */
export class LoopAbort extends Signal {
  constructor(readonly loop: Loop) {
    super('undecided condition in a loop without effect on the graph');
  }
}

/** Leaves a `try` that cannot touch the graph, at a condition on which it depends whether something is thrown. */
export class TryAbort extends Signal {
  constructor(readonly at: Try) {
    super('an exception under an undecided condition, without effect on the graph');
  }
}

/** Ends the going through code for what it changes, where that takes too long. */
export class SweepAbort extends Signal {}
