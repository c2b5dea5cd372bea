// Which checked-out repository a folder is, and at which commit.
import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { run } from '../run.mjs';

/**
 * The folder itself and the folders in it that are repositories of the labels, in the order of their names.
 *
 * @param {string} folder
 * @param {readonly {repository: string}[]} labelled
 * @returns {Promise<{folder: string, entry: any, commit: string | null}[]>} `commit` is null where git does not say
 */
export async function repositoriesIn(folder, labelled) {
  const byName = new Map(labelled.map((entry) => [entry.repository.toLowerCase(), entry]));
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = [folder, ...inner.map(({ name }) => path.join(folder, name)).sort()];
  const found = [];
  for (const candidate of folders) {
    const { remote, commit } = await git(candidate);
    const names = [remote && nameOfRemote(remote), nameOfFolder(candidate)];
    const entry = names.map((name) => name && byName.get(name.toLowerCase())).find(Boolean);
    if (entry) found.push({ folder: candidate, entry, commit });
  }
  return found;
}

/** `owner/name` of a remote's address; of a path to a local copy, that of a part `owner+name`. */
export function nameOfRemote(remote) {
  const parts = remote
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:\\]/)
    .filter((part) => part !== '');
  const copy = parts.map(ofPlus).find(Boolean);
  return copy ?? (parts.length >= 2 ? parts.slice(-2).join('/') : null);
}

/** `owner/name` of a folder that is called `owner+name`. */
export function nameOfFolder(folder) {
  return ofPlus(path.basename(path.resolve(folder)));
}

function ofPlus(part) {
  const match = /^([\w-]+)\+([\w.-]+)$/.exec(part);
  return match ? `${match[1]}/${match[2]}` : null;
}

/** What git says of a folder that is a work tree's top; of another folder it would speak of the one around. */
async function git(folder) {
  const ask = async (...args) => {
    const { code, stdout } = await run('git', ['-C', folder, ...args], { quiet: true });
    return code === 0 ? stdout.trim() : null;
  };
  const top = await ask('rev-parse', '--show-toplevel');
  if (top === null || realpathSync(top) !== realpathSync(folder)) return { remote: null, commit: null };
  return { remote: await ask('remote', 'get-url', 'origin'), commit: await ask('rev-parse', '--verify', 'HEAD') };
}
