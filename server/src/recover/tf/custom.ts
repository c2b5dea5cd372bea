import type ts from 'typescript';
import { ConfigObject } from '../../graph';
import type { Machine } from '../machine';
import { callSite } from '../syntax';
import { ApiPath, ClassValue, LayerValue, type ObjectValue, type Value } from '../values';
import { remember } from './layers';

/** Whether a class of the author's is a layer: it extends `tf.layers.Layer` or a layer of tfjs, at any distance. */
export function isLayerClass(value: ClassValue): boolean {
  let base: Value = value.base;
  while (base instanceof ClassValue) base = base.base;
  return base instanceof ApiPath && base.path.startsWith('layers.');
}

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
