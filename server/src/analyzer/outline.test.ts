import assert from 'node:assert/strict';
import type { Silence, World } from '../graph';
import { decision, FILE, place, Scene, site } from '../rules/testing/scene';
import { outlineOf } from './outline';
import { outlineText } from './outline-text';

/** Every place starts a line of its own: places of a scene are multiples of 100. */
const TEXT = `${'x'.repeat(99)}\n`.repeat(60);
const at = (name: string): string => `${place(name).start / 100 + 1}:1`;

function outline(worlds: readonly World[], offset: number | null = null, silences: readonly Silence[] = []): string[] {
  return outlineText(outlineOf(worlds, silences, FILE, offset), 'model.js', () => TEXT).split('\n');
}

describe('the outline of recovered models', () => {
  it('has a line for the model and for each layer, with shapes, parameters and the fate of the bias', () => {
    const scene = new Scene();
    scene.sequential(scene.conv(), scene.norm(), scene.conv('next', { activation: 'relu' }));
    assert.deepEqual(outline([scene.world()]), [
      '# model.js',
      `model sequential at ${at('model')}  153 parameters`,
      `  layer conv2d             at ${at('conv')}  [null, 6, 6, 3]  57 parameters  bias redundant`,
      `  layer batchNormalization at ${at('norm')}  [null, 6, 6, 3]  12 parameters`,
      `  layer conv2d             at ${at('next')}  [null, 4, 4, 3]  84 parameters  bias needed`,
      '',
    ]);
  });

  it('indents a nested model, and says how a model is trained', () => {
    const scene = new Scene();
    const { builder } = scene;
    const inner = scene.sequential(scene.conv());
    const input = builder.input([null, 8, 8, 2]);
    const [output] = builder.apply({ type: 'model', model: inner }, [input]);
    const outer = builder.model('functional', [input], [output!], [inner], { site: site('outer') });
    builder.trained(outer, { api: 'fit', place: place('fit') });
    const lines = outline([scene.world()]);
    assert.equal(lines[1], `model functional at ${at('outer')}  57 parameters`);
    assert.equal(lines[2], `  model sequential at ${at('model')}  57 parameters`);
    assert.match(lines[3]!, /^ {4}layer conv2d /);
    assert.equal(lines[4], `  trained by fit at ${at('fit')}`);
    assert.equal(lines.length, 6);
  });

  it('does not call a bias redundant that a training step runs on stored statistics', () => {
    const scene = new Scene();
    scene.run(scene.step(), scene.sequential(scene.conv(), scene.norm()));
    assert.match(outline([scene.world()])[2]!, /bias redundant on batch statistics only$/);
  });

  it('has only models with code in this file, and names the file of what stands elsewhere', () => {
    const scene = new Scene();
    const elsewhere = { ...site('elsewhere'), file: '/lib/other.js' };
    const imported = scene.builder.layer('flatten', undefined, { site: elsewhere });
    scene.sequential(scene.conv(), imported);
    const stranger = scene.builder.input([null, 4]);
    scene.builder.model('functional', [stranger], [stranger], [], { site: elsewhere });
    const lines = outline([scene.world()]);
    assert.equal(lines.filter((line) => line.startsWith('model')).length, 1);
    assert.match(lines[3]!, new RegExp(`^ {2}layer flatten at other\\.js:${at('elsewhere')} `));
  });

  it('is that of the models around the cursor; of all, with steps and silences, where there is none', () => {
    const scene = new Scene();
    const [near, far] = [scene.conv('near'), scene.conv('far')];
    const inputs = [scene.builder.input([null, 8, 8, 2]), scene.builder.input([null, 8, 8, 2])] as const;
    scene.builder.model('functional', [inputs[0]], [scene.chain(inputs[0], near)], [near], {
      site: site('near model'),
    });
    const model = scene.builder.model('functional', [inputs[1]], [scene.chain(inputs[1], far)], [far], {
      site: site('far model'),
    });
    scene.run(scene.step(), model);
    scene.run(scene.step('arguments', 'grads'), far, { mode: 'batch', site: site('second run') });
    const silences = [{ place: place('mystery'), reason: '`mystery` is not in the workspace' }];
    const around = outline([scene.world()], place('near').start + 1, silences);
    assert.deepEqual(around.slice(2, 3), [
      `  layer conv2d at ${at('near')}  [null, 6, 6, 3]  57 parameters  bias needed`,
    ]);
    assert.equal(around.length, 4);
    const all = outline([scene.world()], place('mystery').start, silences);
    assert.equal(all.filter((line) => line.startsWith('model')).length, 2);
    assert.deepEqual(all.slice(-6, -1), [
      `step minimize at ${at('minimize')} trains all variables`,
      `  runs model at ${at('run')} on stored statistics`,
      `step minimize at ${at('grads')} trains its arguments`,
      `  runs layer conv2d at ${at('second run')} on batch statistics`,
      `silent at ${at('mystery')}: \`mystery\` is not in the workspace`,
    ]);
  });

  it('is the same text once for all worlds that agree, else says under which decisions', () => {
    const world = (useBn: boolean, wide: boolean): World => {
      const scene = new Scene();
      scene.sequential(scene.conv(), ...(useBn ? [scene.norm()] : []));
      return scene.world(decision('useBn', useBn), decision('wide', wide));
    };
    const heads = (worlds: readonly World[]): string[] => outline(worlds).filter((line) => line.startsWith('model'));
    assert.deepEqual(heads([world(true, true), world(true, false)]), [
      `model sequential at ${at('model')}  69 parameters`,
    ]);
    assert.deepEqual(heads([world(true, true), world(true, false), world(false, true), world(false, false)]), [
      `model sequential at ${at('model')}  69 parameters when useBn`,
      `model sequential at ${at('model')}  57 parameters when not useBn`,
    ]);
  });

  it('has layers that are in no model on their own', () => {
    const scene = new Scene();
    scene.chain(scene.builder.input([null, 8, 8, 2]), scene.conv('loose'));
    const [layer, ...others] = outline([scene.world()]).slice(1, -1);
    assert.match(layer!, new RegExp(`^layer conv2d at ${at('loose')} {2}\\[null, 6, 6, 3\\] {2}57 parameters`));
    assert.deepEqual(others, []);
    assert.deepEqual(outline([]), ['# model.js', '']);
  });
});
