import assert from 'node:assert/strict';
import { samePadding, windowLength } from './length';
import {
  axisFromKeys,
  axisKey,
  classesOf,
  constantAxis,
  cutAxis,
  distinctAxis,
  joinParts,
  tangledAxes,
} from './pattern';
import { crop, pad, slide, slideTransposed } from './window';

const spec = (size: number, stride = 1, padding = 'valid', dilation = 1) => ({ size, stride, dilation, padding });
const key = (axis: unknown) => (typeof axis === 'string' ? axis : axisKey(axis as ReturnType<typeof constantAxis>));

describe('patterns along an axis', () => {
  it('have one canonical form', () => {
    assert.equal(key(axisFromKeys([1, 1, 1])), '3s');
    assert.equal(key(axisFromKeys([1, 2, 3])), '3d');
    assert.equal(key(axisFromKeys([1, 2, 1, 2])), '2s*2d');
    assert.equal(key(axisFromKeys([1, 1, 2, 2])), '2d*2s');
    assert.equal(key(axisFromKeys([0, 1, 1, 0])), '4(0,1,1,0)');
    assert.equal(
      key(
        joinParts([
          { size: 2, pattern: 'same' },
          { size: null, pattern: 'same' },
        ]),
      ),
      '?s',
    );
    assert.equal(key(distinctAxis(1)), '');
  });

  it('are written out as classes', () => {
    assert.deepEqual(classesOf(axisFromKeys(['a', 'b', 'a', 'b'])), [0, 1, 0, 1]);
    assert.equal(classesOf(constantAxis(null)), null);
    assert.equal(classesOf(distinctAxis(1_000_000)), null);
  });

  it('are cut by the row-major index', () => {
    const flat = joinParts([...constantAxis(64), ...distinctAxis(3)]);
    assert.deepEqual(cutAxis(flat, [64, 3])!.map(key), ['64s', '3d']);
    assert.deepEqual(cutAxis(flat, [8, 24])!.map(key), ['8s', '8s*3d']);
    assert.deepEqual(cutAxis(flat, [null, 3])!.map(key), ['?s', '3d']);
    assert.equal(cutAxis(flat, [3, 64]), null);
    assert.deepEqual(cutAxis(distinctAxis(12), [2, 2, 3])!.map(key), ['2d', '2d', '3d']);
    assert.equal(cutAxis(distinctAxis(12), [2, null, 3]), null);
  });

  it('are described axis by axis where they do not line up', () => {
    const classes = classesOf(joinParts([...constantAxis(4), ...distinctAxis(3)]))!;
    assert.deepEqual(tangledAxes(classes, [3, 4]).map(key), ['3d', '4(0,1,2,0)']);
    assert.deepEqual(tangledAxes(classes, [4, 3]).map(key), ['4s', '3d']);
  });
});

describe('windows along an axis', () => {
  it('have the lengths of tfjs', () => {
    assert.equal(windowLength(7, spec(3, 2)), 3);
    assert.equal(windowLength(7, spec(3, 2, 'same')), 4);
    assert.equal(windowLength(2, spec(3)), 0);
    assert.equal(windowLength(null, spec(3)), null);
    assert.deepEqual(samePadding(6, 3, 2, 1), [0, 1]);
    assert.deepEqual(samePadding(6, 2, 2, 1), [0, 0]);
  });

  it('keep a constant where nothing is padded, and only there', () => {
    assert.equal(key(slide(constantAxis(6), spec(3), 'weights')), '4s');
    assert.equal(key(slide(constantAxis(6), spec(2, 2, 'same'), 'weights')), '3s');
    assert.equal(key(slide(constantAxis(5), spec(2, 2, 'same'), 'weights')), '3(0,0,1)');
    assert.equal(key(slide(constantAxis(5), spec(3, 1, 'same'), 'weights')), '5(0,1,1,1,2)');
    assert.equal(key(slide(constantAxis(5), spec(3, 1, 'same'), 'mean')), '5s');
    assert.equal(key(slide(constantAxis(null), spec(1, 2, 'same'), 'weights')), '?s');
    assert.equal(key(slide(constantAxis(null), spec(2, 2, 'same'), 'weights')), 'unknown');
    // Every window reaches one input position only, always with the same tap.
    assert.equal(key(slide(constantAxis(4), spec(3, 1, 'same', 4), 'weights')), '4s');
  });

  it('see a period that fits the stride as constant', () => {
    const periodic = joinParts([...constantAxis(3), ...distinctAxis(2)]);
    assert.equal(key(slide(periodic, spec(2, 2), 'weights')), '3s');
    assert.equal(key(slide(periodic, spec(2, 1), 'mean')), '5s');
    assert.equal(key(slide(periodic, spec(2, 1), 'max')), 'lost');
    assert.equal(key(slide(periodic, spec(1, 2), 'max')), '3s');
  });

  it('of a transposed convolution meet their taps in turn', () => {
    assert.equal(key(slideTransposed(constantAxis(3), spec(2, 2))), '3s*2d');
    assert.equal(key(slideTransposed(constantAxis(3), spec(1, 1))), '3s');
    assert.equal(key(slideTransposed(constantAxis(3), spec(2, 1))), '4(0,1,1,2)');
  });

  it('pad and crop undo each other', () => {
    const padded = pad(constantAxis(3), 1, 2);
    assert.equal(key(padded), '6(0,1,1,1,0,0)');
    assert.equal(key(crop(padded as ReturnType<typeof constantAxis>, 1, 2)), '3s');
    assert.equal(key(pad(constantAxis(null), 0, 0)), '?s');
  });
});
