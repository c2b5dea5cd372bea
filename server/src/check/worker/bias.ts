import type { Scalar, Variable } from '@tensorflow/tfjs';
import type { Claim, Verdict } from '../result';
import type { BiasPlan } from '../plan/types';
import { Layers } from './build';
import type { LoadedEngine } from './engine';
import { Unmeasurable } from './errors';
import { figureText } from './figure';
import { zeroVerdict } from './float32';
import { measureInference } from './inference';
import { linearLoss } from './loss';
import { Tracer, type End, type Trace } from './trace';
import { TRAINING, trainingClaim } from './training';

export interface Measured {
  readonly claims: readonly Claim[];
  readonly standIns: readonly string[];
}

/** Measures the claims on a bias. The first decides; the others follow from it where it holds. */
export function measureBias(engine: LoadedEngine, plan: BiasPlan): Measured {
  const tracer = new Tracer(engine, plan, new Layers(engine.tf, plan.layers));
  const trace = tracer.run();
  const output = outputClaim(trace, plan);
  const claims = [output];
  claims.push(attempt(GRADIENT, () => gradientClaim(engine, tracer, trace, output.verdict)));
  claims.push(attempt(TRAINING, () => trainingClaim(engine, tracer, trace, output.verdict)));
  if (output.verdict === 'confirmed' && hasMovingMean(tracer, trace)) {
    claims.push(attempt(INFERENCE, () => inferenceClaim(engine, tracer, trace)));
  }
  claims.push(parametersClaim(trace, plan, stepTimes(engine, plan, tracer, trace)));
  return { claims, standIns: [] };
}

/** Whether a batch norm layer, which has a moving mean, is among what was run; functions on tensors have none. */
function hasMovingMean(tracer: Tracer, { active }: Trace): boolean {
  return active.some((node) => node.target.type === 'layer' && tracer.normAxis(node, 2) !== null);
}

const OUTPUT = 'In training mode the output does not depend on the bias.';
const GRADIENT = 'The gradient of the loss with respect to the bias is zero.';
const INFERENCE = 'In inference the bias can be moved into the moving mean of the batch norm.';

/** The end that says most: an observed one that differs before one in doubt before the largest rounding error. */
function worst(ends: readonly End[]): End | null {
  const rank = { refuted: 2, inconclusive: 1, confirmed: 0 };
  return ends.reduce<End | null>((most, end) => {
    if (most === null) return end;
    const order = rank[end.verdict] - rank[most.verdict] || end.figure / end.tolerance - most.figure / most.tolerance;
    return order > 0 ? end : most;
  }, null);
}

function outputClaim({ ends, lost }: Trace, plan: BiasPlan): Claim {
  const end = worst(ends);
  if (end === null || (lost !== null && end.verdict !== 'refuted')) {
    const detail = `The dependence on the bias could not be followed to its end: ${lost ?? 'nothing was observed'}.`;
    return { claim: OUTPUT, figure: null, tolerance: end?.tolerance ?? 0, verdict: 'inconclusive', detail };
  }
  const free = ends.filter(({ verdict }) => verdict === 'confirmed').length;
  const where = end.observed ? 'an observed output' : 'the output of the batch norm';
  const detail =
    end.verdict === 'refuted'
      ? `Bias zero against a drawn bias, same weights and batch of ${plan.batch}: ${where} differs by this part of its largest value ${figureText(end.scale)}.`
      : `Bias zero against a drawn bias, same weights and batch of ${plan.batch}: largest difference relative to the largest value ${figureText(end.scale)}, over ${free} place${free === 1 ? '' : 's'} where the dependence ends.`;
  return {
    claim: OUTPUT,
    figure: Number.isFinite(end.figure) ? end.figure : null,
    tolerance: end.tolerance,
    verdict: end.verdict,
    detail: Number.isFinite(end.figure) ? detail : `${where} is constant zero, which would hide any dependence.`,
  };
}

/** A claim whose measurement tfjs refuses is inconclusive; the others stand. */
function attempt(claim: string, measure: () => Claim): Claim {
  try {
    return measure();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    const detail = error instanceof Unmeasurable ? `${reason}.` : `tfjs refuses the measurement: ${reason}`;
    return { claim, figure: null, tolerance: 0, verdict: 'inconclusive', detail };
  }
}

/** The gradient of the loss with respect to the bias is compared to that with respect to the layer's own kernel. */
function gradientClaim(engine: LoadedEngine, tracer: Tracer, trace: Trace, output: Verdict): Claim {
  const { tf } = engine;
  const tolerance = trace.gradientTolerance;
  if (trace.kernels.length === 0) throw new Unmeasurable('there are no weights to compare with');
  const loss = (): Scalar => linearLoss(engine, tracer, trace);
  const variables = [...trace.biases, ...trace.kernels].map(({ variable }) => variable as Variable);
  tracer.setBias(trace.drawn);
  const { grads, value } = tf.variableGrads(loss, variables);
  const largest = (weights: Trace['biases']): number =>
    Math.max(...weights.map(({ variable }) => grads[variable.name]?.abs().max().dataSync()[0] ?? 0));
  const [bias, kernel] = [largest(trace.biases), largest(trace.kernels)];
  if (!(kernel > 0)) throw new Unmeasurable('the gradient of the kernel is zero as well');
  const figure = bias / kernel;
  const verdict = zeroVerdict(figure, tolerance);
  const detail = `Largest gradient of the bias ${figureText(bias)} against that of the kernel ${figureText(kernel)}; the figure is their ratio.`;
  const measured = { claim: GRADIENT, figure, tolerance, detail };
  if (verdict === 'confirmed' || output !== 'confirmed') return { ...measured, verdict };

  // The output is free of the bias and autograd says otherwise: take the slope of the loss itself.
  const along = trace.biases.reduce(
    (sum, { variable }, index) => sum + tf.sum(tf.mul(grads[variable.name]!, trace.drawn[index]!)).dataSync()[0]!,
    0,
  );
  tracer.setBias(null);
  const slope = value.dataSync()[0]! - tf.tidy(loss).dataSync()[0]!;
  if (Math.abs(slope) > 0.03 * Math.abs(along)) return { ...measured, verdict: 'inconclusive' };
  return {
    ...measured,
    verdict: 'inconclusive',
    detail:
      `${detail} The loss itself changes by ${figureText(slope)} along the bias where this gradient predicts ${figureText(along)}: ` +
      "the engine's gradient is wrong here (known for average pooling 'same' and nearest upsampling in pure-JavaScript tfjs).",
  };
}

function inferenceClaim(engine: LoadedEngine, tracer: Tracer, trace: Trace): Claim {
  const { figure, dropped, tolerance } = measureInference(engine, tracer, trace);
  return {
    claim: INFERENCE,
    figure,
    tolerance,
    verdict: zeroVerdict(figure, tolerance),
    detail:
      'Bias kept, against bias dropped and what it added subtracted from the moving mean: largest difference relative to ' +
      `the largest value. Without the move the difference is ${figureText(dropped)}.`,
  };
}

function parametersClaim({ biases }: Trace, { subject }: BiasPlan, times: string): Claim {
  const parameters = biases.reduce((sum, { variable }) => sum + variable.size, 0);
  return {
    claim: `The bias has ${parameters} parameter${parameters === 1 ? '' : 's'}.`,
    figure: parameters,
    tolerance: 0,
    verdict: 'confirmed',
    detail: `Counted on ${'nodes' in subject ? 'the tensor that is added' : 'the layer that was built'}.${times}`,
  };
}

/** For information only: a difference in time is rarely more than noise. */
function stepTimes(engine: LoadedEngine, plan: BiasPlan, tracer: Tracer, trace: Trace): string {
  const { subject } = plan;
  if ('nodes' in subject) return '';
  const without = new Tracer(
    engine,
    plan,
    new Layers(engine.tf, plan.layers, { layer: subject.layer, config: { useBias: false } }),
  );
  try {
    const first = stepTime(engine, tracer, trace, 1);
    if (first > 500) return '';
    // Outside of any gradient, so that its weights are made first.
    linearLoss(engine, without, trace);
    stepTime(engine, without, trace, 1);
    const [kept, left] = [stepTime(engine, tracer, trace, 5), stepTime(engine, without, trace, 5)];
    return ` A gradient step on this part took ${figureText(kept)} ms with the bias, ${figureText(left)} ms without.`;
  } catch {
    // Whatever tfjs refuses here is told by the claims.
    return '';
  }
}

/** The median, in milliseconds. */
function stepTime(engine: LoadedEngine, tracer: Tracer, trace: Trace, repeats: number): number {
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    engine.tf.tidy(() => {
      const { value } = engine.tf.variableGrads(() => linearLoss(engine, tracer, trace));
      value.dataSync();
    });
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(repeats / 2)]!;
}
