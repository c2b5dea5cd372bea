import type { Tensor } from '@tensorflow/tfjs';
import type { PlanValue } from '../plan/types';
import type { Tf } from './engine';
import { Unmeasurable } from './errors';

type Attributes = { readonly [key: string]: PlanValue };

/** The parameters of an op in the order of its signature in tfjs-core; `$` takes the next tensor, `$$` all that are left. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  ...group(['add', 'sub', 'mul', 'div', 'divNoNan', 'maximum', 'minimum', 'pow', 'squaredDifference'], ['a$', 'b$']),
  ...group(
    ['abs', 'elu', 'exp', 'identity', 'clone', 'log', 'neg', 'reciprocal', 'relu', 'relu6', 'rsqrt', 'selu'],
    ['$'],
  ),
  ...group(['sigmoid', 'sign', 'softplus', 'sqrt', 'square', 'tanh', 'flatten'], ['$']),
  ...group(['mean', 'sum', 'max', 'min', 'prod'], ['$', 'axis', 'keepDims']),
  ...group(['maxPool', 'avgPool'], ['$', 'filterSize', 'strides', 'pad', 'dimRoundingMode']),
  addN: ['$$'],
  batchNorm: ['$', '$', '$', '$', '$', 'varianceEpsilon'],
  cast: ['$', 'dtype'],
  clipByValue: ['$', 'clipValueMin', 'clipValueMax'],
  concat: ['$$', 'axis'],
  conv2d: ['$', '$', 'strides', 'pad', 'dataFormat', 'dilations', 'dimRoundingMode'],
  depthwiseConv2d: ['$', '$', 'strides', 'pad', 'dataFormat', 'dilations', 'dimRoundingMode'],
  dropout: ['$', 'rate', 'noiseShape', 'seed'],
  expandDims: ['$', 'axis'],
  leakyRelu: ['$', 'alpha'],
  logSoftmax: ['$', 'axis'],
  matMul: ['$', '$', 'transposeA', 'transposeB'],
  pad: ['$', 'paddings', 'constantValue'],
  reshape: ['$', 'shape'],
  slice: ['$', 'begin', 'size'],
  softmax: ['$', 'dim'],
  squeeze: ['$', 'axis'],
  stack: ['$$', 'axis'],
  transpose: ['$', 'perm'],
};

/**
 * Runs a function on tensors by its name after `tf`.
 *
 * @throws Unmeasurable for one that is not in the table, or whose arguments are not all known
 */
export function applyOp(tf: Tf, name: string, attributes: Attributes, inputs: readonly Tensor[]): Tensor[] {
  const signature = SIGNATURES[name];
  const op = (tf as unknown as Record<string, unknown>)[name === 'flatten' ? 'reshape' : name];
  if (!signature || typeof op !== 'function') throw new Unmeasurable(`tf.${name} is not rebuilt by the check`);
  const parameters = signature.filter((one) => !one.endsWith('$'));
  // A default and an argument that was not followed look alike; only what is given counts.
  const given = Object.keys(attributes);
  let complete = parameters.length === 0 || given.length > 0;
  const left = [...inputs];
  const args = signature.map((parameter): unknown => {
    if (parameter === '$$') return left.splice(0);
    if (!parameter.endsWith('$')) return attributes[parameter] ?? undefined;
    // An operand that may be a plain number, `x.mul(3)`.
    const operand = attributes[parameter.slice(0, -1)] ?? left.shift();
    complete &&= operand !== undefined || name === 'batchNorm';
    return operand;
  });
  const foreign = given.some((key) => !signature.includes(key) && !signature.includes(`${key}$`));
  if (!complete || foreign || left.length > 0) throw new Unmeasurable(`the arguments of tf.${name} are not known`);
  if (name === 'flatten') args.push([-1]);
  const output = (op as (...args: unknown[]) => unknown)(...args);
  return (Array.isArray(output) ? output : [output]) as Tensor[];
}

function group(names: readonly string[], signature: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(names.map((name) => [name, signature]));
}
