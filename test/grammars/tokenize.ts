import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as oniguruma from 'vscode-oniguruma';
import * as textmate from 'vscode-textmate';

const root = path.join(__dirname, '..', '..');

/** Just enough of JavaScript to host an injection: comments and strings, scoped as VS Code's own grammars scope them. */
const host = {
  scopeName: 'source.js',
  patterns: [
    {
      begin: '//',
      beginCaptures: { 0: { name: 'punctuation.definition.comment.js' } },
      end: '(?=$)',
      name: 'comment.line.double-slash.js',
    },
    {
      begin: '/\\*\\*(?!/)',
      beginCaptures: { 0: { name: 'punctuation.definition.comment.js' } },
      end: '\\*/',
      endCaptures: { 0: { name: 'punctuation.definition.comment.js' } },
      name: 'comment.block.documentation.js',
    },
    {
      begin: '/\\*',
      beginCaptures: { 0: { name: 'punctuation.definition.comment.js' } },
      end: '\\*/',
      endCaptures: { 0: { name: 'punctuation.definition.comment.js' } },
      name: 'comment.block.js',
    },
    { begin: "'", end: "'", name: 'string.quoted.single.js' },
  ],
};

interface Contribution {
  readonly scopeName: string;
  readonly path: string;
  readonly injectTo?: readonly string[];
}

const contributed = (
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { contributes: { grammars: Contribution[] } }
).contributes.grammars;

async function registry(): Promise<textmate.Registry> {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer);
  return new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scopeName) => {
      if (scopeName === host.scopeName) return textmate.parseRawGrammar(JSON.stringify(host), 'host.json');
      const found = contributed.find((grammar) => grammar.scopeName === scopeName);
      if (!found) return null;
      const file = path.join(root, found.path);
      return textmate.parseRawGrammar(readFileSync(file, 'utf8'), file);
    },
    // As the manifest says, and as VS Code does it.
    getInjections: (scopeName) =>
      contributed.filter(({ injectTo }) => injectTo?.includes(scopeName)).map((grammar) => grammar.scopeName),
  });
}

let loaded: Promise<textmate.Registry> | null = null;

/** Every line, and under it each of its tokens (marked by carets) with its scopes, the grammar's own root left out. */
export async function tokenize(scopeName: string, text: string): Promise<string> {
  const grammar = await (await (loaded ??= registry())).loadGrammar(scopeName);
  if (!grammar) throw new Error(`no grammar for ${scopeName}`);
  const lines: string[] = [];
  let stack = textmate.INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    lines.push(`>${line}`);
    for (const { startIndex, endIndex, scopes } of tokens) {
      const own = scopes.slice(1);
      if (own.length === 0 || startIndex === line.length) continue;
      const end = Math.min(endIndex, line.length);
      lines.push(`#${' '.repeat(startIndex)}${'^'.repeat(end - startIndex)} ${own.join(' ')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
