import type { SourceHost } from './host';
import { entriesOf, mappedTargets, workspaceFolders, type Manifest } from './manifest';

const extensions = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.cjs', '.mts', '.cts'];
/** Folders above a file in which its configuration is looked for. */
const LEVELS = 16;

interface TsConfig {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: {
    readonly baseUrl?: string;
    readonly paths?: Readonly<Record<string, readonly string[]>>;
  };
  readonly references?: readonly { readonly path?: string }[];
}

/** Where specifiers that are not relative lead, by the tsconfig.json in force. */
interface Mapping {
  /** Absolute, or null. */
  readonly baseUrl: string | null;
  /** What `paths` are relative to. */
  readonly root: string;
  readonly paths: readonly (readonly [string, readonly string[]])[];
}

/**
 * Which file of the workspace an import means, by the rules of Node, of bundlers and of TypeScript: relative specifiers,
 * `paths` and `baseUrl` of tsconfig.json, `imports` and `exports` of package.json, packages of the workspace. It never
 * leads into `node_modules`. It has no compiler.
 */
export class Resolver {
  private readonly documents = new Map<string, unknown>();
  private readonly mappings = new Map<string, Mapping | null>();
  private readonly packages = new Map<string, string | null>();
  private readonly resolved = new Map<string, string | null>();
  /** Configuration files that were looked for: what is resolved depends on their texts and on their absence. */
  readonly consulted = new Set<string>();

  constructor(private readonly host: Pick<SourceHost, 'isFile' | 'read'>) {}

  /** The absolute path of the file; null where it is not in the workspace. */
  resolve(from: string, specifier: string): string | null {
    const folder = folderOf(from);
    if (specifier.startsWith('.')) return this.file(join(folder, specifier));
    if (specifier.startsWith('/')) return this.file(specifier);
    if (/^(node|data|https?|file):/.test(specifier)) return null;
    const key = `${folder} ${specifier}`;
    let path = this.resolved.get(key);
    if (path === undefined) {
      path = this.mapped(folder, specifier) ?? this.ofPackage(folder, specifier);
      if (path?.includes('/node_modules/')) path = null;
      this.resolved.set(key, path);
    }
    return path;
  }

  private file(base: string): string | null {
    const stem = base.replace(/\.(js|jsx|mjs|cjs)$/, '');
    if (/\.[cm]?[jt]sx?$/.test(base) && !/\.d\.[cm]?ts$/.test(base) && this.host.isFile(base)) return base;
    for (const extension of extensions) if (this.host.isFile(base + extension)) return base + extension;
    if (stem !== base)
      for (const extension of ['.ts', '.tsx', '.mts', '.cts'])
        if (this.host.isFile(stem + extension)) return stem + extension;
    for (const extension of extensions)
      if (this.host.isFile(`${base}/index${extension}`)) return `${base}/index${extension}`;
    return null;
  }

  /** By `paths` and `baseUrl` of the nearest tsconfig.json or jsconfig.json. */
  private mapped(folder: string, specifier: string): string | null {
    const mapping = this.mappingOf(folder);
    if (!mapping) return null;
    const targets = mappedTargets(mapping.paths, specifier);
    for (const target of targets) {
      const path = this.file(join(mapping.root, target));
      if (path !== null) return path;
    }
    return mapping.baseUrl === null ? null : this.file(join(mapping.baseUrl, specifier));
  }

  private mappingOf(folder: string): Mapping | null {
    const known = this.mappings.get(folder);
    if (known !== undefined) return known;
    let mapping: Mapping | null = null;
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const path = `${folder}/${name}`;
      if (this.document(path) === undefined) continue;
      mapping = this.mappingIn(path) ?? { baseUrl: null, root: folder, paths: [] };
      break;
    }
    if (!mapping && depthOf(folder) > 0) mapping = this.mappingOf(folderOf(folder));
    this.mappings.set(folder, mapping);
    return mapping;
  }

  /** What a configuration says, or else what it extends or the projects that it refers to say. */
  private mappingIn(path: string, depth = 0): Mapping | null {
    const config = this.document(path) as TsConfig | null | undefined;
    if (!config || typeof config !== 'object' || depth > 8) return null;
    const folder = folderOf(path);
    const above = [config.extends ?? []]
      .flat()
      .reverse()
      .filter((specifier) => typeof specifier === 'string' && /^\.{0,2}\//.test(specifier))
      .map((specifier) => this.mappingIn(jsonPath(join(folder, specifier)), depth + 1))
      .find((found) => found !== null);
    const { baseUrl, paths } = config.compilerOptions ?? {};
    if (typeof baseUrl === 'string' || paths) {
      const base = typeof baseUrl === 'string' ? join(folder, baseUrl) : (above?.baseUrl ?? null);
      const own = Object.entries(paths ?? {}).filter(([, targets]) => Array.isArray(targets));
      return paths
        ? { baseUrl: base, root: base ?? folder, paths: own.map(([key, to]) => [key, to.map(withoutConfigDir)]) }
        : { baseUrl: base, root: above?.root ?? folder, paths: above?.paths ?? [] };
    }
    if (above) return above;
    for (const { path: reference } of config.references ?? []) {
      if (typeof reference !== 'string') continue;
      const target = join(folder, reference);
      const found = this.mappingIn(target.endsWith('.json') ? target : `${target}/tsconfig.json`, depth + 1);
      if (found && target.endsWith('.json')) return found;
    }
    return null;
  }

  /** By the package.json around the file (its `imports`, its own name) and the packages of the workspace. */
  private ofPackage(folder: string, specifier: string): string | null {
    const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
    if (name === undefined) return null;
    for (let at = folder, level = 0; level < LEVELS; at = folderOf(at), level++) {
      const manifest = this.manifest(at);
      if (manifest) {
        const targets = specifier.startsWith('#')
          ? mappedTargets(
              Object.entries(manifest.imports ?? {}).map(([key, to]) => [key, entriesOf(to)]),
              specifier,
            )
          : [];
        const own = this.firstFile(at, targets);
        if (own !== null) return own;
        const found = manifest.name === name ? at : this.workspacePackage(at, manifest, name);
        if (found !== null) return this.packageFile(found, `.${rest ?? ''}`);
        if (manifest.workspaces !== undefined) break;
      }
      if (depthOf(at) === 0) break;
    }
    return null;
  }

  private workspacePackage(root: string, manifest: Manifest, name: string): string | null {
    const key = `${root} ${name}`;
    let found = this.packages.get(key);
    if (found === undefined) {
      const folders = workspaceFolders(manifest, this.text(`${root}/pnpm-workspace.yaml`), name);
      found = folders.map((to) => join(root, to)).find((to) => this.manifest(to)?.name === name) ?? null;
      this.packages.set(key, found);
    }
    return found;
  }

  private packageFile(folder: string, subpath: string): string | null {
    const manifest = this.manifest(folder)!;
    const { exports } = manifest;
    const listed = exports && typeof exports === 'object' && Object.keys(exports).some((key) => key.startsWith('.'));
    const conditions = Object.entries(listed ? exports : { '.': exports ?? null });
    const exported = mappedTargets(
      conditions.map(([key, to]) => [key, entriesOf(to)]),
      subpath,
    );
    const further =
      subpath === '.'
        ? [manifest.source, manifest.module, manifest.main, manifest.types, manifest.typings, 'index', 'src/index']
        : [subpath, `src/${subpath}`];
    return this.firstFile(folder, [...exported, ...further.filter((target) => typeof target === 'string')]);
  }

  /** The first of the targets that is there; the sources of a build come before what is built. */
  private firstFile(folder: string, targets: readonly string[]): string | null {
    for (const target of targets) {
      const path = target.replace(/\.d\.([cm]?)ts$/, '.$1ts').replace(/^\.\//, '');
      const sources = path.replace(/^(dist|lib|build|out|esm|cjs|es)(\/(esm|cjs|es|src))?\//, 'src/');
      const found = (sources === path ? null : this.file(join(folder, sources))) ?? this.file(join(folder, path));
      if (found !== null) return found;
    }
    return null;
  }

  private manifest(folder: string): Manifest | null {
    const document = this.document(`${folder}/package.json`);
    return document && typeof document === 'object' ? (document as Manifest) : null;
  }

  /** A file of JSON with comments; undefined where there is none, null where it cannot be read. */
  private document(path: string): unknown {
    if (this.documents.has(path)) return this.documents.get(path);
    const text = this.text(path);
    const document = text === undefined ? undefined : parse(text);
    this.documents.set(path, document);
    return document;
  }

  private text(path: string): string | undefined {
    this.consulted.add(path);
    return this.host.isFile(path) ? this.host.read(path) : undefined;
  }
}

/** JSON with comments and trailing commas, as TypeScript reads its configuration; null where it is no such thing. */
function parse(text: string): unknown {
  const string = /"(?:\\.|[^"\\])*"/.source;
  const plain = text
    .replace(new RegExp(`(${string})|//[^\\n]*|/\\*[^]*?\\*/`, 'g'), '$1')
    .replace(new RegExp(`(${string})|,(?=\\s*[}\\]])`, 'g'), '$1');
  try {
    return JSON.parse(plain) as unknown;
  } catch {
    return null;
  }
}

function withoutConfigDir(target: string): string {
  return target.replace(/^\$\{configDir\}\/?/, './');
}

function jsonPath(path: string): string {
  return path.endsWith('.json') ? path : `${path}.json`;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function depthOf(folder: string): number {
  return folder.split('/').length - 1;
}

function join(folder: string, relative: string): string {
  const parts = folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
