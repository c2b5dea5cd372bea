import assert from 'node:assert/strict';
import type { Layer, Model, ModelRun, World } from '../graph';
import type { Finding } from './finding';
import { diagnose } from './index';
import { decision, place, Scene, site, unknown } from './testing/scene';

function found(...worlds: readonly World[]): readonly Finding[] {
  return diagnose(worlds)
    .map(({ finding }) => finding)
    .filter(({ rule }) => rule === 'updates-not-run');
}

/** A model conv -> batch norm, and whatever a test does with it. */
function scene(act: (scene: Scene, model: Model) => void): World {
  const made = new Scene();
  act(made, made.sequential(made.conv(), made.norm()));
  return made.world();
}

const trained = (more: Parameters<Scene['run']>[2] = {}): World =>
  scene((made, model) => made.run(made.step(), model, more));

describe('rule updates-not-run', () => {
  it('reports predict in a training step, at the call that runs the model', () => {
    const [finding] = found(trained());
    assert.equal(finding!.severity, 'warning');
    assert.equal(finding!.place.start, place('run').start);
    assert.equal(
      finding!.message.what,
      '`predict` runs a model with 1 batchNormalization layer on stored statistics inside a training step (`minimize`).',
    );
    assert.match(finding!.message.why, /`predict` never hands that on/);
    assert.deepEqual(
      finding!.related.map(({ place: { start } }) => start),
      ['minimize', 'norm', 'conv'].map((name) => place(name).start),
    );
  });

  it('mutes redundant-bias and says what becomes redundant', () => {
    const diagnoses = diagnose([trained()]);
    assert.deepEqual(
      diagnoses.map(({ finding }) => finding.rule),
      ['updates-not-run'],
    );
    assert.match(diagnoses[0]!.finding.message.todo, /Then the bias of one layer \(3 parameters\) becomes redundant/);
  });

  it('is silent on batch statistics, and where the mode is not known', () => {
    assert.deepEqual(found(trained({ mode: 'batch', api: 'apply' })), []);
    assert.deepEqual(found(trained({ mode: unknown(), api: 'apply' })), []);
  });

  it('is silent where the call itself asks for stored statistics', () => {
    assert.deepEqual(found(trained({ api: 'apply', deliberate: true })), []);
  });

  it('is silent where the step does not train the batch norm', () => {
    const withVariables = (variables: Parameters<Scene['step']>[0]) =>
      found(scene((made, model) => made.run(made.step(variables), model)));
    assert.deepEqual(withVariables('arguments'), []);
    assert.deepEqual(withVariables(unknown()), []);
    assert.deepEqual(withVariables([]), []);
    assert.deepEqual(
      found(scene((made, model) => made.run(made.step([made.sequential(made.conv('other'))]), model))),
      [],
    );
  });

  it('takes variables of the model, and of the batch norm itself', () => {
    assert.equal(found(scene((made, model) => made.run(made.step([model]), model))).length, 1);
    assert.equal(found(scene((made, model) => made.run(made.step([model.members[1]!]), model))).length, 1);
  });

  it('is silent where the batch norm or its model is frozen, or may be', () => {
    for (const flag of [false, unknown()]) {
      assert.deepEqual(
        found(
          scene((made, model) => {
            made.builder.setTrainable(model, flag);
            made.run(made.step(), model);
          }),
        ),
        [],
      );
      assert.deepEqual(
        found(
          scene((made, model) => {
            made.builder.setTrainable(model.members[1]!, flag);
            made.run(made.step(), model);
          }),
        ),
        [],
      );
    }
  });

  it('is silent on a target network', () => {
    const world = scene((made, model) => {
      made.builder.weighted(model, { kind: 'copied', place: place('copy'), from: null });
      made.run(made.step(), model);
    });
    assert.deepEqual(found(world), []);
  });

  it('is silent where weights are set to something, but not where to its own', () => {
    const from = (kind: 'set' | 'own' | 'loaded') =>
      found(
        scene((made, model) => {
          made.builder.weighted(model, { kind, place: place('weights'), from: null });
          made.run(made.step(), model);
        }),
      ).length;
    assert.deepEqual([from('set'), from('own'), from('loaded')], [0, 1, 1]);
  });

  it('is silent where another call updates the statistics', () => {
    const fit = scene((made, model) => {
      made.builder.trained(model, { api: 'fit', place: place('fit') });
      made.run(made.step(), model);
    });
    const twice = scene((made, model) => {
      const step = made.step();
      made.run(step, model);
      made.run(step, model, { api: 'apply', mode: 'batch', site: site('other run') });
    });
    const warm = scene((made, model) => {
      made.builder.updated(model, place('use'));
      made.run(made.step(), model);
    });
    for (const world of [fit, twice, warm]) assert.deepEqual(found(world), []);
  });

  it('is silent where code that cannot be seen is handed the model, but not where it only gets its outputs', () => {
    const escaped = (handed: boolean) =>
      found(
        scene((made, model) => {
          const escape = { reason: 'a test', place: place('call') };
          made.builder.escape(model, handed ? { ...escape, handed } : escape);
          made.run(made.step(), model);
        }),
      );
    assert.deepEqual(escaped(true), []);
    assert.equal(escaped(false).length, 1);
  });

  it('only suggests the flag, and speaks of freezing, beside a run of another model that has it', () => {
    const beside = (mode: 'batch' | 'stored', listed = false) =>
      found(
        scene((made, model) => {
          const other = made.sequential(made.conv('other'));
          const step = made.step(listed ? [model, other] : 'all');
          made.run(step, model, { api: 'apply' });
          made.run(step, other, { mode, api: 'apply', site: site('other run') });
        }),
      )[0]!;
    assert.equal(beside('batch').fixes[0]!.kind, 'suggestion');
    assert.match(beside('batch').message.todo, /Where it is meant to stay as it is, freeze it/);
    for (const finding of [beside('stored'), beside('batch', true)]) {
      assert.equal(finding.fixes[0]!.kind, 'quickfix');
      assert.doesNotMatch(finding.message.todo, /freeze/);
    }
  });

  it('has no fix for a batch of one sample, of which its own mean leaves nothing', () => {
    const alone = (samples: number, dense: boolean) =>
      found(
        scene((made, model) => {
          const norm = made.norm('dense norm');
          const input = made.builder.input([null, 4]);
          const flat = made.builder.model('sequential', [input], [made.chain(input, norm)], [norm]);
          made.run(made.step(), dense ? flat : model, { api: 'apply', samples });
        }),
      )[0]!;
    const { message, fixes } = alone(1, true);
    assert.match(message.todo, /^Train on batches of more than one sample: /);
    assert.deepEqual(
      fixes.map(({ remedy }) => remedy.type),
      ['disable-line'],
    );
    for (const finding of [alone(2, true), alone(1, false)]) {
      assert.match(finding.message.todo, /^Use /);
      assert.equal(finding.fixes[0]!.kind, 'quickfix');
    }
  });

  it('is silent where training mode would throw', () => {
    const made = new Scene();
    made.run(made.step(), made.sequential(made.conv(), made.norm('norm', { scale: false })));
    assert.deepEqual(found(made.world()), []);
  });

  it('sees batch norm in nested models and wrappers', () => {
    const made = new Scene();
    const inner = made.sequential(made.conv(), made.norm());
    const outer = made.builder.model('sequential', inner.inputs, inner.outputs, [inner]);
    made.run(made.step(), outer);
    assert.equal(found(made.world()).length, 1);

    const wrapped = new Scene();
    const wrapper = wrapped.builder.layer('timeDistributed', undefined, { inner: wrapped.norm() });
    wrapped.run(wrapped.step(), wrapped.builder.model('sequential', [], [], [wrapper]));
    assert.equal(found(wrapped.world()).length, 1);
  });

  it('names the batch norms in the order of the model', () => {
    const made = new Scene();
    made.run(made.step(), made.sequential(made.norm('first norm'), made.conv(), made.norm('second norm')));
    const norms = found(made.world())[0]!.related.filter(({ message }) => message.startsWith('batchNormalization'));
    assert.deepEqual(
      norms.map(({ place: { start } }) => start),
      [place('first norm').start, place('second norm').start],
    );
  });

  it('reports a batch norm layer that is applied by itself', () => {
    const made = new Scene();
    const norm = made.norm('norm', { name: 'bn' });
    made.run(made.step(), norm, { api: 'apply' });
    const [finding] = found(made.world());
    assert.match(finding!.message.what, /runs this batchNormalization 'bn' on stored statistics/);
  });

  it('follows the calls that lead to the run', () => {
    const [finding] = found(trained({ api: 'apply', path: [place('loss'), place('forward')] }));
    assert.deepEqual(
      finding!.related.slice(0, 3).map(({ place: { start } }) => start),
      ['minimize', 'loss', 'forward'].map((name) => place(name).start),
    );
    assert.match(finding!.message.todo, /handing the flag through/);
  });

  describe('in the call of a layer class', () => {
    /** A step that runs a layer on the statistics of `mode`, which runs a batch norm without the flag. */
    const within = (
      mode: 'batch' | 'stored',
      more: Partial<ModelRun> = {},
      also?: (made: Scene, block: Layer) => void,
    ) => {
      const made = new Scene();
      const block = made.layer('custom:Block', 'block');
      const norm = made.norm();
      const step = made.step();
      made.run(step, block, { api: 'apply', mode, site: site('outer') });
      const call = { layers: [block], site: site('outer'), mode, handOn: 'kwargs' } as const;
      made.run(step, norm, { api: 'apply', site: site('inner'), path: [place('outer')], within: call, ...more });
      also?.(made, block);
      return made.world();
    };
    const starts = (world: World) => found(world).map((finding) => finding.place.start);

    it('stands on the inner run where the layer is handed the flag, else on the run of the layer', () => {
      assert.deepEqual(starts(within('batch')), [place('inner').start]);
      assert.deepEqual(starts(within('stored')), [place('outer').start]);
      assert.match(found(within('stored'))[0]!.message.what, /runs a layer `Block` with 1 batchNormalization layer/);
    });

    it('hands the flag on', () => {
      const fixes = found(within('batch'))[0]!.fixes.map(({ title, kind }) => `${kind}: ${title}`);
      assert.equal(fixes[0], 'quickfix: Hand kwargs on to apply');
    });

    it('only suggests it where the same call runs dropout', () => {
      const world = within('batch', {}, (made, block) => {
        const call = { layers: [block], site: site('outer'), mode: 'batch', handOn: 'kwargs' } as const;
        const dropout = made.layer('dropout', 'dropout', { rate: 0.5 });
        made.run(made.builder.finish().steps[0]!, dropout, { api: 'apply', site: site('inner'), within: call });
      });
      const [fix] = found(world)[0]!.fixes;
      assert.deepEqual([fix!.kind, fix!.title], ['suggestion', 'Hand kwargs on to apply (dropout becomes active)']);
    });

    it('is silent where the inner run is on batch statistics, or may be, or has arguments of its own', () => {
      const { args } = site('inner');
      for (const more of [
        { mode: 'batch' },
        { mode: unknown() },
        { site: { ...site('inner'), args: [...args, ...args] } },
      ] as const)
        assert.deepEqual(starts(within('batch', more)), []);
    });

    it('is silent where the layer is frozen, or in a model that `fit` trains', () => {
      assert.deepEqual(starts(within('batch', {}, (made, block) => made.builder.setTrainable(block, false))), []);
      const fitted = within('batch', {}, (made, block) =>
        made.builder.trained(made.sequential(block), { api: 'fit', place: place('fit') }),
      );
      assert.deepEqual(starts(fitted), []);
    });
  });

  describe('fixes', () => {
    const titles = (world: World) => found(world)[0]!.fixes.map(({ title, kind }) => `${kind}: ${title}`);

    it('pass the flag to apply and call', () => {
      assert.deepEqual(titles(trained({ api: 'apply' })), [
        'quickfix: Pass { training: true } to apply',
        'suggestion: Disable updates-not-run for this line',
      ]);
      assert.equal(titles(trained({ api: 'call' }))[0], 'quickfix: Pass { training: true } to call');
    });

    it('suggest apply for predict, and name what else changes', () => {
      const world = scene((made) => {
        const model = made.sequential(made.conv(), made.norm(), made.layer('dropout', 'dropout', { rate: 0.5 }));
        made.run(made.step(), model);
      });
      assert.equal(
        titles(world)[0],
        'suggestion: Replace predict(x) by apply(x, { training: true }) (dropout becomes active and the batching and tidying of predict go away)',
      );
    });

    it('only suggest the flag where the call stands in a function of its own', () => {
      assert.equal(
        titles(trained({ api: 'apply', path: [place('forward')] }))[0],
        'suggestion: Pass { training: true } to apply (every caller of this function trains)',
      );
    });
  });

  describe('over worlds and runs', () => {
    it('gives the condition', () => {
      const flag = (value: boolean) => {
        const made = new Scene();
        const model = made.sequential(made.conv(), made.norm());
        made.run(made.step(), model, { api: 'apply', mode: value ? 'batch' : 'stored' });
        return made.world(decision('training', value));
      };
      const [finding] = found(flag(true), flag(false));
      assert.equal(finding!.condition, '!training');
      assert.match(finding!.message.what, /, where `training` is false\.$/);
    });

    it('ignores runs of models without batch norm', () => {
      const plain = new Scene();
      plain.run(plain.step(), plain.sequential(plain.conv()));
      assert.equal(found(trained(), plain.world())[0]!.condition, null);
    });

    it('says in how many runs it holds, and has no fix, where the call runs a target network as well', () => {
      const world = scene((made, model) => {
        const target = made.sequential(made.conv(), made.norm());
        made.builder.weighted(target, { kind: 'copied', place: place('copy'), from: model });
        const step = made.step();
        made.run(step, model, { path: [place('online')] });
        made.run(step, target, { path: [place('target')] });
      });
      const [finding] = found(world);
      assert.equal(finding!.condition, 'in 1 of 2 runs');
      assert.match(finding!.message.what, /, in 1 of 2 runs\.$/);
      assert.deepEqual(
        finding!.fixes.map(({ remedy }) => remedy.type),
        ['disable-line'],
      );
    });
  });
});
