import path from 'node:path';
import ts from 'typescript';

/** A program as texts by absolute path, configuration among them; the first one is its root. */
export type Program = Readonly<Record<string, string>>;

/** Where the imports of a program lead, told by the compiler, which the recovery does without. */
export class Resolution {
  /** Packages of a workspace, by where a package manager links them. */
  private readonly links: readonly (readonly [link: string, folder: string])[];
  private readonly host: ts.ModuleResolutionHost & ts.ParseConfigHost;

  constructor(private readonly program: Program) {
    const isFile = (name: string): boolean => this.realPath(name) in program;
    this.links = workspaceLinks(program);
    this.host = {
      fileExists: isFile,
      readFile: (name) => program[this.realPath(name)],
      directoryExists: (name) =>
        [...Object.keys(program), ...this.links.map(([link]) => link)].some((file) => file.startsWith(`${this.realPath(name).replace(/\/$/, '')}/`)), // prettier-ignore
      realpath: (name) => this.realPath(name),
      getCurrentDirectory: () => '/',
      readDirectory: () => [],
      useCaseSensitiveFileNames: true,
    };
  }

  /** The file that an import means; null where it is none of the program. */
  resolve(from: string, specifier: string): string | null {
    const { resolvedModule } = ts.resolveModuleName(specifier, from, this.optionsFor(from), this.host);
    return resolvedModule && resolvedModule.resolvedFileName in this.program ? resolvedModule.resolvedFileName : null;
  }

  private optionsFor(file: string): ts.CompilerOptions {
    const name = ts.findConfigFile(path.posix.dirname(file), (each) => this.host.fileExists(each));
    const config = name === undefined ? {} : (ts.parseConfigFileTextToJson(name, this.host.readFile(name)!).config as object); // prettier-ignore
    const { options } = ts.parseJsonConfigFileContent(config, this.host, name ? path.posix.dirname(name) : '/');
    return {
      ...options,
      allowJs: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    };
  }

  private realPath(name: string): string {
    for (const [link, folder] of this.links)
      if (name === link || name.startsWith(`${link}/`)) return folder + name.slice(link.length);
    return name;
  }
}

function workspaceLinks(program: Program): [string, string][] {
  const manifest = (file: string): { name?: string; workspaces?: string[] } =>
    JSON.parse(program[file] ?? '{}') as { name?: string; workspaces?: string[] };
  const patterns = manifest('/package.json').workspaces ?? [];
  return Object.keys(program).flatMap((file): [string, string][] => {
    const folder = path.posix.dirname(file);
    const isMember = patterns.some((pattern) => path.posix.dirname(folder) === path.posix.dirname(`/${pattern}`));
    if (!isMember || path.posix.basename(file) !== 'package.json') return [];
    return [[`/node_modules/${manifest(file).name!}`, folder]];
  });
}
