import type ts from 'typescript';
import { ConfigObject } from '../../graph';
import { callFunction } from '../functions';
import type { Machine } from '../machine';
import { ApiObject, FunctionValue, type Value } from '../values';
import { shortText } from '../syntax';
import { configOf, configValueOf } from './config';
import { customGradient, gradientStep } from './gradients';
import { createLayer, inputTensor } from './layers';
import { createModel, createSequential } from './models';
import { callOp } from './tensors';
import { call } from '../call';

/** Parts of tfjs that neither make nor change anything of the graph; what they are given does not escape. */
const plain =
  /^(util|data|io|env|engine|memory|profile|time|callbacks|setBackend|getBackend|ready|nextFrame|dispose|disposeVariables|enableProdMode|enableDebugMode|version|registerBackend|removeBackend|backend|findBackend|broadcast_util|serialization|Environment|device_util|test_util|history|Callback|EarlyStopping|booleanMaskAsync|setdiff1dAsync|loadGraphModel|node|webgl|wasm)\b/;

/** Calls a function of tfjs by its access path after `tf`. */
export function callApi(m: Machine, path: string, args: Value[], node: ts.CallExpression | ts.NewExpression): Value {
  if (path === 'input' || path === 'Input' || path === 'layers.input') return inputTensor(m, args);
  if (path.startsWith('layers.')) return createLayer(m, path.slice('layers.'.length), args, node);
  switch (path) {
    case 'sequential':
    case 'Sequential':
    case 'models.sequential':
      return createSequential(m, args, node);
    case 'model':
    case 'LayersModel':
    case 'Model':
      return createModel(m, args, node);
    case 'tidy':
    case 'keep':
    case 'clone':
      return tidy(m, args, node);
    case 'variableGrads':
    case 'valueAndGrads':
    case 'grads':
    case 'valueAndGrad':
    case 'grad':
      return gradientStep(m, path, args, node);
    case 'customGrad':
      return customGradient(m, path);
    case 'loadLayersModel':
    case 'loadModel':
      m.silence(node, `\`${shortText(node)}\` loads a model that is not in the source`);
      return m.unknown('a model that is loaded from elsewhere', node);
  }
  const family = path.slice(0, path.indexOf('.'));
  if (family === 'train') return new ApiObject(path, argumentsOf(m, args));
  if (family === 'initializers' || family === 'regularizers' || family === 'constraints')
    return new ApiObject(path, argumentsOf(m, args));
  if (plain.test(path)) {
    return m.unknown(`the result of \`tf.${path}\``, node);
  }
  return callOp(m, path, args, node);
}

function argumentsOf(m: Machine, args: readonly Value[]): ConfigObject {
  const [first] = args;
  if (args.length === 0) return ConfigObject.empty;
  const config = configOf(m, first);
  return config ?? new ConfigObject(new Map([['value', configValueOf(m, first)]]));
}

/** `tf.tidy(f)`, `tf.tidy(name, f)`; `tf.keep(x)` and `tf.clone(x)` give their argument. */
function tidy(m: Machine, args: readonly Value[], node: ts.CallExpression | ts.NewExpression): Value {
  const fn = args.find((arg) => arg instanceof FunctionValue);
  if (fn instanceof FunctionValue) return callFunction(m, fn, undefined, [], node);
  if (args.length === 1) return typeof args[0] === 'object' ? args[0] : call(m, args[0], undefined, [], node);
  return m.unknown('the result of `tf.tidy`', node);
}
