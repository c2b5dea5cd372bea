import type ts from 'typescript';
import type { Silence, World } from '../graph';
import { Choices } from './choices';
import { nextEntry, runEntry, type Entry } from './entries';
import type { SourceHost } from './host';
import type { Recovered, RecoverOptions } from './index';
import { BudgetExceeded, limits, Machine, ThrowSignal } from './machine';
import { fingerprint } from './fingerprint';
import { Modules } from './modules';
import { syntaxErrors, type SourceCache } from './sources';
import { fileOf, functionKey, placeOf } from './syntax';
import { settleConfigs } from './tf/config';
import { linkModel } from './tf/models';

/**
 * Explores the worlds of one root file.
 *
 * The file's top level is the first segment, each entry point (see entries.ts) a further one. A world of a segment is
 * one run of everything before it, by the first side of every condition, and of the segment itself by the sides that
 * the world stands for. A condition that was decided before the segment and is consulted in it is explored too.
 */
export function recoverRoot(host: SourceHost, sources: SourceCache, root: string, options: RecoverOptions): Recovered {
  const source = sources.get(root);
  const dependencies = new Set([root]);
  const calledElsewhere = new Set<string>();
  const silences = new Map<string, Silence>();
  const worlds: World[] = [];
  if (!source) {
    return { file: root, worlds, silences: [], dependencies: [root], calledElsewhere: [], syntaxErrors: [] };
  }
  const called = options.called ?? new Set<string>();
  const cancelled = options.cancelled ?? (() => false);
  const entries: ts.Node[] = [];
  const skipped = new Set<ts.Node>();
  let total = 0;

  const runOnce = (target: ts.Node | null, sides: ReadonlyMap<string, boolean>): { m: Machine; run: SegmentRun } => {
    const modules = new Modules(host, sources);
    const m = new Machine(modules, sides, cancelled);
    try {
      return { m, run: runSegments(m, source, root, entries, target, called, skipped) };
    } finally {
      total += m.stepCount;
      for (const file of modules.dependencies) dependencies.add(file);
      for (const node of m.called) if (fileOf(node) !== root) calledElsewhere.add(functionKey(node));
      for (const { node } of m.instances.keys()) if (fileOf(node) !== root) calledElsewhere.add(functionKey(node));
      for (const silence of m.silences)
        silences.set(`${silence.place.file}:${silence.place.start}:${silence.reason}`, silence);
    }
  };

  const explore = (target: ts.Node | null): ts.Node | null => {
    const choices = new Choices();
    const found = new Map<string, World>();
    let next: ts.Node | null = null;
    for (let count = 0; ; count++) {
      if (count >= limits.worlds || total > limits.totalSteps) {
        throw new BudgetExceeded('too many conditions are not known');
      }
      const { m, run } = runOnce(target, choices.sides());
      if (count === 0) next = run.next;
      const graph = m.builder.finish();
      const print = run.grew ? fingerprint(graph) : '';
      if (run.grew) merge(found, print, { graph, decisions: [...m.decisions.values()] });
      if (!choices.advance(m.consulted)) break;
      if (found.size === 0 && count >= limits.idleWorlds) break;
    }
    worlds.push(...found.values());
    return next;
  };

  for (let target: ts.Node | null = null; ;) {
    let next: ts.Node | null;
    try {
      next = explore(target);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      const at = target ?? source;
      silences.set(`${root}:${at.pos}`, { place: placeOf(at), reason: error.message });
      if (cancelled() || total > limits.totalSteps || target === null) break;
      // Left out from here on: what it would have made is not known.
      skipped.add(target);
      target = nextAfter(host, sources, source, root, entries, called, skipped, cancelled);
      if (!target) break;
      continue;
    }
    if (!next || entries.includes(next)) break;
    if (target) entries.push(target);
    target = next;
  }
  return {
    file: root,
    worlds,
    silences: [...silences.values()],
    dependencies: [...dependencies],
    calledElsewhere: [...calledElsewhere],
    syntaxErrors: syntaxErrors(source),
  };
}

interface SegmentRun {
  /** Whether the explored segment made or changed anything of the graph. */
  readonly grew: boolean;
  /** The entry that comes after it. */
  readonly next: ts.Node | null;
}

/** Worlds with the same graph are one, in which only the decisions that they share are made. */
function merge(found: Map<string, World>, print: string, world: World): void {
  const twin = found.get(print);
  if (!twin) {
    found.set(print, world);
    return;
  }
  const sides = new Map(world.decisions.map(({ id, value }) => [id, value]));
  found.set(print, { graph: twin.graph, decisions: twin.decisions.filter(({ id, value }) => sides.get(id) === value) });
}

/** Runs the top level and the entries up to `target`; the last of them is explored. */
function runSegments(
  m: Machine,
  source: ts.SourceFile,
  root: string,
  before: readonly ts.Node[],
  target: ts.Node | null,
  called: ReadonlySet<string>,
  skipped: ReadonlySet<ts.Node>,
): SegmentRun {
  const done = new Set<ts.Node>(skipped);
  m.exploring = target === null && before.length === 0;
  runGuarded(() => m.modules.load(m, root));
  let grew = m.events > 0;
  const segments = target === null ? before : [...before, target];
  for (const node of segments) {
    const entry = nextEntry(m, source, done, called);
    done.add(node);
    m.exploring = node === target;
    const start = m.events;
    const wanted: Entry | null = entry?.node === node ? entry : findEntry(m, source, done, called, node);
    if (wanted) runGuarded(() => runEntry(wanted));
    grew = node === target ? m.events > start : grew;
  }
  if (target !== null) done.add(target);
  m.exploring = false;
  const next = nextEntry(m, source, done, called)?.node ?? null;
  for (const model of m.modelValues) linkModel(m, model);
  m.exploring = true;
  settleConfigs(m);
  m.exploring = false;
  return { grew, next };
}

/** The entry of a given node where another one would come first in this world. */
function findEntry(
  m: Machine,
  source: ts.SourceFile,
  done: ReadonlySet<ts.Node>,
  called: ReadonlySet<string>,
  node: ts.Node,
): Entry | null {
  const others = new Set(done);
  others.delete(node);
  for (;;) {
    const entry = nextEntry(m, source, others, called);
    if (!entry || entry.node === node) return entry;
    others.add(entry.node);
  }
}

function runGuarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
  }
}

/** What comes after the entries so far, where a segment could not be explored. */
function nextAfter(
  host: SourceHost,
  sources: SourceCache,
  source: ts.SourceFile,
  root: string,
  entries: readonly ts.Node[],
  called: ReadonlySet<string>,
  skipped: ReadonlySet<ts.Node>,
  cancelled: () => boolean,
): ts.Node | null {
  const m = new Machine(new Modules(host, sources), new Map(), cancelled);
  try {
    return runSegments(m, source, root, entries, null, called, skipped).next;
  } catch (error) {
    if (error instanceof BudgetExceeded) return null;
    throw error;
  }
}
