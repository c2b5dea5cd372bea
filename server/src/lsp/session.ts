import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ClientFeatures } from './clientFeatures';
import type { Paths } from './paths';
import type { Services } from './services';
import type { Settings } from './settings';
import type { Texts } from './texts';
import type { Verdicts } from './verdicts';
import type { Workspace } from './workspace';

/** What the handlers of all requests share, from `initialize` on. */
export interface Session {
  readonly connection: Connection;
  readonly documents: TextDocuments<TextDocument>;
  readonly services: Services;
  readonly client: ClientFeatures;
  readonly paths: Paths;
  readonly texts: Texts;
  readonly workspace: Workspace;
  readonly verdicts: Verdicts;
  settings: Settings;
  /** Whether the user trusts the workspace: only then is anything of it run. */
  trusted: boolean;
  /** Whether problems of files that are not open are wanted. */
  wholeWorkspace: boolean;
  /** Asks the client to show anew what depends on analysis, settings or verdicts. */
  refresh(): void;
}
