import { NotificationType0, RequestType } from 'vscode-languageserver/node';
import type { Position, Range, WorkDoneProgressParams } from 'vscode-languageserver/node';
import type { Verdict } from '../check';

/** What the server adds to the Language Server Protocol. `client/src/protocol.ts` is the other side. */

/** Analyses every file of the workspace; their problems are shown from then on. */
export const analyzeWorkspaceRequest = new RequestType<WorkDoneProgressParams, AnalyzeWorkspaceResult, void>(
  'layerlint/analyzeWorkspace',
);

export interface AnalyzeWorkspaceResult {
  /** How many files were looked at. */
  readonly files: number;
  readonly findings: number;
  readonly filesWithFindings: number;
  readonly cancelled: boolean;
}

/** The `.layers` text of the models at a position, or of the whole file where the position is in none. */
export const recoveredModelRequest = new RequestType<RecoveredModelParams, RecoveredModelResult, void>(
  'layerlint/recoveredModel',
);

export interface RecoveredModelParams {
  readonly uri: string;
  readonly position?: Position | null;
}

export interface RecoveredModelResult {
  /** Empty where the file builds nothing. */
  readonly text: string;
}

/** Rebuilds the code of one finding on a real engine and measures it. */
export const checkRequest = new RequestType<CheckParams, CheckResponse, void>('layerlint/check');

export interface CheckParams extends WorkDoneProgressParams {
  readonly uri: string;
  /** The finding at this position, or else the one on its line. */
  readonly position?: Position | null;
  /** The id of a finding, as a code action hands it on; it wins over the position. */
  readonly finding?: string | null;
}

export type CheckResponse =
  | {
      readonly status: 'done';
      readonly verdict: Verdict;
      /** One sentence for a message box. */
      readonly message: string;
      /** The whole report, Markdown. */
      readonly report: string;
      readonly range: Range;
    }
  | { readonly status: 'no-finding' | 'untrusted' | 'cancelled' | 'failed'; readonly message: string };

/** The user has trusted the workspace since the server was started. */
export const trustGrantedNotification = new NotificationType0('layerlint/trustGranted');

/** The commands of `workspace/executeCommand`, for clients that know nothing of the requests above. */
export const commands = {
  analyzeWorkspace: 'layerlint.server.analyzeWorkspace',
  recoveredModel: 'layerlint.server.recoveredModel',
  check: 'layerlint.server.check',
} as const;
