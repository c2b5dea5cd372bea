/** What is read of a package.json. Whatever stands in it is somebody's text: nothing of it is taken for granted. */
export interface Manifest {
  readonly name?: unknown;
  readonly source?: unknown;
  readonly module?: unknown;
  readonly main?: unknown;
  readonly types?: unknown;
  readonly typings?: unknown;
  readonly exports?: unknown;
  readonly imports?: object;
  readonly workspaces?: unknown;
}

/** Conditions of `exports` and `imports`: sources first, then what is nearest to them. */
const CONDITIONS = ['source', 'typescript', 'development', 'import', 'module', 'default', 'require', 'node', 'types'];

/** All files that an entry of `exports` or `imports` may mean, the best first. */
export function entriesOf(entry: unknown, depth = 0): string[] {
  if (typeof entry === 'string') return [entry];
  if (!entry || typeof entry !== 'object' || depth > 6) return [];
  if (Array.isArray(entry)) return entry.flatMap((item) => entriesOf(item, depth + 1));
  const rank = (key: string): number => (CONDITIONS.includes(key) ? CONDITIONS.indexOf(key) : CONDITIONS.length);
  return Object.entries(entry)
    .sort(([a], [b]) => rank(a) - rank(b))
    .flatMap(([, item]) => entriesOf(item, depth + 1));
}

/**
 * Where a specifier leads by patterns with at most one `*` each (`paths`, `exports`): an exact key wins, then the one
 * with the longest text before its star, as in TypeScript and Node.
 */
export function mappedTargets(
  patterns: readonly (readonly [string, readonly string[]])[],
  specifier: string,
): readonly string[] {
  const exact = patterns.find(([key]) => key === specifier);
  if (exact) return exact[1];
  let best: { length: number; targets: readonly string[] } | null = null;
  for (const [key, targets] of patterns) {
    const star = key.indexOf('*');
    if (star < 0 || (best && best.length >= star)) continue;
    const [before, after] = [key.slice(0, star), key.slice(star + 1)];
    const fits = specifier.startsWith(before) && specifier.endsWith(after);
    if (!fits || specifier.length < before.length + after.length) continue;
    const middle = specifier.slice(before.length, specifier.length - after.length);
    best = { length: star, targets: targets.map((target) => target.replaceAll('*', () => middle)) };
  }
  return best?.targets ?? [];
}

/**
 * Folders, relative to the root of a workspace (npm, Yarn, Lerna, pnpm), in which a package of this name would stand.
 * Folders cannot be listed here: below `packages/*` the one that is named after the package is looked at.
 */
export function workspaceFolders(root: Manifest, pnpm: string | undefined, name: string): readonly string[] {
  const { workspaces } = root;
  const listed: unknown = Array.isArray(workspaces)
    ? workspaces
    : (workspaces as { packages?: unknown } | null)?.packages;
  const patterns = Array.isArray(listed) ? listed.filter((item) => typeof item === 'string') : [];
  for (const match of (pnpm ?? '').matchAll(/^\s*-\s*['"]?([^'"#\n]+?)['"]?\s*(?:#.*)?$/gm)) patterns.push(match[1]!);
  const plain = name.replace(/^@/, '');
  const last = plain.slice(plain.indexOf('/') + 1);
  const names = [...new Set([last, name, plain, plain.replace('/', '-'), last.replace(/^.*?-/, '')])];
  return patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .flatMap((pattern) => {
      const star = pattern.indexOf('*');
      return star < 0 ? [pattern] : names.map((folder) => pattern.slice(0, star) + folder);
    });
}
