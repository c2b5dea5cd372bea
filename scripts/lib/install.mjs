// Is node_modules what package-lock.json says? If not, `npm ci`.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { must, root, say, since } from './run.mjs';

const nameOf = (where) => where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * The first difference between a folder's package-lock.json and what npm noted that it installed, or null. What npm may
 * leave out (optional packages, other platforms' builds) may be missing; nothing may have another version.
 *
 * @param {string} folder absolute path of the folder that holds package-lock.json
 * @returns {string | null}
 */
export function stale(folder) {
  const note = path.join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return 'nothing is installed';
  const installed = json(note).packages;
  const locked = json(path.join(folder, 'package-lock.json')).packages;
  const extra = Object.keys(installed).find((where) => !(where in locked));
  if (extra !== undefined) return `${nameOf(extra)} is no longer wanted`;
  for (const [where, wanted] of Object.entries(locked)) {
    if (!/(^|\/)node_modules\//.test(where)) continue;
    const found = installed[where];
    if (found === undefined && (wanted.optional || wanted.peer)) continue;
    if (found?.version !== wanted.version || found.link !== wanted.link || !existsSync(path.join(folder, where)))
      return `${nameOf(where)} ${wanted.version ?? ''} is missing`;
  }
  return null;
}

/**
 * Installs a folder's packages when they are missing or differ from its lock file. No install scripts are run: nothing
 * here needs one.
 */
export async function ensureInstalled(folder = root) {
  const reason = stale(folder);
  if (reason === null) return;
  const start = performance.now();
  say(`Installing packages in ./${path.relative(root, folder)} (${reason}) ...`);
  await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    // An outer `npm --silent` must not keep the reason of a failure back.
    env: { npm_config_loglevel: 'error' },
  });
  say(`Installed in ${since(start)}.`);
}
