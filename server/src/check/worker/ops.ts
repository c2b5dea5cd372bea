import type { Tensor } from '@tensorflow/tfjs';
import { opSignature, type OpSignature } from '../../graph';
import type { PlanTarget } from '../plan/types';
import type { Tf } from './engine';
import { Unmeasurable } from './errors';

type PlanOp = Extract<PlanTarget, { type: 'op' }>;

/**
 * Runs a function on tensors by its access path after `tf`.
 *
 * @throws Unmeasurable for one whose signature is not known, or whose inputs are not all known by name
 */
export function applyOp(tf: Tf, op: Omit<PlanOp, 'type'>, inputs: readonly Tensor[]): Tensor[] {
  const { name, attributes, roles } = op;
  const signature = opSignature(name);
  const fn = functionAt(tf, name);
  if (signature === undefined || fn === null) throw new Unmeasurable(`tf.${name} is not rebuilt by the check`);
  if (roles.length !== inputs.length || !fits(signature, op)) {
    throw new Unmeasurable(`the arguments of tf.${name} are not known`);
  }
  const values = signature.parameters.map(({ name: parameter, takes }): unknown => {
    const tensors = inputs.filter((_, index) => roles[index] === parameter);
    if (takes === 'tensors') return tensors;
    return tensors[0] ?? attributes[parameter] ?? undefined;
  });
  const output = signature.object ? fn(asObject(signature, values)) : fn(...values);
  return outputsOf(output);
}

function functionAt(tf: Tf, path: string): ((...args: unknown[]) => unknown) | null {
  let at: unknown = tf;
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return typeof at === 'function' ? (at as (...args: unknown[]) => unknown) : null;
}

/** Whether every input and every argument is one of the signature. */
function fits({ parameters }: OpSignature, { attributes, roles }: Omit<PlanOp, 'type'>): boolean {
  const tensors = new Set(parameters.flatMap(({ name, takes }) => (takes === 'plain' ? [] : [name])));
  const all = new Set(parameters.map(({ name }) => name));
  return roles.every((role) => tensors.has(role)) && Object.keys(attributes).every((key) => all.has(key));
}

function asObject({ parameters }: OpSignature, values: readonly unknown[]): Record<string, unknown> {
  const given = parameters.map(({ name }, index) => [name, values[index]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** One tensor, a list of them, or (`tf.moments`) an object of them in a fixed order. */
function outputsOf(output: unknown): Tensor[] {
  if (Array.isArray(output)) return output as Tensor[];
  const { mean, variance } = output as { readonly mean?: unknown; readonly variance?: unknown };
  return typeof mean === 'object' && typeof variance === 'object'
    ? [mean as Tensor, variance as Tensor]
    : [output as Tensor];
}
