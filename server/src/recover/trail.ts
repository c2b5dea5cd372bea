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
