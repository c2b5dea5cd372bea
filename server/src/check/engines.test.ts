import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { engines, PURE_JS } from './engines';
import { removeWorkspace, workspaceWithEngine } from './testing/engine';

describe('choice of the engine', () => {
  let workspace: string;
  before(() => (workspace = workspaceWithEngine('')));
  after(() => removeWorkspace(workspace));

  it("takes the workspace's engine first, then the project's, then the bundled one", () => {
    const [first, ...others] = engines('auto', workspace);
    assert.equal(first!.name, 'tfjs-node');
    assert.ok(first!.path!.includes(path.basename(workspace)));
    assert.ok(others.some((engine) => engine.path?.includes(`${path.sep}engine${path.sep}`)));
    assert.deepEqual(others.at(-1), PURE_JS);
  });

  it('finds an engine that is installed above the folder', () => {
    const inner = path.join(workspace, 'packages', 'app');
    mkdirSync(inner, { recursive: true });
    assert.equal(engines('auto', inner)[0]!.path, engines('auto', workspace)[0]!.path);
  });

  it('prefers the GPU build', () => {
    const gpu = workspaceWithEngine('', 'tfjs-node-gpu');
    try {
      assert.equal(engines('auto', gpu)[0]!.name, 'tfjs-node-gpu');
    } finally {
      removeWorkspace(gpu);
    }
  });

  it('offers exactly what an explicit choice asks for', () => {
    assert.deepEqual(engines('tfjs', workspace), [PURE_JS]);
    assert.ok(engines('tfjs-node', workspace).every(({ path: at }) => at !== null));
  });
});
