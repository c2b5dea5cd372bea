import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Recoverer } from '../../../server/src/recover';
import { fingerprint } from '../../../server/src/recover/fingerprint';
import { program } from './grammar/ast';
import { printProgram } from './grammar/print';
import type { Program } from './program';

const PROGRAMS = 400;

/** What is decided in each world, and its graph; null where code is left out at a bound. */
function worldsOf(texts: Program, anew: boolean): string[] | null {
  const host = { read: (path: string) => texts[path], version: () => '1', isFile: (path: string) => path in texts };
  const { worlds, silences } = new Recoverer(host).recover(Object.keys(texts)[0]!, { anew });
  if (silences.some(({ reason }) => /^(too many conditions|the code takes too many steps)/.test(reason))) return null;
  return worlds.map(({ graph, decisions }) =>
    [...decisions.map(({ text, value }) => `${text}: ${value}`), fingerprint(graph)].join('\n'),
  );
}

describe('worlds of random programs', () => {
  it(`are the same taken back as run anew, in ${PROGRAMS} programs`, function () {
    this.timeout(300_000);
    let several = 0;
    fc.assert(
      fc.property(program, (node) => {
        const { program: texts } = printProgram(node);
        const undone = worldsOf(texts, false);
        if (undone === null) return;
        if (undone.length > 1) several++;
        assert.deepEqual(undone, worldsOf(texts, true));
      }),
      { numRuns: PROGRAMS, seed: 7 },
    );
    assert.ok(several > PROGRAMS / 5, `${several} programs with several worlds: too few`);
  });
});
