import { layerShapes } from './catalog';
import { modelApplications } from './member';
import { opShapes } from './ops';
import type { Model, Shape, Target, Tensor } from './model';

/**
 * The shapes of what `target` makes of inputs of these shapes, one per output; null where the rank is not known,
 * a null size where a size is not known. Never throws: a combination that tfjs refuses gives null.
 */
export function outputShapes(target: Target, inputs: readonly (Shape | null)[]): readonly (Shape | null)[] {
  switch (target.type) {
    case 'layer':
      return layerShapes(target.layer, inputs);
    case 'model':
      return modelShapes(target.model, inputs);
    case 'op':
      return opShapes(target, inputs);
    case 'unknown':
      return [null];
  }
}

/** The shapes of a model's outputs on inputs of these shapes: the model's own graph with other input shapes. */
export function modelShapes(model: Model, inputs: readonly (Shape | null)[]): readonly (Shape | null)[] {
  const refined = inputs.map((shape, index) => shape ?? model.inputs[index]?.shape ?? null);
  const shapes = new Map<Tensor, Shape | null>(model.inputs.map((tensor, index) => [tensor, refined[index] ?? null]));
  const unchanged = model.inputs.every((tensor) => String(tensor.shape) === String(shapes.get(tensor)));
  if (unchanged) return model.outputs.map((tensor) => tensor.shape);
  for (const application of modelApplications(model)) {
    const outputs = outputShapes(
      application.target,
      application.inputs.map((tensor) => shapes.get(tensor) ?? tensor.shape),
    );
    application.outputs.forEach((tensor, index) => shapes.set(tensor, outputs[index] ?? null));
  }
  return model.outputs.map((tensor) => shapes.get(tensor) ?? tensor.shape);
}
