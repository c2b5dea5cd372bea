// Bundles the product with esbuild: the extension client, the language server, the CLI, the check worker, the compiler.
import { build } from 'esbuild';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { noticesText } from './lib/notices.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  minify: !process.argv.includes('--no-minify'),
  sourcemap: process.argv.includes('--sourcemap'),
  absWorkingDir: root,
  metafile: true,
};

/** The name of the file with the licences of what the bundles contain, in the npm package and in the extension. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt';

/** The compiler is a file of its own beside the bundles, so that only a run that parses loads it. */
const compilerApart = {
  name: 'compiler-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^typescript$/ }, () => ({ path: './typescript.js', external: true }));
  },
};

/**
 * Builds everything; quick enough (under two seconds) to be run before every start. The npm package is server/, so the
 * notices of what its bundles contain are put there.
 *
 * @returns {Promise<Record<string, import('esbuild').Metafile>>} what is in each bundle, by its path
 */
export async function buildAll() {
  const bundles = [
    { in: 'server/src/cli/main.ts', out: 'server/dist/cli.js', plugins: [compilerApart] },
    { in: 'server/src/lsp/main.ts', out: 'server/dist/server.js', plugins: [compilerApart] },
    { in: 'server/src/check/worker/main.ts', out: 'server/dist/check-worker.js', external: ['@tensorflow/tfjs-node'] },
    { in: 'node_modules/typescript/lib/typescript.js', out: 'server/dist/typescript.js' },
    { in: 'client/src/extension.ts', out: 'client/dist/client.js', external: ['vscode'] },
  ];
  const results = await Promise.all(
    bundles.map(({ in: entry, out, plugins = [], external = [] }) =>
      build({ ...common, entryPoints: [at(entry)], outfile: at(out), plugins, external }),
    ),
  );
  const metafiles = Object.fromEntries(bundles.map(({ out }, index) => [out, results[index].metafile]));
  const inServer = Object.keys(metafiles).filter((out) => out.startsWith('server/'));
  writeFileSync(at('server', NOTICES), noticesText(inServer.map((out) => metafiles[out])));
  return metafiles;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
