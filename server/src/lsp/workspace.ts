import ignore from 'ignore';
import { setImmediate } from 'node:timers/promises';
import type { CancellationToken } from 'vscode-languageserver/node';
import type { FileReport } from '../analyzer';
import type { Services } from './services';
import type { Settings } from './settings';

/** Files that are somebody else's even when they are opened. */
const FOREIGN = /\/(?:node_modules|\.git)\//;

/**
 * The sources under analysis: folders, open documents, which files there are. `epoch` grows with every change; whoever
 * holds something that is true of one state of the sources compares it.
 */
export class Workspace {
  folders: readonly string[] = [];
  epoch = 0;
  /** Grows with every change of the sources and of whatever else answers depend on. */
  revision = 0;
  /** Which list of files is wanted and which one there is: a change while it is made asks for another. */
  #wanted = 0;
  #have = -1;
  #listing: Promise<void> | null = null;
  #excluded: (path: string) => boolean = () => false;
  #exclude: readonly string[] = [];
  #files: ReadonlySet<string> = new Set();
  #started: Promise<void> = Promise.resolve();
  readonly #open = new Set<string>();
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly services: Services,
    private readonly log: (message: string) => void,
  ) {}

  /** No answer is given before this has resolved: the settings decide what it is. */
  startAfter(started: Promise<void>): void {
    this.#started = started;
  }

  setFolders(folders: readonly string[]): void {
    this.folders = folders;
    this.#compileExclude();
    this.relist();
  }

  configure({ exclude }: Settings): void {
    const same = exclude.length === this.#exclude.length && exclude.every((entry, i) => entry === this.#exclude[i]);
    this.#exclude = exclude;
    this.#compileExclude();
    if (!same) this.relist();
    this.#changed();
  }

  /** `text` is what the user sees of this file from now on; null: what stands on the disk. */
  setText(path: string, text: string | null): void {
    if (text === null) this.#open.delete(path);
    else this.#open.add(path);
    this.services.analyzer.setOverlay(path, text);
    this.#changed();
  }

  /** These files have changed on the disk. */
  invalidate(paths: readonly string[]): void {
    this.services.analyzer.invalidate(paths);
    this.#changed();
  }

  /** Files have come or gone: the list is made anew before the next answer. */
  relist(): void {
    this.#wanted++;
    this.#changed();
  }

  knows(path: string): boolean {
    return this.#files.has(path) || this.#open.has(path);
  }

  get fileCount(): number {
    return this.#files.size;
  }

  /** How a person names a file: relative to its workspace folder. */
  nameOf(path: string): string {
    const folder = this.folderOf(path);
    return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  }

  /** The innermost workspace folder that holds the file, or the file's own folder. */
  folderOf(path: string): string {
    const holding = this.folders.filter((folder) => path.startsWith(`${folder}/`));
    return holding.sort((a, b) => b.length - a.length)[0] ?? path.slice(0, path.lastIndexOf('/'));
  }

  /** Whether findings of this file concern the user. */
  concerns(path: string): boolean {
    return !FOREIGN.test(path) && !this.#excluded(path);
  }

  /**
   * Lets waiting messages in (a newer text, a cancellation) and makes sure that the list of files is there: a helper is
   * judged by its callers in other files. A document that is no file of the workspace is no reason to wait.
   */
  async ready(token?: CancellationToken): Promise<void> {
    await setImmediate();
    await this.#started;
    while (this.#have !== this.#wanted && !token?.isCancellationRequested) await (this.#listing ??= this.#list());
  }

  report(path: string): FileReport {
    return this.services.analyzer.report(path);
  }

  /** Something else than the sources has changed that answers depend on: settings, verdicts, what is asked for. */
  wake(): void {
    this.revision++;
    for (const settle of [...this.#waiting]) settle();
  }

  /** Resolves once there is a later revision, or when the token is cancelled. */
  async nextChange(since: number, token: CancellationToken): Promise<void> {
    if (this.revision !== since || token.isCancellationRequested) return;
    await new Promise<void>((resolve) => {
      const listener = token.onCancellationRequested(() => settle());
      const settle = (): void => {
        listener.dispose();
        this.#waiting.delete(settle);
        resolve();
      };
      this.#waiting.add(settle);
    });
  }

  async #list(): Promise<void> {
    const wanted = this.#wanted;
    const files = new Set<string>();
    for (const folder of this.folders) {
      try {
        for (const file of await this.services.listFiles(folder, this.#exclude)) files.add(file);
      } catch (error) {
        this.log(`${folder} cannot be listed: ${String(error)}`);
      }
    }
    this.#files = files;
    this.services.analyzer.setFiles(files);
    this.#have = wanted;
    this.#listing = null;
  }

  #changed(): void {
    this.epoch++;
    this.wake();
  }

  #compileExclude(): void {
    const matcher = ignore().add([...this.#exclude]);
    this.#excluded = (path) => {
      const folder = this.folders.find((candidate) => path.startsWith(`${candidate}/`));
      return folder !== undefined && matcher.ignores(path.slice(folder.length + 1));
    };
  }
}
