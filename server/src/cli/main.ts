import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import manifest from '../../package.json';
import type * as CheckFolder from '../check';
import { HELP, parseCommand, UsageError } from './arguments';
import { lint } from './lint';
import { model } from './model';
import { write } from './output';
import { verify } from './verify';

/** Runs a command line; the exit code, or null where the process goes on (the server). */
async function run(args: readonly string[]): Promise<number | null> {
  const command = parseCommand(args);
  const cwd = process.cwd();
  switch (command.command) {
    case 'help':
      await write(process.stdout, HELP);
      return 0;
    case 'version':
      await write(process.stdout, `${manifest.version}\n`);
      return 0;
    case 'server':
      startServer();
      return null;
    case 'model':
      return model(command, cwd);
    case 'verify': {
      const { checkNumerically } = require('../check') as typeof CheckFolder;
      return verify(command, cwd, checkNumerically);
    }
    case 'lint':
      return lint(command, cwd, manifest.version);
  }
}

/** The server is a bundle of its own beside this one; its source, where this runs from source. */
function startServer(): void {
  const bundle = path.join(__dirname, 'server.js');
  createRequire(__filename)(existsSync(bundle) ? bundle : path.join(__dirname, '../lsp/main.ts'));
}

run(process.argv.slice(2)).then(
  (code) => {
    if (code !== null) process.exitCode = code;
  },
  async (error: unknown) => {
    process.exitCode = 2;
    const message =
      error instanceof UsageError ? error.message : error instanceof Error ? error.message : String(error);
    const hint = error instanceof UsageError ? '\nlayerlint --help says what can be asked.' : '';
    await write(process.stderr, `layerlint: ${message}${hint}\n`).catch(() => undefined);
  },
);
