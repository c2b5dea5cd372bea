import { blocksFrom, configuration, indexPath, languageOf, pathOf, specifier, type Layout } from './layout';

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
    private readonly layout: Layout,
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
  isTyped(file: number): boolean {
    return languageOf(this.layout, file) === 'ts';
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

  /** The files by their paths, the root first, and what configures where imports lead. */
  program(): Record<string, string> {
    const { layout } = this;
    const found: Record<string, string> = {};
    for (let file = 0; file < this.files; file++) {
      if (file > 0 && this.definitions[file]!.length === 0) continue;
      found[pathOf(layout, file)] = this.text(file);
      // The third file is reached through an index.
      if (file === 2) found[indexPath(layout)] = this.index();
    }
    return { ...found, ...configuration(layout) };
  }

  private index(): string {
    const names = [...this.exported[2]!];
    const from = blocksFrom(this.layout);
    if (languageOf(this.layout, 2) === 'cjs') return `module.exports = { ...require('${from}') };\n`;
    return names.length === 1 ? `export { ${names[0]} } from '${from}';\n` : `export * from '${from}';\n`;
  }

  private text(file: number): string {
    const isCommon = languageOf(this.layout, file) === 'cjs';
    const head = [isCommon ? `const tf = require('@tensorflow/tfjs');` : `import * as tf from '@tensorflow/tfjs';`];
    const byFile = new Map<number, string[]>();
    for (const [name, other] of this.uses[file]!) byFile.set(other, [...(byFile.get(other) ?? []), name]);
    for (const [other, names] of byFile) {
      const from = specifier(this.layout, file, other);
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
