// Bundles the product with esbuild: the extension client, the language server, the CLI, the check worker, the compiler.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

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
};

/** The compiler is a file of its own beside the bundles, so that only a run that parses loads it. */
const compilerApart = {
  name: 'compiler-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^typescript$/ }, () => ({ path: './typescript.js', external: true }));
  },
};

/** Builds everything; quick enough (under two seconds) to be run before every start. */
export async function buildAll() {
  const bundles = [
    { in: 'server/src/cli/main.ts', out: 'server/dist/cli.js', plugins: [compilerApart] },
    { in: 'server/src/lsp/main.ts', out: 'server/dist/server.js', plugins: [compilerApart] },
    { in: 'server/src/check/worker/main.ts', out: 'server/dist/check-worker.js', external: ['@tensorflow/tfjs-node'] },
    { in: 'node_modules/typescript/lib/typescript.js', out: 'server/dist/typescript.js' },
    { in: 'client/src/extension.ts', out: 'client/dist/client.js', external: ['vscode'] },
  ];
  await Promise.all(
    bundles.map(({ in: entry, out, plugins = [], external = [] }) =>
      build({ ...common, entryPoints: [at(entry)], outfile: at(out), plugins, external }),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
