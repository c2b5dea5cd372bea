import type { Recovered, RecoverOptions } from '../recover';
import type { Project } from './project';
import type { Sources } from './sources';

/** What the analyzer needs of `recover/`; injected, so that the analyzer can be tested without a compiler. */
export interface RecovererLike {
  recover(root: string, options?: RecoverOptions): Recovered;
}

/** One run of one root, and what it holds for. */
export interface Run {
  /** A new one for every run. */
  readonly id: number;
  readonly root: string;
  /** Null where recovery broke off; then `failure` says why. */
  readonly recovered: Recovered | null;
  readonly failure: string | null;
  /** Files in which a finding of these worlds could stand. */
  readonly sites: ReadonlySet<string>;
  /** Files in which something is made that a gradient step of these worlds runs, and that other files may change. */
  readonly trained: ReadonlySet<string>;
}

interface Entry extends Run {
  readonly stamps: ReadonlyMap<string, string | null>;
  readonly called: ReadonlySet<string>;
}

/** Rounds after which files that call each other in circles are taken as they are. */
const MAX_ROUNDS = 4;

/**
 * Runs of roots, kept as long as no file that they depend on changes and the set of their functions that other files
 * call stays the same.
 */
export class Runs {
  private readonly entries = new Map<string, Entry>();
  /** File to the roots that call functions of it, with the keys of those functions. */
  private readonly callers = new Index();
  /** File to the roots of which code that is left out can call functions of it. */
  private readonly reopeners = new Index();
  /** File to the roots whose worlds have a site in it. */
  private readonly siteRoots = new Map<string, Set<string>>();
  private recoverer: RecovererLike | null = null;
  private count = 0;

  constructor(
    private readonly sources: Sources,
    private readonly project: Project,
    private readonly load: () => RecovererLike,
    private readonly replaced: (run: Run) => void,
  ) {}

  get(root: string): Run | undefined {
    return this.entries.get(root);
  }

  /** The runs that hold today and have a site in the file, in the order of their roots' names. */
  withSitesIn(file: string): readonly Run[] {
    const roots = [...(this.siteRoots.get(file) ?? [])].sort();
    return roots.map((root) => this.entries.get(root)!).filter((entry) => this.isFresh(entry));
  }

  /** Drops the runs of files that are no longer there. */
  prune(): void {
    for (const [root, entry] of this.entries) {
      if (this.project.has(root)) continue;
      this.entries.delete(root);
      this.index(root, entry, null);
      this.replaced(entry);
    }
  }

  /**
   * Brings these roots up to date. They come importers first, and hold with each root all that import it, so that who
   * is called is known before the callee's turn; only cycles need further rounds. Yields before each run; ending the
   * iteration early leaves the rest as it is.
   */
  *bring(roots: readonly string[], cancelled?: () => boolean): Generator<string> {
    const scope = new Set(roots);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let ran = false;
      for (const root of roots) {
        const called = this.calledIn(root, scope);
        const entry = this.entries.get(root);
        if (entry && this.isFresh(entry) && sameSet(entry.called, called)) continue;
        yield root;
        if (cancelled?.()) return;
        this.run(root, called);
        ran = true;
      }
      if (!ran) return;
    }
  }

  private run(root: string, called: ReadonlySet<string>): void {
    const before = this.entries.get(root);
    let recovered: Recovered | null = null;
    let failure: string | null = null;
    try {
      this.recoverer ??= this.load();
      recovered = this.recoverer.recover(root, { called });
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    const stamps = new Map([root, ...(recovered?.dependencies ?? [])].map((path) => [path, this.sources.stamp(path)]));
    const entry = {
      id: ++this.count,
      root,
      recovered,
      failure,
      sites: sitesOf(recovered),
      trained: trainedOf(recovered),
      stamps,
      called,
    };
    this.entries.set(root, entry);
    this.index(root, before, entry);
    if (before) this.replaced(before);
    if (recovered) this.project.observe(root, recovered.dependencies);
  }

  /** Those of the runs of these roots that hold today. */
  of(roots: readonly string[]): readonly Run[] {
    return roots.flatMap((root) => this.entries.get(root) ?? []).filter((entry) => this.isFresh(entry));
  }

  private isFresh(entry: Entry): boolean {
    for (const [path, stamp] of entry.stamps) if (this.sources.stamp(path) !== stamp) return false;
    return true;
  }

  private calledIn(root: string, scope: ReadonlySet<string>): ReadonlySet<string> {
    const called = this.callers.keysOf(root, scope);
    for (const key of this.reopeners.keysOf(root, scope)) called.delete(key);
    return called;
  }

  private index(root: string, before: Run | undefined, after: Run | null): void {
    const [old, now] = [before?.recovered, after?.recovered];
    this.callers.replace(root, old?.calledElsewhere ?? [], now?.calledElsewhere ?? []);
    this.reopeners.replace(root, old?.reopened ?? [], now?.reopened ?? []);
    for (const file of before?.sites ?? []) this.siteRoots.get(file)?.delete(root);
    for (const file of after?.sites ?? []) {
      const roots = this.siteRoots.get(file);
      if (roots) roots.add(root);
      else this.siteRoots.set(file, new Set([root]));
    }
  }
}

/** Functions of other files that the runs of roots name. */
class Index {
  /** File to root to the keys of functions of the file. */
  private readonly byFile = new Map<string, Map<string, readonly string[]>>();

  /** The keys of a file's functions that the runs of other roots name, of those in the scope. */
  keysOf(file: string, scope: ReadonlySet<string>): Set<string> {
    const found = new Set<string>();
    for (const [root, keys] of this.byFile.get(file) ?? []) {
      if (root !== file && scope.has(root)) for (const key of keys) found.add(key);
    }
    return found;
  }

  replace(root: string, before: readonly string[], after: readonly string[]): void {
    for (const key of before) this.byFile.get(fileOfKey(key))?.delete(root);
    for (const [file, keys] of groupByFile(after)) {
      const roots = this.byFile.get(file);
      if (roots) roots.set(root, keys);
      else this.byFile.set(file, new Map([[root, keys]]));
    }
  }
}

/** A function's key is `file:offset`. */
function fileOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}

function groupByFile(keys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const file = fileOfKey(key);
    const group = groups.get(file);
    if (group) group.push(key);
    else groups.set(file, [key]);
  }
  return groups;
}

function sitesOf(recovered: Recovered | null): ReadonlySet<string> {
  const files = new Set<string>();
  for (const { graph } of recovered?.worlds ?? []) {
    for (const layer of graph.layers) if (layer.site) files.add(layer.site.file);
    for (const { target } of graph.applications)
      if (target.type === 'op' && target.call) files.add(target.call.site.file);
    for (const step of graph.steps) for (const run of step.runs) files.add(run.site.file);
  }
  return files;
}

function trainedOf(recovered: Recovered | null): ReadonlySet<string> {
  const files = new Set<string>();
  for (const { graph } of recovered?.worlds ?? []) {
    if (graph.steps.length === 0) continue;
    for (const layer of graph.layers) if (layer.site) files.add(layer.site.file);
    for (const { made } of graph.tensors) if (made?.place) files.add(made.place.file);
  }
  return files;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}
