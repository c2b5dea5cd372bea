import { isAdded, type Bias } from './bias';
import type { Application, Layer, Model, Target, Tensor } from './model';

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

/** Tells which applications bring in one bias, be it deep inside wrappers and nested models. */
export class Containment {
  private readonly models = new Map<Model, boolean>();

  constructor(
    private readonly bias: Bias,
    private readonly applicationsOf: (model: Model) => readonly Application[] = modelApplications,
  ) {}

  application(application: Application): boolean {
    if (isAdded(this.bias)) return application === this.bias.application || this.target(application.target);
    return this.target(application.target);
  }

  target(target: Target): boolean {
    if (target.type === 'layer') return this.holds(target.layer);
    return target.type === 'model' && this.model(target.model);
  }

  model(model: Model): boolean {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    // A model cannot contain itself; the entry ends the walk all the same.
    this.models.set(model, false);
    const contains = this.applicationsOf(model).some((application) => this.application(application));
    this.models.set(model, contains);
    return contains;
  }

  private holds(layer: Layer): boolean {
    if (layer === this.bias) return true;
    const { inner } = layer;
    if (inner === null) return false;
    return 'members' in inner ? this.model(inner) : this.holds(inner);
  }
}
