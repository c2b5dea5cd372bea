import { judge, trapsIn } from './support/traps';

/** What training means: which gradients are applied, and to what. */
const TRAPS: Readonly<Record<string, string>> = {
  'frozen by the name that tfjs makes up': `
    ${judge()}
    for (const layer of judge.layers) if (layer.name.startsWith('batch_norm')) layer.trainable = false; // trap
    for (const layer of judge.layers) if (layer.name.startsWith('head')) layer.trainable = false; // plain
    export const step = (x) => optimizer.minimize(() => judge.apply(x).mean());`,
  'frozen by the name of the class': `
    ${judge()}
    judge.layers.filter((layer) => layer.getClassName() === 'BatchNormalization').forEach((layer) => { layer.trainable = false; }); // trap
    judge.layers.filter((layer) => layer.getClassName() === 'Dropout').forEach((layer) => { layer.trainable = false; }); // plain
    export const step = (x) => optimizer.minimize(() => judge.apply(x).mean());`,
  'frozen by Object.assign': `
    ${judge()}
    for (const layer of judge.layers) Object.assign(layer, { trainable: false }); // trap
    for (const layer of judge.layers) Object.assign({}, layer, { trainable: false }); // plain
    export const step = (x) => optimizer.minimize(() => judge.apply(x).mean());`,
  'handed to code that may freeze or train it': `
    import { prepare } from 'somewhere';
    ${judge()}
    prepare(judge); // trap
    console.log(judge); // plain
    export const step = (x) => optimizer.minimize(() => judge.apply(x).mean());`,
  'statistics that a pass of its own updates': `
    ${judge()}
    export function run(x) {
      tf.tidy(() => void judge.apply(x, { training: true })); // trap
      tf.tidy(() => void judge.apply(x)); // plain
      optimizer.minimize(() => judge.apply(x).mean());
    }`,
  'statistics that are written by hand': `
    ${judge()}
    export function run(x) {
      const norm = judge.layers.find((layer) => layer.getClassName() === 'BatchNormalization');
      norm.movingMean.write(norm.movingMean.read().mul(0.9)); // trap
      norm.gamma.read().print(); // plain
      optimizer.minimize(() => judge.apply(x).mean());
    }`,
  'a result of which a helper gives back numbers only': `
    ${judge()}
    const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    const value = (x) => judge.predict(x);
    export const step = (x) =>
      optimizer.minimize(() => {
        const { all: [base] } = { all: [value(x)] };
        return other.apply(x).sub(base.dataSync()[0]).mean(); // trap
        return other.apply(x).sub(base).mean(); // plain
      });`,
  'gradients of which norms are given back': `
    ${judge()}
    export function watch(x) {
      const { grads } = tf.variableGrads(() => judge.apply(x).mean());
      return Object.values(grads).map((gradient) => gradient.norm().dataSync()[0]); // trap
      return Object.values(grads).map((gradient) => gradient.mul(2)); // plain
    }`,
  'stored statistics that the call asks for': `
    ${judge()}
    export const step = (x) =>
      optimizer.minimize(() => {
        return judge.apply(x, { training: false }).mean(); // trap
        return judge.apply(x, { isTraining: false }).mean(); // plain
      });`,
  'gradients that are only looked at': `
    ${judge()}
    export function watch(x) {
      const { value, grads } = tf.variableGrads(() => judge.apply(x).mean());
      for (const name in grads) console.log(name, grads[name].norm().dataSync()[0]);
      Object.values(grads).forEach((gradient) => tf.norm(gradient).print());
      optimizer.applyGradients(grads); // plain
      tf.dispose(grads);
      return value.dataSync()[0];
    }`,
  'gradients that are only looked at, by an optimizer': `
    ${judge()}
    export function watch(x) {
      const { grads } = optimizer.computeGradients(() => judge.apply(x).mean());
      const largest = Object.entries(grads).map(([name, gradient]) => [name, gradient.abs().max().arraySync()]);
      console.table(largest);
      optimizer.applyGradients(Object.fromEntries(Object.entries(grads).map(([k, g]) => [k, g.clipByValue(-1, 1)]))); // plain
    }`,
  'gradients picked by name': `
    ${judge()}
    export function step(x) {
      const { grads } = tf.variableGrads(() => judge.apply(x).mean());
      const picked = {};
      for (const name in grads) {
        if (name.includes('head')) // trap
        picked[name] = grads[name];
      }
      optimizer.applyGradients(picked);
    }`,
  'gradients picked by a filter': `
    ${judge()}
    export function step(x) {
      const { grads } = tf.variableGrads(() => judge.apply(x).mean());
      const entries = Object.entries(grads).filter(([name]) => name.includes('head')); // trap
      const entries = Object.entries(grads).map(([name, gradient]) => [name, gradient.mul(2)]); // plain
      optimizer.applyGradients(Object.fromEntries(entries));
    }`,
  'gradients picked in a function': `
    ${judge()}
    function pick(grads) {
      const picked = {};
      Object.keys(grads).forEach((name) => { picked[name] = name.startsWith('head') ? grads[name] : tf.zerosLike(grads[name]); }); // trap
      Object.keys(grads).forEach((name) => { picked[name] = grads[name].clipByValue(-1, 1); }); // plain
      return picked;
    }
    export function step(x) {
      const { grads } = tf.variableGrads(() => judge.apply(x).mean());
      optimizer.applyGradients(pick(grads));
    }`,
  'a gradient that is stopped': `
    ${judge()}
    const actor = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    const stop = tf.customGrad((x, save) => ({ value: x.clone(), gradFunc: () => [tf.zerosLike(x)] }));
    export const step = (x) => optimizer.minimize(() => {
      const target = stop(judge.apply(x)); // trap
      const target = judge.apply(x); // plain
      return actor.apply(x).sub(target).square().mean();
    });`,
};

describe('traps: what looks like training and is none', () => {
  trapsIn(TRAPS);
});
