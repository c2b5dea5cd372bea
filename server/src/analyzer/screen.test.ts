import assert from 'node:assert/strict';
import { MAX_BYTES, screenBytes, screenText } from './screen';

const MODEL = 'model.add(tf.layers.batchNormalization());\n';

describe('screening of files', () => {
  it('tells model code from other code', () => {
    const { matters, essential, problem, skipped } = screenText('/a.js', MODEL);
    assert.deepEqual(
      { matters, essential, problem, skipped },
      { matters: true, essential: true, problem: null, skipped: null },
    );
    assert.equal(screenText('/a.js', 'const app = express();').matters, false);
    assert.equal(screenText('/a.js', 'model.add(tf.layers.dense({units: 1}))').essential, false);
    assert.equal(screenText('/a.js', "import '@tensorflow/tfjs'; y.sub(t).square().mean()").essential, false);
    const byHand = "import '@tensorflow/tfjs'; y.sub(y.mean(0)).div(v.add(1e-3).sqrt())";
    assert.equal(screenText('/a.js', byHand).essential, true);
  });

  it('refuses binary files', () => {
    const bytes = new TextEncoder().encode(MODEL);
    assert.equal(screenBytes('/a.ts', bytes).problem, null);
    bytes[5] = 0;
    assert.match(screenBytes('/a.ts', bytes).problem!, /binary/);
  });

  it('refuses large files that matter, and says nothing of large ones that do not', () => {
    const filler = 'x();\n'.repeat(MAX_BYTES / 5);
    assert.match(screenText('/a.js', MODEL + filler).problem!, /2\.0 MB/);
    assert.equal(screenText('/a.js', 'y();\n' + filler).problem, null);
  });

  it('leaves out code in very long lines, but not a page with an image in one', () => {
    const long = 'a;'.repeat(5_000);
    assert.match(screenText('/a.js', `/* license */\n${long}tf.layers.batchNormalization()\n`).skipped!, /minified/);
    assert.equal(screenText('/a.html', `<img src="data:${long}">\n<script>${MODEL}</script>`).skipped, null);
  });

  it('leaves out copies of tfjs itself', () => {
    for (const text of [
      "    BatchNormalization.className = 'BatchNormalization';",
      "/** @nocollapse */\n  static className = 'BatchNormalization';",
    ])
      assert.match(screenText('/a.ts', `// batchNorm\n${text}`).skipped!, /copy of TensorFlow\.js/);
  });

  it('lists relative imports as written', () => {
    const text = `
      import * as tf from '@tensorflow/tfjs';
      import a from "./a"; import './b.js';
      export * from '../c';
      const d = require('./d'), e = await import(\`./e\`);
      const text = 'from here';`;
    assert.deepEqual(screenText('/x.js', text).imports, ['./a', './b.js', '../c', './d', './e']);
    assert.deepEqual(screenText('/x.js', `${text} import x from '@/nn'; import 'node:fs'; import "react";`).packages, [
      '@/nn',
      'react',
    ]);
  });

  it('lists the scripts of a page that come from the same folder or below', () => {
    const page = `<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs"></script>
      <script defer src='lib/model.js?v=2'></script><script type="module" src=./main.js></script><script src="/abs.js"></script>`;
    assert.deepEqual(screenText('/x.html', page).imports, ['./lib/model.js', './main.js']);
  });

  it('decodes names of imported files', () => {
    const bytes = new TextEncoder().encode("import a from './módulo';");
    assert.deepEqual(screenBytes('/x.js', bytes).imports, ['./módulo']);
  });
});
