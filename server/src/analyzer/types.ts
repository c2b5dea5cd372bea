import type { Place, Shape } from '../graph';
import type { Finding, Fix, RuleId } from '../rules';

/** The bytes of a file and the stamp that belongs to exactly these bytes. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly stamp: string;
}

/**
 * What the analyzer needs of the world outside. `server/src/node` has the one for a disk; tests give their own.
 * Paths are absolute, with forward slashes.
 */
export interface FileSystem {
  /** Throws an Error with a readable message where the file cannot be read. */
  read(path: string): FileContent;
  /** Changes whenever the file does (size and time of change); null where there is no such file. */
  stamp(path: string): string | null;
}

export interface AnalyzerOptions {
  /** Rules to report; all by default. Every rule is evaluated all the same, since one may mute another. */
  readonly rules?: readonly RuleId[];
}

/** Something that kept a file from being analysed: unreadable, too large, binary, syntax errors. Never fatal. */
export interface Problem {
  readonly file: string;
  readonly message: string;
  readonly place: Place | null;
}

/** A finding with its edits made, and the suppression comment's absence checked. */
export interface Reported extends Finding {
  /** Stable within one state of the sources: rule, file and offsets. */
  readonly id: string;
  /** Preferred first; a proposed fix that cannot be edited safely here is left out. */
  readonly edits: readonly Fix[];
  /** The fix that may be applied without asking: it keeps the meaning, and does not merely hide the finding. */
  readonly preferred: Fix | null;
}

export interface FileReport {
  readonly file: string;
  readonly findings: readonly Reported[];
  readonly problems: readonly Problem[];
  /** Changes when findings or problems do: a pull diagnostic's result id. */
  readonly resultId: string;
}

/** What hover says of a layer call. */
export interface LayerDescription {
  readonly place: Place;
  readonly kind: string;
  /** One for every layer that the call creates, merged where equal. */
  readonly outputShapes: readonly Shape[];
  readonly parameters: number | null;
  readonly biasParameters: number | null;
  /** One sentence: what happens to its bias. */
  readonly bias: string;
}

/** How far a long request is; `total` may grow while it runs. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
}

export interface LongRequest {
  /** Report on these files only; all by default. */
  readonly files?: Iterable<string>;
  readonly progress?: (progress: Progress) => void;
  /** Asked often; once true, the request ends with what it has. */
  readonly cancelled?: () => boolean;
}
