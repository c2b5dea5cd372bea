import type ts from 'typescript';
import {
  GraphBuilder,
  placeKey,
  Unknown,
  type Decision,
  type GradientStep,
  type Model,
  type Place,
  type Silence,
  type Tensor,
} from '../graph';
import { Environment } from './environment';
import { conditionText, expressionScope } from './decisions';
import { comparisons, Holding } from './holding';
import { BudgetExceeded, limits } from './limits';
import { idOf } from './operators';
import type { Modules } from './modules';
import { InertAbort, LeftIdle, SweepAbort, TryAbort } from './signals';
import { placeOf, textOf } from './syntax';
import type { Task } from './tasks';
import type { Question } from './touch';
import { stamp, Trail, type Changes, TrailedMap, TrailedSet, useTrail } from './trail';
import {
  ArrayValue,
  Deferred,
  Gradients,
  isGraphValue,
  ItemsByCondition,
  knownTruth,
  LayerValue,
  mayBeChanged,
  ObjectValue,
  TensorValue,
  UnknownValue,
  WeightList,
  type ClassValue,
  type FunctionValue,
  type ModelValue,
  type Value,
} from './values';

/** A loop that is running. */
export interface Loop {
  /** Its body cannot touch the graph. */
  readonly inert: boolean;
  /** The depth of the call stack that it runs at. */
  readonly depth: number;
  /** What its turns have changed. */
  readonly changes: Changes;
  /** Its body can leave the function. */
  readonly leaves: boolean;
  /** Its body may build; told only where the sides of conditions are joined. */
  readonly builds: boolean;
  /** It may have been left early, at a condition whose sides were joined. */
  mayEnd: boolean;
}

/** A `try` that is running, behind whose `catch` the program goes on. */
export interface Try {
  /** Neither it nor its `catch` can touch the graph or leaves it: what is thrown changes data at most. */
  readonly inert: boolean;
  readonly frame: Frame | undefined;
}

export interface Frame {
  readonly fn: FunctionValue | null;
  readonly environment: Environment;
  /** The call that opened the frame, and its place; null for entry points. */
  readonly call: ts.Node | null;
  readonly place: Place | null;
  /** The body cannot touch the graph: conditions in it are never decided. */
  readonly inert: boolean;
  /** In `call` of a layer class: applications run on what the caller hands on. */
  readonly layerCall: boolean;
  /** What it may have given back early, at conditions whose sides were joined. */
  readonly mayReturn: EarlyReturn[];
}

/** `return` on one side of a condition whose sides were joined. */
export interface EarlyReturn {
  readonly condition: Value;
  readonly conditionNode: ts.Node;
  readonly side: boolean;
  readonly value: Value;
}

/** A gradient step that is being run. */
export interface StepContext {
  readonly step: GradientStep;
  /** Depth of the call stack at the step. */
  readonly depth: number;
}

/** What the machine counts; saved with a mark. */
interface Counts {
  readonly events: number;
  readonly trainings: number;
  readonly building: number;
}

/**
 * One run of a root: one world in the making. All that model code can change is in trailed containers, or among the
 * counts that `mark` saves, so that a segment can be taken back and run again.
 */
export class Machine {
  private readonly trail = new Trail();
  private marked: Counts | null = null;
  readonly builder = new GraphBuilder();
  readonly frames: Frame[] = [];
  readonly loops: Loop[] = [];
  readonly tries: Try[] = [];
  readonly steps: StepContext[] = [];
  /** Functions that have been called, by node. */
  readonly called = new TrailedSet<ts.Node>();
  /** Functions that have been made, the last one of each node. */
  readonly made = new TrailedMap<ts.Node, FunctionValue>();
  readonly decisions = new TrailedMap<string, Decision>();
  /** What came of conditions that depend on others, by the ids of their values. */
  readonly outcomes = new TrailedMap<string, Decision>();
  /** What was not followed in any run, by place and reason. */
  readonly silences = new Map<string, Silence>();
  /** Ids consulted while the target segment runs, in order, with the side taken. */
  readonly consulted = new Map<string, boolean>();
  /** Whether decisions are explored now. */
  exploring = false;
  /**
   * Whether the sides of a condition that only use what is there (see `builds`) are run one after the other in one world:
   * for a segment that has more conditions than its worlds can be. Its graph then holds what either side does; a verdict
   * that needs something not to happen is the more silent for it.
   */
  joins = false;
  /** Conditions joined in this run of a segment. */
  joined = 0;
  /** The step count that ends the run. */
  private most: number = limits.steps;
  private isAside = false;
  /** Whether code that is left is gone through for what it changes. */
  sweeping = false;
  /** Functions whose calls, while code is gone through so, have not been followed to their end: they are gone through at once. */
  readonly swept = new Set<ts.Node>();
  /** By function that builds nothing, the steps in those calls of this run of a segment that were not followed to their end. */
  readonly vain = new Map<ts.Node, number>();
  /** The steps left to go through code so in this run of a segment, and the step at which they end. */
  sweepable: number = limits.sweptSteps;
  sweepEnd = 0;
  /** The steps left in this run of a segment for calls that build nothing and end in several ways. */
  forkable: number = limits.forkedSteps;
  /** The call that runs and builds nothing, and is in no other such call, and the step at which it began. */
  inert: { readonly frame: Frame; readonly since: number } | null = null;
  /** Whether it ends in several ways. */
  forked = false;
  /** Grows whenever the graph does. */
  events = 0;
  /** Gradient steps and `fit` calls so far: a loop that holds one is a training loop. */
  trainings = 0;
  /** Grows whenever something of a model is made: a layer, a model, a symbolic tensor. */
  building = 0;
  /** When this run of a segment began, see `stamp`: at what time other segments run, is not known. */
  began = 0;
  /** Turns of all loops of this run of a segment. */
  turns = 0;
  /** Statements and expressions of this run of a segment. */
  stepCount = 0;
  /** The same of all runs. */
  totalSteps = 0;
  /** Steps of code that was run aside. */
  asideSteps = 0;
  readonly unknownTensors = new TrailedMap<Unknown, TensorValue>();
  /** The names of the layers of inputs. */
  readonly inputNames = new TrailedMap<Tensor, Value>();
  readonly layerValues = new TrailedMap<number, LayerValue>();
  readonly modelValues = new TrailedMap<Model, ModelValue>();
  readonly classes = new TrailedMap<ts.Node, ClassValue>();
  /** The last instance made of each class. */
  readonly instances = new TrailedMap<ClassValue, ObjectValue>();
  /** The last object that each function was called for with `new`, by the function's node. */
  readonly constructed = new TrailedMap<ts.Node, ObjectValue>();
  /** By the entries of a config, those values that a later decision may make known. */
  readonly openConfigs = new TrailedMap<ReadonlyMap<string, unknown>, Map<string, Value>>();
  /** Builtins that have been read, by name. */
  readonly builtins = new TrailedMap<string, Value>();
  /** The task whose code runs; null is the program itself. */
  task: Task | null = null;
  /** The scope of the code that runs now; decisions look names up in it. */
  environment: Environment | null = null;
  /** Names of getters and setters that have been defined. */
  readonly accessors = new TrailedSet<string>();
  /** What has been found out of functions, by node (see touch.ts). */
  readonly mattering = new TrailedMap<ts.Node, Readonly<Partial<Record<Question, boolean>>>>();
  /** Functions that have been looked into for the question that is asked now; null for what the code itself declares. */
  looked: Map<ts.Node, FunctionValue | null> | null = null;
  /** Whether the answer of looking at code depends on a name that is not set yet. */
  unsettled = false;
  readonly globals: Environment;
  private readonly counters = new TrailedMap<string, number>();
  private readonly refined = new TrailedMap<string, { readonly value: Value; readonly by: string }>();
  /** By name, the functions and the classes with members that have been made under it: others need not be looked for. */
  readonly named = new Map<string, Set<ts.Node>>();
  /** Names of properties that have held something to call which was not made under them. */
  readonly heldNames = new Set<string>();
  /** Ids of conditions that say whether a value is there at all. */
  readonly presences = new Set<string>();
  /** Conditions of which one side is taken for granted: what comes after them never sees the other. */
  private readonly assumed = new TrailedSet<string>();
  private assuming = false;
  private assignments: ReadonlyMap<string, boolean> = new Map();
  /** What holds where the code runs that runs now, though it is not decided. */
  private holding: Holding | null = null;
  /** Conditions of which one side ends the program, and the other side. */
  private readonly ruledOut = new TrailedMap<string, readonly [condition: Value, holds: boolean]>();
  /** What follows from them by the decisions so far. */
  private known: { readonly at: string; readonly holding: Holding } | null = null;
  private isLeaving = false;

  /**
   * @param shaped by name, the conditions decided in earlier segments on which it depends what the name holds
   */
  constructor(
    readonly modules: Modules,
    private readonly cancelled: () => boolean,
    private readonly shaped: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
  ) {
    useTrail(this.trail);
    this.globals = new Environment(null, null, true);
  }

  /** Makes this the machine that runs. */
  activate(): void {
    useTrail(this.trail);
  }

  /** Starts a segment: what it changes can be taken back. */
  mark(): void {
    this.trail.mark();
    this.builder.mark();
    this.marked = { events: this.events, trainings: this.trainings, building: this.building };
  }

  /** Gets ready for a run of a segment, in which conditions take these sides. */
  begin(sides: ReadonlyMap<string, boolean>, exploring: boolean, joins = false): void {
    this.assignments = sides;
    this.exploring = exploring;
    this.joins = joins;
    this.joined = 0;
    this.known = null;
    this.consulted.clear();
    this.swept.clear();
    this.vain.clear();
    this.sweepable = limits.sweptSteps;
    this.forkable = limits.forkedSteps;
    this.inert = null;
    this.forked = false;
    this.stepCount = 0;
    this.turns = 0;
    this.began = stamp();
  }

  /** Takes back the segment; the mark stays. */
  undo(): void {
    this.trail.undo();
    this.builder.undo();
    Object.assign(this, this.marked);
    this.frames.length = 0;
    this.loops.length = 0;
    this.tries.length = 0;
    this.holding = null;
    this.known = null;
    this.sweeping = false;
    this.steps.length = 0;
    this.looked = null;
    this.task = null;
    this.environment = null;
  }

  /** Whether the segment has made or changed anything of the graph. */
  get grew(): boolean {
    return this.events > (this.marked?.events ?? 0);
  }

  get frame(): Frame | undefined {
    return this.frames[this.frames.length - 1];
  }

  /**
   * Whether the program goes on behind an exception that is thrown now, so that it has to be decided whether it is. Where
   * that makes no difference to the graph, the code is left that does.
   */
  catches(): boolean {
    const at = this.tries.at(-1);
    if (at?.inert) throw new TryAbort(at);
    if (at?.frame?.inert) throw new InertAbort(at.frame);
    return at !== undefined;
  }

  /** Runs code for what it changes, without counting it: it decides nothing, and has a bound of its own. */
  aside(run: () => void): void {
    const { exploring, stepCount, totalSteps } = this;
    const [silences, called, instances] = [[...this.silences], new Set(this.called), [...this.instances]];
    this.exploring = false;
    this.most = Math.min(limits.steps, stepCount + limits.idleSteps);
    this.isAside = true;
    // What comes to build after all is not followed.
    this.builder.guard = () => {
      throw new LeftIdle();
    };
    try {
      run();
    } finally {
      this.isAside = false;
      this.builder.guard = null;
      this.most = limits.steps;
      this.asideSteps += this.totalSteps - totalSteps;
      Object.assign(this, { exploring, stepCount, totalSteps });
      this.silences.clear();
      for (const [key, silence] of silences) this.silences.set(key, silence);
      for (const node of this.called) if (!called.has(node)) this.called.delete(node);
      this.instances.clear();
      for (const [key, instance] of instances) this.instances.set(key, instance);
    }
  }

  tick(): void {
    this.stepCount++;
    this.totalSteps++;
    if (this.stepCount > this.most)
      throw this.isAside ? new LeftIdle() : new BudgetExceeded('the code takes too many steps');
    if (this.sweeping) {
      if (this.stepCount > this.sweepEnd) throw new SweepAbort();
    } else if (this.inert && this.stepCount - this.inert.since > limits.inertSteps)
      throw new InertAbort(this.inert.frame);
    if ((this.stepCount & 1023) === 0 && this.cancelled()) throw new BudgetExceeded('cancelled');
  }

  /** A fresh unknown value; its id counts how often this place has made one in this run. */
  unknown(reason: string, node: ts.Node | null, suffix = ''): UnknownValue {
    const place = node ? placeOf(node) : null;
    const base = `${place ? `${place.file}:${place.start}:${place.end}` : '?'}${suffix}`;
    const count = this.counters.get(base) ?? 0;
    this.counters.set(base, count + 1);
    return new UnknownValue(reason, count === 0 ? base : `${base}#${count}`, place);
  }

  /** A condition that no text of the program says. */
  whether(says: string, node: ts.Node): UnknownValue {
    const condition = this.unknown(says, node, `:${says}`);
    condition.says = says;
    return condition;
  }

  /** An unknown that is the same one whenever it is made from the same parts. */
  derived(reason: string, id: string, node: ts.Node | null): Value {
    return this.resolve(new UnknownValue(reason, shortId(id), node ? placeOf(node) : null));
  }

  /** What is known of an unknown value by the decisions of this world. */
  resolve(value: Value): Value {
    if (value instanceof UnknownValue) {
      const refined = this.refined.get(value.id);
      if (!refined) return value;
      this.consult(refined.by, true);
      return refined.value;
    }
    if (value instanceof Deferred) {
      const side = this.told(value.condition, true);
      return side === null ? value : this.resolve(side ? value.whenTrue : value.whenFalse);
    }
    return value;
  }

  /** The side of a condition that is decided, follows from what is, or that the code runs on. */
  private told(condition: UnknownValue, consulting: boolean): boolean | null {
    const decided = this.decided(condition, consulting);
    if (decided !== null) return decided;
    const held = this.holding?.side(condition) ?? null;
    if (held !== null) return held;
    const left = this.left()?.side(condition) ?? null;
    if (left !== null && consulting) this.consultRuledOut();
    return left;
  }

  /** The side of a condition that is decided; the one of a comparison also by another one. */
  decided(condition: UnknownValue, consulting = false): boolean | null {
    const decided = this.decisions.get(condition.id);
    if (decided) {
      if (consulting) this.consult(decided.id, decided.value);
      return decided.value;
    }
    const comparison = comparisons.get(condition);
    const known = comparison && this.refined.get(comparison.of.id);
    if (!known) return null;
    if (consulting) this.consult(known.by, true);
    return known.value === comparison.constant;
  }

  /** Runs code on one side of a condition that is not decided by that: there, what follows from the condition is known. */
  under<T>(condition: Value, holds: boolean, run: () => T): T {
    const outer = this.holding;
    this.holding = new Holding(outer, [[condition, holds]], this);
    try {
      return run();
    } finally {
      this.holding = outer;
    }
  }

  /** What is left of conditions of which one side ends the program: those that are decided are all that it depends on. */
  private left(): Holding | null {
    if (this.ruledOut.size === 0 || this.isLeaving) return null;
    const at = `${this.ruledOut.size} ${this.decisions.size}`;
    if (this.known?.at === at) return this.known.holding;
    const { exploring } = this;
    this.isLeaving = true;
    this.exploring = false;
    try {
      this.known = { at, holding: new Holding(null, this.ruledOut.values(), this) };
    } finally {
      this.isLeaving = false;
      this.exploring = exploring;
    }
    return this.known.holding;
  }

  private consultRuledOut(): void {
    const consult = (value: Value): void => {
      if (value instanceof UnknownValue) {
        const decided = this.decisions.get(value.id);
        if (decided) this.consult(decided.id, decided.value);
      } else if (value instanceof Deferred)
        for (const at of [value.condition, value.whenTrue, value.whenFalse]) consult(at);
    };
    for (const [condition] of this.ruledOut.values()) consult(condition);
  }

  /** Takes note that no world is on the other side of a condition. */
  ruleOut(condition: Value, holds: boolean): void {
    // On one side of another condition that says nothing of the other one.
    if (!this.holding) this.ruledOut.set(`${idOf(condition)} ${String(holds)}`, [condition, holds]);
  }

  /** Runs code that is not on the side of a condition that its caller is on. */
  outside<T>(run: () => T): T {
    const outer = this.holding;
    this.holding = null;
    try {
      return run();
    } finally {
      this.holding = outer;
    }
  }

  /** The truth of a value if it is known or decided already. */
  truth(value: Value, depth = 12): boolean | null {
    const resolved = this.resolve(value);
    if (resolved instanceof UnknownValue) return this.told(resolved, false);
    if (resolved instanceof Deferred) {
      const left = depth > 0 ? this.truth(resolved.whenTrue, depth - 1) : null;
      return left !== null && this.truth(resolved.whenFalse, depth - 1) === left ? left : null;
    }
    return knownTruth(resolved);
  }

  /** Decides a condition in this world. `preferred` is the side of the first run. */
  decide(value: Value, node: ts.Node, preferred = true, label: string | null = null): boolean {
    const side = this.sideOf(value, node, preferred, label);
    // A value that is an object on some side has no id that holds in other worlds.
    if (value instanceof Deferred && !value.acts && label === null && !this.holding) {
      const id = idOf(value);
      const scope = expressionScope(node, this.environment);
      this.outcomes.set(id, { id, text: conditionText(node), place: placeOf(node), value: side, scope });
    }
    return side;
  }

  private sideOf(value: Value, node: ts.Node, preferred: boolean, label: string | null): boolean {
    const known = this.truth(value);
    const resolved = this.resolve(value);
    if (known !== null) {
      if (resolved instanceof UnknownValue) this.told(resolved, true);
      return known;
    }
    if (resolved instanceof Deferred) {
      // Where conditions are too many, what depends on several is one more and not all of them.
      if (this.joins && !resolved.acts && resolved.conditions.size > MOST_TOLD)
        return this.sideOf(this.derived('depends on several conditions', idOf(resolved), node), node, preferred, label);
      const wanted = this.truth(resolved.whenTrue) === preferred || this.truth(resolved.whenFalse) !== preferred;
      const side = this.decide(resolved.condition, resolved.conditionNode, wanted);
      return this.decide(side ? resolved.whenTrue : resolved.whenFalse, node, preferred);
    }
    const unknown = resolved as UnknownValue;
    const side = this.assignments.get(unknown.id) ?? preferred;
    // `x` of `x ?? y` stands for whether it is there: 0 and false are.
    const said = label ?? unknown.says ?? (this.presences.has(unknown.id) ? `${textOf(node)} != null` : null);
    this.decisions.set(unknown.id, {
      id: unknown.id,
      text: said ?? conditionText(node),
      place: placeOf(node),
      value: side,
      scope: said === null ? expressionScope(node, this.environment) : null,
    });
    if (this.assuming) this.assumed.add(unknown.id);
    this.consult(unknown.id, side);
    this.learn(unknown, side);
    return side;
  }

  /** Takes one side of a condition for granted: the other builds nothing. */
  assume(value: Value, node: ts.Node, side: boolean): boolean {
    const condition = this.resolve(value);
    if (condition instanceof Deferred && !isOfOne(condition)) {
      this.ruleOut(condition, side);
      return side;
    }
    const { exploring, assuming } = this;
    this.exploring = false;
    this.assuming = true;
    try {
      return this.decide(value, node, side);
    } finally {
      this.exploring = exploring;
      this.assuming = assuming;
    }
  }

  /** `x === 'bn'` decided true makes x known, and every other comparison of x with a constant false. */
  private learn(unknown: UnknownValue, side: boolean): void {
    const comparison = comparisons.get(unknown);
    if (comparison && side) this.refined.set(comparison.of.id, { value: comparison.constant, by: unknown.id });
  }

  private consult(id: string, side: boolean): void {
    if (this.exploring && !this.consulted.has(id) && !this.assumed.has(id)) this.consulted.set(id, side);
  }

  /** Takes note of the name that a function, or a member of a class, is made under. */
  names(name: string, node: ts.Node): void {
    const nodes = this.named.get(name);
    if (nodes) nodes.add(node);
    else this.named.set(name, new Set([node]));
  }

  /** Takes note that code reads a name that something held before this segment (see `Shapes`). */
  reads(name: string): void {
    if (!this.exploring || this.shaped.size === 0) return;
    for (const id of this.shaped.get(name) ?? []) {
      const decided = this.decisions.get(id);
      if (decided) this.consult(id, decided.value);
    }
  }

  silence(node: ts.Node, reason: string): void {
    if (this.silences.size >= 500) return;
    const place = placeOf(node);
    this.silences.set(`${placeKey(place)} ${reason}`, { place, reason });
  }

  /** The calls that led here, outermost first. */
  callPath(from = 0): Place[] {
    return this.frames.slice(from).flatMap((frame) => (frame.place ? [frame.place] : []));
  }

  /** The tensor that an unknown value stands for where a layer is applied to it. */
  tensorOf(value: Unknown): TensorValue {
    let tensor = this.unknownTensors.get(value);
    if (!tensor) {
      tensor = new TensorValue(this.builder.input(null), null);
      this.unknownTensors.set(value, tensor);
    }
    return tensor;
  }

  /**
   * Hands a value to code that the analysis cannot see.
   *
   * @param handed whether that code may change it, as one can that is called with it
   */
  escape(value: Value, reason: string, node: ts.Node | null, handed = false, depth = 3): void {
    if (isGraphValue(value)) {
      const subject =
        value instanceof LayerValue ? value.layer : value instanceof TensorValue ? value.tensor : value.model;
      const place = node ? placeOf(node) : null;
      this.builder.escape(subject, handed ? { reason, place, handed } : { reason, place });
      this.events++;
    } else if (value instanceof WeightList) {
      if (!handed || !value.settable) return;
      for (const owner of value.owners) this.builder.escape(owner, { reason, place: node && placeOf(node), handed });
      this.events++;
    } else if (value instanceof Gradients) {
      this.builder.applied(value.step, 'all');
      this.events++;
    } else if (depth > 0) {
      if (value instanceof ArrayValue) {
        if (handed) mayBeChanged(value);
        for (const item of value.items) this.escape(item, reason, node, handed, depth - 1);
      } else if (value instanceof ItemsByCondition)
        for (const item of value.all) this.escape(item, reason, node, handed, depth);
      // Fields of an instance are taken as its own business; a plain object's are anyone's.
      else if (value instanceof ObjectValue && value.classValue === null) {
        for (const item of value.properties.values()) this.escape(item, reason, node, handed, depth - 1);
      } else if (value instanceof Deferred) {
        this.escape(value.whenTrue, reason, node, handed, depth);
        this.escape(value.whenFalse, reason, node, handed, depth);
      }
    }
  }
}

/** Whether a condition is another one, or its opposite. */
function isOfOne({ conditions, whenTrue, whenFalse }: Deferred): boolean {
  return conditions.size === 1 && ![whenTrue, whenFalse].some((side) => side instanceof Unknown);
}

/** How many conditions are decided each for what depends on them, where a segment has too many of them. */
const MOST_TOLD = 2;

/** Ids are made of the ids of what they depend on, and would double with every `x = x + x`. */
const ID_LENGTH = 400;

/** A long id by its hash (FNV-1a, twice with different starts, 64 bits in all) and its length. */
export function shortId(id: string): string {
  if (id.length <= ID_LENGTH) return id;
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return `~${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}.${id.length}`;
}
