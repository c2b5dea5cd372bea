import { isMasking } from './catalog';
import { modelApplications } from './member';
import type { Application, Layer, Model, ModelGraph, Tensor } from './model';

const indices = new WeakMap<ModelGraph, GraphIndex>();
const NONE: readonly never[] = [];

/** Who uses what in a finished graph, found once for all questions about it. Each list is in graph order. */
export class GraphIndex {
  /** Whether any tensor may carry a mask. */
  readonly masks: boolean;
  /** The tensors that go to code which cannot be seen. */
  readonly escaped: readonly Tensor[];
  private readonly runs = new Map<Layer | Model, Application[]>();
  private readonly wrappers = new Map<Layer | Model, Layer[]>();
  private readonly within = new Map<Model, readonly Application[]>();
  private readonly around = new Map<Application, Model[]>();
  private readonly members = new Set<Layer | Model>();
  private readonly refusals = {
    batch: new Map<Application, string | null>(),
    stored: new Map<Application, string | null>(),
  };

  private constructor(graph: ModelGraph) {
    for (const application of graph.applications) {
      const { target } = application;
      if (target.type === 'layer') add(this.runs, target.layer, application);
      else if (target.type === 'model') add(this.runs, target.model, application);
    }
    for (const layer of graph.layers) if (layer.inner !== null) add(this.wrappers, layer.inner, layer);
    for (const model of graph.models) {
      const applications = modelApplications(model);
      this.within.set(model, applications);
      for (const application of applications) add(this.around, application, model);
      for (const member of model.members) this.members.add(member);
    }
    this.masks = graph.layers.some(isMasking);
    this.escaped = graph.tensors.filter((tensor) => tensor.escapes.length > 0);
  }

  static of(graph: ModelGraph): GraphIndex {
    let index = indices.get(graph);
    if (index === undefined) indices.set(graph, (index = new GraphIndex(graph)));
    return index;
  }

  /** The applications that lead from a model's inputs to its outputs. */
  readonly applicationsOf = (model: Model): readonly Application[] =>
    this.within.get(model) ?? modelApplications(model);

  /** The applications of this very layer or model, without those of what wraps or holds it. */
  running(part: Layer | Model): readonly Application[] {
    return this.runs.get(part) ?? NONE;
  }

  /** The layers that wrap it. */
  wrapping(part: Layer | Model): readonly Layer[] {
    return this.wrappers.get(part) ?? NONE;
  }

  /** The models that an application is a part of. */
  modelsThrough(application: Application): readonly Model[] {
    return this.around.get(application) ?? NONE;
  }

  /** Why tfjs refuses an application on its own inputs, whatever the bias; `find` is asked once. */
  refusal(application: Application, training: boolean, find: () => string | null): string | null {
    const known = this.refusals[training ? 'batch' : 'stored'];
    let reason = known.get(application);
    if (reason === undefined) known.set(application, (reason = find()));
    return reason;
  }

  /** Made, but neither applied, nor wrapped, nor a member of a model, nor handed on. */
  isUnused(layer: Layer): boolean {
    return (
      layer.escapes.length === 0 &&
      !this.members.has(layer) &&
      this.running(layer).length === 0 &&
      this.wrapping(layer).length === 0
    );
  }
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
