/** Marks of all trails: what was made under one trail's mark is not taken for another's. */
let marks = 0;

/**
 * The undo log of a run. A segment's worlds start from one state: what a world changed is taken back before the next
 * one starts, so that nothing before the segment has to be run again. All state that model code can change lives in
 * the containers of this file, or is saved by `Machine.mark`.
 */
export class Trail {
  private readonly log: (() => void)[] = [];
  /** The mark that is in force; 0 without one. */
  epoch = 0;
  /** What the code that runs now changes, as far as somebody asks. */
  changes: Changes | null = null;
  private readonly ids = new TrailedMap<object, string>(0);

  /** From here on changes are logged; those so far are kept. There is one mark at a time. */
  mark(): void {
    this.log.length = 0;
    this.epoch = ++marks;
  }

  /** A text that is another one for every object, and the same in every run of a segment. */
  idOf(object: object): string {
    let id = this.ids.get(object);
    if (id === undefined) this.ids.set(object, (id = `object${this.ids.size + 1}`));
    return id;
  }

  /** Takes back all changes since the mark, which stays in force. */
  undo(): void {
    this.changes = null;
    while (this.log.length > 0) this.log.pop()!();
  }

  /** Notes how to take back a change of something that was made in `born`; what the mark has not seen needs none. */
  changing(born: number, undo: () => void): void {
    if (this.watches(born)) this.log.push(undo);
  }

  /** Whether a change of something that was made in `born` must be noted. */
  watches(born: number): boolean {
    return this.epoch !== 0 && born !== this.epoch;
  }
}

/** Something that keeps what model code can change, in one place or, by name, in several. */
export interface Holder<S = unknown> {
  /** When it was made, see `stamp`. */
  readonly made: number;
  state(name: string): S;
  setState(name: string, state: S): void;
}

/** One place of a holder. */
export interface Slot<S = unknown> {
  readonly holder: Holder<S>;
  readonly name: string;
}

/** A slot that has been changed, and what was there before. */
export interface Changed<S = unknown> extends Slot<S> {
  readonly before: S;
}

/** What a piece of code changes of what was there before it ran: noted while it runs, whatever leads to a change. */
export class Changes {
  private readonly found = new Map<Holder, Map<string, unknown>>();
  private readonly since = stamp();
  /** What notes the changes of the code around. */
  outer: Changes | null = null;

  /** Takes note of a change that is about to happen. */
  note(holder: Holder, name: string): void {
    if (holder.made < this.since && !this.has(holder, name)) this.put(holder, name, holder.state(name));
  }

  has(holder: Holder, name: string): boolean {
    return this.found.get(holder)?.has(name) ?? false;
  }

  /** Takes in what code within this one has changed. */
  add(inner: Changes): void {
    for (const { holder, name, before } of inner.all())
      if (holder.made < this.since && !this.has(holder, name)) this.put(holder, name, before);
  }

  all(): Changed[] {
    return [...this.found].flatMap(([holder, names]) => [...names].map(([name, before]) => ({ holder, name, before })));
  }

  get size(): number {
    let size = 0;
    for (const names of this.found.values()) size += names.size;
    return size;
  }

  private put(holder: Holder, name: string, before: unknown): void {
    let names = this.found.get(holder);
    if (!names) this.found.set(holder, (names = new Map()));
    names.set(name, before);
  }
}

let stamps = 0;

/** A number that is greater than all those before it: what was made when. */
export function stamp(): number {
  return ++stamps;
}

/** Runs code, and notes in `changes` what it changes. */
export function noting<T>(changes: Changes, run: () => T): T {
  const [on, outer] = [current, current.changes];
  on.changes = changes;
  changes.outer = outer;
  try {
    return run();
  } finally {
    on.changes = outer;
    outer?.add(changes);
  }
}

/** Takes note that a place is about to be changed. */
export function changing(holder: Holder, name: string): void {
  current.changes?.note(holder, name);
}

/** The trail of the machine that is running; there is one at a time. */
export function trail(): Trail {
  return current;
}

/** Makes a machine's trail the one that changes are noted in. */
export function useTrail(next: Trail): void {
  current = next;
}

/** A map whose changes can be taken back, the order of its keys included. */
export class TrailedMap<K, V> extends Map<K, V> {
  /** @param born the mark under which its owner was made, where it is made later than that */
  constructor(private readonly born = current.epoch) {
    super();
  }

  override set(key: K, value: V): this {
    if (current.watches(this.born)) {
      if (this.has(key)) {
        const before = this.get(key)!;
        current.changing(this.born, () => super.set(key, before));
      } else current.changing(this.born, () => super.delete(key));
    }
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    this.save();
    return super.delete(key);
  }

  override clear(): void {
    this.save();
    super.clear();
  }

  private save(): void {
    if (!current.watches(this.born)) return;
    const before = [...this];
    current.changing(this.born, () => {
      super.clear();
      for (const [key, value] of before) super.set(key, value);
    });
  }
}

/** A set that only grows, and whose growth can be taken back. */
export class TrailedSet<T> extends Set<T> {
  private readonly born = current.epoch;

  override add(value: T): this {
    if (!this.has(value)) current.changing(this.born, () => super.delete(value));
    return super.add(value);
  }
}

/** A list whose changes can be taken back. It is changed through `edit` only. */
export class TrailedList<T> {
  private list: T[];
  private stamp = current.epoch;

  constructor(items: readonly T[] = []) {
    this.list = [...items];
  }

  get items(): readonly T[] {
    return this.list;
  }

  get length(): number {
    return this.list.length;
  }

  /** The items, to be changed at once: the array may not be kept. */
  edit(): T[] {
    if (current.watches(this.stamp)) {
      const { list, stamp } = this;
      const before = [...list];
      current.changing(stamp, () => {
        this.list = before;
        this.stamp = stamp;
      });
      this.stamp = current.epoch;
    }
    return this.list;
  }

  push(...items: T[]): void {
    // Growing at the end is the common change, and is taken back without a copy.
    const { length } = this.list;
    current.changing(this.stamp, () => void (this.list.length = length));
    this.list.push(...items);
  }
}

/** One value that can change, and whose changes can be taken back. */
export class Cell<T> {
  private readonly born = current.epoch;

  constructor(private held: T) {}

  get value(): T {
    return this.held;
  }

  set value(next: T) {
    const before = this.held;
    current.changing(this.born, () => void (this.held = before));
    this.held = next;
  }
}

let current = new Trail();
