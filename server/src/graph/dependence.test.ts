import assert from 'node:assert/strict';
import {
  biasFate,
  ConfigObject,
  describeFate,
  GraphBuilder,
  Unknown,
  type BiasFate,
  type ConfigValue,
  type Layer,
  type Mode,
  type Shape,
  type Tensor,
} from '.';

/** A graph in few words: layers are applied as they are made. */
class Sketch {
  readonly builder = new GraphBuilder();

  input(...shape: (number | null)[]): Tensor {
    return this.builder.input([null, ...shape]);
  }

  layer(kind: string, options: Record<string, ConfigValue> = {}): Layer {
    return this.builder.layer(kind, ConfigObject.of(options));
  }

  put(x: Tensor | readonly Tensor[], kind: string, options: Record<string, ConfigValue> = {}, mode?: Mode): Tensor {
    return this.builder.applyLayer(this.layer(kind, options), [x].flat() as Tensor[], mode ? { mode } : {});
  }

  fate(layer: Layer, callerMode: 'batch' | 'stored' = 'batch'): BiasFate {
    return biasFate(this.builder.finish(), layer, { callerMode });
  }
}

function start(
  kind = 'conv2d',
  options: Record<string, ConfigValue> = { filters: 3, kernelSize: 3 },
  shape: Shape | null = [null, 8, 8, 2],
) {
  const sketch = new Sketch();
  const input = sketch.builder.input(shape);
  const layer = sketch.layer(kind, options);
  const output = sketch.builder.applyLayer(layer, [input]);
  const end = (x: Tensor) => sketch.builder.model('functional', [input], [x], []);
  return { sketch, input, layer, output, end };
}

function kindOf(fate: BiasFate): string {
  return fate.kind;
}

describe('the fate of a bias', () => {
  it('names the batch norm that subtracts it and the layers between', () => {
    const { sketch, layer, output, end } = start();
    const pooled = sketch.put(output, 'maxPooling2d');
    const flat = sketch.put(pooled, 'flatten');
    const normal = sketch.put(flat, 'batchNormalization');
    end(sketch.put(normal, 'reLU'));
    const fate = sketch.fate(layer);
    assert.equal(fate.kind, 'redundant');
    assert.deepEqual(fate.cancelledBy, [normal.producer]);
    assert.deepEqual(fate.through, [pooled.producer, flat.producer]);
    assert.equal(fate.form, 'identity');
    assert.match(describeFate(fate), /does nothing in training/);
  });

  it('is linear behind a linear layer', () => {
    const { sketch, layer, output, end } = start();
    end(sketch.put(sketch.put(output, 'dense', { units: 2 }), 'batchNormalization'));
    const fate = sketch.fate(layer);
    assert.ok(fate.kind === 'redundant' && fate.form === 'linear');
  });

  it('names the layer that loses the shift, and the output that shows it', () => {
    const { sketch, layer, output, end } = start();
    const relu = sketch.put(output, 'reLU');
    const normal = sketch.put(relu, 'batchNormalization');
    end(normal);
    const fate = sketch.fate(layer);
    assert.ok(fate.kind === 'needed');
    assert.equal(fate.at, relu.producer);
    assert.equal(fate.observed, normal);
  });

  it('is needed where the layer has an activation, or no batch norm', () => {
    const relu = start('conv2d', { filters: 3, kernelSize: 3, activation: 'relu' });
    relu.end(relu.sketch.put(relu.output, 'batchNormalization'));
    const fate = relu.sketch.fate(relu.layer);
    assert.ok(fate.kind === 'needed' && fate.at === relu.output.producer);
    const bare = start();
    bare.end(bare.output);
    const shown = bare.sketch.fate(bare.layer);
    assert.ok(shown.kind === 'needed' && shown.at === null && shown.observed === bare.output);
  });

  it('takes null and undefined as options for the default', () => {
    const { sketch, layer, output, end } = start('conv2d', {
      filters: 3,
      kernelSize: 3,
      activation: null,
      padding: undefined,
    });
    end(sketch.put(output, 'batchNormalization', { axis: undefined }));
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
  });

  it('counts every use', () => {
    const { sketch, layer, output, end } = start();
    const normal = sketch.put(output, 'batchNormalization');
    end(sketch.put([normal, output], 'add'));
    assert.equal(kindOf(sketch.fate(layer)), 'needed');
  });

  it('ignores a use that leads nowhere', () => {
    const { sketch, layer, output, end } = start();
    sketch.put(output, 'reLU');
    end(sketch.put(output, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
  });

  it('counts every application of a shared layer', () => {
    const { sketch, input, layer, output, end } = start();
    const other = sketch.builder.applyLayer(layer, [sketch.put(input, 'reLU')]);
    end(sketch.put([output, other], 'add'));
    assert.equal(kindOf(sketch.fate(layer)), 'needed');
    const twin = start();
    const second = twin.sketch.builder.applyLayer(twin.layer, [twin.sketch.put(twin.input, 'reLU')]);
    twin.end(twin.sketch.put(twin.sketch.put([twin.output, second], 'maximum'), 'batchNormalization'));
    assert.equal(kindOf(twin.sketch.fate(twin.layer)), 'redundant');
  });

  it('hangs on the statistics that the batch norm uses', () => {
    const { sketch, layer, output, end } = start();
    end(sketch.put(output, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer, 'batch')), 'redundant');
    assert.equal(kindOf(sketch.fate(layer, 'stored')), 'needed');
    const fixed = start();
    fixed.end(fixed.sketch.put(fixed.output, 'batchNormalization', {}, 'stored'));
    assert.equal(kindOf(fixed.sketch.fate(fixed.layer, 'batch')), 'needed');
  });

  it('sees a dropout only in training', () => {
    const { sketch, layer, output, end } = start();
    end(sketch.put(sketch.put(output, 'dropout', { rate: 0.5 }), 'batchNormalization', {}, 'batch'));
    assert.equal(kindOf(sketch.fate(layer, 'batch')), 'needed');
    assert.equal(kindOf(sketch.fate(layer, 'stored')), 'redundant');
  });

  it('goes into nested models and judges their own layers by their own outputs', () => {
    const { sketch, layer, output, end } = start();
    const innerInput = sketch.builder.input(output.shape);
    const innerLayer = sketch.layer('conv2d', { filters: 2, kernelSize: 1 });
    const innerOutput = sketch.builder.applyLayer(innerLayer, [innerInput]);
    const model = sketch.builder.model('functional', [innerInput], [innerOutput], [innerLayer]);
    const [nested] = sketch.builder.apply({ type: 'model', model }, [output]);
    end(sketch.put(nested!, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
    assert.equal(kindOf(sketch.fate(innerLayer)), 'needed');
  });

  it('takes the inner tensor that another model starts at for data', () => {
    const { sketch, layer, output, end } = start();
    end(sketch.put(output, 'batchNormalization'));
    sketch.builder.model('functional', [output], [sketch.put(output, 'reLU')], []);
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
  });

  it('keeps a regulariser on the bias apart from what it does to the outputs', () => {
    const biasRegularizer = new ConfigObject(new Map(), true, 'regularizers.l2');
    const { sketch, layer, output, end } = start('dense', { units: 4, biasRegularizer }, [null, 3]);
    end(sketch.put(output, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
  });
});

describe('what is not known is never redundant', () => {
  const unknownReason = (fate: BiasFate) => (fate.kind === 'unknown' ? fate.reason : fate.kind);

  it('options', () => {
    for (const options of [
      { activation: new Unknown('act') },
      { useBias: new Unknown('flag') },
      { dataFormat: new Unknown('f') },
    ]) {
      const { sketch, layer, output, end } = start('conv2d', { filters: 3, kernelSize: 3, ...options });
      end(sketch.put(output, 'batchNormalization'));
      assert.equal(kindOf(sketch.fate(layer)), 'unknown', JSON.stringify(options));
    }
    const axis = start();
    axis.end(axis.sketch.put(axis.output, 'batchNormalization', { axis: new Unknown('axis') }));
    assert.equal(kindOf(axis.sketch.fate(axis.layer)), 'unknown');
  });

  it('options of layers between', () => {
    const between: [string, Record<string, ConfigValue>][] = [
      ['conv2d', { filters: 2, kernelSize: 3, padding: new Unknown('p') }],
      ['conv2d', { filters: 2, kernelSize: new Unknown('k'), padding: 'same' }],
      ['dropout', { rate: new Unknown('r') }],
      ['activation', { activation: new Unknown('a') }],
      ['reshape', { targetShape: new Unknown('s') }],
      ['leakyReLU', { alpha: new Unknown('a') }],
      ['rescaling', { scale: new Unknown('s') }],
    ];
    for (const [kind, options] of between) {
      const { sketch, layer, output, end } = start();
      end(sketch.put(sketch.put(output, kind, options), 'batchNormalization'));
      assert.equal(kindOf(sketch.fate(layer)), 'unknown', kind);
    }
  });

  it('an incomplete config between', () => {
    const { sketch, layer, output, end } = start();
    const dense = sketch.builder.layer('dense', new ConfigObject(new Map([['units', 3]]), false));
    end(sketch.put(sketch.builder.applyLayer(dense, [output]), 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'unknown');
  });

  it('code that cannot be seen', () => {
    const { sketch, layer, output, end } = start();
    sketch.builder.apply({ type: 'unknown', reason: 'plot is not known' }, [output]);
    end(sketch.put(output, 'batchNormalization'));
    assert.equal(unknownReason(sketch.fate(layer)), 'plot is not known');
    const custom = start();
    custom.end(custom.sketch.put(custom.sketch.put(custom.output, 'custom:Attention'), 'batchNormalization'));
    assert.equal(kindOf(custom.sketch.fate(custom.layer)), 'unknown');
    const escaped = start();
    escaped.sketch.builder.escape(escaped.output, { reason: 'returned', place: null });
    escaped.end(escaped.sketch.put(escaped.output, 'batchNormalization'));
    assert.equal(kindOf(escaped.sketch.fate(escaped.layer)), 'needed');
    const handed = start();
    handed.sketch.builder.escape(handed.layer, { reason: 'handed to code', place: null });
    handed.end(handed.sketch.put(handed.output, 'batchNormalization'));
    assert.equal(kindOf(handed.sketch.fate(handed.layer)), 'unknown');
  });

  it('a layer that is not applied, or whose output is not used', () => {
    const sketch = new Sketch();
    assert.match(unknownReason(sketch.fate(sketch.layer('dense', { units: 2 }))), /not applied/);
    const unused = start();
    assert.match(unknownReason(unused.sketch.fate(unused.layer)), /no batch norm/);
  });

  it('what tfjs refuses', () => {
    const cases: [string, Record<string, ConfigValue>, Shape][] = [
      ['conv3d', { filters: 2, kernelSize: 2 }, [null, 4, 4, 4, 1]],
      ['conv1d', { filters: 2, kernelSize: 2, padding: 'causal' }, [null, 8, 2]],
      ['conv1d', { filters: 2, kernelSize: 2, dataFormat: 'channelsFirst' }, [null, 8, 8]],
      ['dense', { units: 3, activityRegularizer: 'l1l2' }, [null, 4]],
      ['separableConv2d', { filters: 2, kernelSize: 2, dataFormat: 'channelsFirst' }, [null, 2, 6, 6]],
    ];
    for (const [kind, options, shape] of cases) {
      const { sketch, layer, output, end } = start(kind, options, shape);
      end(sketch.put(output, 'batchNormalization'));
      assert.equal(kindOf(sketch.fate(layer)), 'unknown', kind);
    }
  });
});

describe('sizes that are not known', () => {
  it('do not matter where the claim holds for all of them', () => {
    for (const shape of [null, [null, null, null, 3]]) {
      const { sketch, layer, output, end } = start('conv2d', { filters: 3, kernelSize: 3 }, shape);
      const pooled = sketch.put(sketch.put(output, 'maxPooling2d'), 'conv2d', { filters: 2, kernelSize: 3 });
      end(sketch.put(sketch.put(pooled, 'flatten'), 'batchNormalization'));
      assert.equal(kindOf(sketch.fate(layer)), 'redundant');
    }
    const dense = start('dense', { units: 4 }, null);
    dense.end(dense.sketch.put(dense.output, 'batchNormalization'));
    assert.equal(kindOf(dense.sketch.fate(dense.layer)), 'redundant');
  });

  it('silence where it does not', () => {
    const same = start('conv2d', { filters: 3, kernelSize: 3 }, null);
    const strided = same.sketch.put(same.output, 'conv2d', { filters: 2, kernelSize: 2, strides: 2, padding: 'same' });
    same.end(same.sketch.put(strided, 'batchNormalization'));
    assert.equal(kindOf(same.sketch.fate(same.layer)), 'unknown');
    const axis = start('dense', { units: 4 }, null);
    axis.end(axis.sketch.put(axis.output, 'batchNormalization', { axis: 1 }));
    assert.equal(kindOf(axis.sketch.fate(axis.layer)), 'unknown');
  });

  it('many paths end in silence, not in a long walk', () => {
    const { sketch, layer, output, end } = start('dense', { units: 3 }, [null, 3]);
    let x = output;
    for (let block = 0; block < 40; block++) x = sketch.put([x, sketch.put(x, 'dense', { units: 3 })], 'add');
    end(sketch.put(x, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'unknown');
  });

  it('large ones cost nothing', () => {
    const { sketch, layer, output, end } = start('conv2d', { filters: 64, kernelSize: 3 }, [null, 512, 512, 3]);
    const flat = sketch.put(sketch.put(output, 'conv2d', { filters: 64, kernelSize: 3, padding: 'same' }), 'flatten');
    end(sketch.put(flat, 'batchNormalization'));
    assert.equal(kindOf(sketch.fate(layer)), 'redundant');
  });
});

describe('masks', () => {
  it('make a recurrence lose the shift, and stop at layers that take none', () => {
    const sketch = new Sketch();
    const input = sketch.input(5, 3);
    const rnn = sketch.layer('simpleRNN', { units: 2, activation: 'linear' });
    const masked = sketch.put(input, 'masking');
    const output = sketch.put(sketch.builder.applyLayer(rnn, [masked]), 'batchNormalization');
    sketch.builder.model('functional', [input], [output], []);
    assert.equal(kindOf(sketch.fate(rnn)), 'needed');
    const conv = sketch.layer('conv1d', { filters: 2, kernelSize: 2 });
    const refused = sketch.put(sketch.builder.applyLayer(conv, [masked]), 'batchNormalization');
    sketch.builder.model('functional', [input], [refused], []);
    assert.equal(kindOf(sketch.fate(conv)), 'unknown');
  });

  it('are handed on to recurrences on other inputs, which then are not known', () => {
    const sketch = new Sketch();
    const input = sketch.input(5, 3);
    const rnn = sketch.layer('simpleRNN', { units: 2, activation: 'linear' });
    const output = sketch.put(sketch.builder.applyLayer(rnn, [input]), 'batchNormalization');
    const alone = sketch.builder.model('functional', [input], [output], []);
    assert.equal(kindOf(sketch.fate(rnn)), 'redundant');
    const masked = sketch.put(sketch.put(input, 'masking'), 'dense', { units: 2 });
    sketch.builder.reshape(alone, [input], [output, masked], []);
    assert.equal(kindOf(sketch.fate(rnn)), 'unknown');
  });
});
