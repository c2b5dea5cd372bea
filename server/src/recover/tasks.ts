import ts from 'typescript';
import type { Frame, Machine } from './machine';

/**
 * Asynchronous code is run where it is started, which is the order of the program as long as somebody waits for it.
 * What nobody waits for runs later: it is a task of its own, and what it adds to a model comes at a time that is not
 * known.
 */
export class Task {
  constructor(private readonly parent: Task | null) {}

  /** Whether what happened in `earlier` is over, or has been started, before what happens in this task. */
  follows(earlier: Task | null): boolean {
    return earlier === null || earlier === this || (this.parent?.follows(earlier) ?? false);
  }
}

const ofFrames = new WeakMap<Frame, Task | null>();

/** Runs the callback of a promise: later, if nobody waits for it. */
export function runLater<T>(m: Machine, node: ts.Node, run: () => T): T {
  const before = m.task;
  if (!isAwaited(node)) m.task = new Task(before);
  try {
    return run();
  } finally {
    m.task = before;
  }
}

/** From its first `await` on, the function of a frame runs later, if nobody waits for its call. */
export function awaiting(m: Machine, frame: Frame, call: ts.Node): void {
  if (ofFrames.has(frame) || isAwaited(call)) return;
  ofFrames.set(frame, m.task);
  m.task = new Task(m.task);
}

/** The end of a call: whatever it has put off, the caller goes on now. */
export function leaveFrame(m: Machine, frame: Frame): void {
  if (ofFrames.has(frame)) m.task = ofFrames.get(frame)!;
}

/** Whether the code around a promise goes on only when it is settled; what is given back is the caller's business. */
function isAwaited(node: ts.Node): boolean {
  let at = node;
  for (;;) {
    const { parent } = at;
    if (ts.isAwaitExpression(parent) || ts.isReturnStatement(parent) || ts.isArrowFunction(parent)) return true;
    if (ts.isYieldExpression(parent) || ts.isForOfStatement(parent)) return true;
    const passes =
      ts.isParenthesizedExpression(parent) ||
      ts.isAsExpression(parent) ||
      ts.isNonNullExpression(parent) ||
      ts.isArrayLiteralExpression(parent) ||
      ts.isConditionalExpression(parent) ||
      // `promise.then(f)`, `Promise.all(promises)`
      (ts.isPropertyAccessExpression(parent) && parent.expression === at) ||
      ts.isCallExpression(parent);
    if (!passes) return false;
    at = parent;
  }
}
