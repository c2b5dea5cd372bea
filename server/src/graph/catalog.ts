import { CONVOLUTION } from './catalog-convolution';
import { CORE } from './catalog-core';
import { MERGE } from './catalog-merge';
import { NORMALIZATION } from './catalog-normalization';
import { POOLING } from './catalog-pooling';
import { RECURRENT } from './catalog-recurrent';
import { Unknown, isUnknown } from './config';
import type { Inside, LayerKind, VariableCount } from './kind';
import { modelApplications } from './member';
import { isModel, type Dim, type Layer, type Model, type Shape } from './model';
import { Settings, sum } from './settings';
import { modelShapes } from './shape';

/** Every `tf.layers.*` factory of tfjs-layers 4.22, aliases included. */
export const catalog: ReadonlyMap<string, LayerKind> = new Map(
  [CONVOLUTION, CORE, MERGE, NORMALIZATION, POOLING, RECURRENT].flatMap((family) => Object.entries(family)),
);

/** Asks the catalogue; shared by the shapes and parameters of wrappers. */
const inside: Inside = {
  shapes: (inner, inputs) => (isModel(inner) ? modelShapes(inner, inputs) : layerShapes(inner, inputs)),
  parameters: (inner, inputs) => (isModel(inner) ? modelParameters(inner) : layerParameters(inner, inputs).total),
  variables: (inner) => variableCount(inner),
};

/** The shapes of a layer's outputs. Never throws: inputs that tfjs refuses, and unknown kinds, give null. */
export function layerShapes(layer: Layer, inputs: readonly (Shape | null)[]): readonly (Shape | null)[] {
  const kind = catalog.get(layer.kind);
  return kind === undefined ? [null] : kind.shapes({ layer, settings: new Settings(layer), inputs }, inside);
}

/** Whether the layer has a bias. False for kinds that never have one; Unknown for unknown kinds and options. */
export function hasBias(layer: Layer): boolean | Unknown {
  const kind = catalog.get(layer.kind);
  if (kind === undefined) return new Unknown(`\`${layer.kind}\` is not a layer of tfjs`);
  return kind.bias === undefined ? false : new Settings(layer).flag('useBias', true);
}

/** Whether it may put a mask on its output. */
export function isMasking(layer: Layer): boolean {
  if (layer.kind === 'masking') return true;
  return layer.kind === 'embedding' && new Settings(layer).flag('maskZero', false) !== false;
}

/** Whether its output is random in training. */
export function isStochastic(layer: Layer): boolean {
  if (catalog.get(layer.kind)?.stochastic) return true;
  const inner = layer.inner;
  return (
    inner !== null && (isModel(inner) ? inner.members.some((m) => !isModel(m) && isStochastic(m)) : isStochastic(inner))
  );
}

/** Numbers of parameters of a layer on inputs of these shapes; null where not known. */
export interface LayerParameters {
  readonly total: Dim;
  /** Of the bias alone; 0 where there is none. */
  readonly bias: Dim;
}

export function layerParameters(layer: Layer, inputs: readonly (Shape | null)[]): LayerParameters {
  const kind = catalog.get(layer.kind);
  if (kind === undefined) return { total: null, bias: null };
  const count = kind.parameters?.({ layer, settings: new Settings(layer), inputs }, inside);
  if (count === undefined) return { total: 0, bias: 0 };
  const biased = hasBias(layer);
  const bias = isUnknown(biased) ? null : biased ? count.bias : 0;
  return { total: count.kernel === null || bias === null ? null : count.kernel + bias, bias };
}

/** The number of parameters of a layer's bias on an input of this shape; null when it is not known. */
export function biasParameters(layer: Layer, inputs: readonly (Shape | null)[]): number | null {
  return layerParameters(layer, inputs).bias;
}

/** The number of parameters of all layers of a model, shared ones once; null when one of them is not known. */
export function modelParameters(model: Model): Dim {
  const seen = new Map<Layer, Dim>();
  collect(model, seen, new Set());
  return [...seen.values()].reduce<Dim>((total, size) => (total === null || size === null ? null : total + size), 0);
}

/**
 * How many variables a layer has once it is built, or a model: what `weights` and `trainableWeights` hold while nothing
 * is frozen. Not known where something in it is not. A model counts those of a nested one with it, shared or not
 * (tfjs-layers/src/engine/container.ts).
 */
export function variableCount(part: Layer | Model): VariableCount {
  if (!isModel(part)) return layerVariables(part);
  const { inputs, outputs, form } = part;
  const applications = modelApplications(part);
  const made = [...outputs, ...applications.flatMap((application) => application.inputs)];
  const known = outputs.length > 0 && made.every((tensor) => tensor.producer !== null || inputs.includes(tensor));
  if (!known || applications.some(({ target }) => target.type === 'unknown')) return { all: null, trainable: null };
  const parts = applications.flatMap(({ target }): (Layer | Model)[] =>
    target.type === 'layer' ? [target.layer] : target.type === 'model' ? [target.model] : [],
  );
  // A sequential model has a layer as often as it is added.
  const counted = (form === 'sequential' ? parts : [...new Set(parts)]).map(variableCount);
  return { all: sum(counted.map(({ all }) => all)), trainable: sum(counted.map(({ trainable }) => trainable)) };
}

function layerVariables(layer: Layer): VariableCount {
  const kind = catalog.get(layer.kind);
  const biased = hasBias(layer);
  if (kind === undefined || isUnknown(biased)) return { all: null, trainable: null };
  const none = { all: 0, trainable: 0 };
  const { all, trainable } = kind.variables?.({ layer, settings: new Settings(layer) }, inside) ?? none;
  const bias = biased ? 1 : 0;
  return { all: sum([all, bias]), trainable: sum([trainable, bias]) };
}

function collect(model: Model, seen: Map<Layer, Dim>, visited: Set<Model>): void {
  if (visited.has(model)) return;
  visited.add(model);
  for (const { target, inputs } of modelApplications(model)) {
    if (target.type === 'model') collect(target.model, seen, visited);
    else if (target.type !== 'layer') continue;
    else if (!seen.has(target.layer)) {
      seen.set(
        target.layer,
        layerParameters(
          target.layer,
          inputs.map((tensor) => tensor.shape),
        ).total,
      );
    }
  }
}
