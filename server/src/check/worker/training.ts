import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs';
import type { Claim, Verdict } from '../result';
import type { LoadedEngine } from './engine';
import { Unmeasurable } from './errors';
import { figureText } from './figure';
import { zeroVerdict } from './float32';
import { endValues, linearLoss, lossOf } from './loss';
import type { Trace, Tracer } from './trace';

export const TRAINING = 'Training goes the same way with the bias and without it.';

/** How many gradient steps are taken; the kernels of pure JavaScript are slow. */
const STEPS = { native: 3, pureJs: 2 };
/** The part of its largest weight by which the first step moves the tensor that it moves most. */
const STRIDE = 0.05;

interface Course {
  readonly losses: readonly number[];
  readonly outputs: ReadonlyMap<number, Tensor>;
  readonly rate: number;
}

/**
 * Takes gradient steps from the same weights on the same batch, once with a drawn bias that is trained along and once
 * without it, and compares what comes out then. Where the output is free of the bias so are the gradients of all other
 * weights, and both courses are one but for rounding; each step adds about as much of it as one pass does.
 */
export function trainingClaim(engine: LoadedEngine, tracer: Tracer, trace: Trace, output: Verdict): Claim {
  const biases = trace.biases.map(({ variable }) => variable);
  const weights = trainedWeights(tracer, trace).filter((variable) => !biases.includes(variable));
  if (weights.length === 0) throw new Unmeasurable('there are no weights to train');
  const before = weights.map((variable) => variable.clone());
  try {
    tracer.setBias(null);
    const without = train(engine, tracer, trace, weights, null);
    weights.forEach((variable, index) => variable.assign(before[index]! as Variable));
    tracer.setBias(trace.drawn);
    const kept = train(engine, tracer, trace, [...weights, ...biases], without.rate);
    const figure = Math.max(...[...kept.outputs].map(([id, one]) => relative(engine, one, without.outputs.get(id)!)));
    const tolerance =
      (stepsOn(engine) + 1) * Math.max(trace.gradientTolerance, ...trace.ends.map((end) => end.tolerance));
    const measured = zeroVerdict(figure, tolerance);
    return {
      claim: TRAINING,
      figure,
      tolerance,
      // Where the output is free of the bias, only rounding that grew can tell the courses apart.
      verdict: measured === 'refuted' && output === 'confirmed' ? 'inconclusive' : measured,
      detail:
        `${stepsOn(engine)} gradient steps from the same weights on the same batch: the largest difference of the outputs then, relative ` +
        `to the largest value. The loss goes ${courseText(kept)} with the bias, ${courseText(without)} without.`,
    };
  } finally {
    weights.forEach((variable, index) => variable.assign(before[index]! as Variable));
    tracer.setBias(trace.drawn);
  }
}

/** Every weight that training changes in the layers that were run, and what an op adds a bias to. */
function trainedWeights(tracer: Tracer, { active, kernels }: Trace): Variable[] {
  const found = new Set<Variable>(kernels.map(({ variable }) => variable));
  for (const { target } of active) {
    if (target.type !== 'layer') continue;
    for (const weight of tracer.layers.get(target.layer).trainableWeights) found.add(weight.read() as Variable);
  }
  return [...found].filter((variable) => variable.trainable);
}

/** One at which no weight makes a large step, so that rounding stays rounding. */
function learningRate(weights: readonly Variable[], grads: NamedTensorMap): number {
  const largest = (tensor: Tensor): number => tensor.abs().max().dataSync()[0]!;
  const rates = weights.flatMap((variable) => {
    const gradient = grads[variable.name];
    const slope = gradient ? largest(gradient) : 0;
    const size = largest(variable);
    return slope > 0 && size > 0 ? [(STRIDE * size) / slope] : [];
  });
  if (rates.length === 0) throw new Unmeasurable('the gradient of every weight is zero');
  return Math.min(...rates);
}

function stepsOn(engine: LoadedEngine): number {
  return engine.pureJs ? STEPS.pureJs : STEPS.native;
}

/** @param known the learning rate; null: one that suits the first step */
function train(
  engine: LoadedEngine,
  tracer: Tracer,
  trace: Trace,
  variables: readonly Variable[],
  known: number | null,
): Course {
  const { tf } = engine;
  const losses: number[] = [];
  let rate = known;
  for (let step = 0; step < stepsOn(engine); step++) {
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => linearLoss(engine, tracer, trace), [...variables]);
      losses.push(value.dataSync()[0]!);
      rate ??= learningRate(variables, grads);
      for (const variable of variables) {
        const gradient = grads[variable.name];
        if (gradient) variable.assign(variable.sub(gradient.mul(rate)));
      }
    });
  }
  const outputs = endValues(tracer, trace);
  losses.push(lossOf(engine, outputs).dataSync()[0]!);
  return { losses, outputs, rate: rate! };
}

function relative({ tf }: LoadedEngine, one: Tensor, other: Tensor): number {
  return tf.tidy(() => {
    const scale = tf.maximum(one.abs().max(), other.abs().max()).dataSync()[0]!;
    return scale > 0 ? one.sub(other).abs().max().dataSync()[0]! / scale : 0;
  });
}

function courseText({ losses }: Course): string {
  return `from ${figureText(losses[0]!)} to ${figureText(losses.at(-1)!)}`;
}
