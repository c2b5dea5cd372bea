/**
 * What LayerLint adds to the Language Server Protocol: the one source for both sides. Names and plain data only, so
 * that neither side gets the other's library; each makes its request types of them.
 */

export const methods = {
  /** Analyses every file of the workspace; their problems are shown from then on. */
  analyzeWorkspace: 'layerlint/analyzeWorkspace',
  /** The `.layers` text of the models at a position, or of the whole file where the position is in none. */
  recoveredModel: 'layerlint/recoveredModel',
  /** Rebuilds the code of one finding on a real engine and measures it. */
  check: 'layerlint/check',
  /** A notification: the user has trusted the workspace since the server was started. */
  trustGranted: 'layerlint/trustGranted',
} as const;

/** As in the Language Server Protocol: lines and UTF-16 code units, from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A request that reports progress to whoever gives a token (`WorkDoneProgressParams`). */
export interface WithProgress {
  readonly workDoneToken?: string | number;
}

export interface AnalyzeWorkspaceResult {
  /** How many files were looked at. */
  readonly files: number;
  readonly findings: number;
  readonly filesWithFindings: number;
  readonly cancelled: boolean;
}

export interface RecoveredModelParams {
  readonly uri: string;
  readonly position?: Position | null;
}

export interface RecoveredModelResult {
  /** Empty where the file builds nothing. */
  readonly text: string;
}

export interface CheckParams extends WithProgress {
  readonly uri: string;
  /** The finding at this position, or else the one on its line. */
  readonly position?: Position | null;
  /** The id of a finding, as a code action hands it on; it wins over the position. */
  readonly finding?: string | null;
}

export type CheckResponse =
  | {
      readonly status: 'done';
      readonly verdict: 'confirmed' | 'refuted' | 'inconclusive';
      /** One sentence for a message box. */
      readonly message: string;
      /** The whole report, Markdown. */
      readonly report: string;
      readonly range: Range;
    }
  | { readonly status: 'no-finding' | 'untrusted' | 'cancelled' | 'failed'; readonly message: string };
