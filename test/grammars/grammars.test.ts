import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ruleMetas } from '../../server/src/rules/meta';
import { tokenize } from './tokenize';

const root = path.join(__dirname, '..', '..');
const inputs = path.join(root, 'test', 'fixtures', 'grammars');
const snapshots = path.join(__dirname, 'snapshots');
const SCOPES: Readonly<Record<string, string>> = { '.js': 'source.js', '.layers': 'source.layerlint-layers' };

/** Snapshots are renewed by UPDATE_SNAPSHOTS=1; a changed one is then to be looked at, like code. */
describe('grammars', () => {
  for (const name of readdirSync(inputs)) {
    it(`scopes of ${name}`, async () => {
      const text = readFileSync(path.join(inputs, name), 'utf8').trimEnd();
      const scopes = await tokenize(SCOPES[path.extname(name)]!, text);
      const snapshot = path.join(snapshots, `${name}.snap`);
      if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(snapshot, scopes);
      assert.ok(existsSync(snapshot), `${snapshot} is missing: run with UPDATE_SNAPSHOTS=1`);
      assert.equal(scopes, readFileSync(snapshot, 'utf8'));
    });
  }

  it('the directive grammar knows every rule', async () => {
    for (const id of Object.keys(ruleMetas)) {
      const scopes = await tokenize('source.js', `// layerlint-disable-line ${id}`);
      assert.match(scopes, /entity\.name\.tag\.rule\.layerlint/, id);
      assert.doesNotMatch(scopes, /unknown-rule/, id);
    }
  });
});
