import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { EngineChoice } from './result';
import type { Engine } from './worker/protocol';

const PACKAGES = ['tfjs-node-gpu', 'tfjs-node'] as const;

/** The pure-JavaScript tfjs that is bundled into the worker. */
export const PURE_JS: Engine = { name: 'tfjs', path: null };

/**
 * The engines to try, in order: the workspace's own tfjs-node(-gpu), the project's (of a checkout, or installed beside
 * the package), the bundled pure-JavaScript tfjs. They are only located here, nothing is loaded.
 */
export function engines(choice: EngineChoice, workspace: string): readonly Engine[] {
  if (choice === 'tfjs') return [PURE_JS];
  const native = [workspace, ...projectFolders()].flatMap(installed);
  const paths = new Set<string>();
  const distinct = native.filter((engine) => !paths.has(engine.path!) && paths.add(engine.path!));
  return choice === 'auto' ? [...distinct, PURE_JS] : distinct;
}

function installed(folder: string): readonly Engine[] {
  return PACKAGES.flatMap((name): readonly Engine[] => {
    const found = resolve(`@tensorflow/${name}`, folder);
    return found === null ? [] : [{ name, path: found }];
  });
}

/** As code in `folder` would resolve it: node_modules there and above. */
function resolve(name: string, folder: string): string | null {
  try {
    return createRequire(path.join(folder, 'noop.js')).resolve(name);
  } catch {
    return null;
  }
}

/** A checkout's engine/ seen from the bundle and from the source, and wherever this package itself is installed. */
function projectFolders(): readonly string[] {
  const checkout = [path.join(__dirname, '../../engine'), path.join(__dirname, '../../../engine')];
  return [...checkout.filter((folder) => existsSync(path.join(folder, 'node_modules'))), __dirname];
}
