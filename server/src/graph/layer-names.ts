import { catalog } from './catalog';

/** Classes whose names do not follow from the names of their factories. */
const IRREGULAR: Readonly<Record<string, string>> = {
  elu: 'ELU',
  prelu: 'PReLU',
  rnn: 'RNN',
  gru: 'GRU',
  gruCell: 'GRUCell',
  lstm: 'LSTM',
  lstmCell: 'LSTMCell',
  convLstm2d: 'ConvLSTM2D',
  convLstm2dCell: 'ConvLSTM2DCell',
  input: 'InputLayer',
};

/** The name of the class that `tf.layers.<kind>` makes, as `getClassName()` gives it; null for other kinds. */
export function classNameOf(kind: string): string | null {
  if (!catalog.has(kind)) return null;
  const pooling = kind.replace(/^avgPool(ing)?(\d)/, 'averagePooling$2').replace(/([mM]ax)Pool(\d)/, '$1Pooling$2');
  const name = pooling.replace(/(\d)d/, '$1D');
  return IRREGULAR[kind] ?? name[0]!.toUpperCase() + name.slice(1);
}

/**
 * What the name of a layer starts with that was given none; a number follows, counted for each class over all of the
 * program (tfjs-layers/src/engine/topology.ts, `Layer`; utils/generic_utils.ts, `toSnakeCase`; backend/state.ts, `getUid`).
 */
export function madeUpName(kind: string): string | null {
  const name = classNameOf(kind);
  if (name === null) return null;
  const words = name.replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2');
  return `${words.toLowerCase()}_${name}`;
}
