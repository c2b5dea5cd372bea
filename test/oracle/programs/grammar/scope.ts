import type { Condition, Target } from './ast';

/** What code that is being printed can name. */
export interface Scope {
  readonly target: Target;
  /** What grows: the variable of the model, the tensor or the list. */
  readonly current: string;
  /** Expressions that are true or false. */
  readonly flags: readonly string[];
  /** The file that it stands in, an index into the program's files. */
  readonly file: number;
  /** Calls of helpers have to be awaited, and can be. */
  readonly isAsync: boolean;
}

export function conditionText(node: Condition, { flags }: Scope): string {
  const print = (of: Condition): string => {
    switch (of.c) {
      case 'flag':
        return flags.length === 0 ? String(of.at % 2 === 0) : flags[of.at % flags.length]!;
      case 'literal':
        return String(of.value);
      case 'not':
        return `!(${print(of.of)})`;
      case 'both':
        return `(${print(of.left)} && ${print(of.right)})`;
      case 'either':
        return `(${print(of.left)} || ${print(of.right)})`;
    }
  };
  return print(node).replace(/!\((\w+)\)/g, '!$1');
}

/** What makes the model grow by one layer. */
export function emit(out: Output, layer: string, { target, current }: Scope): string {
  if (target === 'sequential') return `${current}.add(${layer});`;
  if (target === 'list') return `${current}.push(${layer});`;
  return `${current} = ${out.applied(layer, current)};`;
}

/** An expression that adds a layer to something, and is what has grown. */
export function appended(out: Output, layer: string, to: string, { target }: Scope): string {
  if (target === 'functional') return out.applied(layer, to);
  return target === 'list' ? `(${to}.push(${layer}), ${to})` : `(${to}.add(${layer}), ${to})`;
}

/** A function of its own that makes the model grow by what it is given, and its call. */
export function inFunction(
  out: Output,
  parameter: string,
  file: number,
  body: (current: string) => string,
  argument: string,
  scope: Scope,
): string {
  const name = out.name('grow');
  const current = { sequential: 'model', functional: 'x', list: 'layers' }[scope.target];
  const own = parameter.includes('=') ? parameter : out.parameter(parameter);
  out.define(file, `function ${name}(${out.parameter(current)}, ${own}) {\n${body(current)}\nreturn ${current};\n}`);
  const call = `${out.use(name, file, scope.file)}(${scope.current}${argument && `, ${argument}`})`;
  return scope.target === 'functional' ? `${scope.current} = ${call};` : `${call};`;
}

/** What stands around text that files of TypeScript only have. */
const [OPEN, CLOSE] = ['\u27e6', '\u27e7'];
const TYPED = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, 'g');

/** Collects the files of a program: definitions before what uses them, and the imports that go with them. */
export class Output {
  private readonly definitions: string[][];
  /** By file, the names that it uses of others, and where they are defined. */
  private readonly uses: Map<string, number>[];
  private readonly exported: Set<string>[];
  private count = 0;

  constructor(
    readonly files: number,
    readonly language: 'ts' | 'js' | 'cjs',
    readonly image: boolean,
    /** Whether gradient steps have to get through all layers: tfjs cannot run a batch norm without `scale` in one. */
    readonly trains = false,
  ) {
    this.definitions = Array.from({ length: files }, () => []);
    this.uses = Array.from({ length: files }, () => new Map<string, number>());
    this.exported = Array.from({ length: files }, () => new Set<string>());
  }

  get shape(): string {
    return this.image ? '[2, 2, 4]' : '[4]';
  }

  name(stem: string): string {
    return `${stem}${++this.count}`;
  }

  /** What stands in files of TypeScript only: the type of something. */
  typed(text: string): string {
    return `${OPEN}${text}${CLOSE}`;
  }

  /** Whether a file is one of TypeScript. */
  isTyped(_file: number): boolean {
    return this.language === 'ts';
  }

  /** A parameter, with its type. */
  parameter(name: string): string {
    return name + this.typed(name.startsWith('...') ? ': any[]' : ': any');
  }

  /** What makes a symbolic tensor of an application's result. */
  applied(layer: string, to: string): string {
    return `${layer}.apply(${to})${this.typed(' as tf.SymbolicTensor')}`;
  }

  /** The file of a definition that is used in `from`: a file names only itself and later ones, so that none are cyclic. */
  fileFor(from: number, form: number): number {
    return from + (form % (this.files - from));
  }

  define(file: number, text: string): void {
    if (!this.definitions[file]!.includes(text)) this.definitions[file]!.push(text);
  }

  /** Notes that `from` uses what `file` defines. */
  use(name: string, file: number, from: number): string {
    if (file !== from) {
      this.uses[from]!.set(name, file);
      this.exported[file]!.add(name);
    }
    return name;
  }

  export(name: string): void {
    this.exported[0]!.add(name);
  }

  program(): Record<string, string> {
    const extension = this.language === 'ts' ? 'ts' : 'js';
    const paths = ['/src/main', '/src/parts', '/src/lib/blocks', '/src/lib/deep/pieces'].map(
      (path) => `${path}.${extension}`,
    );
    const found: Record<string, string> = {};
    for (let file = 0; file < this.files; file++) {
      if (file > 0 && this.definitions[file]!.length === 0) continue;
      found[paths[file]!] = this.text(file);
      // The third file is reached through an index.
      if (file === 2) found[`/src/lib/index.${extension}`] = this.index();
    }
    return found;
  }

  private index(): string {
    const names = [...this.exported[2]!];
    if (this.language === 'cjs') return `module.exports = { ...require('./blocks') };\n`;
    return names.length === 1 ? `export { ${names[0]} } from './blocks';\n` : `export * from './blocks';\n`;
  }

  private text(file: number): string {
    const isCommon = this.language === 'cjs';
    const head = [isCommon ? `const tf = require('@tensorflow/tfjs');` : `import * as tf from '@tensorflow/tfjs';`];
    const specifiers = [
      ['', './parts', './lib', './lib/deep/pieces'],
      ['', '', './lib/index', './lib/deep/pieces'],
      ['', '', '', './deep/pieces'],
    ];
    const byFile = new Map<number, string[]>();
    for (const [name, other] of this.uses[file]!) byFile.set(other, [...(byFile.get(other) ?? []), name]);
    for (const [other, names] of byFile) {
      const from = specifiers[file]![other]!;
      head.push(
        isCommon
          ? `const { ${names.join(', ')} } = require('${from}');`
          : `import { ${names.join(', ')} } from '${from}';`,
      );
    }
    const names = [...this.exported[file]!];
    const tail =
      names.length === 0
        ? []
        : [isCommon ? `module.exports = { ${names.join(', ')} };` : `export { ${names.join(', ')} };`];
    const text = [...head, ...this.definitions[file]!, ...tail].join('\n');
    return indented(text.replace(TYPED, this.isTyped(file) ? '$1' : ''));
  }
}

function indented(text: string): string {
  let depth = 0;
  const lines = text.split('\n').map((line) => {
    const trimmed = line.trim();
    const closes = /^[}\])]/.test(trimmed) ? 1 : 0;
    const shown = '  '.repeat(Math.max(0, depth - closes)) + trimmed;
    const count = (pattern: RegExp): number => (trimmed.match(pattern) ?? []).length;
    depth += count(/[{[(]/g) - count(/[}\])]/g);
    return shown;
  });
  return `${lines.join('\n')}\n`;
}
