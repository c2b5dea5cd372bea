import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction, CodeActionParams, Command, Range } from 'vscode-languageserver/node';
import type { Reported } from '../analyzer';
import { documentEdits, withoutOverlaps, workspaceEdit } from './edits';
import type { DocumentEdits } from './edits';
import { toDiagnostic, wantedFindings } from './diagnostics';
import { guarded, throwIfCancelled } from './guard';
import { commands } from './protocol';
import type { Session } from './session';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.layerlint`;

/** What an action carries to its resolution. */
interface ActionData {
  readonly documents: readonly DocumentEdits[];
}

/** `textDocument/codeAction` and `codeAction/resolve`. */
export function handleCodeActions(session: Session): void {
  const { connection, workspace } = session;
  connection.onCodeAction((params, token) =>
    guarded<(CodeAction | Command)[]>(connection, 'textDocument/codeAction', [], async () => {
      await workspace.ready(token);
      throwIfCancelled(token);
      return codeActions(session, params);
    }),
  );
  connection.onCodeActionResolve((action) =>
    guarded(connection, 'codeAction/resolve', action, () => {
      const data = action.data as ActionData | undefined;
      return data ? { ...action, edit: workspaceEdit(session, data.documents) } : action;
    }),
  );
}

function codeActions(session: Session, { textDocument, range, context }: CodeActionParams): (CodeAction | Command)[] {
  const path = session.paths.toPath(textDocument.uri);
  const findings = wantedFindings(session, path);
  const here = findings.filter((finding) => touches(session, finding, range));
  const actions: CodeAction[] = [];
  if (wanted(context.only, CodeActionKind.QuickFix)) {
    for (const finding of here) actions.push(...fixActions(session, finding));
    for (const finding of here) actions.push(checkAction(session, textDocument.uri, finding));
  }
  // A whole-file fix is offered to who asks for one; in the menu at the cursor it would be noise.
  if (context.only && wanted(context.only, FIX_ALL)) actions.push(...fixAllActions(session, findings));
  if (session.client.codeActionLiterals) return actions;
  return actions.flatMap(({ command }) => (command ? [command] : []));
}

/** Kinds are hierarchical: who asks for `source` wants `source.fixAll.layerlint` too. */
function wanted(only: readonly string[] | undefined, kind: string): boolean {
  return only === undefined || only.some((asked) => asked === '' || kind === asked || kind.startsWith(`${asked}.`));
}

function touches(session: Session, finding: Reported, { start, end }: Range): boolean {
  const document = session.texts.document(finding.place.file);
  if (!document) return false;
  return document.offsetAt(start) <= finding.place.end && document.offsetAt(end) >= finding.place.start;
}

function fixActions(session: Session, finding: Reported): CodeAction[] {
  const diagnostic = toDiagnostic(session, finding);
  return finding.edits.flatMap((fix) => {
    const documents = documentEdits(session, fix.edits);
    if (!documents) return [];
    const preferred = session.client.preferredActions && fix === finding.preferred;
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        ...(diagnostic ? { diagnostics: [diagnostic] } : {}),
        ...(preferred ? { isPreferred: true } : {}),
        ...editOrData(session, documents),
      },
    ];
  });
}

/** A client that cannot resolve gets the edit at once. */
function editOrData(session: Session, documents: readonly DocumentEdits[]): Pick<CodeAction, 'edit' | 'data'> {
  const data: ActionData = { documents };
  return session.client.resolveEdit ? { data } : { edit: workspaceEdit(session, documents) };
}

function checkAction(session: Session, uri: string, finding: Reported): CodeAction {
  const title = `Check numerically: is this ${finding.rule} so?`;
  const command = session.client.checkCommand ?? commands.check;
  return {
    title,
    kind: CodeActionKind.QuickFix,
    command: { title, command, arguments: [{ uri, finding: finding.id }] },
  };
}

function fixAllActions(session: Session, findings: readonly Reported[]): CodeAction[] {
  const edits = withoutOverlaps(findings.flatMap(({ preferred }) => (preferred ? [preferred.edits] : [])));
  const documents = edits.length > 0 ? documentEdits(session, edits) : null;
  if (!documents) return [];
  return [{ title: 'Fix all LayerLint problems', kind: FIX_ALL, ...editOrData(session, documents) }];
}
