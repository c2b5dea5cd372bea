import assert from 'node:assert/strict';
import { LineTable } from './lines';

describe('LineTable', () => {
  it('counts lines and columns from 1, over every kind of line end', () => {
    const table = new LineTable('ab\ncd\r\nef\rgh');
    assert.deepEqual(
      [0, 2, 3, 6, 7, 10, 12].map((offset) => Object.values(table.position(offset)).join(':')),
      ['1:1', '1:3', '2:1', '2:4', '3:1', '4:1', '4:3'],
    );
    assert.equal(table.count, 4);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((line) => table.line(line)),
      ['ab', 'cd', 'ef', 'gh', ''],
    );
  });

  it('is not disturbed by an empty text or an offset beyond the end', () => {
    assert.deepEqual(new LineTable('').position(0), { line: 1, column: 1 });
    assert.deepEqual(new LineTable('a\n').position(2), { line: 2, column: 1 });
  });
});
