import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { Range, TextEdit as ProtocolEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import type { TextEdit } from '../rules';
import type { Session } from './session';

/**
 * The edits of one document and the state of it that they belong to: the version of an open document, the stamp of one
 * that is not. Travels to the client and back in `CodeAction.data`.
 */
export interface DocumentEdits {
  readonly uri: string;
  readonly version: number | null;
  readonly stamp: string | null;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
}

/** Null where a text is gone. */
export function documentEdits(session: Session, edits: readonly TextEdit[]): DocumentEdits[] | null {
  const byFile = new Map<string, TextEdit[]>();
  for (const edit of edits) byFile.set(edit.file, [...(byFile.get(edit.file) ?? []), edit]);
  const result: DocumentEdits[] = [];
  for (const [file, ofFile] of byFile) {
    const converted: ProtocolEdit[] = [];
    for (const edit of ofFile) {
      const range = session.texts.range(file, edit);
      if (!range) return null;
      converted.push({ range, newText: edit.text });
    }
    const uri = session.paths.toUri(file);
    result.push({ uri, ...state(session, uri), edits: converted });
  }
  return result;
}

function state({ documents, services, paths }: Session, uri: string): { version: number | null; stamp: string | null } {
  const open = documents.get(uri);
  return { version: open?.version ?? null, stamp: open ? null : services.fileSystem.stamp(paths.toPath(uri)) };
}

/** Throws ContentModified where a document has changed since the edits were made: they would hit the wrong text. */
export function workspaceEdit(session: Session, documents: readonly DocumentEdits[]): WorkspaceEdit {
  for (const { uri, version, stamp } of documents) {
    const now = state(session, uri);
    if (now.version !== version || now.stamp !== stamp) {
      throw new ResponseError(LSPErrorCodes.ContentModified, `${uri} has changed since this action was offered.`);
    }
  }
  if (!session.client.documentChanges) {
    return { changes: Object.fromEntries(documents.map(({ uri, edits }) => [uri, [...edits]])) };
  }
  return {
    documentChanges: documents.map(({ uri, version, edits }) => ({
      textDocument: { uri, version },
      edits: [...edits],
    })),
  };
}

/** The edits one after the other, without those that touch one already taken: they come in the next round. */
export function withoutOverlaps(fixes: readonly (readonly TextEdit[])[]): readonly TextEdit[] {
  const taken: TextEdit[] = [];
  const touches = (a: TextEdit, b: TextEdit): boolean => a.file === b.file && a.start <= b.end && b.start <= a.end;
  for (const edits of fixes) {
    if (!edits.some((edit) => taken.some((other) => touches(edit, other)))) taken.push(...edits);
  }
  return taken;
}
