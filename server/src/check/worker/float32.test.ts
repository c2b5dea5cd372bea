import assert from 'node:assert/strict';
import { float32Tolerance, zeroVerdict } from './float32';

describe('float32 tolerances', () => {
  // Measured errors of conv2d -> batch norm for biases of this many standard deviations.
  for (const [bias, error] of [
    [1, 2.4e-7],
    [100, 6.4e-6],
    [1e4, 8.6e-4],
  ] as const) {
    it(`allow for the error that a bias of ${bias} was measured to leave, and for little more`, () => {
      const tolerance = float32Tolerance(6 * 8 * 8, bias);
      assert.ok(tolerance > error && tolerance < 1000 * error, `${tolerance} against ${error}`);
    });
  }

  it('leave a zone in which nothing is said', () => {
    assert.equal(zeroVerdict(1e-5, 2e-5), 'confirmed');
    assert.equal(zeroVerdict(1e-4, 2e-5), 'inconclusive');
    assert.equal(zeroVerdict(1e-2, 2e-5), 'refuted');
  });

  it('decide nothing where rounding alone could make the difference, or nothing was measured', () => {
    assert.equal(zeroVerdict(0, float32Tolerance(384, 1e6)), 'inconclusive');
    assert.equal(zeroVerdict(Number.NaN, 1e-5), 'inconclusive');
    assert.equal(zeroVerdict(1, Number.NaN), 'inconclusive');
  });
});
