import { NotificationType0, RequestType } from 'vscode-languageclient/node';
import { methods } from '../../protocol';
import type {
  AnalyzeWorkspaceResult,
  CheckParams,
  CheckResponse,
  RecoveredModelParams,
  RecoveredModelResult,
  WithProgress,
} from '../../protocol';

export const analyzeWorkspaceRequest = new RequestType<WithProgress, AnalyzeWorkspaceResult, void>(
  methods.analyzeWorkspace,
);
export const recoveredModelRequest = new RequestType<RecoveredModelParams, RecoveredModelResult, void>(
  methods.recoveredModel,
);
export const checkRequest = new RequestType<CheckParams, CheckResponse, void>(methods.check);
export const trustGrantedNotification = new NotificationType0(methods.trustGranted);
