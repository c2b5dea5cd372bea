import { SourceMap } from 'node:module';
import vm from 'node:vm';
import { transform } from 'esbuild';
import ts from 'typescript';
import { callSite } from '../../../server/src/recover/syntax';
import type { CallSite, Place } from '../../../server/src/graph';
import { scriptText } from '../../../server/src/recover/html';
import { Resolution, type Program } from './resolution';

export type { Program } from './resolution';

interface Compiled {
  readonly run: (...context: unknown[]) => void;
  readonly map: SourceMap;
  readonly source: ts.SourceFile;
}

const PACKAGE = /^@tensorflow\/tfjs(-node|-node-gpu|-core|-layers)?$/;

/**
 * A program that can be run: each file is made a CommonJS module by esbuild, and imports are loaded by a small loader,
 * from where TypeScript says that they lead. `@tensorflow/tfjs` is what `run` is handed. A module is compiled once and can be run many times.
 */
export class Runnable {
  private readonly compiled = new Map<string, Compiled>();
  /** By file and by position in what the compiler gave, the call that stands there. */
  private readonly sites = new Map<string, CallSite | null>();
  /** What a script sees without importing it. */
  private readonly globals: { tf?: object; document?: unknown } = { document: ABSORBING };

  private readonly resolution: Resolution;

  private constructor(readonly program: Program) {
    this.resolution = new Resolution(program);
  }

  static async of(program: Program): Promise<Runnable> {
    const runnable = new Runnable(program);
    const code = Object.keys(program).filter((file) => !file.endsWith('.json'));
    await Promise.all(code.map((file) => runnable.compile(file)));
    return runnable;
  }

  get root(): string {
    return Object.keys(this.program)[0]!;
  }

  get rootText(): string {
    return this.program[this.root]!;
  }

  /** Runs the program's top level; returns what the root exports. */
  run(tf: object): Record<string, unknown> {
    this.globals.tf = tf;
    const loaded = new Map<string, { exports: Record<string, unknown> }>();
    const load = (file: string): Record<string, unknown> => {
      const known = loaded.get(file);
      if (known) return known.exports;
      const module = { exports: {} as Record<string, unknown> };
      loaded.set(file, module);
      const require = (specifier: string): unknown => {
        if (PACKAGE.test(specifier)) return tf;
        const found = this.resolution.resolve(file, specifier);
        if (found !== null) return load(found);
        if (specifier.startsWith('.')) throw new Error(`${file}: nothing can be imported from ${specifier}`);
        return ABSORBING;
      };
      this.compiled.get(file)!.run(module.exports, require, module);
      return module.exports;
    };
    return load(this.root);
  }

  /** The calls of the program that are under way, innermost first; call it with nothing but a wrapper in between. */
  stack(): CallSite[] {
    const { prepareStackTrace, stackTraceLimit } = Error;
    let frames: NodeJS.CallSite[] = [];
    Error.stackTraceLimit = 60;
    Error.prepareStackTrace = (_, structured) => void (frames = structured);
    // Reading the stack is what makes V8 build it.
    void new Error().stack;
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    return frames.flatMap((frame) => {
      const file = frame.getFileName();
      if (file == null || !(file in this.program)) return [];
      const waits = (frame as { isAsync?(): boolean }).isAsync?.() ?? false;
      const site = this.siteAt(file, frame.getLineNumber()!, frame.getColumnNumber()!, waits);
      return site === null ? [] : [site];
    });
  }

  /** Whether it is `super(...)`. */
  isSuperCall({ file, callee }: CallSite): boolean {
    return this.program[file]!.slice(callee.start, callee.end) === 'super';
  }

  private async compile(file: string): Promise<void> {
    const text = scriptOf(this.program, file);
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const { code, map } = await transform(text + pageExports(source), {
      loader: /\.[cm]?ts$/.test(file) ? 'ts' : /\.tsx$/.test(file) ? 'tsx' : 'js',
      format: 'cjs',
      target: 'esnext',
      sourcefile: file,
      sourcemap: 'external',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    });
    this.compiled.set(file, {
      run: vm.compileFunction(code, ['exports', 'require', 'module'], {
        filename: file,
        contextExtensions: [this.globals],
      }) as never,
      map: new SourceMap(JSON.parse(map) as never),
      source,
    });
  }

  /** @param waits whether the code there waits for what it has called, rather than being in the call */
  private siteAt(file: string, line: number, column: number, waits: boolean): CallSite | null {
    const key = `${file}:${line}:${column}:${waits}`;
    let site = this.sites.get(key);
    if (site === undefined) {
      const { map, source } = this.compiled.get(file)!;
      const entry = map.findEntry(line - 1, column - 1);
      const at =
        'originalLine' in entry ? source.getPositionOfLineAndCharacter(entry.originalLine, entry.originalColumn) : 0;
      const call = waits ? awaitedAt(source, at) : callAt(source, at);
      this.sites.set(key, (site = call ? callSite(call) : getterSite(source, at)));
    }
    return site;
  }
}

export function placeOf({ file, call }: CallSite): Place {
  return { file, ...call };
}

/** The code of a file: of a page, its scripts at their places. */
export function scriptOf(program: Program, file: string): string {
  return isPage(file) ? scriptText(program[file]!) : program[file]!;
}

function isPage(file: string): boolean {
  return file.endsWith('.html');
}

/** What makes the functions of a page those that its module exports: its buttons call them. */
function pageExports({ fileName, statements }: ts.SourceFile): string {
  if (!isPage(fileName)) return '';
  const names = statements.filter(ts.isFunctionDeclaration).map(({ name }) => name!.text);
  return `\nObject.assign(module.exports, { ${names.join(', ')} });`;
}

/** Stands for a page, and for packages that are not there: whatever is read of it, called or set, there it is again. */
const ABSORBING: unknown = new Proxy(() => {}, {
  get: (_, key) => (typeof key === 'symbol' || key === 'then' ? undefined : ABSORBING),
  set: () => true,
  apply: () => ABSORBING,
});

/** The read of a property whose name stands at an offset: it calls a getter. */
function getterSite(source: ts.SourceFile, offset: number): CallSite | null {
  let found: CallSite | null = null;
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(source) || offset >= node.end) return;
    if (ts.isPropertyAccessExpression(node) && node.name.getStart(source) === offset) {
      const call = { start: node.getStart(source), end: node.end };
      found = { file: source.fileName, call, callee: call, name: call, close: node.end, args: [] };
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The call whose result is awaited at an offset. */
function awaitedAt(source: ts.SourceFile, offset: number): ts.CallExpression | null {
  let found: ts.CallExpression | null = null;
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(source) || offset >= node.end) return;
    if (ts.isAwaitExpression(node) && node.getStart(source) === offset && ts.isCallExpression(node.expression))
      found = node.expression;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The innermost call that holds an offset, but not in its arguments. */
function callAt(source: ts.SourceFile, offset: number): ts.CallExpression | ts.NewExpression | null {
  let found: ts.CallExpression | ts.NewExpression | null = null;
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(source) || offset >= node.end) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && offset < (node.arguments?.pos ?? node.end))
      found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
