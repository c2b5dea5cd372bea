import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeFix } from '../../server/src/fixes';
import type { ProposedFix } from '../../server/src/rules';
import { applyFix, callSites, syntaxErrors } from '../support/sites';

const DEAD = ['biasInitializer', 'biasRegularizer'];
const KEYS = ['useBias', 'filters', 'kernelSize', ...DEAD, 'activation', 'padding'];

/** Text that may stand between two tokens. */
const trivia = fc
  .array(fc.constantFrom(' ', '\n', '\n  ', '\r\n\t', '/* a, b */', '// c, }\n', ' /* bias\n */ ', '// bias\r\n'), {
    maxLength: 3,
  })
  .map((parts) => parts.join(''));

const property = fc.tuple(trivia, fc.constantFrom('plain', 'quoted', 'shorthand'), fc.nat(9), trivia, trivia);

/** An object literal with any layout: spreads of `shared`, quoted keys, shorthands, comments everywhere. */
const literal = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...KEYS, '...'), { maxLength: 6 }),
    fc.array(property, { minLength: 6, maxLength: 6 }),
    fc.boolean(),
    trivia,
  )
  .map(([keys, properties, trailingComma, tail]) => {
    const parts = keys.map((key, i) => {
      const [lead, form, value, colon, gap] = properties[i]!;
      if (key === '...') return `${lead}...shared${gap}`;
      if (form === 'shorthand') return `${lead}${key}${gap}`;
      return `${lead}${form === 'quoted' ? `'${key}'` : key}:${colon}${value}${gap}`;
    });
    return `{${parts.join(',')}${trailingComma && parts.length > 0 ? ',' : ''}${tail}}`;
  });

function evaluate(text: string): Record<string, unknown> {
  const names = [...KEYS, 'shared', 'conv2d'];
  const values = [...KEYS.map((key) => `the ${key}`), { useBias: 'shared', filters: 'shared' }, (x: unknown) => x];
  return new Function(...names, `return ${text}`)(...values) as Record<string, unknown>;
}

describe('fix: set-config on any object literal', () => {
  it('sets the key, drops the dead ones, keeps the others, and changes nothing when applied again', () => {
    fc.assert(
      fc.property(literal, (object) => {
        const text = `conv2d(${object})`;
        assert.deepEqual(syntaxErrors(text), []);
        const proposed = (code: string): ProposedFix => ({
          title: 'Set useBias',
          kind: 'quickfix',
          remedy: {
            type: 'set-config',
            site: callSites(code, 'conv2d')[0]!,
            key: 'useBias',
            value: 'false',
            drop: DEAD,
          },
        });
        const fix = makeFix(proposed(text), text)!;
        const after = applyFix(text, fix);
        assert.deepEqual(syntaxErrors(after), [], after);

        const expected = entries({ ...evaluate(text), useBias: false }).filter(([key]) => !DEAD.includes(key));
        assert.deepEqual(entries(evaluate(after)), expected, after);
        assert.equal(makeFix(proposed(after), after), null, after);
      }),
      { numRuns: 2000, seed: 20261124 },
    );
  });
});

function entries(record: Record<string, unknown>): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
