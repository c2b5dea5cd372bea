import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { toPosix, walk, type WalkOptions } from './walk';

describe('walk', () => {
  let folder: string;

  beforeEach(() => {
    folder = toPosix(mkdtempSync(path.join(os.tmpdir(), 'layerlint-walk-')));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function write(files: Readonly<Record<string, string>> | readonly string[]): void {
    const entries = Array.isArray(files) ? files.map((name) => [name, ''] as const) : Object.entries(files);
    for (const [name, text] of entries) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  function walked(below = '', options: WalkOptions = {}): string[] {
    return [...walk(path.join(folder, below), options)].map((file) => file.slice(folder.length + 1));
  }

  it('gives every kind of source file, in a stable order', () => {
    write([
      'b.ts',
      'a.js',
      'c.tsx',
      'd.mjs',
      'e.cts',
      'page.html',
      'old.htm',
      'sub/deep/f.jsx',
      'style.css',
      'model.json',
    ]);
    const expected = ['a.js', 'b.ts', 'c.tsx', 'd.mjs', 'e.cts', 'old.htm', 'page.html', 'sub/deep/f.jsx'];
    assert.deepEqual(walked(), expected);
  });

  it('leaves out what others wrote or a tool made', () => {
    write(['node_modules/x/a.js', 'dist/a.js', 'sub/build/a.js', '.git/a.js', '.next/a.js', '.hidden.js']);
    write([
      'lib.min.js',
      'types.d.ts',
      'app.bundle.js',
      'tf.js',
      'js/tf-core.es2017.js',
      'tfjs.min.js',
      'tfjs@4.22.0.js',
    ]);
    write(['a.js', 'tf-model.js', 'tfhelpers.js']);
    assert.deepEqual(walked(), ['a.js', 'tf-model.js', 'tfhelpers.js']);
  });

  it('obeys ignore files at every level; the innermost that says anything decides', () => {
    write({
      '.gitignore': 'generated/\n*.gen.js\n/top.js\n',
      'a.gen.js': '',
      'top.js': '',
      'generated/a.js': '',
      'sub/top.js': '',
      'sub/.gitignore': '!kept.gen.js\n',
      'sub/kept.gen.js': '',
      'sub/lost.gen.js': '',
    });
    assert.deepEqual(walked(), ['sub/kept.gen.js', 'sub/top.js']);
  });

  it('obeys the ignore files around the folder up to the top of the work tree, not beyond', () => {
    write({
      '.gitignore': '*.js\n',
      'tree/.git/HEAD': '',
      'tree/.gitignore': 'lost.js\n',
      'tree/sub/lost.js': '',
      'tree/sub/a.js': '',
    });
    assert.deepEqual(walked('tree/sub'), ['tree/sub/a.js']);
  });

  it('leaves out the packages of tfjs itself, not those that use it', () => {
    write({
      'core/package.json': '{"name": "@tensorflow/tfjs-core"}',
      'core/src/ops.ts': '',
      'app/package.json': '{"name": "app", "dependencies": {"@tensorflow/tfjs": "4"}}',
      'app/a.js': '',
      'models/package.json':
        '{"name": "@tensorflow-models/blazeface", "peerDependencies": {"@tensorflow/tfjs-core": "4"}}',
      'models/a.ts': '',
      'broken/package.json': '{"@tensorflow/tfjs',
      'broken/a.js': '',
    });
    assert.deepEqual(walked(), ['app/a.js', 'broken/a.js', 'models/a.ts']);
  });

  it('walks a folder that is itself ignored, when it is the one asked for', () => {
    write(['dist/a.js']);
    assert.deepEqual(walked('dist'), ['dist/a.js']);
  });

  it('takes further patterns', () => {
    write(['a.js', 'sub/b.js', 'sub/c.ts']);
    assert.deepEqual(walked('', { exclude: ['sub/*.js'] }), ['a.js', 'sub/c.ts']);
  });

  it('follows links to files, not to folders, and tells of links to nothing', () => {
    write({ 'sub/a.js': '' });
    symlinkSync('sub/a.js', path.join(folder, 'link.js'));
    symlinkSync('..', path.join(folder, 'sub', 'up'));
    symlinkSync('nothing.js', path.join(folder, 'broken.js'));
    symlinkSync('circle.js', path.join(folder, 'circle.js'));
    const told: string[] = [];
    const unreadable = (file: string): void => void told.push(path.basename(file));
    assert.deepEqual(walked('', { unreadable }), ['link.js', 'sub/a.js']);
    assert.deepEqual(told, ['broken.js', 'circle.js']);
  });

  it('tells of a folder that is not there', () => {
    const told: string[] = [];
    assert.deepEqual(walked('absent', { unreadable: (file) => void told.push(path.basename(file)) }), []);
    assert.deepEqual(told, ['absent']);
  });
});
