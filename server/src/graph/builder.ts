import { ConfigObject, type Unknown } from './config';
import type {
  Application,
  Escape,
  GradientApi,
  GradientStep,
  Layer,
  Mode,
  Model,
  ModelGraph,
  ModelRun,
  Shape,
  Target,
  Tensor,
  Training,
  WeightSource,
} from './model';
import { outputShapes } from './shape';
import type { Place } from './place';
import type { CallSite } from './site';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/**
 * Builds a ModelGraph step by step. The only place where graph objects are made, so that uses, producers and ids
 * always agree.
 */
export class GraphBuilder {
  private readonly layers: Layer[] = [];
  private readonly applications: Application[] = [];
  private readonly tensors: Tensor[] = [];
  private readonly models: Model[] = [];
  private readonly steps: GradientStep[] = [];

  layer(
    kind: string,
    config: ConfigObject = ConfigObject.empty,
    at: { site?: CallSite | null; calls?: readonly Place[]; inner?: Layer | Model | null } = {},
  ): Layer {
    const layer: Layer = {
      id: this.layers.length,
      kind,
      config,
      inner: at.inner ?? null,
      site: at.site ?? null,
      calls: at.calls ?? [],
      trainable: true,
      escapes: [],
    };
    this.layers.push(layer);
    return layer;
  }

  /** A tensor that no known application makes: a model input, data, or the result of unknown code. */
  input(shape: Shape | null): Tensor {
    return this.tensor(shape, null);
  }

  apply(target: Target, inputs: readonly Tensor[], at: { mode?: Mode; place?: Place | null } = {}): readonly Tensor[] {
    const outputs: Tensor[] = [];
    const application: Application = {
      id: this.applications.length,
      target,
      inputs,
      outputs,
      mode: at.mode ?? 'caller',
      place: at.place ?? null,
    };
    const shapes = outputShapes(
      target,
      inputs.map((tensor) => tensor.shape),
    );
    for (const shape of shapes) outputs.push(this.tensor(shape, application));
    for (const tensor of new Set(inputs)) (tensor.uses as Application[]).push(application);
    this.applications.push(application);
    return outputs;
  }

  applyLayer(layer: Layer, inputs: readonly Tensor[], at: { mode?: Mode; place?: Place | null } = {}): Tensor {
    return this.apply({ type: 'layer', layer }, inputs, at)[0]!;
  }

  model(
    form: Model['form'],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    members: readonly (Layer | Model)[],
    at: { site?: CallSite | null; calls?: readonly Place[] } = {},
  ): Model {
    const model: Model = {
      id: this.models.length,
      form,
      inputs: [...inputs],
      outputs: [...outputs],
      members: [...members],
      site: at.site ?? null,
      calls: at.calls ?? [],
      trainings: [],
      weights: [],
      trainable: true,
      escapes: [],
    };
    this.models.push(model);
    return model;
  }

  /** Replaces inputs, outputs and members of a model that is still growing (`model.add`, `model.pop`). */
  reshape(
    model: Model,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    members: readonly (Layer | Model)[],
  ): void {
    const target = model as Mutable<Model>;
    target.inputs = [...inputs];
    target.outputs = [...outputs];
    target.members = [...members];
  }

  step(api: GradientApi, place: Place, variables: GradientStep['variables']): GradientStep {
    const step: GradientStep = { id: this.steps.length, api, place, variables, runs: [] };
    this.steps.push(step);
    return step;
  }

  run(step: GradientStep, run: ModelRun): void {
    (step.runs as ModelRun[]).push(run);
  }

  escape(subject: Tensor | Layer | Model, escape: Escape): void {
    (subject.escapes as Escape[]).push(escape);
  }

  trained(model: Model, training: Training): void {
    (model.trainings as Training[]).push(training);
  }

  weighted(model: Model, source: WeightSource): void {
    (model.weights as WeightSource[]).push(source);
  }

  setTrainable(subject: Layer | Model, trainable: boolean | Unknown): void {
    subject.trainable = trainable;
  }

  finish(): ModelGraph {
    return {
      layers: this.layers,
      applications: this.applications,
      tensors: this.tensors,
      models: this.models,
      steps: this.steps,
    };
  }

  private tensor(shape: Shape | null, producer: Application | null): Tensor {
    const tensor: Tensor = { id: this.tensors.length, shape, producer, uses: [], escapes: [] };
    this.tensors.push(tensor);
    return tensor;
  }
}
