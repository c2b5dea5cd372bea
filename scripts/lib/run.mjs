// Running other programs, and saying what is being done. Plain Node: used before anything is installed.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The checkout. */
export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

export const at = (...parts) => path.join(root, ...parts);

/** One line on what happens now. */
export function say(line) {
  console.log(line);
}

/** A heading in the output of a long run. */
export function heading(title) {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(3, 76 - title.length))}`);
}

/** Seconds since `start` (from `performance.now()`), as text. */
export const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/**
 * Runs a program without a shell and without standard input.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>, quiet?: boolean}} options `quiet` keeps the output
 *   back; it is in the result, both streams in the order in which they came
 * @returns {Promise<{code: number, output: string, stdout: string}>} the exit code, 1 where a signal ended the program
 *   and 127 where it could not be started
 */
export function run(program, args, { cwd = root, env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    let output = '';
    let stdout = '';
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}\n`, stdout }));
    child.on('close', (code) => resolve({ code: code ?? 1, output, stdout }));
  });
}

/** Runs a program quietly; throws with the end of its output where it fails. Resolves to its standard output. */
export async function must(program, args, options = {}) {
  const { code, output, stdout } = await run(program, args, { quiet: true, ...options });
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} failed (exit ${code})\n${output.slice(-4000)}`);
  return stdout;
}

/** Runs a package's command by its file: no `.bin` links, no shell, the same on every system. */
export const runNode = (script, args, options) => run(process.execPath, [script, ...args], options);
