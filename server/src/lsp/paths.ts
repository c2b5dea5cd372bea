import path from 'node:path';
import { URI } from 'vscode-uri';

const KNOWN = /\.(?:[cm]?[jt]s|[jt]sx|html?)$/i;
const EXTENSIONS: Readonly<Record<string, string>> = {
  javascript: '.js',
  javascriptreact: '.jsx',
  typescript: '.ts',
  typescriptreact: '.tsx',
  html: '.html',
};

/**
 * Between the client's URIs and the analysis' paths. An open document keeps the client's own spelling of its URI, in
 * which alone the client recognises it. Documents that are no files (`untitled:`) have a path that no file can have.
 */
export class Paths {
  readonly #uris = new Map<string, string>();
  readonly #paths = new Map<string, string>();

  /** The path of a document that the client has opened. Its language decides where the name tells nothing. */
  open(uri: string, languageId: string): string {
    const plain = plainPath(uri);
    const path = KNOWN.test(plain) ? plain : plain + (EXTENSIONS[languageId] ?? '');
    this.#uris.set(path, uri);
    this.#paths.set(uri, path);
    return path;
  }

  close(uri: string): void {
    const path = this.#paths.get(uri);
    if (path !== undefined) this.#uris.delete(path);
    this.#paths.delete(uri);
  }

  toPath(uri: string): string {
    return this.#paths.get(uri) ?? plainPath(uri);
  }

  toUri(path: string): string {
    return this.#uris.get(path) ?? URI.file(path).toString();
  }
}

function plainPath(uri: string): string {
  const parsed = URI.parse(uri);
  if (parsed.scheme !== 'file') return `/${parsed.scheme}:${parsed.authority}/${parsed.path.replace(/^\//, '')}`;
  return path.sep === '\\' ? parsed.fsPath.replaceAll('\\', '/') : parsed.fsPath;
}
