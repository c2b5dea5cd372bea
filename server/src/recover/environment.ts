import type { Place } from '../graph';
import { changing, stamp, trail, TrailedMap, type Holder } from './trail';
import type { Value } from './values';

/** What an import stands for that the exporting module may set anew: its value is asked for at each use. */
export class LiveExport {
  constructor(readonly read: () => Value) {}
}

/** What a name stands for. */
export class Binding implements Holder<Value> {
  readonly made = stamp();
  private readonly born = trail().epoch;

  constructor(
    private held: Value | LiveExport,
    /** Where the name can be seen. */
    readonly scope: Place | null,
    /** A lazily evaluated import. */
    private loader: (() => Value | LiveExport) | null = null,
  ) {}

  get value(): Value {
    return this.held instanceof LiveExport ? this.held.read() : this.held;
  }

  set value(value: Value) {
    changing(this, '');
    this.hold(value);
  }

  state(): Value {
    return this.value;
  }

  setState(_: string, state: Value): void {
    this.value = state;
  }

  private hold(value: Value | LiveExport): void {
    const { held, loader } = this;
    trail().changing(this.born, () => {
      this.held = held;
      this.loader = loader;
    });
    this.held = value;
    this.loader = null;
  }

  /** What is held now, an import that nobody has read yet aside. */
  get settled(): Value {
    return this.loader ? undefined : this.value;
  }

  /** Whether the name was there before the segment that runs. */
  get old(): boolean {
    return trail().watches(this.born);
  }

  /** Evaluates an import when its name is first read. */
  load(): void {
    const { loader } = this;
    if (!loader) return;
    this.hold(undefined);
    this.hold(loader());
  }
}

/** A lexical scope. */
export class Environment {
  private readonly names = new TrailedMap<string, Binding>();

  constructor(
    readonly parent: Environment | null,
    /** The text that the names of this scope can be seen in. */
    readonly scope: Place | null,
    /** Where `var` and function declarations go: a function, a module. */
    readonly isFunction: boolean = false,
  ) {}

  declare(name: string, value: Value): void {
    const existing = this.names.get(name);
    if (existing) existing.value = value;
    else this.names.set(name, new Binding(value, this.scope));
  }

  declareLazily(name: string, load: () => Value | LiveExport): void {
    this.names.set(name, new Binding(undefined, this.scope, load));
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** The names of this scope with what they hold, without evaluating anything. */
  *held(): IterableIterator<readonly [string, Value]> {
    for (const [name, binding] of this.names) yield [name, binding.settled];
  }

  /** What a binding of this scope, or of one around it, is called. */
  nameOf(binding: Binding): string | null {
    for (const [name, held] of this.names) if (held === binding) return name;
    return this.parent?.nameOf(binding) ?? null;
  }

  find(name: string): Binding | null {
    const binding = this.names.get(name);
    if (!binding) return this.parent?.find(name) ?? null;
    binding.load();
    return binding;
  }

  /** Another scope with the same names, for the next turn of a loop: each turn has variables of its own. */
  copy(): Environment {
    const next = new Environment(this.parent, this.scope, this.isFunction);
    for (const [name, binding] of this.names) next.declare(name, binding.value);
    return next;
  }

  /** The nearest scope for `var`. */
  functionScope(): Environment {
    return this.isFunction || !this.parent ? this : this.parent.functionScope();
  }
}

/** The scope of a method that runs on an object. */
export function withThis(env: Environment, self: Value): Environment {
  const scope = new Environment(env, null, true);
  scope.declare('this', self);
  return scope;
}
