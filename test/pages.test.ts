import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Reported } from '../server/src/analyzer';
import { rules, type Fix } from '../server/src/rules';
import { analyse } from './support/analyse';
import { codeBlocks, headings, markers, withoutMarkers, type Block } from './support/pages';
import { applyFix } from './support/sites';

const HEADINGS = [
  'What it finds',
  'Why',
  'Examples that are reported',
  'Examples that are not reported',
  'What to do',
  'Options',
  'When not to use it',
  'Sources',
];
const REPORTED = 'Examples that are reported';

interface Example {
  readonly line: number;
  readonly heading: string;
  readonly blocks: readonly Block[];
  readonly fixed: Block | null;
}

/** Blocks put together to workspaces, each with the block that shows it fixed. */
function examples(page: string): Example[] {
  const found: { line: number; heading: string; blocks: Block[]; fixed: Block | null }[] = [];
  for (const block of codeBlocks(page)) {
    const last = found.at(-1);
    const goesOn = last !== undefined && block.named && last.blocks.every(({ named }) => named);
    if (block.fixed && last !== undefined) last.fixed = block;
    else if (goesOn && !last.blocks.some(({ file }) => file === block.file)) last.blocks.push(block);
    else found.push({ line: block.line, heading: block.heading, blocks: [block], fixed: null });
  }
  return found;
}

const texts = (blocks: readonly Block[], edit = (text: string) => text): Map<string, string> =>
  new Map(blocks.map(({ file, text }) => [file, edit(text)]));

const shown = (file: string, offset: number, text: string, rule: string, condition: string | null): string => {
  const line = text.slice(0, offset).split('\n');
  return `${path.posix.basename(file)}:${line.length}:${line.at(-1)!.length + 1} ${rule}${condition === null ? '' : `: ${condition}`}`;
};

const mended = (text: string, findings: readonly Reported[]): string => {
  const edits = findings.flatMap(({ edits: [first] }) => (first as Fix).edits);
  return applyFix(text, { title: '', kind: 'quickfix', edits });
};

for (const { meta } of rules) {
  const page = readFileSync(path.join(__dirname, `../docs/rules/${meta.id}.md`), 'utf8');

  describe(`page of ${meta.id}`, () => {
    it('has the headings that every page has', () => {
      assert.deepEqual(headings(page), HEADINGS);
      assert.match(page, new RegExp(`^# ${meta.id}\n\n${meta.description.replace('.', '\\.')}`));
    });

    it('has examples of both sorts, and of a fix', () => {
      const all = examples(page);
      assert.ok(all.filter(({ heading }) => heading === REPORTED).length >= 3);
      assert.ok(all.filter(({ heading }) => heading === 'Examples that are not reported').length >= 3);
      assert.ok(all.some(({ fixed }) => fixed !== null));
    });

    for (const { line, heading, blocks, fixed } of examples(page)) {
      it(`line ${line}: ${heading}`, () => {
        const expected = blocks.flatMap(({ file, text }) =>
          markers(text).map(({ offset, rule, condition }) => shown(file, offset, text, rule, condition)),
        );
        const files = texts(blocks);
        const actual = analyse(files).map(({ place, rule, condition }) =>
          shown(place.file, place.start, files.get(place.file)!, rule, condition),
        );
        assert.deepEqual(actual, expected);
        const own = expected.filter((finding) => finding.includes(` ${meta.id}`));
        assert.equal(own.length > 0, heading === REPORTED, 'the heading says what the markers say');
      });

      if (fixed !== null) {
        it(`line ${fixed.line}: the fix of the example before it`, () => {
          const clean = texts(blocks, withoutMarkers);
          const [[file, text]] = [...clean] as [[string, string]];
          const after = mended(text, analyse(clean));
          assert.equal(after, fixed.text);
          assert.deepEqual(analyse(new Map([[file, after]])), []);
        });
      }
    }
  });
}
