import assert from 'node:assert/strict';
import { recoverText } from './testing';

/** The units of the dense layers of each world, by the decisions that it was made under. */
function units(body: string): string[] {
  const text = `import * as tf from '@tensorflow/tfjs';
    export function build(on) { ${body} }`;
  return recoverText({ '/main.js': text })
    .worlds.map(({ graph, decisions }) => {
      const sides = decisions.map(({ text, value }) => `${value ? '' : 'not '}${text}`).join(', ');
      return `${sides}: ${graph.layers.map(({ config }) => String(config.get('units'))).join(' ')}`;
    })
    .sort();
}

const EACH = 'for (const def of defs) tf.layers.dense(def);';

describe('recover: elements of lists that are there under a condition', () => {
  const cases: readonly (readonly [what: string, body: string, found: readonly string[]])[] = [
    [
      'are decided by a loop that builds of them',
      `const defs = []; if (on) defs.push({ units: 1 }); defs.push({ units: 2 }); ${EACH}`,
      ['not on: 2', 'on: 1 2'],
    ],
    [
      'may be others on the other side',
      `const defs = [{ units: 1 }]; on ? defs.push({ units: 2 }) : defs.unshift({ units: 3 }); ${EACH}`,
      ['not on: 3 1', 'on: 1 2'],
    ],
    [
      'are as many as there are, under the opposite of a condition too',
      `const defs = []; if (!on) defs.push({ units: 1 });
       for (let at = 0; at < defs.length; at++) tf.layers.dense(defs[at]);
       tf.layers.dense({ units: 2 });`,
      ['not on: 1 2', 'on: 2'],
    ],
    [
      'stay such in a copy of the list',
      `const own = []; on && own.push({ units: 1 }); const defs = [...own, { units: 2 }]; ${EACH}`,
      ['not on: 2', 'on: 1 2'],
    ],
    [
      'are decided by a loop over their number',
      `const defs = [{ units: 1 }]; if (on) defs.push({ units: 2 });
       for (let at = 0; at < defs.length; at++) tf.layers.dense(defs[at]);`,
      ['not on: 1', 'on: 1 2'],
    ],
    [
      'are decided by methods that take them out',
      `const defs = [{ units: 1 }]; if (on) defs.unshift({ units: 2 }); while (defs.length > 0) tf.layers.dense(defs.shift());`,
      ['not on: 1', 'on: 2 1'],
    ],
    [
      'are decided where they are arguments',
      `const own = []; if (on) own.push({ units: 1 }); const make = (...defs) => { ${EACH} }; make(...own, { units: 2 });`,
      ['not on: 2', 'on: 1 2'],
    ],
    [
      'are mapped where they are data',
      `const sizes = [1]; if (on) sizes.push(2); for (const units of sizes.map((size) => size * 2)) tf.layers.dense({ units });`,
      ['not on: 2', 'on: 2 4'],
    ],
    [
      'are no decision where nothing is built of them',
      `const log = []; if (on) log.push('on'); log.forEach((line) => console.log(line)); tf.layers.dense({ units: 1 });`,
      [': 1'],
    ],
  ];
  for (const [what, body, found] of cases) it(what, () => assert.deepEqual(units(body), found));
});

describe('recover: sides of expressions that build nothing', () => {
  const settled = 'if (on) tf.layers.dense({ units }); else tf.layers.dense({ units });';
  const cases: readonly (readonly [what: string, body: string, found: readonly string[]])[] = [
    ['of `&&`', `let units = 1; on && (units = 2); ${settled}`, ['not on: 1', 'on: 2']],
    ['of `||`', `let units = 1; on || (units = 2); ${settled}`, ['not on: 2', 'on: 1']],
    ['of `?:`', `let units = 1; on ? units++ : units--; ${settled}`, ['not on: 0', 'on: 2']],
    [
      'that call',
      `let units = 1; const wider = () => { units = 2; }; on && wider(); ${settled}`,
      ['not on: 1', 'on: 2'],
    ],
  ];
  for (const [what, body, found] of cases)
    it(`${what} assign under their condition alone`, () => assert.deepEqual(units(body), found));
});

describe('recover: a loop whose number of turns depends on a condition', () => {
  it('is followed on both sides of it', () => {
    const endless = 'for (let at = 1; ; at++) { if (at === (on ? 3 : 2)) break; tf.layers.dense({ units: at }); }';
    assert.deepEqual(units(endless), ['not on: 1', 'on: 1 2']);
    const body = 'const most = on ? 3 : 2; for (let at = 1; at <= most; at++) tf.layers.dense({ units: at });';
    assert.deepEqual(units(body), ['not on: 1 2', 'on: 1 2 3']);
  });
});
