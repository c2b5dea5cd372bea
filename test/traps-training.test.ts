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
};

describe('traps: what looks like training and is none', () => {
  trapsIn(TRAPS);
});
