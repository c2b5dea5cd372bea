import * as tf from '@tensorflow/tfjs';
import { ConfigObject, type CallSite, type GraphBuilder, type MadeTensor, type Shape } from '../../../server/src/graph';
import { bindCall, madeBy, outputsOf, STARTING, STARTING_WITH_VARIABLE } from './op-calls';
import { placeOf, type Runnable } from './program';
import { tensorsIn, type Real, type RealTensors } from './real-tensors';

/** Notes calls of functions on tensors, and the variables that they work with. */
export class OpRecorder {
  constructor(
    private readonly builder: GraphBuilder,
    private readonly tensors: RealTensors,
    private readonly runnable: Runnable,
  ) {}

  /**
   * A call that has been made, and what it gave.
   *
   * @param stack the calls of the program that were under way, this one first
   */
  called(name: string, args: readonly unknown[], method: boolean, result: unknown, stack: readonly CallSite[]): void {
    const [site] = stack;
    const made = method ? null : madeBy(name, args);
    if (made && result instanceof tf.Tensor && site) {
      this.making(result, { ...made, trainable: false, assignable: false, place: placeOf(site) });
      return;
    }
    const inputs = tensorsIn(args);
    if (name === 'clone') this.tensors.set(result as Real, this.tensors.of(inputs[0]!));
    else if (this.isFollowed(name, inputs)) this.applyOp(name, args, method, result, stack);
  }

  /** `tf.variable(initial, trainable)`. */
  variable(real: tf.Variable, initial: tf.Tensor, site: CallSite): void {
    const fill = this.tensors.get(initial)?.made?.fill ?? null;
    const assignable = /\.\s*assign\b/.test(this.runnable.program[site.file]!);
    this.making(real, { as: 'variable', fill, trainable: real.trainable, assignable, place: placeOf(site) });
  }

  /** `variable.assign(value)`. */
  assigned(variable: tf.Variable, value: tf.Tensor, [site, ...calls]: readonly CallSite[]): void {
    if (this.tensors.get(variable)?.made?.as !== 'variable') return;
    const call = this.builder.opCall(site!, calls.map(placeOf).reverse());
    const target = { type: 'op', name: 'assign', attributes: ConfigObject.empty, roles: ['variable', 'value'], call } as const; // prettier-ignore
    const of = [this.tensors.of(variable), this.tensors.of(value)];
    this.builder.apply(target, of, { mode: 'stored', place: placeOf(site!) });
  }

  private making(real: tf.Tensor, made: MadeTensor): void {
    this.tensors.set(real, this.builder.input(real.shape, made));
  }

  private isFollowed(name: string, inputs: readonly Real[]): boolean {
    if (inputs.length === 0) return false;
    if (STARTING.has(name) || inputs.some((real) => this.tensors.isTracked(real))) return true;
    const variables = inputs.flatMap((real) => {
      const made = this.tensors.get(real)?.made;
      return made?.as === 'variable' ? [made] : [];
    });
    return variables.some(({ trainable }) => !trainable) || (STARTING_WITH_VARIABLE.has(name) && variables.length > 0);
  }

  private applyOp(
    called: string,
    args: readonly unknown[],
    method: boolean,
    result: unknown,
    [site, ...calls]: readonly CallSite[],
  ): void {
    const bound = bindCall(called, args, method);
    if (!bound && !(result instanceof tf.Tensor)) return;
    const call = bound && site ? this.builder.opCall(site, calls.map(placeOf).reverse()) : null;
    const { name, inputs, roles, attributes } = bound ?? {
      name: called,
      inputs: tensorsIn(args),
      roles: [],
      attributes: ConfigObject.empty,
    };
    const at = { mode: 'stored', place: site ? placeOf(site) : null } as const;
    const of = inputs.map((real) => this.tensors.of(real));
    const made = this.builder.apply({ type: 'op', name, attributes, roles, call }, of, at);
    outputsOf(name, result).forEach((real, index) => {
      const tensor = made[index];
      if (!tensor) return;
      const { shape } = tensor;
      if (shape && !isLike(shape, real.shape))
        throw new Error(`tf.${name} gives ${JSON.stringify(real.shape)}, and not ${JSON.stringify(shape)}`);
      this.tensors.set(real, tensor);
    });
  }
}

function isLike(shape: Shape, real: readonly number[]): boolean {
  return shape.length === real.length && shape.every((size, axis) => size === null || size === real[axis]);
}
