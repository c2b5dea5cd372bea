import { check } from './testing';

const BN = 'bn()';
const program = (body: string): string => `
  import * as tf from '@tensorflow/tfjs';
  const input = tf.input({ shape: [32, 32, 3] });
  const bn = () => tf.layers.batchNormalization();
  let x = input;
  ${body}
  tf.model({ inputs: input, outputs: x });
`;

describe('recover: layers kept in collections', () => {
  it('arrays: push under conditions, index, at, destructuring, spread, unshift, splice', () => {
    check(
      program(`
      const layers = [];
      const deep = true;
      layers.push(tf.layers.conv2d({ filters: 4, kernelSize: 3 })); // bias redundant
      if (deep) layers.push(${BN}, tf.layers.conv2d({ filters: 4, kernelSize: 3 })); // bias redundant
      if (!deep) layers.push(tf.layers.reLU());
      deep && layers.push(${BN});
      layers.splice(layers.length, 0, tf.layers.conv2d({ filters: 4, kernelSize: 1 }), tf.layers.reLU()); // bias needed none
      layers.unshift(tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'relu' })); // bias needed
      for (let i = 0; i < layers.length; i++) x = layers[i].apply(x);
      const [a, ...rest] = [tf.layers.conv2d({ filters: 4, kernelSize: 1 }), ${BN}, tf.layers.reLU()]; // bias none redundant
      x = rest.at(-1).apply(rest[0].apply(a.apply(x)));
      for (const [i, layer] of [tf.layers.conv2d({ filters: 4, kernelSize: 1 }), ${BN}].entries()) x = layer.apply(x, { i }); // bias redundant
    `),
    );
  });

  it('objects by key, by template key, entries, keys, values, fromEntries, assign', () => {
    check(
      program(`
      const layers = {};
      for (const i of [1, 2]) {
        layers[\`conv\${i}\`] = tf.layers.conv2d({ filters: 4, kernelSize: 3 }); // bias redundant
        layers['norm' + i] = ${BN};
      }
      x = layers.norm1.apply(layers.conv1.apply(x));
      x = layers['norm2'].apply(layers[\`conv\${2}\`].apply(x));
      const more = Object.fromEntries(['a', 'b'].map((name) => [name, tf.layers.conv2d({ filters: 4, kernelSize: 1, name })])); // bias redundant
      for (const [name, layer] of Object.entries(more)) x = tf.layers.batchNormalization({ name: name + '_bn' }).apply(layer.apply(x));
      const parts = Object.assign({}, { conv: tf.layers.conv2d({ filters: 4, kernelSize: 1 }) }, { norm: ${BN} }); // bias redundant
      Object.values(parts).forEach((layer) => { x = layer.apply(x); });
      const { conv, ...others } = { conv: tf.layers.conv2d({ filters: 4, kernelSize: 1 }), norm: ${BN} }; // bias redundant
      x = conv.apply(x);
      for (const key of Object.keys(others)) x = others[key].apply(x);
    `),
    );
  });

  it('Map, Set, and their iteration in order', () => {
    check(
      program(`
      const byName = new Map<string, any>([['conv', tf.layers.conv2d({ filters: 4, kernelSize: 3 })]]); // bias redundant
      byName.set('norm', ${BN});
      x = byName.get('norm').apply(byName.get('conv').apply(x));
      const second = new Map();
      second.set('c', tf.layers.conv2d({ filters: 4, kernelSize: 3 })).set('n', ${BN}); // bias redundant
      for (const [name, layer] of second) x = layer.apply(x);
      const third = new Map(Object.entries({ c: tf.layers.conv2d({ filters: 4, kernelSize: 1 }), n: ${BN} })); // bias redundant
      third.forEach((layer, name) => { x = layer.apply(x); });
      for (const key of ['c', 'n']) if (third.has(key)) third.delete(key);
      const fourth = new Map([['c', tf.layers.conv2d({ filters: 4, kernelSize: 1 })], ['n', ${BN}]]); // bias redundant
      for (const [, layer] of fourth.entries()) x = layer.apply(x);
      const fifth = new Set([tf.layers.conv2d({ filters: 4, kernelSize: 1 }), ${BN}]); // bias redundant
      for (const layer of fifth) x = layer.apply(x);
      const sixth = new Map([['c', tf.layers.conv2d({ filters: 4, kernelSize: 1 })], ['n', ${BN}]]); // bias redundant
      for (const key of sixth.keys()) x = sixth.get(key)!.apply(x);
      x = Array.from(third.values()).reduce((y, layer) => layer.apply(y), x);
      x = [...new Map([['c', tf.layers.conv2d({ filters: 4, kernelSize: 1 })], ['n', ${BN}]]).values()].reduce((y, layer) => layer.apply(y), x); // bias redundant
    `),
    );
  });

  it('tables of layer definitions', () => {
    check(
      program(`
      const definitions = [
        { type: 'conv2d', args: { filters: 4, kernelSize: 3 } },
        { type: 'batchNormalization' },
        { type: 'conv2d', args: { filters: 8, kernelSize: 3, activation: 'relu' } },
        { type: 'batchNormalization', args: {} },
      ];
      for (const def of definitions) {
        const make = tf.layers[def.type];
        x = make(def.args).apply(x); // bias needed none redundant
      }
      definitions.forEach(({ type, args = {} }) => { x = (tf.layers as any)[type](args).apply(x); }); // bias needed none redundant
      const makers = { conv: (f) => tf.layers.conv2d({ filters: f, kernelSize: 1 }), norm: () => ${BN}, relu: tf.layers.reLU }; // bias redundant
      for (const [kind, ...args] of [['conv', 4], ['norm'], ['relu']]) x = makers[kind](...args).apply(x);
      const factory = { c: tf.layers.conv2d, n: tf.layers.batchNormalization };
      x = factory.n().apply(factory['c']({ filters: 4, kernelSize: 1 }).apply(x)); // bias none redundant
    `),
    );
  });

  it('sequence(input, ...layers) in its spellings', () => {
    check(
      program(`
      const sequence = (input, ...layers) => layers.reduce((y, layer) => layer.apply(y), input);
      function chain(start, layers) { let y = start; layers.forEach((layer) => { y = layer.apply(y); }); return y; }
      const compose = (...layers) => (y) => layers.flat().reduceRight((z, layer) => layer.apply(z), y);
      function apply(y, [layer, ...rest]) { return layer ? apply(layer.apply(y), rest) : y; }
      x = sequence(x, tf.layers.conv2d({ filters: 4, kernelSize: 3 }), ${BN}); // bias redundant
      x = chain(x, [tf.layers.conv2d({ filters: 4, kernelSize: 3 }), ${BN}]); // bias redundant
      x = compose([${BN}], tf.layers.conv2d({ filters: 4, kernelSize: 3 }))(x); // bias redundant
      x = apply(x, [tf.layers.conv2d({ filters: 4, kernelSize: 3 }), ${BN}]); // bias redundant
      x = sequence(x, ...[tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }), ${BN}]); // bias needed
    `),
    );
  });

  it('Array.from, fill, flatMap, concat, filter(Boolean), slice, nested arrays, spread of iterables', () => {
    check(
      program(`
      const norm = true;
      const many = Array.from({ length: 2 }, (_, i) => [tf.layers.conv2d({ filters: 4 + i, kernelSize: 1 }), norm && ${BN}]); // bias redundant
      for (const layer of many.flat().filter(Boolean)) x = layer.apply(x);
      const filled = new Array(2).fill(null).map(() => tf.layers.conv2d({ filters: 4, kernelSize: 1 })); // bias redundant
      filled.forEach((layer) => { x = ${BN}.apply(layer.apply(x)); });
      x = [4, 8].flatMap((f) => [tf.layers.conv2d({ filters: f, kernelSize: 1 }), ${BN}]).concat(tf.layers.reLU()).reduce((y, l) => l.apply(y), x); // bias none redundant
      const three = [...Array(3).keys()].map((i) => tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: i === 2 ? 'relu' : undefined })); // bias needed redundant
      for (const layer of three) x = ${BN}.apply(layer.apply(x));
      const optional = [tf.layers.conv2d({ filters: 4, kernelSize: 1 }), norm ? ${BN} : null, null].filter((layer) => layer !== null); // bias redundant
      for (const layer of optional) x = layer.apply(x);
      const sorted = [2, 1].sort((a, b) => a - b).reverse().map((k) => tf.layers.conv2d({ filters: k, kernelSize: k === 1 ? 1 : 2, activation: k === 3 ? 'relu' : 'linear' })); // bias redundant
      for (let i = sorted.length - 1; i >= 0; i -= 1) x = ${BN}.apply(sorted[i].apply(x));
    `),
    );
  });

  it('layers and tensors in fields of objects, skip connections by index', () => {
    check(
      program(`
      const state = { skips: [], norm: { layer: ${BN} } };
      for (const filters of [4, 8]) {
        x = tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' }).apply(x); // bias needed
        state.skips.push(x);
        x = ${BN}.apply(x);
      }
      x = tf.layers.concatenate().apply([x, state.skips.pop(), state.skips[0]]);
      x = tf.layers.reLU().apply(x);
      x = state.norm.layer.apply(tf.layers.conv2d({ filters: 2, kernelSize: 1 }).apply(x)); // bias redundant
    `),
    );
  });

  it('the index of an element behind elements of which the number is not known', () => {
    const at = (elements: string, fates: string, relu: string): string =>
      program(`
      const list = [${elements}tf.layers.dense({ units: 3 }), ${BN}]; // bias ${fates}
      list.forEach((layer, i) => {
        x = layer.apply(x);
        if (${relu}) x = tf.layers.reLU().apply(x);
      });
    `);
    check(at('', 'needed', 'i === 0'));
    check(at('', 'redundant', 'i === 1'));
    check(at('...options.more, ', 'needed redundant', 'i === 1'));
    check(at('...options.more, ', 'needed redundant', 'list.push() === 3'));
    check(at('...options.more, ', 'needed redundant', 'list.findIndex((one) => one === layer) === 1'));
  });
});
