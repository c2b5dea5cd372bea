/** TypeScript, ECMAScript modules, CommonJS. */
export type Language = 'ts' | 'js' | 'cjs';

/** Where the files of a program are, what they are written in, and how they name each other. */
export interface Layout {
  /** By file, taken round. */
  readonly languages: readonly Language[];
  readonly imports: number;
}

type Style = 'relative' | 'extension' | 'paths' | 'baseUrl' | 'package' | 'exports' | 'hash';

const STYLES: readonly Style[] = ['relative', 'extension', 'paths', 'baseUrl', 'package', 'exports', 'hash'];

const NAMES = ['main', 'parts', 'lib/blocks', 'lib/deep/pieces'];
const INDEX = 'lib/index';

function styleOf({ imports }: Layout): Style {
  return STYLES[imports % STYLES.length]!;
}

export function languageOf({ languages }: Layout, file: number): Language {
  return languages[file % languages.length]!;
}

/** The folder of a file: a package of its own has all but the root. */
function folderOf(layout: Layout, name: string): string {
  const style = styleOf(layout);
  return name !== 'main' && (style === 'package' || style === 'exports') ? '/packages/parts/src' : '/src';
}

function extensionOf(layout: Layout, file: number): string {
  const language = languageOf(layout, file);
  if (language === 'ts') return '.ts';
  return styleOf(layout) !== 'extension' ? '.js' : language === 'js' ? '.mjs' : '.cjs';
}

export function pathOf(layout: Layout, file: number): string {
  const name = NAMES[file]!;
  return `${folderOf(layout, name)}/${name}${extensionOf(layout, file)}`;
}

/** The index that the third file is reached through. */
export function indexPath(layout: Layout): string {
  return `${folderOf(layout, INDEX)}/${INDEX}${extensionOf(layout, 2)}`;
}

/** How the index names the third file. */
export function blocksFrom(layout: Layout): string {
  return `./blocks${written(layout, 2)}`;
}

/** The extension that an import has: files of TypeScript are named as what they are compiled to. */
function written(layout: Layout, file: number): string {
  return styleOf(layout) === 'extension' ? extensionOf(layout, file).replace('.ts', '.js') : '';
}

/** What a file calls another one. */
export function specifier(layout: Layout, from: number, to: number): string {
  const name = to === 2 ? INDEX : NAMES[to]!;
  // A folder is called by its name by most.
  const short = to === 2 && from === 0 && written(layout, to) === '' ? 'lib' : name;
  switch (styleOf(layout)) {
    case 'paths':
      return to === 2 ? '~lib' : `@app/${name}`;
    case 'baseUrl':
      return short;
    case 'hash':
      return `#${name}`;
    case 'package':
      if (from > 0) break;
      return to === 1 ? '@acme/parts' : `@acme/parts/src/${short}`;
    case 'exports':
      if (from > 0) break;
      return to === 1 ? '@acme/parts' : to === 2 ? '@acme/parts/lib' : `@acme/parts/${name}`;
  }
  const folder = NAMES[from]!.split('/').slice(0, -1);
  const target = short.split('/');
  while (folder.length > 0 && folder[0] === target[0]) {
    folder.shift();
    target.shift();
  }
  const up = folder.map(() => '../').join('');
  return `${up || './'}${target.join('/')}${written(layout, to)}`;
}

/** The files that say where imports lead. */
export function configuration(layout: Layout): Record<string, string> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const extension = (file: number): string => extensionOf(layout, file);
  switch (styleOf(layout)) {
    case 'paths': {
      const paths = { '@app/*': ['./src/*'], '~lib': ['./src/lib/index'] };
      return { '/tsconfig.json': json({ compilerOptions: { paths } }) };
    }
    case 'baseUrl':
      return { '/tsconfig.json': json({ compilerOptions: { baseUrl: './src' } }) };
    case 'hash': {
      const imports = Object.fromEntries([1, 2, 3].map((file) => {
        const name = file === 2 ? INDEX : NAMES[file]!;
        return [`#${name}`, `./src/${name}${extension(file)}`];
      })); // prettier-ignore
      return { '/package.json': json({ name: 'app', imports }) };
    }
    case 'package':
      return {
        '/package.json': json({ name: 'app', workspaces: ['packages/*'] }),
        '/packages/parts/package.json': json({ name: '@acme/parts', main: `src/parts${extension(1)}` }),
      };
    case 'exports': {
      const exports = {
        '.': { import: `./src/parts${extension(1)}`, require: `./src/parts${extension(1)}` },
        './lib': `./src/lib/index${extension(2)}`,
        './lib/deep/*': { default: `./src/lib/deep/*${extension(3)}` },
      };
      return {
        '/package.json': json({ name: 'app', workspaces: ['packages/*'] }),
        '/packages/parts/package.json': json({ name: '@acme/parts', exports }),
      };
    }
  }
  return {};
}
