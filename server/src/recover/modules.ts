import ts from 'typescript';
import { declaredNames, hoist } from './declarations';
import type { SourceHost } from './host';
import { Environment, LiveExport } from './environment';
import type { Machine } from './machine';
import { Resolver } from './resolver';
import type { SourceCache } from './sources';
import { executeBody } from './statements';
import { placeOf } from './syntax';
import { TrailedMap } from './trail';
import { ApiPath, FunctionValue, NativeFunction, ObjectValue, TensorValue, UnknownValue, type Value } from './values';

/** By name, as `npm:` names it, or from a server of packages: `https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4/+esm`. */
const packages =
  /^(npm:|https?:\/\/.*[/:])?@tensorflow\/tfjs(-node|-node-gpu|-core|-layers|-react-native|-converter|-backend-[a-z-]+)?(@[^/]*)?(\/.*)?$/;
/** What bundles of tfjs are called: `./lib/tfjs.esm.js`. */
const bundles = /(^|\/)tf(js)?([.-](core|layers|node|esm|fesm|es\d+|umd|cjs|iife|bundle|min))*(\.[cm]?js)?$/;

interface LoadedModule {
  readonly exports: ObjectValue;
  /** What `require` gives: the exports, or what `module.exports` was set to. */
  readonly module: ObjectValue;
}

/** The modules of one run: each is evaluated at most once, when something of it is first read. */
export class Modules {
  readonly tf: Value = new ApiPath('');
  private readonly files = new Set<string>();
  private readonly resolver: Resolver;
  private readonly globals = new TrailedMap<'window', ObjectValue>();
  private readonly loaded = new TrailedMap<string, LoadedModule>();
  /** How to read the variables that a namespace has of its own module, by exported name. */
  private readonly variables = new WeakMap<ObjectValue, Map<string, () => Value>>();

  constructor(
    host: SourceHost,
    private readonly sources: SourceCache,
  ) {
    this.resolver = new Resolver(host);
  }

  /** Every file whose text, or absence, matters to what has been run. */
  get dependencies(): Iterable<string> {
    return [...this.files, ...this.resolver.consulted];
  }

  /** The namespace that `import * as x from specifier` gives. */
  importFrom(m: Machine, from: string, specifier: string, node: ts.Node): Value {
    if (packages.test(specifier)) return this.tf;
    if (specifier === 'deeplearn') return m.unknown('deeplearn.js is not tfjs', node);
    const path = this.resolver.resolve(from, specifier);
    const loaded = path === null ? null : this.load(m, path);
    if (loaded) return loaded.exports;
    // It is built later, or is too large to be read.
    if (bundles.test(specifier)) return this.tf;
    return path === null
      ? m.derived(`\`${specifier}\` is not in the workspace`, `module:${specifier}`, node)
      : m.derived(`\`${specifier}\` cannot be read`, `module:${path}`, node);
  }

  private requireFrom(m: Machine, from: string, specifier: string, node: ts.Node): Value {
    const namespace = this.importFrom(m, from, specifier, node);
    if (!(namespace instanceof ObjectValue)) return namespace;
    const path = this.resolver.resolve(from, specifier);
    const module = path === null ? undefined : this.loaded.get(path);
    return module ? module.module.properties.get('exports') : namespace;
  }

  /** Runs a module; the one that is running already gives what it has exported so far. */
  load(m: Machine, path: string): LoadedModule | null {
    const known = this.loaded.get(path);
    if (known) return known;
    this.files.add(path);
    const source = this.sources.get(path);
    if (!source) return null;
    const exports = new ObjectValue();
    const module = new ObjectValue();
    module.properties.set('exports', exports);
    const loaded = { exports, module };
    const isRoot = this.loaded.size === 0;
    this.loaded.set(path, loaded);
    const env = new Environment(m.globals, placeOf(source), true);
    env.declare('this', m.derived('the global object', 'global:this', source));
    env.declare('module', module);
    env.declare('exports', exports);
    env.declare(
      'require',
      new NativeFunction('require', ([specifier], { node }) =>
        typeof specifier === 'string' && node
          ? this.requireFrom(m, path, specifier, node)
          : m.unknown('required by a name that is not known', node),
      ),
    );
    for (const name of ['window', 'globalThis', 'self', 'global']) env.declare(name, this.globalObject());
    const frame = {
      fn: null,
      environment: env,
      call: null,
      place: null,
      inert: false,
      layerCall: false,
      mayReturn: [],
    };
    m.frames.push(frame);
    try {
      for (const statement of source.statements)
        if (ts.isImportDeclaration(statement)) this.declareImport(m, statement, env, path);
      for (const statement of source.statements)
        if (ts.isImportEqualsDeclaration(statement)) this.declareImportEquals(m, statement, env, path);
      hoist(m, source.statements, env);
      const settle = this.declareExports(m, source, env, exports, path);
      m.outside(() => executeBody(m, source.statements, env));
      for (const fill of settle) fill();
    } finally {
      m.frames.pop();
    }
    // `module.exports = X`: names read from the namespace are those of X.
    const replaced = module.properties.get('exports');
    if (replaced instanceof ObjectValue && replaced !== exports) {
      for (const [key, value] of replaced.properties) exports.properties.set(key, value);
      if (!exports.properties.has('default')) exports.properties.set('default', replaced);
    } else if (replaced !== exports) {
      exports.properties.set('default', replaced);
      if (replaced instanceof ApiPath) exports.api = replaced;
    }
    if (isRoot)
      for (const object of [exports, this.globals.get('window')])
        for (const value of object?.properties.values() ?? []) escapeExported(m, value, source);
    return loaded;
  }

  /** `window`: properties set on it are names of the program, and names not set on it are the host's. */
  private globalObject(): ObjectValue {
    const known = this.globals.get('window');
    if (known) return known;
    const object = new ObjectValue();
    object.open = true;
    object.properties.set('tf', this.tf);
    this.globals.set('window', object);
    return object;
  }

  private declareImport(m: Machine, node: ts.ImportDeclaration, env: Environment, path: string): void {
    if (!ts.isStringLiteral(node.moduleSpecifier) || !node.importClause || node.importClause.isTypeOnly) return;
    const specifier = node.moduleSpecifier.text;
    const namespace = (): Value => this.importFrom(m, path, specifier, node);
    this.noteDependency(path, specifier);
    const { name, namedBindings } = node.importClause;
    if (packages.test(specifier)) {
      // Nothing has to run for it, and what is looked at before it is read must not be taken for harmless.
      if (name) env.declare(name.text, this.tf);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) env.declare(namedBindings.name.text, this.tf);
      else if (namedBindings)
        for (const element of namedBindings.elements)
          env.declare(element.name.text, member(m, this.tf, (element.propertyName ?? element.name).text, element));
      return;
    }
    if (name) env.declareLazily(name.text, () => member(m, namespace(), 'default', node));
    if (!namedBindings) return;
    if (ts.isNamespaceImport(namedBindings)) env.declareLazily(namedBindings.name.text, namespace);
    else {
      for (const element of namedBindings.elements) {
        const imported = (element.propertyName ?? element.name).text;
        env.declareLazily(element.name.text, () => {
          const from = namespace();
          const read = from instanceof ObjectValue ? this.variables.get(from)?.get(imported) : undefined;
          // Before the exporting module has run, its variables are not there yet.
          const ready = from instanceof ObjectValue && from.properties.has(imported);
          return read && ready ? new LiveExport(read) : member(m, from, imported, element);
        });
      }
    }
  }

  private declareImportEquals(m: Machine, node: ts.ImportEqualsDeclaration, env: Environment, path: string): void {
    const reference = node.moduleReference;
    if (!ts.isExternalModuleReference(reference) || !ts.isStringLiteral(reference.expression)) return;
    const specifier = reference.expression.text;
    env.declareLazily(node.name.text, () => this.requireFrom(m, path, specifier, node));
  }

  /** What fills the namespace once the module has run. */
  private declareExports(
    m: Machine,
    source: ts.SourceFile,
    env: Environment,
    exports: ObjectValue,
    path: string,
  ): (() => void)[] {
    const pending: (() => void)[] = [];
    const variables = new Map<string, () => Value>();
    this.variables.set(exports, variables);
    const live = (name: string, read: () => Value): void => {
      pending.push(() => void exports.properties.set(name, read()));
    };
    for (const statement of source.statements) {
      if (ts.isExportDeclaration(statement)) {
        const from =
          statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier)
            ? statement.moduleSpecifier.text
            : null;
        if (from !== null) this.noteDependency(path, from);
        const clause = statement.exportClause;
        if (!clause && from !== null) {
          const namespace = this.importFrom(m, path, from, statement);
          if (namespace instanceof ObjectValue) {
            for (const [key, value] of namespace.properties) if (key !== 'default') exports.properties.set(key, value);
            exports.api ??= namespace.api;
          } else if (namespace instanceof ApiPath) exports.api = namespace;
        } else if (clause && ts.isNamedExports(clause)) {
          for (const element of clause.elements) {
            const local = (element.propertyName ?? element.name).text;
            if (from === null) variables.set(element.name.text, () => env.find(local)?.value);
            live(element.name.text, () =>
              from === null
                ? env.find(local)?.value
                : member(m, this.importFrom(m, path, from, element), local, element),
            );
          }
        } else if (clause && ts.isNamespaceExport(clause) && from !== null) {
          live(clause.name.text, () => this.importFrom(m, path, from, statement));
        }
        continue;
      }
      const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
      if (ts.isExportAssignment(statement)) {
        live('default', () => env.find('default')?.value);
        continue;
      }
      if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) continue;
      const isDefault = modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
      if (ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const))
        for (const name of declaredNames(statement)) variables.set(name, () => env.find(name)?.value);
      for (const name of declaredNames(statement)) live(isDefault ? 'default' : name, () => env.find(name)?.value);
      if (isDefault && ts.isFunctionDeclaration(statement) && !statement.name) {
        live('default', () => new FunctionValue(statement, env, undefined));
        m.made.set(statement, new FunctionValue(statement, env, undefined));
      }
      // Functions are there before the module has run: cyclic imports rely on it.
      if (ts.isFunctionDeclaration(statement) && statement.name)
        exports.properties.set(isDefault ? 'default' : statement.name.text, env.find(statement.name.text)?.value);
    }
    return pending;
  }

  private noteDependency(from: string, specifier: string): void {
    const path = packages.test(specifier) ? null : this.resolver.resolve(from, specifier);
    if (path !== null) this.files.add(path);
  }
}

function member(m: Machine, namespace: Value, name: string, node: ts.Node): Value {
  if (namespace instanceof ApiPath)
    return name === 'default' ? namespace : new ApiPath(namespace.path ? `${namespace.path}.${name}` : name);
  if (namespace instanceof ObjectValue) {
    if (namespace.properties.has(name)) return namespace.properties.get(name);
    if (namespace.api) return member(m, namespace.api, name, node);
    return m.unknown(`\`${name}\` is not exported, or not yet`, node);
  }
  const reason = namespace instanceof UnknownValue ? `\`${name}\` is imported, and ${namespace.reason}` : 'not known';
  return m.derived(reason, `${(namespace as { id?: string }).id ?? ''}.${name}`, node);
}

/**
 * A tensor that its own module goes on with is exported, or made global, for one more use. One that is exported only is
 * judged where it is imported.
 */
function escapeExported(m: Machine, value: Value, node: ts.Node): void {
  if (value instanceof TensorValue && value.tensor.uses.length > 0) m.escape(value, 'exported', node);
}
