import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

describe('npm run generate', () => {
  it('has nothing to renew: the index of rules and the settings are those of the rules', () => {
    const script = path.join(__dirname, '../scripts/generate.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
