import type ts from 'typescript';
import {
  Unknown,
  type GradientApi,
  type GradientStep,
  type Layer,
  type Mode,
  type Model,
  type ModelRun,
} from '../../graph';
import { unknownArguments, callFunction } from '../functions';
import type { Machine } from '../machine';
import { callSite, placeOf, shortText } from '../syntax';
import { FunctionValue, NativeFunction, type Value } from '../values';
import { isDetached } from './detached';
import { layerCallOf, runLayerCalls } from './layer-calls';
import { ownersOf } from './tensors';

/** `optimizer.minimize(f, returnCost, varList)`, `tf.variableGrads(f, varList)`, `tf.grads(f)`: runs `f` in the step. */
export function gradientStep(
  m: Machine,
  api: GradientApi,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
): Value {
  const [fn] = args;
  if (!(fn instanceof FunctionValue)) {
    for (const arg of args) m.escape(arg, 'handed to a gradient step that is not followed', node);
    m.silence(node, `\`${shortText(node)}\`: the function of this gradient step is not known`);
    return m.unknown('the result of a gradient step', node);
  }
  const variables = variablesOf(api, args);
  if (variables instanceof Unknown) m.silence(node, `\`${shortText(node)}\`: which variables it trains is not known`);
  const step = m.builder.step(api, placeOf(node), variables);
  m.events++;
  m.trainings++;
  m.steps.push({ step, depth: m.frames.length + 1 });
  try {
    m.escape(callFunction(m, fn, undefined, unknownArguments(m, fn.node), node), 'the loss', node);
  } finally {
    m.steps.pop();
  }
  const result = m.unknown('the result of a gradient step', node);
  // `tf.grads(f)` gives a function of the inputs.
  return api === 'grads' || api === 'grad' || api === 'valueAndGrads' || api === 'valueAndGrad'
    ? new NativeFunction(api, () => result)
    : result;
}

function variablesOf(api: GradientApi, args: readonly Value[]): GradientStep['variables'] {
  if (api === 'grads' || api === 'grad' || api === 'valueAndGrads' || api === 'valueAndGrad') return 'arguments';
  const list = api === 'minimize' ? args[2] : args[1];
  if (list === undefined || list === null) return 'all';
  return ownersOf(list) ?? new Unknown('the list of variables is not known');
}

/** Notes that a layer or model runs on data inside the gradient steps that are open, and what that runs in turn. */
export function recordRun(
  m: Machine,
  target: Layer | Model,
  api: ModelRun['api'],
  mode: Mode | Unknown,
  args: readonly Value[],
  node: ts.CallExpression,
): void {
  if (isDetached(node)) return;
  const { within, doubt } = layerCallOf(m, target, node) ?? { within: null, doubt: null };
  const known = doubt ?? mode;
  for (const { step, depth } of m.steps) {
    const site = callSite(node);
    const again = step.runs.some(
      (run) =>
        run.target === target &&
        run.site.file === site.file &&
        run.site.call.start === site.call.start &&
        run.mode === known &&
        run.within?.mode === within?.mode,
    );
    if (!again) m.builder.run(step, { target, api, site, mode: known, path: m.callPath(depth), within });
  }
  runLayerCalls(m, { target, api, mode }, args, node);
}
