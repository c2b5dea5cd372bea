import { isAdded, type Bias } from './bias';
import type { GraphIndex } from './graph-index';
import type { Application, Layer, Model, Tensor } from './model';

/** The applications that lead from a model's inputs to its outputs, in the order in which they were made. */
export function modelApplications(model: Model): readonly Application[] {
  const inputs = new Set(model.inputs);
  const found = new Set<Application>();
  const open: Tensor[] = [...model.outputs];
  while (open.length > 0) {
    const tensor = open.pop()!;
    const { producer } = tensor;
    if (inputs.has(tensor) || producer === null || found.has(producer)) continue;
    found.add(producer);
    open.push(...producer.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** What brings in one bias, be it deep inside wrappers and nested models. */
export class Containment {
  readonly applications = new Set<Application>();
  private readonly parts = new Set<Layer | Model>();

  constructor(
    bias: Bias,
    private readonly index: GraphIndex,
  ) {
    if (isAdded(bias)) this.bring(bias.application);
    else this.hold(bias);
  }

  application(application: Application): boolean {
    return this.applications.has(application);
  }

  part(part: Layer | Model): boolean {
    return this.parts.has(part);
  }

  private hold(part: Layer | Model): void {
    if (this.parts.has(part)) return;
    this.parts.add(part);
    for (const wrapper of this.index.wrapping(part)) this.hold(wrapper);
    for (const application of this.index.running(part)) this.bring(application);
  }

  private bring(application: Application): void {
    if (this.applications.has(application)) return;
    this.applications.add(application);
    for (const model of this.index.modelsThrough(application)) this.hold(model);
  }
}
