import type { Witness } from '../rules';
import { engines } from './engines';
import { planCheck, type Plan } from './plan';
import { runWorker } from './process';
import { EngineError, overall, type CheckOptions, type CheckResult } from './result';

export type CheckNumerically = (witness: Witness, options: CheckOptions) => Promise<CheckResult>;

/**
 * Measures a diagnosis on a real engine, in a process of its own: plan, engines in order, verdict. A witness that cannot
 * be planned, a measurement that takes too long, or one that tfjs refuses, is inconclusive with its reason.
 *
 * @throws EngineError when the engine that was asked for is missing or fails
 * @throws the reason of `options.signal` when it is aborted; the worker is dead by then
 */
export const checkNumerically: CheckNumerically = async (witness, options) => {
  const started = performance.now();
  const planned = planCheck(witness);
  if (planned.plan === null) return inconclusive(planned.reason, [], started);
  return runPlan(planned.plan, options, started);
};

/** The second half of `checkNumerically`: a plan that was made before. */
export async function runPlan(plan: Plan, options: CheckOptions, started = performance.now()): Promise<CheckResult> {
  const failures: string[] = [];
  for (const engine of engines(options.engine, options.workspace)) {
    const outcome = await runWorker(
      { engine, plan, memoryBytes: (options.memoryMegabytes ?? 4096) * 2 ** 20 },
      { loadSeconds: options.loadTimeoutSeconds ?? 30, seconds: options.timeoutSeconds ?? 120, signal: options.signal },
    );
    if (outcome.type === 'unusable') {
      failures.push(`${engine.name}: ${outcome.reason}`);
      continue;
    }
    const passed = failures.map((failure) => `engine passed over: ${failure}`);
    const measuredOn = { name: engine.name, version: outcome.version };
    if (outcome.type === 'unmeasurable') {
      const result = inconclusive(outcome.reason, [...plan.standIns, ...passed], started);
      return { ...result, engine: measuredOn };
    }
    const verdict = overall(outcome.claims);
    return {
      verdict,
      claims: outcome.claims,
      standIns: [...plan.standIns, ...outcome.standIns, ...passed],
      reason: verdict === 'inconclusive' ? (outcome.claims[0]?.detail ?? 'nothing was measured') : null,
      engine: measuredOn,
      seconds: secondsSince(started),
    };
  }
  throw new EngineError(engineMissing(options, failures));
}

function engineMissing({ engine, workspace }: CheckOptions, failures: readonly string[]): string {
  if (failures.length > 0) return `No engine can be used for the numerical check. ${failures.join('; ')}.`;
  return (
    `${engine} is not installed: neither in ${workspace} nor beside LayerLint. ` +
    "Install it with `npm install @tensorflow/tfjs-node`, or use the engine 'tfjs', which is built in."
  );
}

function inconclusive(reason: string, standIns: readonly string[], started: number): CheckResult {
  return {
    verdict: 'inconclusive',
    claims: [],
    standIns,
    reason,
    engine: { name: 'none', version: '' },
    seconds: secondsSince(started),
  };
}

function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1000;
}
