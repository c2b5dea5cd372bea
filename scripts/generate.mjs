// Renews what is made from the rules: the index of their pages, and their settings in the extension's manifest.
// With --check it writes nothing and fails where something is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { require as requireTypeScript } from 'tsx/cjs/api';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const SEVERITIES = ['default', 'off', 'error', 'warning', 'information', 'hint'];

function index(rules) {
  const rows = rules.map(({ meta }) => `| [\`${meta.id}\`](${meta.id}.md) | ${meta.severity} | ${meta.description} |`);
  return `<!-- Made by \`npm run generate\` from server/src/rules/. -->

# Rules

| rule | severity | what it finds |
| --- | --- | --- |
${rows.join('\n')}

The code blocks of the pages are tests (\`test/pages.test.ts\`). A comment \`^ rule\` under a piece of code says that
LayerLint reports it there; \`^ rule: condition\` gives the condition of the finding as well. A block that is marked
\`fixed\` is what the first fix makes of the block before it.
`;
}

function settings(manifest, rules) {
  const property = manifest.contributes.configuration.properties['layerlint.rules'];
  property.properties = Object.fromEntries(
    rules.map(({ meta }) => [
      meta.id,
      {
        type: 'string',
        enum: SEVERITIES,
        default: 'default',
        markdownDescription: `${meta.description.replace(/\.$/, '')} (${meta.severity} by default).`,
      },
    ]),
  );
  return JSON.stringify(manifest, null, 2);
}

/** The texts of all generated files, by path relative to the root. */
export async function generated() {
  const { rules } = requireTypeScript('../server/src/rules/index.ts', import.meta.url);
  const byName = [...rules].sort((a, b) => (a.meta.id < b.meta.id ? -1 : 1));
  const texts = {
    'docs/rules/README.md': index(byName),
    'package.json': settings(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')), byName),
  };
  const options = await prettier.resolveConfig(path.join(root, 'package.json'));
  const entries = Object.entries(texts).map(async ([file, text]) => {
    return [file, await prettier.format(text, { ...options, filepath: file })];
  });
  return new Map(await Promise.all(entries));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of await generated()) {
    const target = path.join(root, file);
    let old = '';
    try {
      old = readFileSync(target, 'utf8');
    } catch {
      // It is made for the first time.
    }
    if (old === text) continue;
    if (process.argv.includes('--check')) {
      console.error(`${file} is out of date: npm run generate`);
      process.exitCode = 1;
    } else {
      writeFileSync(target, text);
      console.log(`${file} written`);
    }
  }
}
