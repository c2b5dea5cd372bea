import assert from 'node:assert/strict';
import { Analyzer } from './analyzer';
import { bundler } from './bundle';
import { screenText } from './screen';
import { MemoryFileSystem } from './testing';

const MODEL = `const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, inputShape: [8] }));
model.add(tf.layers.batchNormalization());
`;
const FILLER = '  register(function () { return 1; });\n'.repeat(3_000);
const UMD = `(function (global, factory) {
  typeof exports === 'object' && typeof module !== 'undefined' ? factory(exports) :
  typeof define === 'function' && define.amd ? define(['exports'], factory) :
  (factory((global.kit = {})));
}(this, (function (exports) { 'use strict';
`;
const MAP = '//# sourceMappingURL=kit.js.map\n';
const LICENCES = '/** @license MIT, one */\n/** @license BSD, another */\n';

describe('files that a bundler has put together', () => {
  it('are told by what bundlers write in every bundle', () => {
    const esbuild = 'var __create = Object.create;\nvar __defProp = Object.defineProperty;\n';
    for (const [tool, text] of [
      ['webpack', `/******/ (() => { // webpackBootstrap\n${MODEL}function __webpack_require__(moduleId) {}\n})();`],
      ['browserify', `(function(){function r(e,n,t){function o(i,f){if(!n[i]){return 1}}}})()({1:[function(){${MODEL}`],
      ['browserify', `(function e(t,n,r){function s(o,u){if(!n[o]){return 1}}})({1:[function(){${MODEL}`],
      ['Parcel', `// modules are defined as an array\nparcelRequire = (function (modules) {\n${MODEL}`],
      ['esbuild', `"use strict";\n${esbuild}// node_modules/ndarray/index.js\n${MODEL}`],
    ] as const)
      assert.equal(bundler(text, false), tool, text.slice(0, 40));
  });

  it('are told by a wrapper, where the file is large and something else speaks for a build', () => {
    const large = `/**\n * A kit.\n */\n${UMD}${FILLER}${MODEL}})));\n`;
    assert.equal(bundler(large + MAP, false), 'a bundler');
    assert.equal(bundler(large.replace('})));', `${LICENCES}})));`), false), 'a bundler');
    assert.equal(bundler(large, true), 'a bundler');
    const minified = large.replace(
      UMD,
      '!function(t,n){"object"==typeof exports&&"undefined"!=typeof module?n(exports):n(t)}(\n',
    );
    assert.equal(bundler(minified + MAP, false), 'a bundler');
  });

  it('are not what people write: wrappers, large files, source maps and licences one by one', () => {
    const large = `${UMD}${FILLER}${MODEL}})));\n`;
    for (const [what, text] of Object.entries({
      'a small wrapped module with a map': `${UMD}${MODEL}})));\n${MAP}`,
      'a large wrapped module': large,
      'a large wrapped module with one licence': `/** @license MIT */\n${large}`,
      'a large file with a map and licences': `${LICENCES}${FILLER}${MODEL}${MAP}`,
      'a wrapper in the middle of a large file': `${FILLER}${large}${MAP}`,
      "webpack's own variables": `__webpack_public_path__ = '/';\nconst load = __webpack_require__.e;\n${MODEL}`,
      'a check for node': `const inNode = typeof module !== 'undefined' && module.exports;\n${MODEL}`,
      'code that went through esbuild alone': `var __defProp = Object.defineProperty;\n${MODEL}`,
      'a comment on node_modules': `// node_modules/kit is patched\nvar __defProp = Object.defineProperty;\n${MODEL}`,
    }))
      assert.equal(bundler(text, false), null, what);
  });

  it('are not parsed, and --explain says so; pages are, whatever is in them', () => {
    const bundle = `${MODEL}function __webpack_require__(moduleId) {}\n`;
    const { matters, skipped } = screenText('/kit.js', bundle);
    assert.deepEqual([matters, skipped], [false, 'it is put together by webpack from other files']);
    assert.equal(screenText('/page.html', `<script>${bundle}</script>`).skipped, null);
  });
});

describe('files that are skipped', () => {
  const files = { '/w/kit.js': `${MODEL}function __webpack_require__(moduleId) {}\n`, '/w/model.js': MODEL };

  it('are among the reports, without findings, so that they can be asked for', async () => {
    const analyzer = new Analyzer(new MemoryFileSystem(files));
    analyzer.setFiles(Object.keys(files));
    const reports = await analyzer.reportAll();
    assert.deepEqual(
      reports.map(({ file, findings, problems }) => [file, findings.length, problems.length]),
      [
        ['/w/kit.js', 0, 0],
        ['/w/model.js', 1, 0],
      ],
    );
    assert.deepEqual(analyzer.explain('/w/kit.js'), [
      { place: { file: '/w/kit.js', start: 0, end: 0 }, reason: 'it is put together by webpack from other files' },
    ]);
  });
});
