import * as vscode from 'vscode';

/** Read-only documents of one scheme, whose texts are handed in: recovered models, reports of numerical checks. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  constructor(private readonly scheme: string) {}

  /** Registers the scheme for as long as the extension lives. */
  register(context: vscode.ExtensionContext): this {
    context.subscriptions.push(
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(this.scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === this.scheme) this.#texts.delete(uri.toString());
      }),
    );
    return this;
  }

  /** The document beside `source` (same folder, so that two of one name are told apart) that holds `text` from now on. */
  put(source: vscode.Uri, extension: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: this.scheme, path: `${source.path}${extension}` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }
}
