import assert from 'node:assert/strict';
import { ConfigObject, Unknown } from '../../graph';
import { convThen, IMAGE, Sketch, stepRunning, type Step } from '../testing/witness';
import type { Witness } from '../../rules';
import { planCheck, type BiasPlan, type Plan, type UpdatesPlan } from '.';

const unknown = new Unknown('for the test');

function plan(witness: Witness): Plan {
  const planned = planCheck(witness);
  assert.ok(planned.plan, planned.plan === null ? planned.reason : '');
  return planned.plan;
}

function biasPlan(witness: Witness): BiasPlan {
  const made = plan(witness);
  assert.equal(made.rule, 'redundant-bias');
  return made as BiasPlan;
}

function reason(witness: Witness): string {
  const planned = planCheck(witness);
  assert.equal(planned.plan, null);
  return (planned as { reason: string }).reason;
}

function kinds({ layers, graph }: BiasPlan): readonly string[] {
  return graph.nodes.map(({ target }) => (target.type === 'layer' ? layers[target.layer]!.kind : target.type));
}

/** The layer of a plan about a layer's bias. */
function subject({ layers, subject: of }: BiasPlan): BiasPlan['layers'][number] {
  assert.ok('layer' in of);
  return layers[of.layer]!;
}

describe('plan of a redundant bias', () => {
  it('holds the layer, what comes after it, and data for what comes before', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const before = sketch.chain(image, 'batchNormalization');
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    const output = sketch.chain(sketch.apply(conv, before), 'batchNormalization', 'reLU');
    sketch.model([image], [output]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual(kinds(made), ['conv2d', 'batchNormalization', 'reLU']);
    assert.equal(made.graph.outputs.length, 1);
    assert.equal(subject(made).kind, 'conv2d');
    assert.deepEqual(made.graph.inputs[0]!.shape, [16, 8, 8, 2]);
    assert.deepEqual(made.standIns, []);
  });

  it('is plain JSON', () => {
    const made = biasPlan(convThen('reLU'));
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made);
  });

  it('has the channels that a filter asks for, where they stand', () => {
    for (const [dataFormat, shape] of [
      ['NHWC', [32, 32, 5]],
      ['NCHW', [5, 32, 32]],
    ] as const) {
      const { builder } = new Sketch();
      const variable = (...sizes: number[]) =>
        builder.input(sizes, { as: 'variable', trainable: true, fill: null, assignable: false, place: null });
      const inputs = [builder.input(null), variable(3, 3, 5, 4), variable(4)];
      const attributes = ConfigObject.of({ strides: 1, pad: 'same', dataFormat });
      const roles = ['x', 'filter', 'bias'];
      const [output] = builder.apply({ type: 'op', name: 'fused.conv2d', attributes, roles, call: null }, inputs);
      builder.escape(output!, { reason: 'a test', place: null });
      const graph = builder.finish();
      const made = biasPlan({ rule: 'redundant-bias', graph, bias: { application: graph.applications[0]!, input: 2 } });
      const drawn = made.graph.inputs.flatMap((input) => (input.shape?.length === 4 ? [input.shape.slice(1)] : []));
      assert.ok(
        drawn.some((sizes) => sizes.join() === shape.join()),
        JSON.stringify(made.graph.inputs),
      );
    }
  });

  it('says nothing about the verdict: a relu in between changes nothing but the nodes', () => {
    assert.deepEqual(kinds(biasPlan(convThen('reLU'))), ['conv2d', 'reLU', 'batchNormalization']);
  });

  it('observes every output that the bias may reach', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    const features = sketch.apply(conv, image);
    const output = sketch.chain(features, 'batchNormalization');
    sketch.model([image], [output, features]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual([...made.graph.outputs].sort(), made.graph.nodes.flatMap((node) => [...node.outputs]).sort());
  });

  it('observes a tensor that escapes', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    const features = sketch.apply(conv, image);
    sketch.builder.escape(features, { reason: 'logged', place: null });
    sketch.model([image], [sketch.chain(features, 'batchNormalization')]);
    assert.equal(biasPlan(sketch.bias(conv)).graph.outputs.length, 2);
  });

  it('puts one tensor of data in place of an input that is used twice', () => {
    const sketch = new Sketch();
    const image = sketch.input(null, 8, 8, 4);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3, padding: 'same' });
    const sum = sketch.apply(sketch.layer('add'), [sketch.apply(conv, image), image]);
    sketch.model([image], [sketch.chain(sum, 'batchNormalization')]);
    assert.equal(biasPlan(sketch.bias(conv)).graph.inputs.length, 1);
  });

  it('names what stands in for unknown sizes and initial values', () => {
    const sketch = new Sketch();
    const image = sketch.input(null, null, null, 3);
    const conv = sketch.layer('conv2d', { filters: unknown, kernelSize: unknown, kernelInitializer: unknown });
    sketch.model([image], [sketch.chain(sketch.apply(conv, image), 'batchNormalization')]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual(subject(made).config, { filters: 8, kernelSize: 3 });
    assert.deepEqual(made.graph.inputs[0]!.shape, [16, 32, 32, 3]);
    assert.deepEqual([...made.standIns].sort(), [
      'filters of conv2d unknown: 8',
      'input shape [?, ?, ?, 3]: 32 x 32 x 3 (batch 16)',
      "kernelInitializer of conv2d unknown: tfjs's default",
      'kernelSize of conv2d unknown: 3',
    ]);
  });

  it('does not replace what decides: an unknown activation, an unknown padding on the path', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3, activation: unknown });
    sketch.model([image], [sketch.chain(sketch.apply(conv, image), 'batchNormalization')]);
    const [node] = biasPlan(sketch.bias(conv)).graph.nodes;
    assert.deepEqual(node!.target, { type: 'unknown', reason: 'activation of conv2d is not known' });

    const padded = convThen(['conv2d', { filters: 3, kernelSize: 3, padding: unknown }]);
    const target = biasPlan(padded).graph.nodes[1]!.target;
    assert.deepEqual(target, { type: 'unknown', reason: 'padding of conv2d is not known' });
  });

  it('rebuilds regularizers and initializers through tfjs, and leaves names and input shapes out', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const l2 = new ConfigObject(new Map([['l2', 0.01]]), true, 'regularizers.l2');
    const config = { filters: 4, kernelSize: [3, 3], kernelRegularizer: l2, name: 'first', inputShape: [8, 8, 2] };
    const conv = sketch.layer('conv2d', config);
    sketch.model([image], [sketch.chain(sketch.apply(conv, image), 'batchNormalization')]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual(subject(made).config, {
      filters: 4,
      kernelSize: [3, 3],
      kernelRegularizer: { $make: 'regularizers.l2', config: { l2: 0.01 } },
    });
  });

  it('unfolds a nested model and does not observe what only the outer one sees', () => {
    const sketch = new Sketch();
    const inside = sketch.input(null, 8, 8, 2);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    const block = sketch.model([inside], [sketch.apply(conv, inside)], [conv]);
    const image = sketch.input(null, 8, 8, 2);
    const [features] = sketch.builder.apply({ type: 'model', model: block }, [image]);
    const norm = sketch.layer('batchNormalization');
    sketch.model([image], [sketch.apply(norm, features!)], [block, norm]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual(kinds(made), ['conv2d', 'batchNormalization']);
    assert.equal(made.graph.outputs.length, 1);

    // As soon as the block is run by itself, its own output counts.
    sketch.builder.apply({ type: 'model', model: block }, [sketch.input(4, 8, 8, 2)], { mode: 'stored' });
    assert.equal(biasPlan(sketch.bias(conv)).graph.outputs.length, 2);
  });

  it('puts data in place of what a class of the author makes, and marks it on the path', () => {
    const sketch = new Sketch();
    const image = sketch.input(...IMAGE);
    const own = sketch.chain(image, 'custom:Attention');
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    sketch.model([image], [sketch.chain(sketch.apply(conv, own), 'custom:Attention', 'batchNormalization')]);
    const made = biasPlan(sketch.bias(conv));
    assert.deepEqual(kinds(made), ['conv2d', 'unknown', 'batchNormalization']);
    assert.equal(made.graph.inputs[0]!.shape!.length, 4);
    assert.match(made.standIns.join(), /input shape unknown: 32 x 32 x 3/);
  });

  it('takes a small batch for large images', () => {
    const sketch = new Sketch();
    const image = sketch.input(null, 1024, 1024, 3);
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    sketch.model([image], [sketch.chain(sketch.apply(conv, image), 'batchNormalization')]);
    assert.equal(biasPlan(sketch.bias(conv)).batch, 2);
  });

  it('takes as many samples as batch norm needs', () => {
    const batch = (...between: readonly Step[]): number => {
      const sketch = new Sketch();
      const image = sketch.input(null, 28, 28, 32);
      const conv = sketch.layer('conv2d', { filters: 64, kernelSize: 3 });
      sketch.model([image], [sketch.chain(sketch.apply(conv, image), ...between, 'batchNormalization')]);
      return biasPlan(sketch.bias(conv)).batch;
    };
    assert.equal(batch(), 2);
    assert.equal(batch('flatten'), 4);
    assert.equal(biasPlan(convThen('flatten')).batch, 16);
  });

  it('has a reason where there is no plan', () => {
    const sketch = new Sketch();
    const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
    assert.equal(reason(sketch.bias(conv)), 'the layer is never applied');
    sketch.builder.escape(conv, { reason: 'passed to wrap()', place: null });
    assert.equal(reason(sketch.bias(conv)), 'the layer is handed on: passed to wrap()');
  });
});

describe('plan of updates that are not run', () => {
  it('rebuilds the model and runs it as it is written', () => {
    const made = plan(stepRunning('predict', 'stored')) as UpdatesPlan;
    assert.deepEqual(made.runs, [{ model: 0, api: 'predict', training: false }]);
    assert.equal(made.models[0]!.graph.nodes.length, 3);
    assert.equal(made.variables, 'all');
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made);
  });

  it('takes in every other run of the same batch norm, and no run of another', () => {
    const sketch = new Sketch();
    const data = sketch.input(null, 6);
    const model = sketch.model([data], [sketch.chain(data, ['dense', { units: 5 }], 'batchNormalization')]);
    const other = sketch.model(
      [data],
      [sketch.chain(data, 'batchNormalization')],
      [sketch.layer('batchNormalization')],
    );
    const step = sketch.step();
    const written = sketch.run(step, model, 'predict', 'stored');
    sketch.run(step, other, 'apply', 'batch');
    sketch.run(step, model, 'apply', 'batch');
    const made = plan(sketch.updates(step, written)) as UpdatesPlan;
    assert.deepEqual(made.runs, [
      { model: 0, api: 'predict', training: false },
      { model: 0, api: 'apply', training: true },
    ]);
    assert.equal(made.run, 0);
  });

  it('has a reason where mode or variables are not known, or the model holds no batch norm', () => {
    assert.match(reason(stepRunning('apply', unknown)), /training mode is not known: for the test/);
    assert.match(reason(stepRunning('apply', 'stored', unknown)), /variables .* not known/);
    const sketch = new Sketch();
    const data = sketch.input(null, 6);
    const model = sketch.model([data], [sketch.chain(data, ['dense', { units: 5 }])]);
    const step = sketch.step();
    assert.match(reason(sketch.updates(step, sketch.run(step, model, 'predict', 'stored'))), /no batch norm/);
  });
});
