import { Resolver } from '../recover/resolver';
import type { Sources } from './sources';
import type { Screening } from './screen';

/**
 * The candidate files of a workspace and which imports which, told from their bytes. It decides what is run: the
 * **roots**, which are the files that matter and those that import one (a function is judged by its calls, so its
 * callers must be run too).
 *
 * The edges may be too many (a specifier in a comment), and then something is run in vain; recovery reports the true
 * ones, which are added.
 */
export class Project {
  private readonly files = new Set<string>();
  private listed: ReadonlySet<string> = new Set();
  private readonly pending = new Set<string>();
  private readonly screenings = new Map<string, Screening>();
  /** What `trainers` gives, until a screening changes. */
  private training: readonly (readonly [file: string, methods: ReadonlySet<string>])[] | null = null;
  private readonly observed = new Map<string, readonly string[]>();
  private graph: ImportGraph | null = null;
  /** The configuration files that the graph depends on, with their stamps. */
  private configuration = new Map<string, string | null>();

  constructor(private readonly sources: Sources) {}

  setFiles(paths: Iterable<string>): void {
    this.listed = new Set(paths);
    for (const path of this.files) if (!this.listed.has(path) && !this.sources.isOpen(path)) this.remove(path);
    for (const path of this.listed) this.add(path);
  }

  add(path: string): void {
    if (this.files.has(path)) return;
    this.files.add(path);
    this.changed(path);
    this.graph = null;
  }

  remove(path: string): void {
    if (!this.files.delete(path)) return;
    this.pending.delete(path);
    this.screenings.delete(path);
    this.training = null;
    this.observed.delete(path);
    this.graph = null;
  }

  /** A document is no longer open: it stays only where the workspace lists it. */
  release(path: string): void {
    if (this.listed.has(path)) this.changed(path);
    else this.remove(path);
  }

  has(path: string): boolean {
    return this.files.has(path);
  }

  /** The file's text has changed, or may have. */
  changed(path: string): void {
    if (this.files.has(path)) this.pending.add(path);
  }

  /** Screens what is new or changed, a file a step, so that a caller can pause between. */
  *scan(): Generator<string> {
    for (const [path, stamp] of this.configuration) if (this.sources.stamp(path) !== stamp) this.graph = null;
    for (const path of [...this.pending]) {
      if (!this.pending.delete(path)) continue;
      const screening = this.sources.screen(path);
      const before = this.screenings.get(path);
      this.screenings.set(path, screening);
      this.training = null;
      if (!before || !alike(before, screening)) this.graph = null;
      yield path;
    }
  }

  get waiting(): number {
    return this.pending.size;
  }

  /** By file, the methods that it calls where it may take gradient steps, in the order of the names. */
  trainers(): readonly (readonly [file: string, methods: ReadonlySet<string>])[] {
    return (this.training ??= [...this.screenings]
      .filter(([, { trainsThrough }]) => trainsThrough.size > 0)
      .map(([file, { trainsThrough }]) => [file, trainsThrough] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  screening(path: string): Screening | undefined {
    return this.screenings.get(path);
  }

  /** Records what a run of `root` really depended on. */
  observe(root: string, dependencies: readonly string[]): void {
    const imports = this.links().imports.get(root);
    const further = dependencies.filter((path) => path !== root && this.files.has(path) && !imports?.has(path));
    const before = this.observed.get(root) ?? [];
    if (further.every((path) => before.includes(path))) return;
    this.observed.set(root, [...new Set([...before, ...further])]);
    this.graph = null;
  }

  /** Every root, importers before what they import. */
  roots(): readonly string[] {
    const links = this.links();
    return links.order.filter((path) => links.roots.has(path));
  }

  /** The roots from which any of `paths` can be reached, importers first; they are among them where they are roots. */
  rootsReaching(paths: Iterable<string>): readonly string[] {
    const links = this.links();
    const reaching = reachable(paths, links.importers);
    return [...reaching]
      .filter((file) => links.roots.has(file))
      .sort((a, b) => links.rank.get(a)! - links.rank.get(b)!);
  }

  /**
   * Whether a run of `root` can bear on a finding: something that it reaches names batch norm, or is reached by a root
   * of which that is true.
   */
  isFruitful(root: string): boolean {
    return this.links().fruitful.has(root);
  }

  paths(): ReadonlySet<string> {
    return this.files;
  }

  private links(): ImportGraph {
    return (this.graph ??= this.build());
  }

  private build(): ImportGraph {
    const imports = new Map<string, Set<string>>();
    const importers = new Map<string, Set<string>>();
    const link = (from: string, to: string): void => {
      if (from === to) return;
      put(imports, from, to);
      put(importers, to, from);
    };
    const resolver = new Resolver({
      isFile: (path) => (path.endsWith('.json') || path.endsWith('.yaml') ? this.sources.isFile(path) : this.has(path)),
      read: (path) => this.sources.read(path),
    });
    for (const [path, { imports: relative, packages }] of this.screenings) {
      for (const specifier of [...relative, ...packages]) {
        const target = resolver.resolve(path, specifier);
        if (target !== null) link(path, target);
      }
    }
    this.configuration = new Map([...resolver.consulted].map((path) => [path, this.sources.stamp(path)]));
    for (const [root, further] of this.observed) for (const path of further) link(root, path);
    const roots = new Set<string>();
    for (const [path, { matters }] of this.screenings) if (matters) this.addRoot(path, roots, importers);
    const essential = [...this.screenings].filter(([, screening]) => screening.essential).map(([path]) => path);
    // Who shares a layer-making file with such a root has a say too: a helper's layer may go without batch norm there.
    const naming = reachable(essential, importers);
    const shared = [...reachable(naming, imports)].filter((path) => this.screenings.get(path)?.matters);
    const fruitful = reachable([...naming, ...shared], importers);
    const order = importersFirst([...this.screenings.keys()].sort(), imports);
    return {
      imports,
      importers,
      roots,
      fruitful,
      order,
      rank: new Map(order.map((path, index) => [path, index])),
    };
  }

  /** A file that matters, those that import it, and through files that hand it on those that import them. */
  private addRoot(path: string, roots: Set<string>, importers: ReadonlyMap<string, ReadonlySet<string>>): void {
    const seen = new Set([path]);
    for (const file of seen) {
      roots.add(file);
      if (file !== path && !this.screenings.get(file)!.forwards) continue;
      for (const importer of importers.get(file) ?? []) seen.add(importer);
    }
  }
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

interface ImportGraph {
  readonly imports: Edges;
  readonly importers: Edges;
  readonly roots: ReadonlySet<string>;
  /** The files from which a file that names batch norm can be reached, and those that share what they reach with them. */
  readonly fruitful: ReadonlySet<string>;
  /** Every file, importers before what they import; a cycle is entered at its first file by name. */
  readonly order: readonly string[];
  readonly rank: ReadonlyMap<string, number>;
}

function put(edges: Map<string, Set<string>>, from: string, to: string): void {
  const known = edges.get(from);
  if (known) known.add(to);
  else edges.set(from, new Set([to]));
}

function reachable(from: Iterable<string>, edges: Edges): ReadonlySet<string> {
  const seen = new Set(from);
  for (const path of seen) for (const next of edges.get(path) ?? []) seen.add(next);
  return seen;
}

/** Depth-first post-order over the imports, reversed; without recursion, since chains may be long. */
function importersFirst(paths: readonly string[], imports: Edges): readonly string[] {
  const finished: string[] = [];
  const seen = new Set<string>();
  for (const start of paths) {
    if (seen.has(start)) continue;
    seen.add(start);
    const stack = [{ path: start, rest: [...(imports.get(start) ?? [])] }];
    while (stack.length > 0) {
      const { path, rest } = stack.at(-1)!;
      const next = rest.pop();
      if (next === undefined) {
        finished.push(path);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ path: next, rest: [...(imports.get(next) ?? [])] });
      }
    }
  }
  return finished.reverse();
}

function alike(a: Screening, b: Screening): boolean {
  return (
    a.matters === b.matters &&
    a.essential === b.essential &&
    a.forwards === b.forwards &&
    a.imports.length === b.imports.length &&
    a.imports.every((specifier, index) => specifier === b.imports[index]) &&
    a.packages.length === b.packages.length &&
    a.packages.every((specifier, index) => specifier === b.packages[index])
  );
}
