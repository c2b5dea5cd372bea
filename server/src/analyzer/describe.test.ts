import assert from 'node:assert/strict';
import { FILE, place, Scene, site } from '../rules/testing/scene';
import { describeLayer } from './describe';

const within = (name: string): number => place(name).start + 3;

describe('the description of a layer call', () => {
  it('has the kind, the output shape, the parameters and what becomes of the bias', () => {
    const scene = new Scene();
    scene.sequential(scene.conv(), scene.norm());
    const described = describeLayer([scene.world()], FILE, within('conv'))!;
    assert.deepEqual(described.place, place('conv'));
    assert.equal(described.kind, 'conv2d');
    assert.deepEqual(described.outputShapes, [[null, 6, 6, 3]]);
    assert.equal(described.parameters, 3 * 3 * 2 * 3 + 3);
    assert.equal(described.biasParameters, 3);
    assert.match(described.bias, /does nothing/);
    const norm = describeLayer([scene.world()], FILE, within('norm'))!;
    assert.equal(norm.biasParameters, 0);
  });

  it('says that a bias is needed where it is', () => {
    const scene = new Scene();
    scene.sequential(scene.conv('conv', { activation: 'relu' }), scene.norm());
    const { bias } = describeLayer([scene.world()], FILE, within('conv'))!;
    assert.doesNotMatch(bias, /does nothing/);
  });

  it('does not call a bias useless that a training step runs on stored statistics', () => {
    const scene = new Scene();
    const model = scene.sequential(scene.conv(), scene.norm());
    scene.run(scene.step(), model);
    const { bias } = describeLayer([scene.world()], FILE, within('conv'))!;
    assert.match(bias, /^Its bias would do nothing if .* but a training step runs it on stored ones\.$/);
  });

  it('is null where no layer is made: beside the calls, in another file', () => {
    const scene = new Scene();
    scene.sequential(scene.conv(), scene.norm());
    assert.equal(describeLayer([scene.world()], FILE, place('conv').end + 1), null);
    assert.equal(describeLayer([scene.world()], '/other.js', within('conv')), null);
    assert.equal(describeLayer([], FILE, within('conv')), null);
  });

  it('is that of the innermost call', () => {
    const scene = new Scene();
    const inner = scene.conv('inner');
    const { start, end } = place('inner');
    const around = { ...site('outer'), call: { start: start - 20, end: end + 20 } };
    const wrapper = scene.builder.layer('timeDistributed', undefined, { site: around, inner });
    scene.builder.applyLayer(wrapper, [scene.builder.input([null, 4, 8, 8, 2])]);
    assert.equal(describeLayer([scene.world()], FILE, start + 1)!.kind, 'conv2d');
    assert.equal(describeLayer([scene.world()], FILE, start - 1)!.kind, 'timeDistributed');
  });

  it('is one for all layers that a call makes, of all worlds', () => {
    const scene = new Scene();
    const [first, second] = [scene.conv('helper', {}, ['one']), scene.conv('helper', {}, ['two'])];
    scene.chain(scene.builder.input([null, 8, 8, 2]), first, scene.norm());
    scene.builder.applyLayer(second, [scene.builder.input([null, 8, 8, 5])]);
    const described = describeLayer([scene.world(), scene.world()], FILE, within('helper'))!;
    assert.deepEqual(described.outputShapes, [[null, 6, 6, 3]]);
    assert.equal(described.parameters, null);
    assert.equal(described.biasParameters, 3);
    assert.match(described.bias, /^Its bias does nothing in \d of the \d layers that this call makes; in the others/);
  });
});
