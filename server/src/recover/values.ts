import {
  Unknown,
  type ConfigObject,
  type GradientStep,
  type Layer,
  type Model,
  type Place,
  type Tensor,
} from '../graph';
import type ts from 'typescript';
import type { Environment } from './environment';
import type { GeneratorValue } from './generators';
import type { Task } from './tasks';
import { Cell, changing, stamp, trail, TrailedList, TrailedMap, type Holder } from './trail';

/** What an expression of model code evaluates to: partly known, never a guess. */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | Unknown
  | Deferred
  | ArrayValue
  | ObjectValue
  | FunctionValue
  | NativeFunction
  | GeneratorValue
  | ClassValue
  | ApiPath
  | ApiObject
  | LayerValue
  | TensorValue
  | ModelValue
  | WeightList;

/** What is stored under a name, and where it is there: always, or where a condition holds. */
export interface Member {
  readonly value: Value;
  readonly presence: Value;
}

/** Values by name that model code reads and sets. */
export class Members extends TrailedMap<string, Value> implements Holder<Member | null> {
  private partial: TrailedMap<string, Value> | null = null;

  /**
   * @param bornIn the mark under which its owner was made
   * @param made when that was
   */
  constructor(
    private readonly bornIn = trail().epoch,
    readonly made = stamp(),
  ) {
    super(bornIn);
  }

  override set(name: string, value: Value): this {
    changing(this, name);
    this.partial?.delete(name);
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    changing(this, name);
    this.partial?.delete(name);
    return super.delete(name);
  }

  override clear(): void {
    for (const name of this.keys()) changing(this, name);
    this.partial?.clear();
    super.clear();
  }

  /** Keeps what is there already, and was only not asked for. */
  keep(name: string, value: Value): void {
    super.set(name, value);
  }

  /** Whether there is something under a name: known, or a condition. */
  presence(name: string): Value {
    return this.has(name) ? (this.partial?.has(name) ? this.partial.get(name) : true) : false;
  }

  state(name: string): Member | null {
    return this.has(name) ? { value: this.get(name), presence: this.presence(name) } : null;
  }

  setState(name: string, state: Member | null): void {
    if (!state) this.delete(name);
    else {
      this.set(name, state.value);
      if (state.presence !== true) (this.partial ??= new TrailedMap(this.bornIn)).set(name, state.presence);
    }
  }
}

/** An unknown value with an identity: the same id is the same value, so that one decision holds wherever it is used. */
export class UnknownValue extends Unknown {
  /** When what it stands for was made, see `stamp`: of a property, when the object was that it is read of. */
  made = stamp();
  /** What it says where it is a condition that no text of the program says. Set where it is made. */
  says: string | null = null;
  /** Objects and lists that it may be one of, or hold: what is done to it may be done to them. Set where it is made. */
  mayBe: readonly Value[] = [];
  /** Whether it is some list of data: what was one before code changed it that builds nothing. */
  isList = false;
  private readonly born = trail().epoch;
  private known: Members | null = null;

  /** Properties read so far: `options.norm` read twice is one value. */
  get properties(): Members {
    return (this.known ??= new Members(this.born, this.made));
  }

  constructor(
    reason: string,
    readonly id: string,
    place: Place | null = null,
  ) {
    super(reason, place);
  }
}

/** The gradients of a step, one of them, or what is made of them: whoever applies them trains. */
export class Gradients extends UnknownValue {
  constructor(
    readonly step: GradientStep,
    id: string,
  ) {
    super('gradients', id);
  }
}

/** Any number of elements of an array that are not known: what an unknown spread leaves in a list. */
export class UnknownItems extends UnknownValue {}

/** Elements of an array by a condition that is not decided; to code that does not ask, any number of unknown ones. */
export class ItemsByCondition extends UnknownItems {
  constructor(
    reason: string,
    id: string,
    place: Place | null,
    readonly condition: Value,
    readonly conditionNode: ts.Node,
    readonly whenTrue: readonly Value[],
    readonly whenFalse: readonly Value[],
  ) {
    super(reason, id, place);
  }

  /** Whether one of them is something that model code acts on. */
  get acts(): boolean {
    return this.all.some((item) => (item instanceof ItemsByCondition ? item.acts : actsOn(item)));
  }

  /** Those of either side. */
  get all(): readonly Value[] {
    return [...this.whenTrue, ...this.whenFalse];
  }
}

/** One of two values by an undecided condition; decided only where a layer consumes it. */
export class Deferred {
  /** See `idOf`. */
  id: string | null = null;
  /** Conditions on the longest way to a value; sides share parts, so that walking all ways takes 2 to this power steps. */
  readonly depth: number;
  /** The ids of all conditions that it depends on. */
  readonly conditions: ReadonlySet<string>;
  /** Whether a value at the end of some way is an object: something that model code acts on. */
  readonly acts: boolean;

  constructor(
    readonly condition: UnknownValue,
    readonly conditionNode: ts.Node,
    readonly whenTrue: Value,
    readonly whenFalse: Value,
  ) {
    const conditions = new Set([condition.id]);
    let depth = 0;
    for (const side of [whenTrue, whenFalse]) {
      if (!(side instanceof Deferred)) continue;
      depth = Math.max(depth, side.depth);
      for (const id of side.conditions) conditions.add(id);
    }
    this.depth = depth + 1;
    this.conditions = conditions;
    this.acts = actsOn(whenTrue) || actsOn(whenFalse);
  }
}

/** Whether a value is an object, or one of several by a condition, rather than data or not known. */
export function actsOn(value: Value): boolean {
  if (value instanceof Deferred) return value.acts;
  return typeof value === 'object' && value !== null && !(value instanceof Unknown);
}

export class ArrayValue extends TrailedList<Value> implements Holder<readonly Value[]> {
  readonly made = stamp();

  override edit(): Value[] {
    changing(this, '');
    return super.edit();
  }

  override push(...items: Value[]): void {
    changing(this, '');
    super.push(...items);
  }

  state(): readonly Value[] {
    return [...this.items];
  }

  setState(_: string, state: readonly Value[]): void {
    this.edit().splice(0, this.length, ...state);
  }

  /** No element is an unknown number of elements. */
  get closed(): boolean {
    return !this.items.some((item) => item instanceof UnknownItems);
  }
}

export class ObjectValue implements Holder<boolean> {
  readonly made = stamp();
  readonly properties = new Members();
  /** `Map` and `Set` contents live in `properties` too; this says which it is. Set where the object is made. */
  tag: 'Map' | 'Set' | null = null;
  /** For the namespace of a module that hands on tfjs: it has what tfjs has. Set where the object is made. */
  api: ApiPath | null = null;
  /** For an instance of a layer class of the author's: the layer it is. Set where the object is made. */
  layer: LayerValue | null = null;
  /** For an instance of a model class of the author's: the model it is. Set by `super(...)`. */
  model: ModelValue | null = null;
  private readonly born = trail().epoch;
  private isOpen = false;
  private getters: TrailedMap<string, Accessor> | null = null;
  private known: TrailedMap<string, Value> | null = null;

  /** The keys of a `Map` or `Set` by their identities, which its properties are stored under. */
  get keys(): Map<string, Value> {
    return (this.known ??= new TrailedMap(this.born));
  }

  constructor(
    readonly classValue: ClassValue | null = null,
    readonly prototype: ObjectValue | null = null,
  ) {}

  /** Whether it is an object of data as a literal makes it: no instance, no collection, nothing that is read by code. */
  get isLiteral(): boolean {
    const { classValue, prototype, tag, api, layer, model, getters } = this;
    return [classValue, prototype, tag, api, layer, model].every((part) => part === null) && !getters?.size;
  }

  /** Whether the object was there before the segment that runs. */
  get old(): boolean {
    return trail().watches(this.born);
  }

  /** May have properties that are not known. */
  get open(): boolean {
    return this.isOpen;
  }

  set open(value: boolean) {
    changing(this, '');
    const before = this.isOpen;
    trail().changing(this.born, () => void (this.isOpen = before));
    this.isOpen = value;
  }

  get accessors(): Map<string, Accessor> {
    return (this.getters ??= new TrailedMap(this.born));
  }

  /** Whether it is open. */
  state(): boolean {
    return this.open;
  }

  setState(_: string, state: boolean): void {
    this.open = state;
  }
}

export interface Accessor {
  readonly get?: FunctionValue;
  readonly set?: FunctionValue;
}

export class FunctionValue {
  /** The object literal that it is a method of: its `this` where nobody is known to call it. Set where it is made. */
  home: ObjectValue | null = null;
  private readonly made = stamp();
  private readonly born = trail().epoch;
  private own: Members | null = null;

  /** Properties set on the function object. */
  get properties(): Members {
    return (this.own ??= new Members(this.born, this.made));
  }

  /** What `prototype` holds, where code has named it; asking makes nothing. */
  get prototype(): Value {
    return this.own?.get('prototype');
  }

  constructor(
    readonly node: ts.FunctionLikeDeclaration,
    readonly environment: Environment,
    /** For arrows: the `this` of where they were made. For bound functions: the bound object. */
    readonly boundThis: Value,
    readonly homeClass: ClassValue | null = null,
    readonly boundArguments: readonly Value[] = [],
  ) {}
}

export type NativeCall = (args: Value[], call: CallContext) => Value;

/** Where a call stands and on what it is called. */
export interface CallContext {
  readonly node: ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression | null;
  readonly self: Value;
}

export class NativeFunction {
  constructor(
    readonly name: string,
    readonly call: NativeCall,
  ) {}
}

export class ClassValue {
  readonly statics = new Members();
  /** Names of members that are written as expressions. Filled where the class is made. */
  readonly computedNames = new Map<ts.Node, string>();
  /** Methods, getters and setters that have been looked up, by node. */
  readonly methods = new TrailedMap<ts.Node, FunctionValue>();

  constructor(
    readonly node: ts.ClassLikeDeclaration,
    readonly environment: Environment,
    readonly base: Value,
  ) {}
}

/** A part of tfjs by its access path after `tf`: `''` is tf itself, `layers.conv2d` a factory. */
export class ApiPath {
  constructor(readonly path: string) {}
}

/** Something made by tfjs that is neither layer, tensor nor model: an optimizer, an initializer, a regularizer. */
export class ApiObject {
  constructor(
    readonly path: string,
    readonly config: ConfigObject,
  ) {}
}

export class LayerValue {
  /** Applications' results so far, for `layer.output`. */
  readonly results = new TrailedList<Value>();
  readonly arguments = new TrailedList<Value>();
  /** For a layer class of the author's: whether its `build` has run in a gradient step. */
  readonly built = new Cell(false);

  constructor(
    readonly layer: Layer,
    /** For a layer class of the author's: the instance with its fields and methods. */
    readonly instance: ObjectValue | null = null,
  ) {}
}

export class TensorValue {
  readonly made = stamp();

  constructor(
    readonly tensor: Tensor,
    /** A symbolic tensor (`tf.input`), data, or not known. */
    readonly symbolic: boolean | null,
    /** Whether it is made of numbers in the code, of zeros, ones and noise, and of nothing else. */
    readonly plain = false,
  ) {}
}

export class ModelValue {
  /** For a sequential model: what was added so far; null for a functional one. */
  readonly sequence: TrailedList<LayerValue | ModelValue | UnknownValue> | null;
  readonly members: TrailedList<LayerValue | ModelValue>;
  readonly properties = new Members();
  /** How many of `sequence` have been applied in the graph. */
  readonly linked = new Cell(0);
  /** The task that the last layer was added in. */
  readonly addedIn = new Cell<Task | null>(null);

  constructor(
    readonly model: Model,
    readonly name: Value,
    sequential: boolean,
    members: readonly (LayerValue | ModelValue)[] = [],
    /** For a model class of the author's: the instance with its fields and methods. */
    readonly instance: ObjectValue | null = null,
  ) {
    this.sequence = sequential ? new TrailedList() : null;
    this.members = new TrailedList(members);
  }
}

/**
 * What the numbers of a weight are: its own, whichever weight it is (`read`) or of one that code has picked out (`picked`),
 * `computed` of any weights and plain numbers alone, or of what code has picked out, or of something else (`mixed`).
 */
export type WeightContent = 'read' | 'picked' | 'computed' | 'mixed';

/** What is known of weights beside whose they are. */
export interface WeightFacts {
  /** All weights of the owners; false where some may have been left out. */
  readonly whole: boolean;
  /** One weight out of the list, or a tensor computed of some, not the list. */
  readonly single: boolean;
  /** Whose weights they are, told when the list was read: a model grows, and layers are frozen. Null: the owners'. */
  readonly layers: readonly Layer[] | null;
  readonly content: WeightContent;
  /** For one weight out of a list of known length: its place there. */
  readonly at: number | null;
  /** That length. */
  readonly of: number | null;
  /**
   * Whether they are layer variables, which whoever is handed them can set or freeze. (What `getWeights` gives can be set as
   * well, but is handed on to be kept.)
   */
  readonly settable: boolean;
  /** When it was read, or computed, see `stamp`. */
  readonly made: number;
}

const NO_FACTS = {
  whole: false,
  single: false,
  layers: null,
  content: 'read',
  at: null,
  of: null,
  settable: false,
} as const;

/**
 * Weights or variables of layers and models, what a varList is made of: a list of which it is not known how long it is, or
 * a single one. A list of known length is an array of single ones.
 */
export class WeightList {
  private readonly facts: WeightFacts;

  constructor(
    readonly owners: readonly (Layer | Model)[],
    facts: Partial<WeightFacts> = {},
  ) {
    this.facts = { ...NO_FACTS, made: stamp(), ...facts };
  }

  get whole(): boolean {
    return this.facts.whole;
  }

  get single(): boolean {
    return this.facts.single;
  }

  get layers(): readonly Layer[] | null {
    return this.facts.layers;
  }

  get content(): WeightContent {
    return this.facts.content;
  }

  get at(): number | null {
    return this.facts.at;
  }

  get of(): number | null {
    return this.facts.of;
  }

  get settable(): boolean {
    return this.facts.settable;
  }

  get made(): number {
    return this.facts.made;
  }

  /** The same weight, which code picks out by its place or its name. */
  get picked(): WeightList {
    return this.content === 'read' ? new WeightList(this.owners, { ...this.facts, content: 'picked' }) : this;
  }

  /** A list of the same weights, or one of them, and it is not known which. */
  as({ whole = this.whole, single = false }: { readonly whole?: boolean; readonly single?: boolean }): WeightList {
    return new WeightList(this.owners, { ...this.facts, whole, single, at: null, of: null });
  }
}

/** Other code may have put anything into a list that it was handed. */
export function mayBeChanged(list: ArrayValue): void {
  list.items.forEach((item, at) => {
    if (!(item instanceof WeightList) || item.content === 'mixed') return;
    const { owners, single, settable } = item;
    list.edit()[at] = new WeightList(owners, { single, settable, content: 'mixed' });
  });
}

/** Some of these weights, a list of which it is not known how long it is; null where they are not weights throughout. */
export function someWeights(items: readonly Value[]): WeightList | null {
  const weights = items.filter((item) => item instanceof WeightList && item.single) as WeightList[];
  if (weights.length === 0 || weights.length < items.length) return null;
  const owners = [...new Set(weights.flatMap((weight) => weight.owners))];
  return new WeightList(owners, {
    content: contentOf(weights),
    settable: weights.some(({ settable }) => settable),
    made: Math.min(...weights.map(({ made }) => made)),
  });
}

/** What weights with all of these contents are together. */
function contentOf(weights: readonly WeightList[]): WeightContent {
  const contents = weights.map(({ content }) => content);
  return (['mixed', 'computed', 'picked'] as const).find((content) => contents.includes(content)) ?? 'read';
}

/** Whether a weight has its own numbers. */
export function isUnchanged({ content }: WeightList): boolean {
  return content === 'read' || content === 'picked';
}

/** Values that the graph is made of. */
export function isGraphValue(value: Value): value is LayerValue | TensorValue | ModelValue {
  return value instanceof LayerValue || value instanceof TensorValue || value instanceof ModelValue;
}

/** Whether it matters what becomes of a tensor: it is symbolic, or something of the graph made it. Plain data is not. */
export function isTracked(value: TensorValue): boolean {
  return value.symbolic !== false || value.tensor.producer !== null;
}

/** Whether a value is a graph value (tensors of plain data aside) or a list or object that holds one, not deeper than `depth`. */
export function holdsGraphValue(value: Value, depth = 2): boolean {
  if (value instanceof TensorValue) return isTracked(value);
  if (isGraphValue(value)) return true;
  if (depth === 0) return false;
  if (value instanceof ItemsByCondition) return value.all.some((item) => holdsGraphValue(item, depth));
  if (value instanceof ArrayValue) return value.items.some((item) => holdsGraphValue(item, depth - 1));
  if (value instanceof ObjectValue) {
    for (const item of value.properties.values()) if (holdsGraphValue(item, depth - 1)) return true;
  }
  return (
    value instanceof Deferred && (holdsGraphValue(value.whenTrue, depth) || holdsGraphValue(value.whenFalse, depth))
  );
}

/** Whether a value is data through and through, as far as `depth`: nothing that can be called or built on. */
export function isPlainData(value: Value, depth = 8): boolean {
  if (value instanceof Deferred) return isPlainData(value.whenTrue, depth) && isPlainData(value.whenFalse, depth);
  if (value instanceof TensorValue) return !isTracked(value);
  if (value instanceof ItemsByCondition) return value.all.every((item) => isPlainData(item, depth));
  if (!actsOn(value)) return typeof value !== 'function';
  if (depth === 0) return false;
  if (value instanceof ArrayValue) return value.items.every((item) => isPlainData(item, depth - 1));
  if (!(value instanceof ObjectValue) || value.classValue !== null || value.prototype) return false;
  return [...value.properties.values()].every((item) => isPlainData(item, depth - 1));
}

/** Whether a value is a list of data, on all sides, as far as it is known. */
export function isDataList(value: Value): boolean {
  if (value instanceof Deferred) return isDataList(value.whenTrue) && isDataList(value.whenFalse);
  return value instanceof UnknownValue ? value.isList : value instanceof ArrayValue && isPlainData(value);
}

/** The truthiness of a value where it does not depend on anything unknown. */
export function knownTruth(value: Value): boolean | null {
  if (value instanceof Unknown || value instanceof Deferred) return null;
  if (typeof value === 'object' || typeof value === 'function') return value !== null;
  return Boolean(value);
}
