import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unifiedDiff } from './diff';

/** Applies a unified diff strictly: every context and removed line must stand where it is said to. */
function patch(before: string, diff: string): string {
  const source = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  const lines = diff.split('\n').slice(2, -1);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(line);
    if (header) {
      const start = header[2] === '0' ? Number(header[1]) : Number(header[1]) - 1;
      out.push(...source.slice(at, start));
      at = start;
      assert.equal(header[4] === '0' ? out.length : out.length + 1, Number(header[3]));
      continue;
    }
    const open = lines[i + 1]?.startsWith('\\');
    const text = line.slice(1) + (open ? '' : '\n');
    if (open) i++;
    if (line[0] !== '+') assert.equal(source[at++], text);
    if (line[0] !== '-') out.push(text);
  }
  return [...out, ...source.slice(at)].join('');
}

describe('unifiedDiff', () => {
  it('is empty for equal texts', () => assert.equal(unifiedDiff('a.js', 'x\n', 'x\n'), ''));

  it('has headers, hunks with three lines around, and the mark of a missing line end', () => {
    const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14';
    const after = before.replace('2\n', 'two\n').replace(/14$/, '14\n');
    assert.equal(
      unifiedDiff('a.js', before, after),
      `--- a/a.js
+++ b/a.js
@@ -1,5 +1,5 @@
 1
-2
+two
 3
 4
 5
@@ -11,4 +11,4 @@
 11
 12
 13
-14
\\ No newline at end of file
+14
`,
    );
  });

  it('turns one text into the other when applied', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', 'd\r');
    const document = fc
      .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
      .map(([lines, closed]) => lines.join('\n') + (closed && lines.length > 0 ? '\n' : ''));
    fc.assert(
      fc.property(document, document, (before, after) => {
        if (before !== after) assert.equal(patch(before, unifiedDiff('x', before, after)), after);
      }),
      { seed: 20, numRuns: 500 },
    );
  });
});
