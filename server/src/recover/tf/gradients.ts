import ts from 'typescript';
import {
  Unknown,
  type Dim,
  type GradientApi,
  type GradientStep,
  type Layer,
  type Mode,
  type Model,
  type ModelRun,
} from '../../graph';
import { isIteration } from '../arrays';
import { unknownArguments, callFunction } from '../functions';
import type { Machine } from '../machine';
import { byNode, callSite, nodesIn, placeOf, propertyName, shortText, unwrap } from '../syntax';
import { ArrayValue, FunctionValue, Gradients, NativeFunction, ObjectValue, TensorValue, type Value } from '../values';
import { isDetached } from './detached';
import { layerCallOf, runLayerCalls } from './layer-calls';
import { INERT, READING } from './tensors';
import { ownersOf } from './weights';

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
  const given = api === 'variableGrads' || api === 'computeGradients';
  const step = m.builder.step(api, placeOf(node), variables, given ? 'none' : 'all');
  m.events++;
  m.trainings++;
  m.steps.push({ step, depth: m.frames.length + 1 });
  try {
    m.escape(callFunction(m, fn, undefined, unknownArguments(m, fn.node), node), 'the loss', node);
  } finally {
    m.steps.pop();
  }
  const result = m.unknown('the result of a gradient step', node);
  if (given) {
    const both = new ObjectValue();
    both.properties.set('value', result);
    both.properties.set('grads', new Gradients(step, `${result.id}.grads`));
    return both;
  }
  // `tf.grads(f)` gives a function of the inputs.
  return api === 'grads' || api === 'grad' || api === 'valueAndGrads' || api === 'valueAndGrad'
    ? new NativeFunction(api, () => result)
    : result;
}

/**
 * A method of gradients: reading their numbers applies nothing, and what is computed from them are gradients again. A
 * callback that tells them apart applies some of them.
 */
export function callGradientsMethod(
  m: Machine,
  gradients: Gradients,
  name: string,
  args: Value[],
  node: ts.CallExpression,
): Value {
  if (READING.has(name) || INERT.has(name)) return m.unknown('numbers of gradients', node);
  const [fn] = args;
  if (isIteration(name) && (fn instanceof FunctionValue || name === 'filter')) {
    if (!(fn instanceof FunctionValue) || name === 'filter' || picks(fn.node))
      m.builder.applied(gradients.step, 'some');
    else {
      const state = name.startsWith('reduce') ? [args[1]] : [];
      const rest = unknownArguments(m, fn.node).slice(state.length + 1);
      const result = callFunction(m, fn, undefined, [...state, gradients, ...rest], node);
      if (!holdsGradients(result)) return m.unknown('numbers of gradients', node);
    }
  }
  return gradients;
}

function holdsGradients(value: Value, depth = 3): boolean {
  if (value instanceof Gradients) return true;
  if (depth === 0) return false;
  if (value instanceof ArrayValue) return value.items.some((item) => holdsGradients(item, depth - 1));
  return value instanceof ObjectValue && [...value.properties.values()].some((item) => holdsGradients(item, depth - 1));
}

/** `tf.customGrad(f)`: how much of the gradient of what it is called on comes back is up to `f`. */
export function customGradient(m: Machine, name: string): Value {
  return new NativeFunction(name, (args, { node }) => {
    for (const { step } of m.steps) m.builder.applied(step, 'some');
    for (const arg of args) m.escape(arg, 'handed to a function with a gradient of its own', node);
    m.events++;
    return m.unknown('the result of a function with a gradient of its own', node);
  });
}

/** Whether code tells things apart. */
export const picks = byNode((node) =>
  nodesIn(node).some(
    (at) =>
      ts.isIfStatement(at) ||
      ts.isConditionalExpression(at) ||
      (ts.isBinaryExpression(at) &&
        [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(at.operatorToken.kind)),
  ),
);

function variablesOf(api: GradientApi, args: readonly Value[]): GradientStep['variables'] {
  if (api === 'grads' || api === 'grad' || api === 'valueAndGrads' || api === 'valueAndGrad') return 'arguments';
  const list = api === 'minimize' ? args[2] : args[1];
  if (list === undefined || list === null) return 'all';
  return ownersOf(list) ?? new Unknown('the list of variables is not known');
}

/**
 * Notes that a layer or model runs on data: inside the gradient steps that are open, with what that runs in turn, or
 * outside of any, where it updates statistics.
 */
export function recordRun(
  m: Machine,
  target: Layer | Model,
  api: ModelRun['api'],
  mode: Mode | Unknown,
  args: readonly Value[],
  node: ts.CallExpression,
): void {
  const innermost = m.steps.at(-1);
  if (!innermost) {
    // What tfjs hands to the `call` of a layer is decided by the runs of that layer.
    const decidedHere = !m.frames.some((frame) => frame.layerCall);
    if (mode === 'batch' || (mode instanceof Unknown && decidedHere)) m.builder.updated(target, placeOf(node));
    return;
  }
  // On the batch, statistics are updated whatever becomes of the result.
  if (mode === 'stored' && isDetached(node, m.frames.slice(innermost.depth))) return;
  const inside = layerCallOf(m, target, node);
  const known = inside?.doubt ?? mode;
  const within = inside?.within ?? null;
  const samples = inside ? inside.samples : samplesIn(m, args[0]);
  for (const { step, depth } of m.steps) {
    const site = callSite(node);
    const again = step.runs.some(
      (run) =>
        run.target === target &&
        run.site.file === site.file &&
        run.site.call.start === site.call.start &&
        run.mode === known &&
        run.samples === samples &&
        run.within?.mode === within?.mode,
    );
    if (!again)
      m.builder.run(step, {
        target,
        api,
        site,
        mode: known,
        path: m.callPath(depth),
        within,
        samples,
        deliberate: saysStored(node),
      });
  }
  runLayerCalls(m, { target, api, mode, samples }, args, node);
}

/** `model.apply(x, { training: false })`. */
function saysStored(node: ts.CallExpression): boolean {
  const kwargs = node.arguments[1] && unwrap(node.arguments[1]);
  return (
    kwargs !== undefined &&
    ts.isObjectLiteralExpression(kwargs) &&
    kwargs.properties.some(
      (property) =>
        ts.isPropertyAssignment(property) &&
        propertyName(property.name) === 'training' &&
        unwrap(property.initializer).kind === ts.SyntaxKind.FalseKeyword,
    )
  );
}

/** The size of the batch that goes into a run. */
function samplesIn(m: Machine, input: Value): Dim {
  const given = m.resolve(input);
  const first = given instanceof ArrayValue ? m.resolve(given.items[0]) : given;
  return first instanceof TensorValue ? (first.tensor.shape?.[0] ?? null) : null;
}
