import assert from 'node:assert/strict';
import { Unknown } from '../server/src/graph';
import { checkNumerically, type CheckResult, type EngineChoice } from '../server/src/check';
import { CONV, convThen, IMAGE, Sketch, stepRunning, type Step } from '../server/src/check/testing/witness';
import type { Witness } from '../server/src/rules';

/** True diagnoses have to come out confirmed, wrong ones refuted, on a real tfjs-node and on pure-JavaScript tfjs. */

function check(witness: Witness, engine: EngineChoice): Promise<CheckResult> {
  return checkNumerically(witness, { engine, workspace: __dirname });
}

function describeResult({ verdict, reason, claims }: CheckResult): string {
  return JSON.stringify({ verdict, reason, claims }, null, 1);
}

function claim(result: CheckResult, start: string): CheckResult['claims'][number] {
  const found = result.claims.find((one) => one.claim.startsWith(start));
  assert.ok(found, describeResult(result));
  return found;
}

function dense(...between: readonly Step[]): Witness {
  const sketch = new Sketch();
  const data = sketch.input(null, 6);
  const layer = sketch.layer('dense', { units: 12 });
  const output = sketch.chain(sketch.apply(layer, data), ...between);
  sketch.model([data], [output]);
  return sketch.bias(layer);
}

function residual(): Witness {
  const sketch = new Sketch();
  const image = sketch.input(null, 8, 8, 4);
  const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3, padding: 'same' });
  const sum = sketch.apply(sketch.layer('add'), [sketch.apply(conv, image), image]);
  sketch.model([image], [sketch.chain(sum, 'batchNormalization', 'reLU')]);
  return sketch.bias(conv);
}

/** `applications` of one convolution with a batch norm after each, merged; the last one with none where `bare`. */
function shared(bare: boolean): Witness {
  const sketch = new Sketch();
  const images = [sketch.input(...IMAGE), sketch.input(...IMAGE)];
  const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
  const [first, second] = images.map((image) => sketch.apply(conv, image));
  const normed = sketch.chain(first!, 'batchNormalization');
  const other = bare ? second! : sketch.chain(second!, 'batchNormalization');
  sketch.model(images, [sketch.apply(sketch.layer('add'), [normed, other])]);
  return sketch.bias(conv);
}

function nested(...between: readonly Step[]): Witness {
  const sketch = new Sketch();
  const inside = sketch.input(...IMAGE);
  const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
  const block = sketch.model([inside], [sketch.chain(sketch.apply(conv, inside), ...between)]);
  const image = sketch.input(...IMAGE);
  const [features] = sketch.builder.apply({ type: 'model', model: block }, [image]);
  const norm = sketch.layer('batchNormalization');
  sketch.model([image], [sketch.apply(norm, features!)], [block, norm]);
  return sketch.bias(conv);
}

function secondUse(): Witness {
  const sketch = new Sketch();
  const image = sketch.input(...IMAGE);
  const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
  const features = sketch.apply(conv, image);
  const normed = sketch.chain(features, 'batchNormalization');
  sketch.model([image], [sketch.apply(sketch.layer('add'), [normed, features])]);
  return sketch.bias(conv);
}

/** Applied to data in the author's own loop, with or without the flag. */
function eager(mode: 'batch' | 'stored'): Witness {
  const sketch = new Sketch();
  const data = sketch.input(16, 6);
  const layer = sketch.layer('dense', { units: 5 });
  sketch.apply(sketch.layer('batchNormalization'), sketch.apply(layer, data, mode), mode);
  return sketch.bias(layer);
}

function wrapped(kind: 'timeDistributed' | 'bidirectional'): Witness {
  const sketch = new Sketch();
  const sequence = sketch.input(null, 5, 6);
  const inner =
    kind === 'timeDistributed'
      ? sketch.layer('dense', { units: 4 })
      : sketch.layer('lstm', { units: 4, returnSequences: true });
  const wrapper = sketch.layer(kind, { layer: new Unknown('a layer') }, inner);
  sketch.model([sequence], [sketch.chain(sketch.apply(wrapper, sequence), 'batchNormalization')]);
  return sketch.bias(inner);
}

/** Two steps on one model: the first as the finding says, the second with the flag. */
function alsoUpdated(): Witness {
  const sketch = new Sketch();
  const data = sketch.input(null, 6);
  const model = sketch.model([data], [sketch.chain(data, ['dense', { units: 5 }], 'batchNormalization')]);
  const step = sketch.step();
  const written = sketch.run(step, model, 'predict', 'stored');
  sketch.run(step, model, 'apply', 'batch');
  return sketch.updates(step, written);
}

const CONFIRMED: Readonly<Record<string, () => Witness>> = {
  'conv2d, batch norm': () => convThen(),
  'a convolution in between': () => convThen(CONV),
  'max pooling, flatten, dense': () => convThen(['maxPooling2d', { poolSize: 2 }], 'flatten', ['dense', { units: 5 }]),
  'a residual branch': residual,
  'a shared layer with a batch norm after each use': () => shared(false),
  'a nested model': () => nested(['averagePooling2d', { poolSize: 2 }]),
  'dense, batch norm, relu': () => dense('batchNormalization', 'reLU'),
  'layers of a loop of its own, in training mode': () => eager('batch'),
  'a dense layer at each time step': () => wrapped('timeDistributed'),
  'predict in the step': () => stepRunning('predict', 'stored'),
  'apply without the flag in the step': () => stepRunning('apply', 'stored'),
};

const REFUTED: Readonly<Record<string, () => Witness>> = {
  'a relu in between': () => convThen('reLU'),
  'an activation of the layer itself': () => dense(['dense', { units: 4, activation: 'tanh' }], 'batchNormalization'),
  'dropout in between': () => convThen(['dropout', { rate: 0.3 }]),
  'a padded convolution in between': () => convThen(['conv2d', { filters: 3, kernelSize: 3, padding: 'same' }]),
  'a second use of the output': secondUse,
  'a shared layer with one use that has no batch norm': () => shared(true),
  'a relu inside a nested model': () => nested('reLU'),
  'no batch norm at all': () => dense('reLU'),
  "the generator's reshape": () => dense(['reshape', { targetShape: [2, 2, 3] }], 'batchNormalization'),
  'stored statistics': () => eager('stored'),
  'a recurrent layer': () => wrapped('bidirectional'),
  'a step that does hand on the flag': () => stepRunning('apply', 'batch'),
  'a step that trains nothing of the model': () => stepRunning('predict', 'stored', 'arguments'),
  'a step that updates the same model elsewhere': alsoUpdated,
};

for (const engine of ['tfjs-node', 'tfjs'] as const) {
  describe(`numerical check on ${engine}`, () => {
    for (const [name, witness] of Object.entries(CONFIRMED)) {
      it(`confirms: ${name}`, async () => {
        const result = await check(witness(), engine);
        assert.equal(result.verdict, 'confirmed', describeResult(result));
        assert.equal(result.engine.name, engine);
        assert.match(result.engine.version, /^4\./);
        for (const one of result.claims) assert.equal(one.verdict, 'confirmed', describeResult(result));
      });
    }

    for (const [name, witness] of Object.entries(REFUTED)) {
      it(`refutes: ${name}`, async () => {
        const result = await check(witness(), engine);
        assert.equal(result.verdict, 'refuted', describeResult(result));
      });
    }

    it('says what the figures are, and that dropping the bias alone would change inference', async () => {
      const result = await check(convThen(), engine);
      const output = claim(result, 'In training mode');
      assert.ok(output.figure! < output.tolerance && output.tolerance < 1e-3, describeResult(result));
      const without = /Without the move the difference is ([\d.e-]+)\.$/.exec(claim(result, 'In inference').detail);
      assert.ok(Number(without?.[1]) > 0.01, describeResult(result));
      const parameters = claim(result, 'The bias has 4 parameters');
      assert.equal(parameters.figure, 4);
      assert.match(parameters.detail, /gradient step on this part took [\d.]+ ms with the bias, [\d.]+ ms without/);
    });

    it('trains both ways, and the ways part where the bias matters', async () => {
      const training = claim(await check(convThen(CONV), engine), 'Training goes the same way');
      assert.ok(training.figure! <= training.tolerance && training.tolerance < 1e-3, JSON.stringify(training));
      const [from, to] = /The loss goes from (\S+) to (\S+) with the bias/.exec(training.detail)!.slice(1).map(Number);
      assert.ok(from! - to! > 100 * training.tolerance, training.detail);
      const wrong = claim(await check(convThen('reLU'), engine), 'Training goes the same way');
      assert.equal(wrong.verdict, 'refuted', JSON.stringify(wrong));
    });

    it('is inconclusive where the dependence leads into a class of the author', async () => {
      const result = await check(convThen('custom:Attention'), engine);
      assert.equal(result.verdict, 'inconclusive');
      assert.match(result.reason!, /Attention is a layer class of its own/);
    });

    it('does not mind what comes behind the batch norm', async () => {
      const result = await check(dense('batchNormalization', 'custom:Attention'), engine);
      assert.equal(result.verdict, 'confirmed', describeResult(result));
    });

    it('draws what stands in for unknown sizes', async () => {
      const sketch = new Sketch();
      const image = sketch.input(null, null, null, 3);
      const conv = sketch.layer('conv2d', { filters: new Unknown('for the test'), kernelSize: 3 });
      sketch.model([image], [sketch.chain(sketch.apply(conv, image), 'batchNormalization')]);
      const result = await check(sketch.bias(conv), engine);
      assert.equal(result.verdict, 'confirmed', describeResult(result));
      assert.equal(result.standIns.length, 2);
    });
  });
}

describe('numerical check where the engines differ', () => {
  const pooled = convThen(['averagePooling2d', { poolSize: 3, strides: 2, padding: 'same' }]);
  const channelsFirst = (): Witness => {
    const sketch = new Sketch();
    const image = sketch.input(null, 2, 8, 8);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' });
    const norm = sketch.layer('batchNormalization', { axis: 1 });
    sketch.model([image], [sketch.apply(norm, sketch.apply(conv, image))]);
    return sketch.bias(conv);
  };

  it('does not take the wrong gradient of pure-JavaScript average pooling for a refutation', async () => {
    const result = await check(pooled, 'tfjs');
    assert.equal(result.verdict, 'confirmed', describeResult(result));
    const gradient = claim(result, 'The gradient');
    assert.equal(gradient.verdict, 'inconclusive');
    assert.match(gradient.detail, /the engine's gradient is wrong here/);
  });

  it('measures that gradient on tfjs-node', async () => {
    assert.equal(claim(await check(pooled, 'tfjs-node'), 'The gradient').verdict, 'confirmed');
  });

  it('measures nothing on a batch norm that pure-JavaScript tfjs computes wrongly', async () => {
    const result = await check(channelsFirst(), 'tfjs');
    assert.equal(result.verdict, 'inconclusive');
    assert.match(result.reason!, /axis other than the last/);
    assert.deepEqual(result.claims, []);
  });

  it('measures it on tfjs-node, without the gradient that tfjs refuses', async () => {
    const result = await check(channelsFirst(), 'tfjs-node');
    assert.equal(result.verdict, 'confirmed', describeResult(result));
    assert.equal(claim(result, 'The gradient').verdict, 'inconclusive');
  });
});
