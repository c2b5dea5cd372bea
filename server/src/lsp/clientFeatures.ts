import type { InitializeParams } from 'vscode-languageserver/node';

/** What this client can do, read once; everything is absent unless it is said to be there. */
export interface ClientFeatures {
  readonly pullDiagnostics: boolean;
  readonly refreshDiagnostics: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly unnecessaryTag: boolean;
  readonly codeActionLiterals: boolean;
  readonly resolveEdit: boolean;
  readonly actionData: boolean;
  readonly preferredActions: boolean;
  readonly documentChanges: boolean;
  readonly markdownHover: boolean;
  readonly refreshInlayHints: boolean;
  readonly configuration: boolean;
  readonly registerConfiguration: boolean;
  readonly registerWatchedFiles: boolean;
  readonly workspaceFolders: boolean;
  readonly workDoneProgress: boolean;
  /** The command that a code action names for a numerical check; the server's own unless the client has one. */
  readonly checkCommand: string | null;
}

export function clientFeatures({ capabilities, initializationOptions }: InitializeParams): ClientFeatures {
  const { textDocument, workspace, window } = capabilities;
  const pushed = textDocument?.publishDiagnostics;
  const pulled = textDocument?.diagnostic;
  const action = textDocument?.codeAction;
  const command: unknown = (initializationOptions as { checkCommand?: unknown } | undefined)?.checkCommand;
  return {
    pullDiagnostics: pulled !== undefined,
    refreshDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    relatedInformation: (pulled?.relatedInformation ?? pushed?.relatedInformation) === true,
    codeDescription: (pulled?.codeDescriptionSupport ?? pushed?.codeDescriptionSupport) === true,
    unnecessaryTag: (pulled?.tagSupport ?? pushed?.tagSupport)?.valueSet.includes(1) === true,
    codeActionLiterals: action?.codeActionLiteralSupport !== undefined,
    resolveEdit: action?.resolveSupport?.properties.includes('edit') === true && action.dataSupport === true,
    actionData: action?.dataSupport === true,
    preferredActions: action?.isPreferredSupport === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    markdownHover: textDocument?.hover?.contentFormat?.includes('markdown') === true,
    refreshInlayHints: workspace?.inlayHint?.refreshSupport === true,
    configuration: workspace?.configuration === true,
    registerConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registerWatchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    workDoneProgress: window?.workDoneProgress === true,
    checkCommand: typeof command === 'string' ? command : null,
  };
}
