import { check } from './testing';

const BLOCK = `
  import * as tf from '@tensorflow/tfjs';
  export const FILTERS = 4;
  export function conv(x, activation?) {
    return tf.layers.conv2d({ filters: FILTERS, kernelSize: 3, activation }).apply(x); // bias needed redundant
  }
  export default function norm(x) {
    return tf.layers.batchNormalization().apply(x);
  }
`;

const use = (imports: string, conv = 'conv', norm = 'norm'): string => `
  import * as tf from '@tensorflow/tfjs';
  ${imports}
  const input = tf.input({ shape: [8, 8, 3] });
  const x = ${norm}(${conv}(input));
  tf.model({ inputs: input, outputs: ${norm}(${conv}(x, 'relu')) });
`;

describe('recover: across files', () => {
  it('relative imports, default and named, with and without extension', () => {
    for (const specifier of ['./blocks', './blocks.js', './blocks.ts', '../src/blocks'])
      check({ '/src/main.ts': use(`import norm, { conv } from '${specifier}';`), '/src/blocks.ts': BLOCK });
  });

  it('a variable that the exporting module sets anew', () => {
    for (const exported of ['export let activation = null;', 'let activation = null; export { activation };'])
      check({
        '/src/main.ts': `
          import * as tf from '@tensorflow/tfjs';
          import { activation, use } from './options';
          const dense = () => tf.layers.dense({ inputShape: [4], units: 4, activation }); // bias redundant needed
          const model = tf.sequential({ layers: [dense(), tf.layers.batchNormalization()] });
          use('relu');
          model.add(dense());
          model.add(tf.layers.batchNormalization());
          use(undefined);
          model.add(tf.layers.dense({ units: 4, activation })); // bias redundant
          model.add(tf.layers.batchNormalization());
        `,
        '/src/options.ts': `${exported} export function use(value) { activation = value; }`,
      });
  });

  it('re-exports by name, by star, as namespace and as default, through index files', () => {
    check({
      '/src/main.ts': use(`import { conv, norm, all } from './nn'; import again from './nn';`, 'all.conv', 'again'),
      '/src/nn/index.ts': `
        export * from './blocks';
        export { default as norm, default } from './blocks';
        export * as all from './blocks';
      `,
      '/src/nn/blocks.ts': BLOCK,
    });
    check({
      '/src/main.ts': use(`import * as nn from './nn/index.js';`, 'nn.conv', 'nn.norm'),
      '/src/nn/index.ts': `import norm, { conv } from './blocks.js'; export { conv, norm };`,
      '/src/nn/blocks.ts': BLOCK,
    });
  });

  it('JavaScript that imports TypeScript, and back', () => {
    check({
      '/main.js': use(`import { conv, norm } from './bridge.js';`),
      '/bridge.ts': `export { default as norm } from './blocks.jsx'; export { conv } from './blocks.jsx';`,
      '/blocks.tsx': BLOCK,
    });
    check({
      '/main.ts': use(`import { conv, norm } from './blocks';`),
      '/blocks.mjs': BLOCK.replace('activation?', 'activation').replace('default function', 'function'),
    });
  });

  it('cyclic imports', () => {
    check({
      '/main.ts': use(`import { conv, norm } from './a';`),
      '/a.ts': `import { KERNEL } from './b'; import * as tf from '@tensorflow/tfjs'; export { norm } from './b';
        export const conv = (x, activation?) => tf.layers.conv2d({ filters: 2, kernelSize: KERNEL, activation }).apply(x); // bias needed redundant`,
      '/b.ts': `import { conv } from './a'; import * as tf from '@tensorflow/tfjs'; export const KERNEL = 3; export const again = (x) => conv(x);
        export const norm = (x) => tf.layers.batchNormalization().apply(x);`,
    });
  });

  it('paths and baseUrl of tsconfig.json, with comments, and of a configuration it extends', () => {
    check({
      '/repo/src/app/main.ts': use(`import norm, { conv } from '@nn/blocks';`),
      '/repo/src/lib/blocks.ts': BLOCK,
      '/repo/tsconfig.json': `{
        // where modules are
        "compilerOptions": { "baseUrl": "./src", "paths": { "@nn/*": ["missing/*", "lib/*"], /* all */ }, },
      }`,
    });
    check({
      '/repo/src/app/main.ts': use(`import norm from '~norm'; import { conv } from 'lib/blocks';`),
      '/repo/src/lib/blocks.ts': BLOCK,
      '/repo/src/tsconfig.json': `{ "extends": "../tsconfig.base.json" }`,
      '/repo/tsconfig.base.json': `{ "compilerOptions": { "baseUrl": "src", "paths": { "~norm": ["lib/blocks.ts"] } } }`,
    });
    check({
      '/repo/main.js': use(`import norm, { conv } from '@/blocks';`),
      '/repo/src/blocks.ts': BLOCK,
      '/repo/jsconfig.json': `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
    });
  });

  it('workspace packages by exports, source, main and folder', () => {
    const root = `{ "name": "root", "workspaces": ["packages/*"] }`;
    const main = use(`import norm, { conv } from '@our/nn';`);
    const at = (manifest: string, file: string): Record<string, string> => ({
      '/repo/packages/app/main.ts': main,
      '/repo/packages/app/package.json': `{ "name": "app" }`,
      '/repo/package.json': root,
      '/repo/packages/nn/package.json': manifest,
      [`/repo/packages/nn/${file}`]: BLOCK,
    });
    check(at(`{ "name": "@our/nn", "main": "./lib/index.js" }`, 'lib/index.ts'));
    check(at(`{ "name": "@our/nn", "main": "./dist/index.js", "source": "src/index.ts" }`, 'src/index.ts'));
    check(
      at(
        `{ "name": "@our/nn", "exports": { ".": { "types": "./dist/a.d.ts", "import": "./dist/a.js", "source": "./src/a.ts" } } }`,
        'src/a.ts',
      ),
    );
    check(at(`{ "name": "@our/nn", "main": "./dist/index.js" }`, 'src/index.ts'));
    check(at(`{ "name": "@our/nn" }`, 'index.js'.replace('js', 'ts')));
    check({
      ...at(`{ "name": "@our/nn", "exports": { "./*": "./src/*.ts" } }`, 'src/deep/blocks.ts'),
      '/repo/packages/app/main.ts': use(`import norm, { conv } from '@our/nn/deep/blocks';`),
    });
  });

  it('CommonJS: module.exports, exports, require of parts, and mixed with ES modules', () => {
    const js = BLOCK.replace('activation?', 'activation');
    check({
      '/main.js': `const tf = require('@tensorflow/tfjs'); const { conv } = require('./blocks'); const norm = require('./blocks').norm;
        const input = tf.input({ shape: [8, 8, 3] });
        tf.model({ inputs: input, outputs: norm(conv(norm(conv(input)), 'relu')) });`,
      '/blocks.js': `const tf = require('@tensorflow/tfjs');
        function conv(x, activation) { return tf.layers.conv2d({ filters: 2, kernelSize: 3, activation }).apply(x); } // bias needed redundant
        module.exports = { conv };
        module.exports.norm = (x) => tf.layers.batchNormalization().apply(x);`,
    });
    check({
      '/main.ts': use(`import { conv, norm } from './blocks';`),
      '/blocks.js': `var tf = require('@tensorflow/tfjs');
        Object.defineProperty(exports, '__esModule', { value: true });
        exports.conv = function (x, activation) { return tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: activation }).apply(x); }; // bias needed redundant
        exports.norm = exports.other = (x) => tf.layers.batchNormalization().apply(x);`,
    });
    check({
      '/main.ts': use(`import Net from './net'; const { conv, norm } = new Net();`),
      '/net.js': `const tf = require('@tensorflow/tfjs');
        module.exports = class Net {
          conv = (x, activation) => tf.layers.conv2d({ filters: 2, kernelSize: 3, activation }).apply(x); // bias needed redundant
          norm = (x) => tf.layers.batchNormalization().apply(x);
        };`,
    });
    check({
      '/main.js': `const tf = require('@tensorflow/tfjs'); const { default: norm, conv } = require('./blocks');
        const input = tf.input({ shape: [8, 8, 3] });
        tf.model({ inputs: input, outputs: norm(conv(norm(conv(input)), 'relu')) });`,
      '/blocks.mjs': js,
    });
  });

  it('import tf = require, export =, export import', () => {
    check({
      '/main.ts': `
        import tf = require('@tensorflow/tfjs');
        import blocks = require('./blocks');
        const input = tf.input({ shape: [8, 8, 3] });
        const x = blocks.norm(blocks.conv(input));
        tf.model({ inputs: input, outputs: blocks.norm(blocks.conv(x, 'relu')) });`,
      '/blocks.ts': `
        import tf = require('@tensorflow/tfjs');
        namespace blocks {
          export const conv = (x, activation?) => tf.layers.conv2d({ filters: 2, kernelSize: 3, activation }).apply(x); // bias needed redundant
          export const norm = (x) => tf.layers.batchNormalization().apply(x);
        }
        export = blocks;`,
    });
  });

  it('tf from a server of packages, by another scheme, and out of a bundle that cannot be read', () => {
    const model = (imports: string): string => `
      ${imports}
      const dense = tf.layers.dense({ units: 4, inputShape: [4] }); // bias redundant
      tf.sequential({ layers: [dense, tf.layers.batchNormalization()] });`;
    for (const from of [
      'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm',
      'https://esm.sh/@tensorflow/tfjs',
      'https://ga.jspm.io/npm:@tensorflow/tfjs@4.1.0/dist/tf.node.js',
      'npm:@tensorflow/tfjs@^4',
      '@tensorflow/tfjs/dist/tf.esm',
      '../dist/tfjs.esm',
      './lib/tf.es2017.min.js',
    ])
      check({ '/main.ts': model(`import * as tf from '${from}';`) });
    check({ '/main.ts': model("import tf from 'npm:@tensorflow/tfjs';") });
    for (const from of ['https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-vis', './tf-helpers.js', './nottf.js'])
      check({
        '/main.ts': `
          import * as other from '${from}';
          const dense = tf.layers.dense({ units: 4, inputShape: [4] }); // bias unknown
          tf.sequential({ layers: [dense, other.layers.batchNormalization()] });`,
      });
    // What can be read is what it says, whatever it is called.
    check({
      '/main.ts': model("import { tf } from './tf.js';"),
      '/tf.js': "import * as lib from '@tensorflow/tfjs'; export const tf = lib;",
    });
  });

  it('tf handed on by a module of the author, whole or in parts', () => {
    check({
      '/main.ts': `
        import { tf, layers, makeInput } from './tf';
        import all from './tf';
        const input = makeInput({ shape: [8, 8, 3] });
        const x = layers.batchNormalization().apply(tf.layers.conv2d({ filters: 2, kernelSize: 3 }).apply(input)); // bias none redundant
        all.model({ inputs: input, outputs: x });`,
      '/tf.ts': `
        import * as tf from '@tensorflow/tfjs';
        export { tf };
        export const { layers, input: makeInput } = tf;
        export default tf;
        export * from '@tensorflow/tfjs';`,
    });
    check({
      '/main.ts': `
        import { sequential, layers } from './tf';
        sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), layers.batchNormalization()] }); // bias none redundant`,
      '/tf.ts': `export * from '@tensorflow/tfjs';`,
    });
  });

  it('values through several calls and files', () => {
    check({
      '/main.ts': `
        import { build } from './build';
        import { config } from './config';
        build(config);
        build({ ...config, activation: 'relu' });`,
      '/config.ts': `import { LINEAR } from './constants'; export const config = { activation: LINEAR, units: [4, 8] };`,
      '/constants.ts': `export const LINEAR = 'linear';`,
      '/build.ts': `
        import * as tf from '@tensorflow/tfjs';
        import { block } from './block';
        export const build = ({ units, activation }) => tf.sequential({ layers: units.flatMap((n, i) => block(n, i === 0 ? [4] : undefined, activation)) });`,
      '/block.ts': `
        import * as tf from '@tensorflow/tfjs';
        const dense = (units, inputShape, activation) => tf.layers.dense({ units, activation, ...(inputShape && { inputShape }) }); // bias needed redundant
        export const block = (units, inputShape, activation) => [dense(units, inputShape, activation), tf.layers.batchNormalization()];`,
    });
  });
});
