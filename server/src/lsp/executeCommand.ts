import { MessageType, ShowMessageNotification } from 'vscode-languageserver/node';
import type { Connection } from 'vscode-languageserver/node';
import type { CheckParams, RecoveredModelParams } from '../../../protocol';
import { analyzeWorkspace } from './analyzeWorkspace';
import { checkNumerically } from './check';
import { commands } from './protocol';
import { recoveredModel } from './recoveredModel';
import type { Session } from './session';

/**
 * `workspace/executeCommand`: the product's own requests, for clients that know only the protocol. Their result is the
 * command's; since most clients drop it, the outcome is shown as a message too.
 */
export function handleExecuteCommand(session: Session): void {
  const { connection } = session;
  connection.onExecuteCommand(async ({ command, arguments: args = [], workDoneToken }, token) => {
    const [first] = args as unknown[];
    switch (command) {
      case commands.analyzeWorkspace: {
        const result = await analyzeWorkspace(session, workDoneToken, token);
        if (!result.cancelled) {
          const { findings, filesWithFindings, files } = result;
          show(connection, `findings: ${findings}, in ${filesWithFindings} of ${files} files.`);
        }
        return result;
      }
      case commands.recoveredModel:
        return recoveredModel(session, first as RecoveredModelParams, token);
      case commands.check: {
        const params = { ...(first as CheckParams), ...(workDoneToken === undefined ? {} : { workDoneToken }) };
        const result = await checkNumerically(session, params, token);
        show(connection, result.message);
        return result;
      }
      default:
        return null;
    }
  });
}

/** A notification: `window.showInformationMessage` would ask, and wait for the user's answer. */
function show(connection: Connection, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, {
    type: MessageType.Info,
    message: `LayerLint: ${message}`,
  });
}
