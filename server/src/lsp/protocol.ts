import { NotificationType0, RequestType } from 'vscode-languageserver/node';
import type { WorkDoneProgressParams } from 'vscode-languageserver/node';
import { methods } from '../../../protocol';
import type {
  AnalyzeWorkspaceResult,
  CheckParams,
  CheckResponse,
  RecoveredModelParams,
  RecoveredModelResult,
} from '../../../protocol';

export const analyzeWorkspaceRequest = new RequestType<WorkDoneProgressParams, AnalyzeWorkspaceResult, void>(
  methods.analyzeWorkspace,
);
export const recoveredModelRequest = new RequestType<RecoveredModelParams, RecoveredModelResult, void>(
  methods.recoveredModel,
);
export const checkRequest = new RequestType<CheckParams, CheckResponse, void>(methods.check);
export const trustGrantedNotification = new NotificationType0(methods.trustGranted);

/** The commands of `workspace/executeCommand`, for clients that know nothing of the requests above. */
export const commands = {
  analyzeWorkspace: 'layerlint.server.analyzeWorkspace',
  recoveredModel: 'layerlint.server.recoveredModel',
  check: 'layerlint.server.check',
} as const;
