/** Bounds that end every run. Past them the verdict is unknown, hence silent. */
export const limits = {
  /** Statements and expressions of one run of a segment. */
  steps: 100_000,
  /** Steps of one call that builds nothing, all that it calls included; after that it is not followed to its end. */
  inertSteps: 10_000,
  /** Steps of one run of a function that nobody calls, for what it changes. */
  idleSteps: 200,
  /** Steps over all runs of one root. */
  totalSteps: 150_000,
  callDepth: 160,
  /** How often one function may stand on the call stack. */
  recursion: 24,
  /** Iterations of one loop with known bounds; after that what it assigns becomes unknown. */
  iterations: 256,
  /** Turns of a loop that cannot touch the graph. */
  inertTurns: 24,
  /** Conditions one behind the other by which code that cannot touch the graph ends in another way. */
  forks: 12,
  /** Steps of one run in calls of functions that build nothing and end in several ways. */
  forkedSteps: 4_000,
  /** Steps of one run in calls of one function that builds nothing, and was not followed to its end in them. */
  vainSteps: 600,
  /** Steps of one run that go through code for what it changes. */
  sweptSteps: 4_000,
  /** Turns of all loops of one run of a segment; after that a loop that builds nothing is not followed to its end. */
  turns: 500,
  /** Steps over all runs of one root, of segments whose conditions are joined. */
  joinedSteps: 120_000,
  /** Worlds of one entry point. */
  worlds: 48,
  /** Steps over all runs of a segment after which it is told whether its worlds can bear a finding; if not, it is left. */
  fruitlessSteps: 3_000,
  /** Worlds of an entry point after which it is left, if none has had anything of a graph. */
  idleWorlds: 6,
  /** Steps over all runs of a segment after which two such worlds are enough to join its conditions. */
  idleCost: 8_000,
} as const;

/** Thrown past a bound; the whole run is discarded. */
export class BudgetExceeded extends Error {}
