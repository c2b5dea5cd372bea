import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { Reported } from '../server/src/analyzer';
import { checkNumerically } from '../server/src/check';
import { recoverText } from '../server/src/recover/testing';
import { diagnose } from '../server/src/rules';
import { analyse } from './support/analyse';
import { applyFix, syntaxErrors } from './support/sites';

interface Parts {
  /** Parameters and body of `call`. */
  readonly call?: string;
  /** The rest of the class. */
  readonly members?: string;
  /** What makes `model` of it. */
  readonly model?: string;
  /** What the training step minimises. */
  readonly loss?: string;
  readonly variables?: string;
  readonly more?: string;
}

const CONSTRUCTOR = `constructor(config) {
    super(config);
    this.dense = tf.layers.dense({ units: 8, useBias: false });
    this.norm = tf.layers.batchNormalization();
  }`;
const MODEL = `const model = tf.sequential();
model.add(tf.layers.inputLayer({ inputShape: [4] }));
model.add(new Block({}));
model.add(tf.layers.dense({ units: 1 }));`;
const KEPT = '(inputs, kwargs) { return this.norm.apply(this.dense.apply(inputs[0])); }';
const HANDED = '(inputs, kwargs) { return this.norm.apply(this.dense.apply(inputs[0]), kwargs); }';
const TRAINED = 'model.apply(x, { training: true })';

function program({
  call = KEPT,
  members = CONSTRUCTOR,
  model = MODEL,
  loss = TRAINED,
  variables = '',
  more = '',
}: Parts) {
  return `import * as tf from '@tensorflow/tfjs';
class Block extends tf.layers.Layer {
  ${members}
  call${call}
  computeOutputShape([batch]) { return [batch, 8]; }
  getClassName() { return 'Block'; }
}
${model}
const optimizer = tf.train.adam(0.001);
export function step(x, y) {
  optimizer.minimize(() => tf.losses.meanSquaredError(y, ${loss})${variables && `, false, ${variables}`});
}
${more}
`;
}

function findings(text: string, files: Readonly<Record<string, string>> = {}): Reported[] {
  const all = new Map([['/main.js', text], ...Object.entries(files)]);
  return analyse(all).filter(({ rule }) => rule === 'updates-not-run');
}

interface Loaded {
  readonly model: tf.Sequential;
  readonly norm: tf.layers.Layer;
  readonly step: (x: tf.Tensor, y: tf.Tensor) => void;
}

/** The program on real tfjs. */
function load(text: string): Loaded {
  const body = text.replace(/^import .*$/m, '').replace(/^export /gm, '');
  const make = new Function('tf', `${body}\nreturn { model, norm: model.layers[1].norm, step };`);
  return make({ ...tf }) as Loaded;
}

/** Scale and stored mean of a batch norm: its weights are gamma, beta, moving mean and moving variance. */
function state(norm: tf.layers.Layer): { readonly gamma: number[]; readonly mean: number[] } {
  const [gamma, , mean] = norm.getWeights().map((weight) => Array.from(weight.dataSync()));
  return { gamma: gamma!, mean: mean! };
}

type State = ReturnType<typeof state>;

function changed(before: State, after: State): { gamma: boolean; mean: boolean } {
  return {
    gamma: !isDeepStrictEqual(before.gamma, after.gamma),
    mean: !isDeepStrictEqual(before.mean, after.mean),
  };
}

/** What a training step moves; the layers get their variables in the run before. */
function run(text: string): { gamma: boolean; mean: boolean } {
  const { model, norm, step } = load(text);
  const [x, y] = [tf.randomNormal([16, 4], 3), tf.randomNormal([16, 1])];
  model.predict(x);
  const before = state(norm);
  step(x, y);
  return changed(before, state(norm));
}

/** The calls that the findings stand on. */
function reported(parts: Parts): string[] {
  const text = program(parts);
  assert.deepEqual(syntaxErrors(text), []);
  return findings(text).map(({ place }) => text.slice(place.start, place.end));
}

const INNER = 'this.norm.apply(this.dense.apply(inputs[0]))';

describe('updates-not-run: batch norm in the call of a layer class', () => {
  it('is reported on the inner call, with the step, the run and the batch norm, and handing on mends it', () => {
    const text = program({});
    const [found, ...others] = findings(text);
    assert.deepEqual(others, []);
    const { place, message, related, edits } = found!;
    assert.equal(text.slice(place.start, place.end), INNER);
    assert.match(message.what, /`call` of `Block` does not hand the flag on/);
    assert.deepEqual(
      related.map((at) => text.slice(at.place.start, at.place.end).slice(0, 18)),
      ['optimizer.minimize', 'model.apply(x, { t', 'tf.layers.batchNor'],
    );
    const mended = applyFix(text, edits[0]!);
    assert.equal(edits[0]!.kind, 'quickfix');
    assert.equal(mended, program({ call: HANDED }));
    assert.deepEqual(findings(mended), []);
  });

  it('wherever the layer stands', () => {
    const inModel = (model: string) => assert.deepEqual(reported({ model }), [INNER], model);
    inModel(`const input = tf.input({ shape: [4] });
const model = tf.model({ inputs: input, outputs: new Block({}).apply(input) });`);
    inModel(`const inner = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 }), new Block({})] });
const model = tf.sequential({ layers: [inner] });`);
    inModel(`const model = tf.sequential();
model.add(tf.layers.timeDistributed({ layer: new Block({}), inputShape: [2, 4] }));`);
    inModel('const model = new Block({});');
    inModel(
      'const build = () => new Block({});\nconst model = tf.sequential({ layers: [build(), build(), build()] });',
    );
  });

  it('in a class of another file, and in a class that builds its layers in `build`', () => {
    const text = program({}).replace(/class Block[\s\S]*?\n}\n/, "import { Block } from './block';\n");
    const block = `import * as tf from '@tensorflow/tfjs';
export class Block extends tf.layers.Layer {
  build(shape) {
    this.dense = tf.layers.dense({ units: 8 });
    this.norm = tf.layers.batchNormalization();
    super.build(shape);
  }
  call(inputs, { training }) {
    return tf.tidy(() => this.norm.apply(this.dense.apply(inputs[0])));
  }
}
`;
    const [found] = findings(text, { '/block.js': block });
    assert.equal(found!.place.file, '/block.js');
    assert.match(
      applyFix(block, found!.edits[0]!),
      /this\.norm\.apply\(this\.dense\.apply\(inputs\[0\]\), \{ training \}\)/,
    );
  });

  it('has no fix but says what to do where nothing in scope hands the flag on', () => {
    for (const call of [
      '(inputs) { return this.norm.apply(this.dense.apply(inputs[0])); }',
      '(...args) { return this.norm.apply(this.dense.apply(args[0][0])); }',
      '(inputs, kwargs) { return this.rest(this.dense.apply(inputs[0])); } rest(x) { return this.norm.apply(x); }',
    ]) {
      const found = findings(program({ call }));
      assert.equal(found.length, 1, call);
      assert.match(found[0]!.message.todo, /Hand the second parameter of `call` on/);
      assert.deepEqual(
        found[0]!.fixes.map(({ remedy }) => remedy.type),
        ['disable-line'],
      );
    }
  });

  it('is about a layer in a layer, where the outer one keeps the flag, and then the inner one', () => {
    const layers = (outer: string): Parts => ({
      model: `class Outer extends tf.layers.Layer {
  constructor() { super({}); this.block = new Block({}); }
  call(inputs, kwargs) { return this.block.apply(inputs${outer}); }
}
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), new Outer()] });`,
    });
    assert.deepEqual(reported({ ...layers(''), call: HANDED }), ['this.block.apply(inputs)']);
    assert.deepEqual(reported(layers('')), ['this.block.apply(inputs)']);
    assert.deepEqual(reported(layers(', kwargs')), [INNER]);
    assert.deepEqual(reported({ ...layers(', kwargs'), call: HANDED }), []);
  });

  it('speaks of the run only, where that is on stored statistics itself', () => {
    assert.deepEqual(reported({ loss: 'model.predict(x)' }), ['model.predict(x)']);
    assert.deepEqual(reported({ loss: 'model.predict(x)', call: HANDED }), ['model.predict(x)']);
    assert.deepEqual(reported({ loss: 'model.apply(x)', call: HANDED }), ['model.apply(x)']);
  });

  describe('as it is on real tfjs', () => {
    before(() => tf.setBackend('cpu'));
    const cases: readonly (readonly [what: string, parts: Parts, trained: boolean, updated: boolean])[] = [
      ['a class that keeps the flag', {}, true, false],
      ['a class that hands it on', { call: HANDED }, true, true],
      ['a class that hands it on, and predict', { call: HANDED, loss: 'model.predict(x)' }, true, false],
      [
        'a list of the variables of the model',
        { variables: 'model.trainableWeights.map((weight) => weight.read())' },
        false,
        false,
      ],
    ];
    for (const [what, parts, trained, updated] of cases) {
      it(what, () => {
        const moved = run(program(parts));
        assert.deepEqual(moved, { gamma: trained, mean: updated });
        assert.equal(reported(parts).length > 0, moved.gamma && !moved.mean);
      });
    }

    it('`fit` hands the flag to `call`, and trains no weight of an inner layer', async () => {
      for (const [call, updated] of [
        [KEPT, false],
        [HANDED, true],
      ] as const) {
        const { model, norm } = load(program({ call }));
        const [x, y] = [tf.randomNormal([16, 4], 3), tf.randomNormal([16, 1])];
        model.predict(x);
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        const before = state(norm);
        await model.fit(x, y, { verbose: 0 });
        assert.deepEqual(changed(before, state(norm)), { gamma: false, mean: updated });
      }
    });
  });

  describe('the numerical check', () => {
    const check = (parts: Parts) => {
      const diagnoses = diagnose(recoverText({ '/main.js': program(parts) }).worlds);
      const { witness } = diagnoses.find(({ finding }) => finding.rule === 'updates-not-run')!;
      return checkNumerically(witness, { engine: 'tfjs', workspace: __dirname });
    };

    it('runs the inner call as it is written, and with the flag', async () => {
      const { verdict, claims } = await check({});
      assert.equal(verdict, 'confirmed', JSON.stringify(claims, null, 1));
      assert.equal(claims.length, 3);
    });

    it('says why it cannot run a model whose batch norm stands in a layer class', async () => {
      const { verdict, reason } = await check({ call: HANDED, loss: 'model.predict(x)' });
      assert.deepEqual([verdict, reason], ['inconclusive', 'Block is a layer class of its own']);
    });
  });

  describe('is silent', () => {
    const silent = (what: string, parts: Parts) => it(what, () => assert.deepEqual(reported(parts), []));
    silent('where the flag is handed on', { call: HANDED });
    silent('where the flag is handed on by itself', {
      call: '(inputs, kwargs) { return this.norm.apply(this.dense.apply(inputs[0]), { training: kwargs.training }); }',
    });
    silent('where it is handed on in training only', {
      call: `(inputs, kwargs) {
    const training = kwargs['training'] === true;
    return training ? this.norm.apply(inputs[0], { training: true }) : this.norm.apply(inputs[0]);
  }`,
    });
    silent('where training takes another way', {
      call: '(inputs, kwargs) { if (kwargs.training) return this.dense.apply(inputs[0]); return this.norm.apply(inputs[0]); }',
    });
    silent('where the class says what it wants', {
      call: '(inputs, kwargs) { return this.norm.apply(inputs[0], { training: false }); }',
    });
    silent('where the flag comes from a field', {
      call: '(inputs) { return this.norm.apply(inputs[0], this.options); }',
    });
    silent('where the class sets the statistics', {
      call: `(inputs, kwargs) {
    if (kwargs.training) this.update(inputs[0]);
    return this.norm.apply(inputs[0]);
  }
  update(x) { this.norm.movingMean.write(tf.mean(x, 0)); }`,
    });
    silent('where other code of the file sets them', {
      more: 'export const reset = (block, mean) => block.norm.movingMean.write(mean);',
    });
    silent('where the step has a list of variables', {
      variables: 'model.trainableWeights.map((weight) => weight.read())',
    });
    silent('where the flag of the run is not known', { loss: 'model.apply(x, options)' });
    silent('where the batch norm is frozen', {
      members: CONSTRUCTOR.replace('Normalization()', 'Normalization({ trainable: false })'),
    });
    silent('where code that is not known gets the batch norm', {
      members: CONSTRUCTOR.replace('Normalization();', 'Normalization();\n    prepare(this.norm);'),
    });
    silent('where the layer is frozen', { model: `${MODEL}\nmodel.layers[1].trainable = false;` });
    silent('where the model is frozen', { model: `${MODEL}\nmodel.trainable = false;` });
    silent('where the layer is not run in a step', { loss: 'tf.zeros([1])' });
    silent('where training would throw', {
      members: CONSTRUCTOR.replace('Normalization()', 'Normalization({ scale: false })'),
    });
    silent('where other code updates the batch norm', {
      more: 'export const warm = (x) => { const block = model.layers[1]; block.norm.apply(x, { training: true }); };',
    });
    silent('where the class has an `apply` of its own', {
      call: `${KEPT} apply(x, kwargs) { return super.apply(x, kwargs); }`,
    });
    silent('where the gradient is taken of the input', {
      loss: 'x',
      more: 'export const saliency = tf.grad((image) => model.apply(image, { training: true }).sum());',
    });
    silent('where `fit` trains a model that is handed the flag, and the run is by predict', {
      call: HANDED,
      loss: 'model.predict(x)',
      more: "model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });\nexport const train = (x, y) => model.fit(x, y);",
    });
  });
});
