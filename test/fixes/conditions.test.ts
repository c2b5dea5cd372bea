import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyse } from '../support/analyse';
import { applyFix } from '../support/sites';

const LAYER = "model.add(tf.layers.dense({ inputShape: [4], units: 3, name: 'judged' }));";
const NORM = 'model.add(tf.layers.batchNormalization());';

/** A function that builds a model by options, its lines in this order. */
const program = (...lines: readonly string[]): string => `import * as tf from '@tensorflow/tfjs';
export function build(options) {
  const model = tf.sequential();
${lines.map((line) => `  ${line}\n`).join('')}  model.add(tf.layers.dense({ units: 1 }));
  return model;
}
`;

/** Every value that the options are tried with. */
const OPTIONS = [{}, { bn: true }, { bn: false }, { bn: null }, { bn: 0 }, { norm: 'batch' }, { norm: 'layer' }];

function build(text: string, options: object): tf.LayersModel {
  const body = text.replace(/^import .*\n/, '').replace('export ', '');
  const make = new Function('tf', `${body}return build;`) as (
    library: typeof tf,
  ) => (options: object) => tf.LayersModel;
  return make(tf)({ ...options });
}

/** What the conditional fix makes of a program; null where there is none. */
function fixed(text: string): string | null {
  const [finding, ...more] = analyse(new Map([['/program.js', text]]));
  assert.deepEqual([finding?.rule, more.length], ['redundant-bias', 0], text);
  assert.notEqual(finding!.condition, null);
  const fix = finding!.edits.find(({ kind }) => kind === 'quickfix');
  return fix === undefined ? null : applyFix(text, fix);
}

describe('fix: a bias under a condition', () => {
  before(() => tf.setBackend('cpu'));

  const written: Readonly<Record<string, readonly string[]>> = {
    'an option': [LAYER, `if (options.bn) ${NORM}`],
    'a constant that is declared before': ['const bn = options.bn;', LAYER, `if (bn) ${NORM}`],
    'an option with a default': ['const bn = options.bn ?? true;', LAYER, `if (bn) ${NORM}`],
    'an option with a default, where it is asked for': [LAYER, `if (options.bn ?? true) ${NORM}`],
    'a default by a condition': ['const bn = options.bn === undefined ? true : options.bn;', LAYER, `if (bn) ${NORM}`],
    'a default by presence': ["const bn = 'bn' in options ? options.bn : true;", LAYER, `if (bn) ${NORM}`],
    'both of two': ['const bn = options && options.bn;', LAYER, `if (bn) ${NORM}`],
    'a member that is set before': ['options.bn = options.bn !== false;', LAYER, `if (options.bn) ${NORM}`],
    'a comparison': [LAYER, `if (options.norm === 'batch') ${NORM}`],
  };
  for (const [what, lines] of Object.entries(written)) {
    it(`is left out exactly where batch norm follows: ${what}`, () => {
      const text = fixed(program(...lines));
      assert.notEqual(text, null);
      for (const options of OPTIONS) {
        const model = build(text!, options);
        const normalised = model.layers[1]!.getClassName() === 'BatchNormalization';
        assert.equal(model.getLayer('judged').weights.length, normalised ? 1 : 2, JSON.stringify(options));
        model.dispose();
      }
    });
  }

  const unwritten: Readonly<Record<string, readonly string[]>> = {
    'a constant that is declared behind the layer': [LAYER, "const bn = options.norm == 'batch';", `if (bn) ${NORM}`],
    'a default that is declared behind the layer': [LAYER, 'const bn = options.bn ?? true;', `if (bn) ${NORM}`],
    'a member that is set behind the layer': [LAYER, 'options.bn = decide(options);', `if (options.bn) ${NORM}`],
    'a member that is set once more': [LAYER, `if (options.bn) ${NORM}`, 'options.bn = decide(options);'],
  };
  for (const [what, lines] of Object.entries(unwritten))
    it(`is not made where the condition means something else there: ${what}`, () =>
      assert.equal(fixed(program(...lines)), null));
});
