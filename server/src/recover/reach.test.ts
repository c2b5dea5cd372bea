import assert from 'node:assert/strict';
import ts from 'typescript';
import { functionLikeName } from './functions';
import { reachOf } from './reach';

/** What a function `main` of the first of these files can call, by name, and whether it can take a gradient step. */
function reach(...texts: readonly string[]): { names: readonly string[]; trains: boolean; normalises: boolean } {
  const files = texts.map((text, index) =>
    ts.createSourceFile(`/${index}.ts`, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS),
  );
  const [main] = files[0]!.statements.filter(ts.isFunctionDeclaration).filter(({ name }) => name?.text === 'main');
  const { functions, trains, normalises } = reachOf(main!, files);
  const names = functions.map((node) =>
    ts.isClassLike(node) ? node.name!.text : (functionLikeName(node as ts.FunctionLikeDeclaration) ?? '=>'),
  );
  return { names: names.filter((name) => name !== 'main').sort(), trains, normalises };
}

describe('reach', () => {
  it('follows names to functions and classes, through files and other names', () => {
    const names = (...texts: readonly string[]): readonly string[] => reach(...texts).names;
    assert.deepEqual(names('function main() { a(); } function a() { b; } function b() {} function c() {}'), ['a', 'b']);
    assert.deepEqual(names("import { a as x } from './1'; function main() { x(); }", 'export const a = () => 1;'), [
      'a',
    ]);
    assert.deepEqual(names("import x from './1'; function main() { x(); }", 'export default function a() {}'), ['a']);
    assert.deepEqual(
      names("import * as x from './1'; function main() { x.y(); }", 'export { a as y }; function a() {}'),
      ['a'],
    );
    assert.deepEqual(
      names("const x = require('./1'); function main() { x(); }", 'module.exports = a; function a() {}'),
      ['a'],
    );
    assert.deepEqual(names('const { a } = tools; function main() { a(); }', 'export const tools = { a() {} };'), ['a']);
    assert.deepEqual(names('function main(o) { o.a(); }', 'class A { a() {} b() {} }'), ['a']);
    assert.deepEqual(names('function main() { new A(); }  class A { constructor() { this.a(); } a() {} b() {} }'), [
      '=>',
      'A',
      'a',
    ]);
  });

  it('takes names by themselves for what they can see, and any member for any other', () => {
    const names = (text: string): readonly string[] => reach(text).names;
    assert.deepEqual(names('function main() { const z = 1; return z; } function a() { const z = () => 2; }'), []);
    assert.deepEqual(names('function main(z) { return z.run; } const a = { run() {} }; class B { run() {} }'), [
      'run',
      'run',
    ]);
    assert.deepEqual(names("function main(z) { return z['run'](); } const a = { run() {} };"), ['run']);
    assert.deepEqual(names('const table = { x: () => 1, y() {} }; function main(k) { return table[k](); }'), [
      'x',
      'y',
    ]);
    assert.deepEqual(names('class A { x() {} y() {} } function main(a, k) { return a[k](); }'), ['x', 'y']);
    assert.deepEqual(names('function main(z: A) {} class A { x() {} }'), []);
  });

  it('tells whether a gradient step can be taken', () => {
    for (const [trains, ...texts] of [
      [true, 'function main(o) { o.minimize(() => 1); }'],
      [true, 'function main(o) { step(o); } const step = (o) => tf.variableGrads(() => 1);'],
      [true, 'const { grads } = tf; function main() { grads(f); }'],
      [true, 'function main(a) { a.train(); }', 'export class A { train = () => this.o.minimize(f); }'],
      [false, 'function main(a) { a.play(); }', 'export class A { train() { this.o.minimize(f); } play() {} }'],
      [false, 'function main() { function later() { o.minimize(f); } }'],
    ] as const)
      assert.equal(reach(...texts).trains, trains, texts.join());
  });

  it('tells whether something can be normalised', () => {
    for (const [normalises, ...texts] of [
      [true, 'function main(x) { return norm(x); } const norm = (x) => tf.batchNorm(x, m, v);'],
      [true, 'function main(x) { return scale(x.sub(x.mean(0))); } function scale(x) { return x.div(tf.sqrt(v)); }'],
      [true, "import { a } from './1'; function main() { a(); }", "export const a = () => make('batchNormalization');"],
      [false, 'function main(x) { return x.mean(0); } function scale(x) { return x.div(tf.sqrt(v)); }'],
      [false, 'function main(x) { return conv(x); } function conv() {} function norm() { tf.batchNorm(x, m, v); }'],
    ] as const)
      assert.equal(reach(...texts).normalises, normalises, texts.join());
  });
});
