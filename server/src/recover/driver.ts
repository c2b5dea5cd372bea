import ts from 'typescript';
import { placeKey, type Decision, type ModelGraph, type Place, type Silence, type World } from '../graph';
import { havocIdle } from './idle';
import { Choices } from './choices';
import { findEntry, nextEntry, runEntry, type Entry, type Judged } from './entries';
import { fingerprint } from './fingerprint';
import type { SourceHost } from './host';
import { functionLikeName } from './functions';
import type { LeftOut, Recovered, RecoverOptions } from './index';
import { BudgetExceeded, limits } from './limits';
import { Machine } from './machine';
import { mentionsIn, predictingIn } from './mentions';
import { Modules } from './modules';
import { reachOf, type Reach } from './reach';
import { mayNormalise } from './relevance';
import { Shapes } from './shaped';
import { syntaxErrors, type SourceCache } from './sources';
import { fileOf, functionKey, placeOf } from './syntax';
import { settledConfig } from './tf/config';
import { linkModel } from './tf/models';

const NO_SIDES: ReadonlyMap<string, boolean> = new Map();

/** Explores the worlds of one root file. */
export function recoverRoot(host: SourceHost, sources: SourceCache, root: string, options: RecoverOptions): Recovered {
  const source = sources.get(root);
  if (!source) {
    const nothing = {
      worlds: [],
      silences: [],
      calledElsewhere: [],
      mentions: [],
      predicting: [],
      leftOut: [],
      reopened: [],
      syntaxErrors: [],
    };
    return { file: root, dependencies: [root], ...nothing };
  }
  return new Recovery(host, sources, root, source, options).run();
}

/**
 * The file's top level is the first segment, each entry point (see entries.ts) a further one. A world of a segment is
 * one run of everything before it, by the first side of every condition, and of the segment itself by the sides that
 * the world stands for; its graph is what the segment made or changed, with all that hangs together with it. A
 * condition that was decided before the segment and is consulted in it is explored too.
 *
 * One machine runs all segments by their first sides. The other worlds of a segment start from its state before the
 * segment, which is taken back after each; only where one needs another side of a condition decided earlier, all that
 * comes before is run again, in a machine of its own. A segment with more worlds than can be run is run once more,
 * with those conditions joined under which nothing is built (see `Machine.joins`).
 */
class Recovery {
  private readonly main: Machine;
  private other: Machine | null = null;
  /** The sides that the other machine was run by. */
  private otherSides: ReadonlyMap<string, boolean> = NO_SIDES;
  /** Segments that have been run, in order; null is the top level. */
  private readonly before: (ts.Node | null)[] = [];
  private readonly skipped = new Set<ts.Node>();
  /** Segments whose conditions are joined where nothing is built. */
  private readonly joined = new Set<ts.Node | null>();
  /** By name, the conditions of the segments so far on which it depends what the name holds. */
  private readonly shaped = new Map<string, Set<string>>();
  private readonly worlds: World[] = [];
  private readonly dependencies: Set<string>;
  private readonly calledElsewhere = new Set<string>();
  private readonly leftOut: LeftOut[] = [];
  /** What segments that are left out can call. */
  private readonly reopened = new Set<ts.Node>();
  private readonly reopenedElsewhere = new Set<string>();
  /** What the segment that is explored calls, in any of its worlds. */
  private calls = noCalls();
  private readonly silences = new Map<string, Silence>();
  private readonly called: ReadonlySet<string>;
  private readonly cancelled: () => boolean;
  private readonly anew: boolean;
  /** Whether something of a graph so far normalises. */
  private normalised = false;
  /** Steps of machines that are no longer used. */
  private spent = 0;
  private spentAside = 0;
  /** Steps of explorations that have failed, and of what was run anew before a segment. */
  private inVain = 0;

  constructor(
    private readonly host: SourceHost,
    private readonly sources: SourceCache,
    private readonly root: string,
    private readonly source: ts.SourceFile,
    options: RecoverOptions,
  ) {
    this.dependencies = new Set([root]);
    this.called = options.called ?? new Set<string>();
    this.cancelled = options.cancelled ?? (() => false);
    this.anew = options.anew ?? false;
    this.main = new Machine(new Modules(host, sources), this.cancelled, this.shaped);
  }

  run(): Recovered {
    for (let entry: Entry | null = null; ;) {
      const { total } = this;
      try {
        this.explore(entry);
        this.before.push(entry?.node ?? null);
      } catch (error) {
        if (!(error instanceof BudgetExceeded)) throw error;
        const at = entry?.node ?? this.source;
        this.silences.set(`${this.root}:${at.pos}`, { place: placeOf(at), reason: error.message });
        this.giveUp(entry?.node ?? null, error.message);
        this.inVain += this.total - total;
        if (this.cancelled() || this.counted > limits.totalSteps + limits.joinedSteps || !entry) break;
      }
      entry = nextEntry(this.main, this.source, this.judged(this.done()));
      if (!entry) break;
    }
    return {
      file: this.root,
      worlds: this.worlds,
      silences: [...this.silences.values()],
      dependencies: [...this.dependencies],
      calledElsewhere: [...this.calledElsewhere],
      mentions: mentionsIn(this.source),
      predicting: this.predicting(),
      leftOut: this.leftOut,
      reopened: [...this.reopenedElsewhere],
      syntaxErrors: syntaxErrors(this.source),
    };
  }

  private predicting(): readonly string[] {
    return [...new Set(this.files().flatMap(predictingIn))];
  }

  /** Explores a segment; where it has too many worlds, with the conditions joined under which nothing is built. */
  private explore(entry: Entry | null): void {
    const { total } = this;
    try {
      this.exploreWorlds(entry, limits.totalSteps);
    } catch (error) {
      if (!(error instanceof BudgetExceeded) || this.cancelled()) throw error;
      this.rewind();
      this.joined.add(entry?.node ?? null);
      const failed = this.total - total;
      this.exploreWorlds(entry, limits.totalSteps + limits.joinedSteps);
      this.inVain += failed;
    }
  }

  /**
   * Whether the worlds of a segment can bear a finding: something in its reach normalises, or a model that is there does.
   * Where they cannot, they tell no more than what else the layers are used for that others make, and are not run to
   * their end.
   */
  private isFruitful(node: Entry['node'] | null): boolean {
    if (this.normalised || reachOf(node, this.files()).normalises) return true;
    // Tables in JSON name layers too.
    return [...this.dependencies].some((file) => file.endsWith('.json') && mayNormalise(this.host.read(file) ?? ''));
  }

  private files(): readonly ts.SourceFile[] {
    return [...this.dependencies].flatMap((file) => this.sources.get(file) ?? []);
  }

  /** Runs a segment in all its worlds, and leaves the machine behind it as its first world does. */
  private exploreWorlds(entry: Entry | null, mostSteps: number): void {
    const { main } = this;
    const node = entry?.node ?? null;
    const first = entry ?? this.topLevel(main);
    const choices = new Choices();
    const found: World[] = [];
    const shapes = new Shapes();
    main.mark();
    this.calls = noCalls();
    const { cost } = this;
    let bearing: boolean | null = null;
    // Whether the main machine stands behind the segment as its first world leaves it.
    let isFirst = false;
    let count = 0;
    for (let more = true; more; count++) {
      // Every condition that is open yet is one more run at the least.
      // Running everything before a world anew takes steps of its own: that they are many is no bound of the code.
      const isLong = !this.anew && this.counted + choices.open * main.stepCount > mostSteps;
      if (count + choices.open >= limits.worlds || isLong)
        throw new BudgetExceeded('too many conditions are not known');
      if (found.length === 0 && count > limits.idleWorlds) break;
      const isWorth = (): boolean => this.anew || (bearing ??= this.isFruitful(node));
      const spent = this.anew ? 0 : this.cost - cost;
      if (count > 0 && spent > limits.fruitlessSteps && !isWorth()) break;
      if (count > 1 && found.length === 0 && spent > limits.idleCost && !this.joined.has(node))
        throw new BudgetExceeded('too many conditions are not known');
      const sides = choices.sides();
      isFirst = count === 0 && !this.anew;
      const m = isFirst ? main : this.machineFor(sides, isWorth);
      if (!m) break;
      this.runSegment(m, node, m === main ? first : this.segment(m, node, this.done()), sides);
      const world = this.take(m);
      if (world) found.push(world);
      more = choices.advance(m.consulted);
      if (more || count > 0) shapes.add(m);
    }
    shapes.into(this.shaped);
    if (!isFirst) {
      this.rewind();
      this.runSegment(main, node, first, NO_SIDES);
    }
    main.begin(NO_SIDES, false);
    if (bearing === false) {
      this.noteReach(node);
      this.reopen();
    }
    for (const key of this.calls.elsewhere.keys()) this.calledElsewhere.add(key);
    this.worlds.push(...merged(found));
  }

  /** Runs a segment; null where there is no such entry in the state of this machine. */
  private runSegment(
    m: Machine,
    node: ts.Node | null,
    segment: Pick<Entry, 'run'> | null,
    sides: ReadonlyMap<string, boolean>,
    exploring = true,
  ): void {
    m.begin(sides, exploring, this.joined.has(node));
    if (segment) runEntry(segment);
    for (const model of m.modelValues.values()) linkModel(m, model);
  }

  /**
   * Leaves a segment out: what it would have made is not known. What it can call is judged by itself too, whoever else
   * calls it, as the segment may call it otherwise. Where the segment trains, or may train, on stored statistics, biases
   * that look redundant are not: then nobody may judge what it can call.
   */
  private giveUp(node: Entry['node'] | null, reason: string): void {
    if (node) this.skipped.add(node);
    for (const m of [this.main, this.other]) if (m) this.note(m);
    const { trains } = this.noteReach(node);
    if (trains && this.calls.training !== 'batch') {
      const called = [...[...this.calls.own].map(placeOf), ...this.calls.elsewhere.values()];
      this.leftOut.push({ name: nameOf(node, this.root), reason, functions: called });
      for (const at of this.calls.own) this.skipped.add(at);
      for (const key of this.calls.elsewhere.keys()) this.calledElsewhere.add(key);
    } else this.reopen();
    this.rewind();
  }

  /** Notes all that a segment can call. */
  private noteReach(node: Entry['node'] | null): Reach {
    const reach = reachOf(node, this.files());
    for (const at of reach.functions) this.noteCall(at);
    return reach;
  }

  /** What a segment calls is judged by itself too. */
  private reopen(): void {
    for (const at of this.calls.own) this.reopened.add(at);
    for (const key of this.calls.elsewhere.keys()) this.reopenedElsewhere.add(key);
  }

  /** Takes back what the main machine has run of a segment. */
  private rewind(): void {
    this.drop();
    this.main.activate();
    this.main.undo();
  }

  /** The world that a machine has just run; null where there is nothing of a graph in it. */
  private take(m: Machine): World | null {
    this.note(m);
    for (const { runs } of m.builder.finish().steps) {
      const batch = runs.every(({ mode }) => mode === 'batch');
      this.calls.training = batch && this.calls.training !== 'stored' ? 'batch' : 'stored';
    }
    if (!m.grew) return null;
    const graph = m.builder.grown((config) => settledConfig(m, config));
    this.normalised ||= normalises(graph);
    // Tensors alone, made or handed on, are nobody's business.
    if ([graph.layers, graph.applications, graph.models, graph.steps].every((list) => list.length === 0)) return null;
    return { graph, root: this.root, decisions: [...m.decisions.values()], outcomes: [...m.outcomes.values()] };
  }

  /** The machine, right before the segment, in which these sides can be taken; null where it is not worth to make one. */
  private machineFor(sides: ReadonlyMap<string, boolean>, isWorth: () => boolean): Machine | null {
    for (const m of this.anew ? [] : [this.main, this.other]) {
      if (!m) continue;
      m.activate();
      m.undo();
      if (this.stands(m, sides)) return m;
    }
    // It runs all again that has been run so far.
    if (this.cost > limits.fruitlessSteps && !isWorth()) return null;
    this.drop();
    const m = new Machine(new Modules(this.host, this.sources), this.cancelled, this.shaped);
    this.other = m;
    this.otherSides = sides;
    const done = new Set(this.skipped);
    for (const node of this.before) {
      this.runSegment(m, node, this.segment(m, node, done), sides, false);
      if (node) done.add(node);
    }
    this.inVain += m.totalSteps;
    m.mark();
    return m;
  }

  /** Whether a machine has decided everything before the segment by these sides, and other conditions by their first ones. */
  private stands(m: Machine, sides: ReadonlyMap<string, boolean>): boolean {
    return [...m.decisions.values()].every(({ id, value }) => {
      const side = sides.get(id) ?? this.main.decisions.get(id)?.value;
      return side === undefined ? !this.otherSides.has(id) : side === value;
    });
  }

  /** A segment by its node, in a machine that may be in another state than the main one. */
  private segment(m: Machine, node: ts.Node | null, done: ReadonlySet<ts.Node>): Pick<Entry, 'run'> | null {
    return node ? findEntry(m, this.source, this.judged(done), node) : this.topLevel(m);
  }

  private topLevel(m: Machine): Pick<Entry, 'run'> {
    const run = (): void => {
      try {
        m.modules.load(m, this.root);
      } finally {
        havocIdle(m, [...m.instances, ...[...m.constructed.values()].map((made) => [null, made] as const)]);
      }
    };
    return { run };
  }

  private done(): Set<ts.Node> {
    return new Set([...this.skipped, ...this.before.filter((node) => node !== null)]);
  }

  private judged(done: ReadonlySet<ts.Node>): Judged {
    return { done, called: this.called, reopened: this.reopened };
  }

  private drop(): void {
    this.spent += this.other?.totalSteps ?? 0;
    this.spentAside += this.other?.asideSteps ?? 0;
    this.other = null;
  }

  private noteCall(node: ts.Node): void {
    if (fileOf(node) === this.root) this.calls.own.add(node);
    else this.calls.elsewhere.set(functionKey(node), placeOf(node));
  }

  /** All steps, those included that count for no bound of the code. */
  private get cost(): number {
    return this.total + this.spentAside + this.main.asideSteps + (this.other?.asideSteps ?? 0);
  }

  /** The steps that the bounds of a root are about: those in vain do not take those of the segments to come, up to a bound. */
  private get counted(): number {
    return this.total - Math.min(this.inVain, limits.totalSteps);
  }

  private get total(): number {
    return this.spent + this.main.totalSteps + (this.other?.totalSteps ?? 0);
  }

  private note(m: Machine): void {
    for (const file of m.modules.dependencies) this.dependencies.add(file);
    for (const node of m.called) this.noteCall(node);
    for (const { node } of m.instances.keys()) this.noteCall(node);
    for (const silence of m.silences.values())
      this.silences.set(`${placeKey(silence.place)} ${silence.reason}`, silence);
  }
}

/** Whether there is batch norm in a graph, or a part of it that is written out by hand. */
function normalises({ layers, applications }: ModelGraph): boolean {
  return (
    layers.some(({ kind }) => kind === 'batchNormalization') ||
    applications.some(({ target }) => target.type === 'op' && NORMALISING.test(target.name))
  );
}

const NORMALISING = /^(batchNorm|moments|squaredDifference|r?sqrt)/;

/** What an entry point is called in a sentence. */
function nameOf(node: Entry['node'] | null, root: string): string {
  const file = root.slice(root.lastIndexOf('/') + 1);
  if (!node) return `the code of ${file}`;
  const name = ts.isClassLike(node) ? (node.name?.text ?? null) : functionLikeName(node);
  return name === null ? `a function of ${file}` : `\`${name}\` of ${file}`;
}

interface Calls {
  /** Functions and classes of other files, by key. */
  readonly elsewhere: Map<string, Place>;
  /** Functions and classes of the root file. */
  readonly own: Set<ts.Node>;
  /** On which statistics the gradient steps seen so far run batch norm; null before any. */
  training: 'batch' | 'stored' | null;
}

function noCalls(): Calls {
  return { elsewhere: new Map(), own: new Set(), training: null };
}

function told({ decisions, outcomes }: World): readonly Decision[] {
  return [...decisions, ...outcomes];
}

/** Worlds with the same graph are one. */
function merged(worlds: readonly World[]): readonly World[] {
  if (worlds.length < 2) return worlds;
  const byPrint = new Map<string, World>();
  for (const world of worlds) {
    const print = fingerprint(world.graph);
    const twin = byPrint.get(print);
    if (!twin) {
      byPrint.set(print, world);
      continue;
    }
    const sides = new Map(told(world).map(({ id, value }) => [id, value]));
    const isShared = ({ id, value }: Decision): boolean => sides.get(id) === value;
    byPrint.set(print, {
      graph: twin.graph,
      root: twin.root,
      decisions: twin.decisions.filter(isShared),
      outcomes: twin.outcomes.filter(isShared),
      variants: [...(twin.variants ?? [told(twin)]), told(world)],
    });
  }
  return [...byPrint.values()];
}
