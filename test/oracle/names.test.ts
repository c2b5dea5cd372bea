import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { catalog, classNameOf, madeUpName } from '../../server/src/graph';

/** What some factory or other needs to make a layer. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  activation: 'relu', axes: 1, batchInputShape: [1, 4], cropping: [[1, 1], [1, 1]], dims: [1], factor: 0.5, filters: 2, height: 3,
  inputDim: 3, interpolation: 'nearest', kernelSize: 3, n: 2, numTokens: 3, outputDim: 2, rate: 0.1, scale: 1, size: [2, 2],
  stddev: 0.1, targetShape: [2], units: 2, width: 3,
}; // prettier-ignore

describe('names that tfjs makes up', () => {
  it('are those that the catalogue says, for every kind of layer', () => {
    const factories = tf.layers as unknown as Record<string, (options: unknown) => tf.layers.Layer>;
    const parts = () => ({
      layer: tf.layers.lstm({ units: 2 }),
      cell: tf.layers.lstmCell({ units: 1 }),
      cells: [tf.layers.lstmCell({ units: 1 })],
    });
    for (const kind of catalog.keys()) {
      // `tf.layers.input` makes a tensor.
      if (kind === 'input') continue;
      const layer = factories[kind]!({ ...OPTIONS, ...parts() });
      assert.equal(layer.getClassName(), classNameOf(kind));
      if (kind !== 'inputLayer') assert.equal(layer.name.replace(/\d+$/, ''), madeUpName(kind));
    }
  });
});
