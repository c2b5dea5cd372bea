import type ts from 'typescript';
import { ConfigObject } from '../../graph';
import { findMember } from '../functions';
import type { Machine } from '../machine';
import { callSite } from '../syntax';
import { ApiPath, ClassValue, LayerValue, ModelValue, type ObjectValue, type Value } from '../values';
import { configOf } from './config';
import { remember } from './layers';
import { createModel, createSequential } from './models';

/** Whether a class of the author's is a layer: it extends `tf.layers.Layer` or a layer of tfjs, at any distance. */
export function isLayerClass(value: ClassValue): boolean {
  let base: Value = value.base;
  while (base instanceof ClassValue) base = base.base;
  return base instanceof ApiPath && base.path.startsWith('layers.');
}

/**
 * `super(...)` in a class of the author's that extends `tf.Sequential` or `tf.LayersModel`: makes the instance the model
 * that it is. One that computes otherwise than a model of its layers does is not followed.
 *
 * @returns whether the instance is a model
 */
export function modelOfClass(
  m: Machine,
  base: Value,
  instance: ObjectValue,
  args: readonly Value[],
  node: ts.Node,
): boolean {
  const make = base instanceof ApiPath ? MODEL_BASES[base.path] : undefined;
  const { classValue } = instance;
  if (!make || !classValue || REDEFINED.some((name) => findMember(m, classValue, name, 'method'))) return false;
  const model = make(m, args, node, instance);
  if (model instanceof ModelValue) instance.model = model;
  return instance.model !== null;
}

const MODEL_BASES: Readonly<Partial<Record<string, typeof createModel>>> = {
  Sequential: createSequential,
  LayersModel: createModel,
};

/** Methods of tfjs's models (tfjs-layers/src/engine/container.ts, training.ts) that others of them go through. */
const REDEFINED = ['apply', 'call', 'execute', 'runInternalGraph', 'predictLoop'];

/** The layer that an instance of such a class is: what it computes is its own `call`. */
export function layerOfClass(m: Machine, value: ClassValue, instance: ObjectValue, node: ts.Node | null): LayerValue {
  const name = value.node.name?.text ?? 'anonymous';
  const layer = m.builder.layer(`custom:${name}`, new ConfigObject(new Map(), false), {
    site: node ? callSite(node as ts.NewExpression) : null,
    calls: m.callPath(),
  });
  m.events++;
  return remember(m, new LayerValue(layer, instance));
}

/** `super(config)` in such a class. */
export function configureLayer(m: Machine, { layer }: LayerValue, args: readonly Value[]): void {
  const config = configOf(m, args[0]);
  if (config) m.builder.configure(layer, config);
}
