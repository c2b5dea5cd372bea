import type { Place } from '../graph';
import type { Value } from './values';

export interface Binding {
  value: Value;
  /** Where the name can be seen. */
  readonly scope: Place | null;
  /** A lazily evaluated import. */
  load: (() => Value) | null;
}

/** A lexical scope. */
export class Environment {
  private readonly names = new Map<string, Binding>();

  constructor(
    readonly parent: Environment | null,
    /** The text that the names of this scope can be seen in. */
    readonly scope: Place | null,
    /** Where `var` and function declarations go: a function, a module. */
    readonly isFunction: boolean = false,
  ) {}

  declare(name: string, value: Value): void {
    const existing = this.names.get(name);
    if (existing) {
      existing.value = value;
      existing.load = null;
    } else this.names.set(name, { value, scope: this.scope, load: null });
  }

  declareLazily(name: string, load: () => Value): void {
    this.names.set(name, { value: undefined, scope: this.scope, load });
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  find(name: string): Binding | null {
    const binding = this.names.get(name);
    if (!binding) return this.parent?.find(name) ?? null;
    if (binding.load) {
      const load = binding.load;
      binding.load = null;
      binding.value = load();
    }
    return binding;
  }

  /** The nearest scope for `var`. */
  functionScope(): Environment {
    return this.isFunction || !this.parent ? this : this.parent.functionScope();
  }
}
