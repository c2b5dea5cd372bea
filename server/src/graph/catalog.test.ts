import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import {
  biasParameters,
  catalog,
  ConfigObject,
  GraphBuilder,
  hasBias,
  isStochastic,
  isUnknown,
  layerParameters,
  modelParameters,
  variableCount,
  Unknown,
  type ConfigValue,
  type Shape,
  type Tensor,
} from '.';

const layer = (kind: string, options: Record<string, ConfigValue> = {}) =>
  new GraphBuilder().layer(kind, ConfigObject.of(options));

function shapeOf(kind: string, options: Record<string, ConfigValue>, ...inputs: (Shape | null)[]): Shape | null {
  const builder = new GraphBuilder();
  const tensors = inputs.map((shape) => builder.input(shape));
  return builder.applyLayer(builder.layer(kind, ConfigObject.of(options)), tensors).shape;
}

describe('the catalogue', () => {
  it('has every factory of tf.layers', () => {
    const classes = ['Layer', 'RNN', 'RNNCell'];
    const factories = Object.keys(tf.layers).filter((name) => !classes.includes(name));
    assert.deepEqual(
      factories.filter((name) => !catalog.has(name)),
      [],
    );
    assert.ok(factories.length >= 77, `tfjs exports only ${factories.length}`);
  });

  it('names nothing that tf.layers lacks', () => {
    assert.deepEqual(
      [...catalog.keys()].filter((name) => !(name in tf.layers)),
      [],
    );
  });

  it('takes useBias as tfjs does', () => {
    const values: [ConfigValue, boolean][] = [
      [undefined, true],
      [null, true],
      [true, true],
      [false, false],
      [0, false],
      ['', false],
      [Number.NaN, false],
      ['false', true],
      [1, true],
    ];
    for (const [useBias, expected] of values) {
      assert.equal(hasBias(layer('dense', { units: 2, useBias })), expected, `useBias ${String(useBias)}`);
      const real = tf.layers.dense({ units: 2, useBias: useBias as boolean });
      real.build([null, 3]);
      assert.equal(real.weights.length === 2, expected, `tfjs, useBias ${String(useBias)}`);
    }
    assert.equal(hasBias(layer('dense', { units: 2, use_bias: false })), true);
    assert.ok(isUnknown(hasBias(layer('dense', { useBias: new Unknown('a parameter') }))));
    assert.ok(isUnknown(hasBias(new GraphBuilder().layer('conv2d', new ConfigObject(new Map(), false)))));
    assert.equal(hasBias(layer('flatten')), false);
    assert.ok(isUnknown(hasBias(layer('custom:Attention'))));
  });

  it('counts parameters, and says null where it cannot', () => {
    const conv = layer('conv2d', { filters: 4, kernelSize: 3 });
    assert.deepEqual(layerParameters(conv, [[null, 8, 8, 3]]), { total: 112, bias: 4 });
    assert.deepEqual(layerParameters(conv, [null]), { total: null, bias: 4 });
    assert.equal(biasParameters(layer('lstm', { units: 5 }), [null]), 20);
    assert.equal(biasParameters(layer('depthwiseConv2d', { kernelSize: 3 }), [[null, 8, 8, 6]]), 6);
    assert.equal(biasParameters(layer('dense', { units: new Unknown('n') }), [[null, 3]]), null);
    assert.equal(layerParameters(layer('reLU'), [[null, 3]]).total, 0);
  });

  it('counts a shared layer of a model once', () => {
    const builder = new GraphBuilder();
    const input = builder.input([null, 3]);
    const shared = builder.layer('dense', ConfigObject.of({ units: 3 }));
    const twice = builder.applyLayer(shared, [builder.applyLayer(shared, [input])]);
    assert.equal(modelParameters(builder.model('sequential', [input], [twice], [shared])), 12);
  });

  it('counts the variables of models as tfjs does', () => {
    const dense = { units: 3, inputShape: [3] };
    const builder = new GraphBuilder();
    const input = builder.input([null, 3]);
    const shared = builder.layer('dense', ConfigObject.of(dense));
    const [real, realInput] = [tf.layers.dense({ ...dense }), tf.input({ shape: [3] })];

    const twice = builder.applyLayer(shared, [builder.applyLayer(shared, [input])]);
    const sequential = tf.sequential();
    for (let count = 0; count < 2; count++) sequential.add(real);
    assert.equal(variableCount(builder.model('sequential', [input], [twice], [shared, shared])).all, 4);
    assert.equal(sequential.getWeights().length, 4);

    const functional = tf.model({ inputs: realInput, outputs: real.apply(real.apply(realInput)) as tf.SymbolicTensor });
    const model = builder.model('functional', [input], [twice], [shared]);
    assert.equal(variableCount(model).all, 2);
    assert.equal(functional.getWeights().length, 2);

    // The layer of the nested model stands in the outer one as well.
    const [nested] = builder.apply({ type: 'model', model }, [builder.applyLayer(shared, [input])]);
    const outputs = functional.apply(real.apply(realInput)) as tf.SymbolicTensor;
    assert.deepEqual(variableCount(builder.model('functional', [input], [nested!], [shared, model])), {
      all: 4,
      trainable: 4,
    });
    assert.equal(tf.model({ inputs: realInput, outputs }).getWeights().length, 4);
  });

  it('does not count the variables of a model that is not known through and through', () => {
    const builder = new GraphBuilder();
    const input = builder.input([null, 3]);
    const count = (output: Tensor): number | null =>
      variableCount(builder.model('functional', [input], [output], [])).all;
    const apply = (kind: string, options: Record<string, ConfigValue>, tensor: Tensor): Tensor =>
      builder.applyLayer(builder.layer(kind, ConfigObject.of(options)), [tensor]);
    assert.equal(count(apply('dense', { units: 3 }, input)), 2);
    assert.equal(count(apply('dense', { useBias: new Unknown('an option') }, input)), null);
    assert.equal(count(apply('batchNormalization', { scale: new Unknown('an option') }, input)), null);
    assert.equal(count(apply('custom:Block', {}, input)), null);
    assert.equal(count(apply('timeDistributed', {}, input)), null);
    assert.equal(count(apply('dense', { units: 3 }, builder.input([null, 3]))), null);
    const [made] = builder.apply({ type: 'unknown', reason: 'other code' }, [input]);
    assert.equal(count(apply('dense', { units: 3 }, made!)), null);
    assert.equal(variableCount(builder.model('sequential', [], [], [layer('dense')])).all, null);
  });

  it('knows what is random in training', () => {
    assert.ok(isStochastic(layer('dropout', { rate: 0.5 })));
    assert.ok(!isStochastic(layer('dense', { units: 2 })));
  });
});

describe('shapes', () => {
  it('keep what is known of inputs that are not', () => {
    assert.deepEqual(shapeOf('conv2d', { filters: 4, kernelSize: 3 }, null), [null, null, null, 4]);
    assert.deepEqual(shapeOf('conv2d', { filters: 4, kernelSize: 3 }, [null, null, 9, 3]), [null, null, 7, 4]);
    assert.deepEqual(shapeOf('globalAveragePooling2d', {}, null), [null, null]);
    assert.equal(shapeOf('dense', { units: 2 }, null), null);
    assert.deepEqual(shapeOf('dense', { units: new Unknown('n') }, [null, 3]), [null, null]);
  });

  it('are null where tfjs refuses', () => {
    assert.equal(shapeOf('conv2d', { filters: 4, kernelSize: 3 }, [null, 8]), null);
    assert.equal(shapeOf('conv2d', { filters: 4, kernelSize: 9 }, [null, 8, 8, 1]), null);
    assert.equal(shapeOf('reshape', { targetShape: [5] }, [null, 6]), null);
    assert.equal(shapeOf('add', {}, [null, 3], [null, 4]), null);
    assert.equal(shapeOf('concatenate', {}, [null, 3, 2], [null, 4, 2]), null);
    assert.equal(shapeOf('permute', { dims: [2, 1] }, [null, 3]), null);
  });

  it('go through a model with other input sizes', () => {
    const builder = new GraphBuilder();
    const input = builder.input([null, null, null, 3]);
    const conv = builder.layer('conv2d', ConfigObject.of({ filters: 4, kernelSize: 3 }));
    const model = builder.model('sequential', [input], [builder.applyLayer(conv, [input])], [conv]);
    const [output] = builder.apply({ type: 'model', model }, [builder.input([null, 8, 9, 3])]);
    assert.deepEqual(output!.shape, [null, 6, 7, 4]);
  });
});
