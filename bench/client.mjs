import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-languageserver-protocol/node');

/** A language client on stdio, just large enough to measure the server. It pulls diagnostics. */
export class Client {
  /** @param {string} launcher the command line's entry @param {string} folder the workspace folder */
  constructor(launcher, folder) {
    this.folder = folder;
    this.server = spawn(process.execPath, [launcher, 'server', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.server.stdout),
      new StreamMessageWriter(this.server.stdin),
    );
    this.connection.onRequest('workspace/configuration', ({ items }) => items.map(() => null));
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('window/workDoneProgress/create', () => null);
    this.connection.onRequest('workspace/diagnostic/refresh', () => null);
    this.connection.listen();
  }

  async start() {
    const uri = pathToFileURL(this.folder).href;
    await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'bench' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true, diagnostics: { refreshSupport: true } },
        textDocument: { diagnostic: { dynamicRegistration: false, relatedDocumentSupport: false } },
        window: { workDoneProgress: true },
        general: { positionEncodings: ['utf-16'] },
      },
    });
    await this.connection.sendNotification('initialized', {});
  }

  open(file, languageId = 'typescript') {
    const uri = pathToFileURL(file).href;
    const text = readFileSync(file, 'utf8');
    return this.connection
      .sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } })
      .then(() => ({ uri, version: 1, text }));
  }

  /** One incremental change: what stands between two positions becomes `text`. */
  async edit(document, start, end, text) {
    document.version += 1;
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: document.uri, version: document.version },
      contentChanges: [{ range: { start, end }, text }],
    });
  }

  async diagnostics(document) {
    const report = await this.connection.sendRequest('textDocument/diagnostic', {
      textDocument: { uri: document.uri },
    });
    return report.items ?? [];
  }

  workspaceDiagnostics() {
    return this.connection.sendRequest('workspace/diagnostic', { previousResultIds: [] });
  }

  /** Resident memory of the server in bytes, now; by /proc on Linux, by ps elsewhere. */
  residentBytes() {
    const { pid } = this.server;
    try {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return Number(kilobytes[1]) * 1024;
    } catch {
      return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1024;
    }
  }

  async stop() {
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    await new Promise((resolve) => (this.server.exitCode === null ? this.server.once('exit', resolve) : resolve()));
    this.connection.dispose();
  }
}
