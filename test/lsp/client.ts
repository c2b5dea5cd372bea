import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  createConnection,
  createProtocolConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type {
  ClientCapabilities,
  CodeAction,
  Diagnostic,
  DocumentDiagnosticReport,
  InitializeParams,
  InitializeResult,
  Position,
  ProtocolConnection,
  PublishDiagnosticsParams,
  Range,
} from 'vscode-languageserver/node';
import type { Services } from '../../server/src/lsp/services';
import { serve } from '../../server/src/lsp/server';
import { builtLauncher } from '../support/command';

/** What VS Code's client says of itself, as far as the server looks at it. */
export const FULL: ClientCapabilities = {
  textDocument: {
    diagnostic: {
      dynamicRegistration: true,
      relatedDocumentSupport: true,
      relatedInformation: true,
      codeDescriptionSupport: true,
      tagSupport: { valueSet: [1, 2] },
    },
    codeAction: {
      dataSupport: true,
      isPreferredSupport: true,
      resolveSupport: { properties: ['edit'] },
      codeActionLiteralSupport: { codeActionKind: { valueSet: ['', 'quickfix', 'source', 'source.fixAll'] } },
    },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    inlayHint: {},
  },
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    workspaceEdit: { documentChanges: true },
    workspaceFolders: true,
  },
  window: { workDoneProgress: true },
};

export interface StartOptions {
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  /** The workspace folder. */
  readonly folder?: string;
  /** The answer to `workspace/configuration`. */
  readonly settings?: unknown;
}

/** One editor in miniature: it opens, changes and asks, and remembers what it was told. */
export class TestClient {
  readonly published: PublishDiagnosticsParams[] = [];
  readonly messages: { method: string; params: unknown }[] = [];
  readonly registered: string[] = [];
  settings: unknown;
  initialized!: InitializeResult;
  readonly #versions = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly connection: ProtocolConnection,
    readonly process: ChildProcess | null,
  ) {}

  async initialize(options: StartOptions): Promise<this> {
    const { connection } = this;
    this.settings = options.settings ?? {};
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => this.settings),
    );
    connection.onRequest('client/registerCapability', ({ registrations }: { registrations: { method: string }[] }) => {
      for (const { method } of registrations) this.registered.push(method);
      this.#tell('client/registerCapability', registrations);
    });
    for (const method of [
      'workspace/diagnostic/refresh',
      'workspace/inlayHint/refresh',
      'window/workDoneProgress/create',
      'window/showMessageRequest',
    ]) {
      connection.onRequest(method, (params: unknown) => {
        this.#tell(method, params);
        return null;
      });
    }
    for (const method of ['window/logMessage', 'window/showMessage', '$/progress', 'telemetry/event']) {
      connection.onNotification(method, (params: unknown) => this.#tell(method, params));
    }
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.push(params);
      this.#tell('textDocument/publishDiagnostics', params);
    });
    connection.listen();
    const params: InitializeParams = {
      processId: null,
      rootUri: options.folder === undefined ? null : pathToFileURL(options.folder).href,
      workspaceFolders:
        options.folder === undefined ? null : [{ uri: pathToFileURL(options.folder).href, name: 'workspace' }],
      capabilities: options.capabilities ?? FULL,
      initializationOptions: options.initializationOptions,
    };
    this.initialized = await connection.sendRequest('initialize', params);
    await connection.sendNotification('initialized', {});
    return this;
  }

  async open(uri: string, text: string, languageId = 'javascript'): Promise<void> {
    this.#versions.set(uri, 1);
    await this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
  }

  /** Replaces a range, or the whole text where there is none. */
  async change(uri: string, text: string, range?: Range): Promise<void> {
    const version = this.version(uri) + 1;
    this.#versions.set(uri, version);
    const contentChanges = [range ? { range, text } : { text }];
    await this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  async close(uri: string): Promise<void> {
    this.#versions.delete(uri);
    await this.notify('textDocument/didClose', { textDocument: { uri } });
  }

  version(uri: string): number {
    return this.#versions.get(uri) ?? 0;
  }

  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.request('textDocument/diagnostic', {
      textDocument: { uri },
      ...(previousResultId === undefined ? {} : { previousResultId }),
    });
  }

  /** The diagnostics of one document. */
  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.pull(uri);
    if (report.kind !== 'full') throw new Error('unchanged, though no result was known');
    return report.items;
  }

  codeActions(uri: string, range: Range, only?: string[]): Promise<CodeAction[]> {
    return this.request('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics: [], ...(only ? { only } : {}) },
    });
  }

  request<R>(method: string, params: unknown): Promise<R> {
    return this.connection.sendRequest(method, params);
  }

  notify(method: string, params?: unknown): Promise<void> {
    return this.connection.sendNotification(method, params);
  }

  /** Resolves once `condition` holds; it is looked at after each message from the server. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  received(method: string): unknown[] {
    return this.messages.filter((message) => message.method === method).map(({ params }) => params);
  }

  async stop(): Promise<void> {
    await this.request('shutdown', undefined);
    if (this.process) {
      const ended = new Promise((resolve) => this.process!.once('exit', resolve));
      await this.notify('exit');
      await ended;
    }
    this.connection.dispose();
  }

  #tell(method: string, params: unknown): void {
    this.messages.push({ method, params });
    for (const wake of [...this.#waiting]) {
      this.#waiting.delete(wake);
      wake();
    }
  }
}

/** A client of a server in this process, which stands on the given services. */
export async function startInProcess(services: Services, options: StartOptions = {}): Promise<TestClient> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(ProposedFeatures.all, new StreamMessageReader(up), new StreamMessageWriter(down));
  serve(server, services, { name: 'LayerLint', version: '0.0.0' });
  const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  return new TestClient(client, null).initialize(options);
}

/** A client of the real server, as it is built, in a process of its own, over stdio. */
export async function startProcess(options: StartOptions = {}): Promise<TestClient> {
  const child = spawnServer();
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  );
  return new TestClient(connection, child).initialize(options);
}

export function spawnServer(): ChildProcess {
  const bundle = path.join(path.dirname(builtLauncher()), '..', 'dist', 'server.js');
  const child = spawn(process.execPath, [bundle, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

/** The text with a change made at a range applied by hand: what an editor would hold. */
export function applyEdits(text: string, edits: readonly { range: Range; newText: string }[]): string {
  const offset = ({ line, character }: Position): number =>
    text
      .split('\n')
      .slice(0, line)
      .reduce((sum, each) => sum + each.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (sofar, { range, newText }) => sofar.slice(0, offset(range.start)) + newText + sofar.slice(offset(range.end)),
      text,
    );
}
