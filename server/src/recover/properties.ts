import type ts from 'typescript';
import { Unknown } from '../graph';
import { settle } from './evaluate';
import { idOf, isPrimitive } from './operators';
import { callFunction, findMember, noteHeld } from './functions';
import { anyItems, elementsOf, maySet, oneOf } from './elements';
import { overItems, settleItems } from './items';
import type { Machine } from './machine';
import { shortText, textOf } from './syntax';
import { sizeOf } from './collections';
import { layerProperty, setLayerProperty } from './tf/layers';
import { modelProperty, setModelProperty } from './tf/models';
import { patchApi, patchedApi } from './tf/patched';
import { tensorProperty } from './tf/tensors';
import { pickedWeight, weightProperty } from './tf/weights';
import {
  actsOn,
  ApiObject,
  ApiPath,
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  Gradients,
  LayerValue,
  ModelValue,
  ObjectValue,
  TensorValue,
  UnknownItems,
  UnknownValue,
  WeightList,
  type Value,
} from './values';

/** `object.name`. Methods that are only called are found by `callMethod`; here they come out unknown. */
export function getProperty(m: Machine, object: Value, name: string, node: ts.Node): Value {
  if (object instanceof ApiPath) {
    if (name === 'default') return object;
    const path = object.path ? `${object.path}.${name}` : name;
    return patchedApi(m, path) ?? new ApiPath(path);
  }
  if (object instanceof ObjectValue) return objectProperty(m, object, name, node);
  if (object instanceof ArrayValue) return arrayProperty(m, object, name, node);
  if (object instanceof LayerValue) {
    if (object.instance) {
      const own = objectProperty(m, object.instance, name, node, true);
      if (own !== absent) return own;
    }
    return layerProperty(m, object, name, node);
  }
  if (object instanceof ModelValue) {
    const own = object.instance ? objectProperty(m, object.instance, name, node, true) : absent;
    return own === absent ? modelProperty(m, object, name, node) : own;
  }
  if (object instanceof TensorValue) return tensorProperty(m, object, name, node);
  if (object instanceof ClassValue) return staticProperty(m, object, name, node);
  if (object instanceof FunctionValue) return functionProperty(m, object, name, node);
  if (object instanceof Gradients) return object;
  if (object instanceof UnknownValue) return unknownProperty(m, object, name, node);
  if (object instanceof Deferred) {
    return m.derived('depends on a condition that is not known', `${idOf(object)}.${name}`, node);
  }
  if (object instanceof WeightList) return weightProperty(m, object, name, node);
  if (object instanceof ApiObject) return m.unknown(`\`${textOf(node)}\` is not followed`, node);
  if (typeof object === 'string' && name === 'length') return object.length;
  if (isPrimitive(object))
    return object == null ? m.unknown('a property of nothing', node) : m.unknown('a method of plain data', node);
  return m.unknown(`\`${textOf(node)}\` is not followed`, node);
}

const absent = Symbol('absent') as unknown as undefined;

function objectProperty(m: Machine, object: ObjectValue, name: string, node: ts.Node, orAbsent = false): Value {
  if (object.old) m.reads(name);
  for (let at: ObjectValue | null = object; at; at = at.prototype) {
    const getter = at.accessors.get(name)?.get;
    if (getter) return callFunction(m, getter, object, [], node);
    if (!at.tag && at.properties.has(name)) return at.properties.get(name);
  }
  if (object.classValue) {
    const getter = findMember(m, object.classValue, name, 'get');
    if (getter) return callFunction(m, getter, object, [], node);
    const method = findMember(m, object.classValue, name, 'method');
    if (method) return method;
  }
  if (object.api) return getProperty(m, object.api, name, node);
  if (orAbsent) return absent;
  if (object.layer) return layerProperty(m, object.layer, name, node);
  if (object.tag === 'Map' || object.tag === 'Set') {
    return name === 'size' && !object.open ? sizeOf(m, object, node) : m.unknown('a collection', node);
  }
  if (object.open) return openProperty(m, object, name, node);
  return undefined;
}

/** What an object holds under a name that only code sets that is not known. */
function openProperty(m: Machine, object: ObjectValue, name: string, node: ts.Node): Value {
  const reason = `\`${textOf(node)}\` is set by code that is not known`;
  return read(object, name, m.derived(reason, `${idOf(object)}.${name}`, node));
}

function arrayProperty(m: Machine, array: ArrayValue, name: string, node: ts.Node): Value {
  const index = Number(name);
  if (name !== 'length' && !Number.isInteger(index)) return m.unknown(`\`${textOf(node)}\` of a list`, node);
  return overItems(m, array.items, (items) => {
    const open = items.findIndex((item) => item instanceof UnknownItems);
    if (name === 'length') return open < 0 ? items.length : m.unknown('the length of a list that is not known', node);
    if (open < 0 || index < open) return pickedWeight(m, items, items[index], node);
    m.escape(array, 'picked out of a list that is not known', node);
    return oneOf(m.unknown('an element of a list that is not known', node), elementsOf(array));
  });
}

function staticProperty(m: Machine, value: ClassValue, name: string, node: ts.Node): Value {
  m.reads(name);
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    if (at.statics.has(name)) return at.statics.get(name);
  }
  if (name === 'className' || name === 'name') return value.node.name?.text ?? '';
  const getter = findMember(m, value, name, 'get', true);
  if (getter) return callFunction(m, getter, value, [], node);
  return findMember(m, value, name, 'method', true) ?? m.unknown('a static member that is not known', node);
}

/** `super.name`, with `base` the class above the one whose code runs. */
export function superMember(m: Machine, base: ClassValue, name: string, self: Value, node: ts.Node): Value {
  const isStatic = self instanceof ClassValue;
  for (let at: Value = base; isStatic && at instanceof ClassValue; at = at.base)
    if (at.statics.has(name)) return at.statics.get(name);
  const getter = findMember(m, base, name, 'get', isStatic);
  if (getter) return callFunction(m, getter, self, [], node);
  return findMember(m, base, name, 'method', isStatic) ?? m.unknown('a property of the base class', node);
}

function functionProperty(m: Machine, fn: FunctionValue, name: string, node: ts.Node): Value {
  if (fn.properties.has(name)) return fn.properties.get(name);
  if (name === 'prototype') {
    const prototype = new ObjectValue();
    fn.properties.set(name, prototype);
    return prototype;
  }
  return m.unknown('a property of a function', node);
}

function unknownProperty(m: Machine, object: UnknownValue, name: string, node: ts.Node): Value {
  if (name === 'tf') return m.modules.tf;
  const known = object.properties.get(name);
  if (known !== undefined) return m.resolve(known);
  const cause = object.reason.replace(/^`[^`]*`: /, '');
  const value = m.derived(`\`${shortText(node)}\`: ${cause}`, `${object.id}.${name}`, node);
  if (value instanceof UnknownValue && object.mayBe.length > 0) {
    const members = object.mayBe.flatMap((at) =>
      at instanceof ObjectValue ? [at.properties.get(name)] : elementsOf(at),
    );
    oneOf(value, members.filter(actsOn));
  }
  return read(object, name, value);
}

/** Keeps what a property that is not known stands for: it was there before it was read. */
function read(object: ObjectValue | UnknownValue, name: string, value: Value): Value {
  if (value instanceof UnknownValue) value.made = object.made;
  object.properties.keep(name, value);
  return value;
}

/** `object.name = value`. */
export function setProperty(m: Machine, object: Value, name: string, value: Value, node: ts.Node): void {
  if (object instanceof ObjectValue) {
    const setter =
      object.accessors.get(name)?.set ?? (object.classValue && findMember(m, object.classValue, name, 'set'));
    if (setter) callFunction(m, setter, object, [value], node);
    else {
      if (object.layer) setLayerProperty(m, object.layer, name, value, node);
      // What is there where the code does not come by here.
      if (object.open && !object.properties.has(name)) openProperty(m, object, name, node);
      object.properties.set(name, value);
      noteHeld(m, name, value);
    }
  } else if (object instanceof ArrayValue) setElement(m, object, name, value, node);
  else if (object instanceof LayerValue) {
    if (object.instance) object.instance.properties.set(name, value);
    setLayerProperty(m, object, name, value, node);
  } else if (object instanceof ModelValue) {
    if (object.instance && name !== 'trainable') setProperty(m, object.instance, name, value, node);
    else setModelProperty(m, object, name, value, node);
  } else if (object instanceof ApiPath) patchApi(m, object.path ? `${object.path}.${name}` : name, value);
  else if (object instanceof WeightList) {
    // A weight is frozen; which one, is not known.
    if (name === 'trainable')
      for (const owner of object.owners) m.builder.setTrainable(owner, new Unknown('one of its weights may be frozen'));
    m.events++;
  } else if (object instanceof ClassValue || object instanceof FunctionValue) {
    (object instanceof ClassValue ? object.statics : object.properties).set(name, value);
    noteHeld(m, name, value);
  } else if (object instanceof UnknownValue) {
    unknownProperty(m, object, name, node);
    maySet(m, object, name, node);
    object.properties.set(name, value);
    m.escape(value, `stored in \`${textOf(node)}\``, node);
  } else if (object instanceof Deferred) setProperty(m, settle(m, object), name, value, node);
  else m.escape(value, `stored in \`${textOf(node)}\``, node);
}

function setElement(m: Machine, array: ArrayValue, name: string, value: Value, node: ts.Node): void {
  const index = Number(name);
  settleItems(m, array, actsOn(value));
  const open = array.items.findIndex((item) => item instanceof UnknownItems);
  if (name === 'length' && typeof value !== 'number') anyItems(m, array, 'cut to a length that is not known', node);
  else if (name === 'length' && typeof value === 'number') array.edit().length = Math.min(value, array.length);
  else if (Number.isInteger(index) && index >= 0 && index < (open < 0 ? 100_000 : open)) {
    while (array.length < index) array.push(undefined);
    array.edit()[index] = value;
  } else m.escape(value, 'stored in a list that is not known', node);
}
