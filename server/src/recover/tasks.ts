import ts from 'typescript';
import { mayHaveRun, States } from './changes';
import type { Frame, Machine } from './machine';
import { Changes, noting, trail, type Changed } from './trail';

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

/** Frames whose caller has gone on: the task that it goes on in, and what the frame had changed until then. */
const ofFrames = new WeakMap<Frame, { readonly task: Task | null; readonly before: States }>();

/** Runs the callback of a promise: later, if nobody waits for it. */
export function runLater<T>(m: Machine, node: ts.Node, run: () => T): T {
  const before = m.task;
  if (isAwaited(node)) return run();
  m.task = new Task(before);
  const changes = new Changes();
  try {
    const result = noting(changes, run);
    mayHaveRun(m, changes, node);
    return result;
  } finally {
    m.task = before;
  }
}

/** From its first `await` on, the function of a frame runs later, if nobody waits for its call. */
export function awaiting(m: Machine, frame: Frame, call: ts.Node): void {
  if (ofFrames.has(frame) || isAwaited(call)) return;
  const changed: Changed[] = [];
  for (let at = trail().changes; at; at = at.outer) changed.push(...at.all());
  ofFrames.set(frame, { task: m.task, before: new States(changed) });
  m.task = new Task(m.task);
}

/** The end of a call: whatever it has put off, the caller goes on now. */
export function leaveFrame(m: Machine, frame: Frame): void {
  if (ofFrames.has(frame)) m.task = ofFrames.get(frame)!.task;
}

/** What the function of a frame had changed when its caller went on, if it did before it was through. */
export function doneAtOnce(frame: Frame): States | undefined {
  return ofFrames.get(frame)?.before;
}

/** Whether the code around a promise goes on only when it is settled; what is given back is the caller's business. */
export function isAwaited(node: ts.Node): boolean {
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
