import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'tinyglobby';

const root = path.join(__dirname, '..');
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/*.md', 'bench/*.md'], { cwd: root });

/** The heading's fragment as GitHub and VS Code make it. */
function fragment(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Text of a page outside its fenced code. */
const prose = (text: string): string => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');

describe('documentation', () => {
  it('has its four pages', () => {
    for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])
      assert.ok(pages.includes(page), page);
  });

  for (const page of pages)
    it(`${page}: every relative link leads to a file, and every fragment to a heading`, () => {
      for (const [, link] of prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z][a-z0-9+.-]*:/.test(link!)) continue;
        const [name, anchor] = link!.split('#');
        const target = name === '' ? path.join(root, page) : path.join(root, path.dirname(page), name!);
        assert.ok(existsSync(target), `${link} in ${page}`);
        if (anchor === undefined) continue;
        const headings = [...prose(readFileSync(target, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
          fragment(text!),
        );
        assert.ok(headings.includes(anchor), `${link} in ${page}; headings: ${headings.join(', ')}`);
      }
    });

  it('every script that is named exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = new Set<string>();
    for (const page of pages) {
      const text = read(page);
      for (const [, name] of text.matchAll(/npm run ([a-z][\w:-]*)/g)) named.add(name!);
      for (const [, name] of text.matchAll(/npm (start|test)\b/g)) named.add(name!);
    }
    assert.ok(named.size > 3, 'some scripts are named');
    for (const name of named) assert.ok(name in scripts, `npm run ${name}`);
    for (const name of named) {
      const file = /^node (\S+)/.exec(scripts[name]!)?.[1];
      if (file !== undefined) assert.ok(existsSync(path.join(root, file)), `${name}: ${file}`);
    }
  });

  it('every folder and file that ARCHITECTURE.md and CONTRIBUTING.md name exists', () => {
    const text = read('ARCHITECTURE.md') + read('CONTRIBUTING.md');
    const names = [
      ...prose(text).matchAll(/`((?:server|client|docs|test|bench|scripts|syntaxes|examples|engine)\/[\w./-]*)`/g),
    ];
    assert.ok(names.length > 15, 'the map names folders');
    for (const [, name] of names) {
      assert.ok(existsSync(path.join(root, name!)), name);
      if (name!.endsWith('/')) assert.ok(statSync(path.join(root, name!)).isDirectory(), name);
    }
  });

  it('the map of ARCHITECTURE.md has every folder of server/src', () => {
    const text = read('ARCHITECTURE.md');
    const folders = globSync('server/src/*/**/*.ts', { cwd: root }).map((file) => file.split('/')[2]!);
    for (const folder of new Set(folders)) assert.ok(text.includes(`\`server/src/${folder}/\``), folder);
  });

  it('README.md has exactly the settings and the commands of the manifest, with their defaults', () => {
    const { contributes } = JSON.parse(read('package.json')) as {
      contributes: {
        commands: { title: string }[];
        configuration: { properties: Record<string, { default: unknown }> };
      };
    };
    const text = read('README.md');
    const rows = [...text.matchAll(/^\| `(layerlint\.[\w.]+)` +\| `([^`]*)`/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    const settings = Object.entries(contributes.configuration.properties);
    assert.deepEqual(
      rows,
      settings.map(([name, property]) => [name, shown(property.default)]),
    );
    const words = text.replace(/\s+/g, ' ');
    for (const { title } of contributes.commands) assert.ok(words.includes(title), title);
  });
});
