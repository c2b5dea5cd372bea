import * as tf from '@tensorflow/tfjs';
import { ConfigObject, opName, opSignature, type ConfigValue, type MadeTensor } from '../../../server/src/graph';
import { configOf } from './config';

/** What a call of a function on tensors is: by which name, on which tensors as what, with which other arguments. */
export interface BoundCall {
  readonly name: string;
  readonly inputs: readonly tf.Tensor[];
  readonly roles: readonly string[];
  readonly attributes: ConfigObject;
}

/** Methods of tensors that are another op, with the argument that this one gets. */
const METHODS: Readonly<Record<string, readonly [op: string, attributes: (args: readonly unknown[]) => object]>> = {
  ...alike('flatten as1D', 'reshape', () => ({ shape: [-1] })),
  ...alike('asScalar as2D as3D as4D as5D', 'reshape', (shape) => ({ shape })),
  ...alike('toFloat', 'cast', () => ({ dtype: 'float32' })),
  ...alike('toInt', 'cast', () => ({ dtype: 'int32' })),
  ...alike('toBool', 'cast', () => ({ dtype: 'bool' })),
  ...alike('asType', 'cast', ([dtype]) => ({ dtype })),
};

function alike(names: string, op: string, attributes: (args: readonly unknown[]) => object): typeof METHODS {
  return Object.fromEntries(names.split(' ').map((name) => [name, [op, attributes] as const]));
}

/** Binds the arguments of a real call, the tensor that a method is called on first; null for an op without a signature. */
export function bindCall(called: string, args: readonly unknown[], method: boolean): BoundCall | null {
  const other = method ? METHODS[called] : undefined;
  if (other) {
    const attributes = configOf(other[1](args.slice(1)) as Record<string, unknown>);
    return { name: other[0], inputs: [args[0] as tf.Tensor], roles: ['x'], attributes };
  }
  const name = opName(called);
  const signature = opSignature(name);
  if (!signature) return null;
  const inputs: tf.Tensor[] = [];
  const roles: string[] = [];
  const attributes = new Map<string, ConfigValue>();
  // `x.concat(y)`, `x.stack([y, z])`
  const listed = method && signature.parameters[0]!.takes === 'tensors';
  const given = listed ? [[args[0], ...[args[1] ?? []].flat()], ...args.slice(2)] : args;
  const object = signature.object ? (args[0] as Readonly<Record<string, unknown>>) : null;
  signature.parameters.forEach(({ name: parameter, takes }, index) => {
    const value = object ? object[parameter] : given[index];
    if (value === undefined || value === null) return;
    const tensors = [value].flat().filter((one) => one instanceof tf.Tensor);
    if (takes !== 'plain' && tensors.length > 0) {
      inputs.push(...tensors);
      roles.push(...tensors.map(() => parameter));
    } else attributes.set(parameter, configOf({ value }).get('value'));
  });
  return { name, inputs, roles, attributes: new ConfigObject(attributes) };
}

/** Ops with weights: they start a chain that is looked at. */
export const STARTING = new Set([
  ...['conv1d', 'conv2d', 'conv3d', 'conv2dTranspose', 'conv3dTranspose', 'depthwiseConv2d', 'separableConv2d'],
  ...['fused.conv2d', 'fused.depthwiseConv2d', 'fused.matMul'],
]);

/** Those that start one where they are given a variable. */
export const STARTING_WITH_VARIABLE = new Set([
  ...['matMul', 'dot', 'batchNorm', 'batchNorm2d', 'batchNorm3d', 'batchNorm4d', 'movingAverage'],
]);

const FILLED: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  zeros: () => 0,
  zerosLike: () => 0,
  ones: () => 1,
  onesLike: () => 1,
  fill: ([, value]) => value,
  scalar: ([value]) => value,
};

const UNFILLED =
  /^(random(Normal|StandardNormal|Uniform|UniformInt|Gamma)|truncatedNormal|tensor[1-6]?d?|linspace|range|eye)$/;

/** What a function that makes tensors of plain data gives, as far as it is told by its name; null for other functions. */
export function madeBy(name: string, args: readonly unknown[]): Pick<MadeTensor, 'as' | 'fill'> | null {
  const fill = FILLED[name]?.(args);
  if (fill !== undefined) return { as: 'constant', fill: typeof fill === 'number' ? fill : null };
  return UNFILLED.test(name) ? { as: 'constant', fill: null } : null;
}

/** The tensors that a call gives back, in the order of the op's outputs. */
export function outputsOf(name: string, result: unknown): readonly tf.Tensor[] {
  if (name === 'moments') {
    const { mean, variance } = result as { readonly mean: tf.Tensor; readonly variance: tf.Tensor };
    return [mean, variance];
  }
  return [result].flat().filter((one): one is tf.Tensor => one instanceof tf.Tensor);
}
