import assert from 'node:assert/strict';
import { ConfigObject, type World } from '../graph';
import { diagnose } from './index';
import type { Finding } from './finding';
import { redundantBias } from './redundant-bias';
import { decision, place, Scene, site, unknown } from './testing/scene';

function found(...worlds: readonly World[]): readonly Finding[] {
  return diagnose(worlds, [redundantBias]).map(({ finding }) => finding);
}

function only(...worlds: readonly World[]): Finding {
  const findings = found(...worlds);
  assert.equal(findings.length, 1);
  return findings[0]!;
}

/** conv, then whatever, then batch norm. */
function conv(between: (scene: Scene) => Parameters<Scene['chain']>[1][] = () => [], config = {}): Scene {
  const scene = new Scene();
  scene.sequential(scene.conv('conv', config), ...between(scene), scene.norm());
  return scene;
}

describe('rule redundant-bias', () => {
  it('reports a bias right before batch norm, as harmless information', () => {
    const finding = only(conv().world());
    assert.equal(finding.severity, 'information');
    assert.equal(finding.place.start, place('conv').start);
    assert.equal(finding.condition, null);
    assert.deepEqual(finding.message, {
      what: 'The bias of this conv2d layer (3 parameters) does nothing.',
      why: 'It shifts every value of a channel alike, and batchNormalization right behind it subtracts that shift again with the mean of the batch.',
      todo: 'Set `useBias: false`. This is harmless waste: 3 parameters, with no effect on results.',
    });
    assert.deepEqual(finding.related, [{ place: place('norm'), message: 'batchNormalization subtracts it' }]);
  });

  it('names the layers that the shift passes through, in order', () => {
    const finding = only(
      conv((scene) => [
        scene.layer('maxPooling2d', 'pool', { poolSize: 2 }),
        scene.layer('flatten', 'flatten', { name: 'flat' }),
      ]).world(),
    );
    assert.match(finding.message.why, /through maxPooling2d and flatten 'flat'/);
    assert.deepEqual(
      finding.related.map(({ place: { start } }) => start),
      ['pool', 'flatten', 'norm'].map((name) => place(name).start),
    );
  });

  it('is silent where the bias is needed, missing or not known', () => {
    assert.deepEqual(found(conv((scene) => [scene.layer('reLU', 'relu')]).world()), []);
    assert.deepEqual(found(conv(() => [], { useBias: false }).world()), []);
    assert.deepEqual(found(conv(() => [], { useBias: unknown() }).world()), []);
    assert.deepEqual(found(conv(() => [], { activation: unknown() }).world()), []);
    const handed = conv();
    handed.builder.escape(handed.builder.finish().layers[0]!, { reason: 'a test', place: null });
    assert.deepEqual(found(handed.world()), []);
  });

  it('proposes useBias: false first, then a comment', () => {
    const { fixes } = only(conv().world());
    assert.deepEqual(
      fixes.map(({ title, kind, remedy }) => [title, kind, remedy.type]),
      [
        ['Set useBias: false', 'quickfix', 'set-config'],
        ['Disable redundant-bias for this line', 'suggestion', 'disable-line'],
      ],
    );
  });

  it('marks bias options as unnecessary and drops them', () => {
    const config = { useBias: true, biasInitializer: 'ones', biasRegularizer: ConfigObject.empty };
    const { unnecessary, fixes, message } = only(conv(() => [], config).world());
    const properties = site('conv', ['filters', 'kernelSize', ...Object.keys(config)]).args[0]!.object!.properties;
    assert.deepEqual(
      unnecessary.map(({ start }) => start),
      properties.slice(2).map(({ span }) => span.start),
    );
    const { remedy } = fixes[0]!;
    assert.ok(remedy.type === 'set-config');
    assert.deepEqual(remedy.drop, ['biasInitializer', 'biasRegularizer']);
    assert.match(message.todo, /regularizer adds to the loss that `fit` shows/);
  });

  it('only suggests it where weights are loaded into the model', () => {
    for (const kind of ['loaded', 'set'] as const) {
      const scene = conv();
      scene.builder.weighted(scene.builder.finish().models[0]!, { kind, place: place('load'), from: null });
      const { fixes, message } = only(scene.world());
      assert.equal(fixes[0]!.kind, 'suggestion');
      assert.match(fixes[0]!.title, /will no longer load/);
      assert.match(message.todo, /unless weights that were saved with the bias must still load/);
    }
  });

  it('offers it as ever where weights are set to its own, or copied', () => {
    for (const kind of ['own', 'copied'] as const) {
      const scene = conv();
      scene.builder.weighted(scene.builder.finish().models[0]!, { kind, place: place('set'), from: null });
      assert.equal(only(scene.world()).fixes[0]!.kind, 'quickfix');
    }
  });

  describe('over worlds', () => {
    const side = (value: boolean, scope = decision('useBn', value).scope): World => {
      const scene = new Scene();
      scene.sequential(scene.conv(), ...(value ? [scene.norm()] : []));
      return scene.world(decision('useBn', value, scope));
    };

    it('gives the condition under which it holds, and a fix that follows it', () => {
      const finding = only(side(true), side(false));
      assert.equal(finding.condition, 'useBn');
      assert.match(finding.message.what, /^Where `useBn` is true, the bias/);
      assert.deepEqual(finding.unnecessary, []);
      const [fix] = finding.fixes;
      assert.ok(fix!.remedy.type === 'set-config');
      assert.equal(fix!.title, 'Set useBias: !useBn');
      assert.equal(fix!.remedy.value, '!useBn');
    });

    it('has no such fix where the flag is out of scope', () => {
      const finding = only(side(true, null), side(false, null));
      assert.deepEqual(
        finding.fixes.map(({ remedy }) => remedy.type),
        ['disable-line'],
      );
      assert.match(finding.message.todo, /^Leave it out there\. /);
    });

    it('ignores worlds in which the site creates nothing', () => {
      assert.equal(only(side(true), new Scene().world(decision('useBn', false))).condition, null);
    });

    it('ignores worlds in which the layer has no bias, or is made and left alone', () => {
      const without = conv(() => [], { useBias: false }).world();
      const idle = new Scene();
      idle.conv();
      assert.equal(only(side(true), without, idle.world()).condition, null);
    });

    it('is silent where no decision explains it', () => {
      assert.deepEqual(found(conv().world(), side(false)), []);
    });

    it('is silent where the other side is not known and nothing decides for it', () => {
      const vague = conv(() => [], { activation: unknown() }).world();
      assert.deepEqual(found(conv().world(), vague), []);
    });
  });

  describe('over calls of a helper', () => {
    const helper = (normed: readonly boolean[], chained: readonly string[] = []): World => {
      const scene = new Scene();
      for (const [i, norm] of normed.entries()) {
        const layer = scene.conv('conv', {}, [...chained, `call ${i}`]);
        scene.sequential(layer, ...(norm ? [scene.norm()] : []));
      }
      return scene.world();
    };

    it('merges all layers of the site in one finding', () => {
      const finding = only(helper([true, true, true]));
      assert.equal(finding.message.what, 'The bias of the 3 conv2d layers made here (9 parameters) does nothing.');
      assert.equal(finding.condition, null);
    });

    it('says in how many calls it holds, names the others, and has no blind fix', () => {
      const finding = only(helper([true, true, false, true, true]));
      assert.equal(finding.condition, 'in 4 of 5 calls');
      assert.match(finding.message.what, /^In 4 of 5 calls, the bias of the 4 conv2d layers/);
      assert.match(finding.message.todo, /^The other 1 call needs it/);
      assert.deepEqual(
        finding.fixes.map(({ remedy }) => remedy.type),
        ['disable-line'],
      );
      assert.ok(finding.related.some(({ place: { start } }) => start === place('call 2').start));
    });

    it('counts layers where calls do not tell them apart', () => {
      const scene = new Scene();
      for (const norm of [true, false]) scene.sequential(scene.conv(), ...(norm ? [scene.norm()] : []));
      assert.equal(only(scene.world()).condition, 'in 1 of 2 layers');
    });

    it('gives no number where it depends on the world', () => {
      const finding = only(helper([true]), helper([true, true]));
      assert.match(finding.message.what, /layers? made here/);
      const loop = (n: number): World => {
        const scene = new Scene();
        for (let i = 0; i < n; i++) scene.sequential(scene.conv(), scene.norm());
        return scene.world();
      };
      assert.equal(only(loop(1), loop(2)).message.what, 'The bias of each conv2d layer made here does nothing.');
    });
  });

  it('is mute where a gradient step trains the layer on stored statistics', () => {
    const scene = conv();
    scene.run(scene.step(), scene.builder.finish().models[0]!);
    assert.deepEqual(found(scene.world()), []);
  });

  it('is mute where it is not known on which statistics, or which variables, the step trains', () => {
    const mode = conv();
    mode.run(mode.step(), mode.builder.finish().models[0]!, { mode: unknown() });
    const variables = conv();
    variables.run(variables.step(unknown()), variables.builder.finish().models[0]!);
    assert.deepEqual(found(mode.world()), []);
    assert.deepEqual(found(variables.world()), []);
  });

  it('is mute where the batch norm is frozen but the layer is trained through it', () => {
    const scene = new Scene();
    const [layer, norm] = [scene.conv(), scene.norm()];
    const model = scene.sequential(layer, norm);
    scene.builder.setTrainable(norm, false);
    scene.run(scene.step([layer]), model);
    assert.deepEqual(found(scene.world()), []);
  });

  it('is not mute where the step trains something else, or on batch statistics', () => {
    const other = conv();
    other.run(other.step('arguments'), other.builder.finish().models[0]!);
    assert.equal(found(other.world()).length, 1);
    const batch = conv();
    batch.run(batch.step(), batch.builder.finish().models[0]!, { mode: 'batch', api: 'apply' });
    assert.equal(found(batch.world()).length, 1);
  });
});
