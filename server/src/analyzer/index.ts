import type { Layer, Place, Shape, Silence } from '../graph';
import type { Diagnosis, Finding, Fix, RuleId } from '../rules';

/** What the analyzer needs of the world outside; the CLI and the server each give one. Paths: absolute, `/`. */
export interface FileSystem {
  /** UTF-8 text; throws with a readable message where it cannot be read. */
  readText(path: string): string;
  /** Changes whenever the file does (size and time of change); null where there is no such file. */
  stamp(path: string): string | null;
}

export interface AnalyzerOptions {
  /** Rules to evaluate; all by default. */
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
  readonly edits: readonly Fix[];
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

export type { Diagnosis, Finding, Fix, Layer, RuleId, Silence };
