import assert from 'node:assert/strict';
import { check } from '../testing';

/** A model that gets one more layer for each of its layers of which `condition` holds. */
const program = (condition: string, mark: string): string => `
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 3, inputShape: [4] }));
  model.add(tf.layers.batchNormalization());
  for (const layer of model.layers) {
    if (${condition}) model.add(tf.layers.dense({ units: 1 })); // ${mark}
  }
  export const out = model;`;

describe('recover: names that tfjs makes up', () => {
  const HELD = [
    'layer.name.startsWith("batch_norm")',
    'layer.name.includes("BatchNormalization")',
    'layer.name.toLowerCase().includes("batchnorm")',
    'layer.name.indexOf("norm") > 0',
    'layer.getClassName() === "BatchNormalization"',
  ];
  const NEVER = [
    'layer.name.includes("frozen")',
    'layer.name === "head"',
    'layer.name.endsWith("_head")',
    'layer.name === "dense_Dense"',
    'layer.name.indexOf("bn") >= 0',
    'layer.getClassName() === "Dropout"',
  ];
  const OPEN = ['layer.name === "dense_Dense1"', 'layer.name.endsWith("2")', 'layer.name.includes("Dense12")'];

  const worlds = (condition: string, mark: string): number => check(program(condition, mark)).worlds.length;

  it('are known but for the number', () => {
    for (const condition of HELD) assert.equal(worlds(condition, 'bias needed'), 1, condition);
    for (const condition of NEVER) assert.equal(worlds(condition, 'absent'), 1, condition);
  });

  it('are not known where the number decides', () => {
    for (const condition of OPEN) assert.ok(worlds(condition, 'bias needed') > 1, condition);
  });

  it('of models and of inputs are known as well', () => {
    check(`
      const base = tf.sequential({ name: 'base', layers: [tf.layers.dense({ units: 3, inputShape: [4] })] }); // bias needed
      const input = tf.input({ shape: [4] });
      let x = tf.layers.batchNormalization().apply(base.apply(input));
      x = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [3] })] }).apply(x);
      const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3, name: 'head' }).apply(x) }); // bias needed
      const y = model.getLayer('base').apply(tf.input({ shape: [4] }));
      tf.model({ inputs: model.inputs, outputs: model.getLayer('head').output });
      const kept = model.layers.filter(({ name }) => name !== 'head' && !name.startsWith('input'));
      const names = kept.map((layer) => layer.name === 'base' ? 1 : layer.name.includes('Norm') ? 2 : layer.name.startsWith('sequential_') ? 3 : 9);
      const last = tf.layers.dense({ units: 4, inputShape: [4], activation: names.join('') === '123' ? undefined : 'relu' }); // bias redundant
      tf.sequential({ layers: [last, tf.layers.batchNormalization()] });`);
  });
});
