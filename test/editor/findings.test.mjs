// What a user sees of findings, and how they are mended, in the workbench.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { useWorkbench } from './lib/session.mjs';
import { until } from './lib/workbench.mjs';

const MODEL = 'mnist-cnn/model.js';
const FIRST_CONV = 'filters: 16, kernelSize: 3';
const FIRST_BIAS = 'this conv2d layer (16 parameters) does nothing';
const DENSE = 'units: 64';

describe('findings in the workbench', () => {
  const session = useWorkbench();
  const squiggles = (severity) => session.workbench.editor('model.js').locator(`.squiggly-${severity}`);

  it('underlines a redundant bias as information, and the needed one not at all', async () => {
    const { workbench } = session;
    await workbench.openFile(MODEL, session.lineOf(MODEL, FIRST_CONV));
    await squiggles('info').first().waitFor();
    // While the editor draws again, for a moment a line has no box and a mark stands elsewhere.
    const { needed, on } = await until('the mark under the redundant bias', async () => {
      const [needed, redundant] = await Promise.all(
        ['filters: 32', FIRST_CONV].map((text) => workbench.line('model.js', text).boundingBox()),
      );
      const tops = await squiggles('info').evaluateAll((marks) =>
        marks.map((mark) => mark.getBoundingClientRect().top),
      );
      const on = (line) => tops.some((top) => top >= line.y - 1 && top < line.y + line.height);
      return needed && redundant && on(redundant) && { needed, on };
    });
    assert.equal(on(needed), false);
    assert.equal(await squiggles('warning').count(), 0);
    await workbench.screenshot('1-squiggle');
  });

  it('lists it in the Problems panel, with what, why and what to do', async () => {
    const { workbench } = session;
    const rows = await workbench.problems(FIRST_BIAS);
    await rows.first().waitFor();
    const text = await rows.first().textContent();
    assert.match(text, /harmless/i);
    assert.match(text, /useBias/);
    assert.match(text, /layerlint/);
    await workbench.screenshot('2-problems');
  });

  it('explains the layer in a hover', async () => {
    const { workbench } = session;
    const line = session.lineOf(MODEL, FIRST_CONV);
    await workbench.activeTab('model.js').click();
    const column = session.read(MODEL).split('\n')[line - 1].indexOf('conv2d') + 2;
    await workbench.goTo(line, column);
    const hover = await workbench.hoverAtCursor();
    await until('the layer in the hover', async () => /\[null, 26, 26, 16\]/.test(await hover.textContent()));
    const text = await hover.textContent();
    assert.match(text, /conv2d/);
    assert.match(text, /160 parameters/);
    assert.match(text, /batch norm/i);
    await workbench.screenshot('3-hover');
    await workbench.page.keyboard.press('Escape');
  });

  it('offers its fixes by the lightbulb, the preferred one first', async () => {
    const { workbench } = session;
    await workbench.openLightbulb('model.js', session.lineOf(MODEL, FIRST_CONV), 30);
    const titles = await workbench.actionTitles();
    await workbench.screenshot('4-lightbulb');
    assert.match(titles[0], /useBias: false/);
    assert.ok(titles.some((title) => /disable/i.test(title)));
    assert.ok(titles.some((title) => /numerically/i.test(title)));
  });

  it('applies the fix; the problem is gone and the file is saved as it should be', async () => {
    const { workbench } = session;
    const before = session.read(MODEL);
    await workbench.chooseAction('useBias: false');
    await workbench.line('model.js', 'useBias: false').waitFor();
    const rows = await workbench.problems(FIRST_BIAS);
    await rows.first().waitFor({ state: 'detached' });
    await workbench.activeTab('model.js').click();
    await workbench.save();
    await workbench.screenshot('5-fixed');
    assert.equal(session.read(MODEL), before.replace('kernelSize: 3 }', 'kernelSize: 3, useBias: false }'));
  });

  it('fades options that have no effect', async () => {
    const { workbench } = session;
    await workbench.goTo(session.lineOf(MODEL, DENSE));
    const faded = workbench.editor('model.js').locator('.squiggly-inline-unnecessary');
    await faded.first().waitFor();
    assert.equal((await faded.allTextContents()).join('').includes('useBias'), true);
    await workbench.screenshot('6-faded');
  });

  it('mends the rest by "Fix All in File"', async () => {
    const { workbench } = session;
    await workbench.command('LayerLint: Fix All in File');
    await workbench.line('model.js', 'units: 64, useBias: false').waitFor();
    await squiggles('info').first().waitFor({ state: 'detached' });
    await workbench.save();
    assert.match(session.read(MODEL), /dense\(\{ units: 64, useBias: false \}\)/);
    assert.match(session.read(MODEL), /filters: 32, kernelSize: 3, activation: 'relu' \}/);
  });

  it('warns of a training step that never updates statistics', async () => {
    const { workbench } = session;
    await workbench.openFile('vae/train.ts', session.lineOf('vae/train.ts', 'this.encoder.apply(batch)'));
    await workbench.editor('train.ts').locator('.squiggly-warning').first().waitFor();
    const rows = await workbench.problems('on stored statistics');
    await until('both warnings', async () => (await rows.count()) >= 2);
    assert.match(
      await rows.first().textContent(),
      /`apply` runs a model with 2 batchNormalization layers on stored statistics/,
    );
    await workbench.screenshot('7-updates-not-run');
  });

  it('names the condition of a finding that holds only sometimes', async () => {
    const { workbench } = session;
    await workbench.openFile('resnet/blocks.ts', session.lineOf('resnet/blocks.ts', '.conv2d('));
    await workbench.editor('blocks.ts').locator('.squiggly-info').first().waitFor();
    const rows = await workbench.problems('Where `batchNorm` is true');
    await rows.first().waitFor();
    await workbench.screenshot('8-condition');
  });

  it('finds it in the script of an HTML page', async () => {
    const { workbench } = session;
    await workbench.openFile('browser/index.html', session.lineOf('browser/index.html', 'dense({ units })'));
    await workbench.editor('index.html').locator('.squiggly-info').first().waitFor();
    await workbench.screenshot('9-html');
  });
});
