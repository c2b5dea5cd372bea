import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';

/**
 * Runs the body of a handler. What goes wrong inside is logged with its name, and the client gets the fallback: an
 * error in the analysis of one file is no reason to trouble the user, or to end the server.
 */
export async function guarded<R>(
  connection: Connection,
  name: string,
  fallback: R,
  body: () => R | Promise<R>,
): Promise<R> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    connection.console.error(`${name}: ${describeError(error)}`);
    return fallback;
  }
}

export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Ends a request whose answer nobody waits for any more. */
export function throwIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
}
