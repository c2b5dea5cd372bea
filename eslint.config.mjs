import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Which folder may not import what: the architecture, checked. See ARCHITECTURE.md. */
const LAYERS = {
  graph: ['recover', 'topology', 'rules', 'fixes', 'check', 'analyzer', 'node', 'lsp', 'cli'],
  recover: ['topology', 'rules', 'fixes', 'check', 'analyzer', 'node', 'lsp', 'cli'],
  topology: ['recover', 'rules', 'fixes', 'check', 'analyzer', 'node', 'lsp', 'cli'],
  rules: ['recover', 'topology', 'fixes', 'check', 'analyzer', 'node', 'lsp', 'cli'],
  fixes: ['recover', 'topology', 'check', 'analyzer', 'node', 'lsp', 'cli'],
  check: ['recover', 'topology', 'fixes', 'analyzer', 'node', 'lsp', 'cli'],
  analyzer: ['node', 'lsp', 'cli'],
  node: ['graph', 'recover', 'topology', 'rules', 'fixes', 'check', 'lsp', 'cli'],
  lsp: ['cli'],
  cli: [],
};
/** Folders without any contact to the outside: no files, no processes, no clock, no protocol. */
const PURE = ['graph', 'topology', 'rules', 'fixes', 'recover'];
const NODE = ['node:*', 'fs', 'path', 'child_process', 'os', 'process', 'worker_threads'];

function importRule(folder) {
  const patterns = LAYERS[folder].map((other) => ({
    group: [`../${other}`, `../${other}/*`, `../../${other}/*`, `../../${other}`],
    message: `${folder}/ may not import ${other}/ (ARCHITECTURE.md, import rules).`,
  }));
  if (PURE.includes(folder)) patterns.push({ group: NODE, message: `${folder}/ does no I/O.` });
  if (folder !== 'recover')
    patterns.push({ group: ['typescript'], message: 'Only recover/ may import the TypeScript compiler.' });
  if (folder !== 'lsp')
    patterns.push({ group: ['vscode-languageserver*', 'vscode-uri'], message: 'Only lsp/ knows the protocol.' });
  if (folder !== 'lsp')
    patterns.push({
      group: ['../../../protocol', '../../../../protocol'],
      message: 'Only lsp/ and client/ know the requests.',
    });
  if (folder !== 'check') patterns.push({ group: ['@tensorflow/*'], message: 'Only check/worker imports tfjs.' });
  patterns.push({ group: ['vscode'], message: 'Only client/ runs in the editor.' });
  return {
    files: [`server/src/${folder}/**/*.ts`],
    ignores: ['**/*.test.ts', '**/testing.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      ...(folder === 'cli' || folder === 'check'
        ? {}
        : {
            'no-console': 'error',
            'no-restricted-globals': ['error', { name: 'process', message: 'Only cli/ touches the process.' }],
          }),
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      'build/',
      'test/fixtures/',
      'examples/',
      'test-artifacts/',
      'engine/',
      'test/editor/suite/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unused-expressions': 'error',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        require: 'readonly',
        module: 'writable',
        exports: 'writable',
        __dirname: 'readonly',
        setTimeout: 'readonly',
        setImmediate: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
  ...Object.keys(LAYERS).map(importRule),
  {
    files: ['protocol/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['*'], message: 'protocol/ is names and plain data.' }] },
      ],
    },
  },
  {
    files: ['client/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['../../server/*', 'typescript', '@tensorflow/*', 'layerlint*'],
              message: 'client/ is thin: no analysis, no compiler, no tfjs.',
            },
          ],
        },
      ],
    },
  },
);
