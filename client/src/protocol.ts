import { NotificationType0, RequestType } from 'vscode-languageclient/node';
import type { Position, Range, WorkDoneProgressParams } from 'vscode-languageclient/node';

/** Analyses every file of the workspace; their problems are shown from then on. */
export const analyzeWorkspaceRequest = new RequestType<WorkDoneProgressParams, AnalyzeWorkspaceResult, void>(
  'layerlint/analyzeWorkspace',
);

export interface AnalyzeWorkspaceResult {
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
  readonly position: Position | null;
}

export interface RecoveredModelResult {
  readonly text: string;
}

/** Rebuilds the code of one finding on a real engine and measures it. */
export const checkRequest = new RequestType<CheckParams, CheckResponse, void>('layerlint/check');

export interface CheckParams extends WorkDoneProgressParams {
  readonly uri: string;
  readonly position?: Position;
  readonly finding?: string;
}

export type CheckResponse =
  | {
      readonly status: 'done';
      readonly verdict: 'confirmed' | 'refuted' | 'inconclusive';
      readonly message: string;
      readonly report: string;
      readonly range: Range;
    }
  | { readonly status: 'no-finding' | 'untrusted' | 'cancelled' | 'failed'; readonly message: string };

/** The user has trusted the workspace since the server was started. */
export const trustGrantedNotification = new NotificationType0('layerlint/trustGranted');
