import assert from 'node:assert/strict';
import { createColors } from 'picocolors';
import { LineTable } from '../analyzer';
import { codeFrame } from './frame';

const PLAIN = createColors(false);

/** The frame of the text between the brackets. */
function frame(marked: string): string {
  const start = marked.indexOf('[');
  const end = marked.indexOf(']') - 1;
  return codeFrame(new LineTable(marked.replace(/[[\]]/g, '')), { start, end }, PLAIN);
}

describe('codeFrame', () => {
  it('underlines a span between its neighbours', () => {
    assert.equal(
      frame('one\ntwo [three] four\nfive\nsix'),
      '  1 │ one\n> 2 │ two three four\n    │     ^^^^^\n  3 │ five',
    );
  });

  it('underlines each line of a longer span, without its indentation', () => {
    assert.equal(
      frame('f([{\n    a,\n  }]);'),
      '> 1 │ f({\n    │   ^\n> 2 │     a,\n    │     ^^\n> 3 │   });\n    │   ^',
    );
  });

  it('keeps the underline below the code behind tabs', () => {
    assert.equal(frame('\t\t[x]\ty'), '> 1 │     x  y\n    │     ^');
  });

  it('leaves out the middle of a very long span and the rest of a very long line', () => {
    const long = frame(`[${Array.from({ length: 40 }, (_, i) => `line ${i + 1}`).join('\n')}]`);
    assert.ok(long.includes('line 1\n') && long.includes('line 40\n') && long.includes('…'));
    assert.ok(long.split('\n').length < 20);
    const [first] = frame(`[${'x'.repeat(1_000)}]`).split('\n');
    assert.ok(first!.length < 160 && first!.endsWith('…'));
  });

  it('does not fail for an empty span, or one at the very end', () => {
    assert.equal(frame('a\n[]'), '  1 │ a\n> 2 │');
  });
});
