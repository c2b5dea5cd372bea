import type { FileReport, FileSystem, LayerDescription, LongRequest } from '../analyzer';
import type { CheckOptions, CheckResult } from '../check';
import type { Diagnosis } from '../rules';

/** The part of the analyzer that the server uses. */
export interface AnalyzerPort {
  setOverlay(path: string, text: string | null): void;
  invalidate(paths: Iterable<string>): void;
  setFiles(paths: Iterable<string>): void;
  report(path: string): FileReport;
  /** Ends with what it has when it is cancelled. */
  reportAll(request?: LongRequest): Promise<readonly FileReport[]>;
  describe(path: string, offset: number): LayerDescription | null;
  /** @param name how the file is called in the text */
  outlineText(path: string, offset: number | null, name?: string): string;
  diagnosis(id: string): Diagnosis | null;
}

/** Everything that stands behind the protocol, as one object: a test of the protocol gives its own. */
export interface Services {
  readonly fileSystem: FileSystem;
  readonly analyzer: AnalyzerPort;
  /**
   * The files of a folder that can hold model code, without what is ignored.
   *
   * @param exclude more patterns of `.gitignore`, relative to the folder
   */
  listFiles(folder: string, exclude: readonly string[]): Promise<readonly string[]>;
  check(diagnosis: Diagnosis, options: CheckOptions): Promise<CheckResult>;
  /**
   * The Markdown report of a check.
   *
   * @param at where the finding stands, as a person reads it: `src/model.ts:12:5`
   */
  checkReport(diagnosis: Diagnosis, at: string, result: CheckResult): string;
}
