import {
  isModel,
  modelApplications,
  type Application,
  type Layer,
  type Mode,
  type Model,
  type ModelGraph,
  type Shape,
} from '../../graph';
import type { Target, Tensor } from '../../graph';
import { NoPlan } from './types';

/** The graph with every application of a model replaced by the applications inside it. */
export interface FlatNode {
  readonly target: Exclude<Target, { type: 'model' }>;
  readonly inputs: readonly FlatTensor[];
  readonly outputs: readonly FlatTensor[];
  readonly mode: Mode;
  /** The application that it stands for. */
  readonly source: Application;
}

export interface FlatTensor {
  readonly id: number;
  readonly shape: Shape | null;
  readonly producer: FlatNode | null;
  readonly uses: readonly FlatNode[];
  readonly source: Tensor;
}

const MAX_NODES = 20_000;

/** Unfolds applications; tensors that none of them makes become inputs. */
export class Unfolder {
  readonly nodes: FlatNode[] = [];
  private tensors = 0;

  /**
   * @param known the flat tensors of tensors that exist already (inputs of a model that is being unfolded)
   * @param caller the mode that stands in for `caller`
   */
  run(applications: readonly Application[], known: Map<Tensor, FlatTensor>, caller: Mode): void {
    for (const application of applications) {
      const inputs = application.inputs.map((tensor) => this.flat(tensor, known));
      const mode = application.mode === 'caller' ? caller : application.mode;
      const { target } = application;
      if (target.type === 'model') {
        if (isOpen(target.model) && target.model.inputs.length === inputs.length) {
          const scope = new Map(target.model.inputs.map((tensor, index) => [tensor, inputs[index]!]));
          this.run(modelApplications(target.model), scope, mode);
          target.model.outputs.forEach((tensor, index) => {
            const outside = application.outputs[index];
            if (outside) known.set(outside, this.flat(tensor, scope));
          });
        } else {
          this.node(
            { type: 'unknown', reason: 'the inside of a model is not known' },
            inputs,
            application,
            mode,
            known,
          );
        }
      } else {
        this.node(target, inputs, application, mode, known);
      }
    }
  }

  flat(tensor: Tensor, known: Map<Tensor, FlatTensor>): FlatTensor {
    let flat = known.get(tensor);
    if (!flat) known.set(tensor, (flat = this.tensor(tensor, null)));
    return flat;
  }

  private node(
    target: FlatNode['target'],
    inputs: readonly FlatTensor[],
    application: Application,
    mode: Mode,
    known: Map<Tensor, FlatTensor>,
  ): void {
    if (this.nodes.length >= MAX_NODES) throw new NoPlan(`the model has more than ${MAX_NODES} layer applications`);
    const outputs: FlatTensor[] = [];
    const node: FlatNode = { target, inputs, outputs, mode, source: application };
    for (const tensor of application.outputs) {
      const flat = this.tensor(tensor, node);
      outputs.push(flat);
      known.set(tensor, flat);
    }
    for (const input of new Set(inputs)) (input.uses as FlatNode[]).push(node);
    this.nodes.push(node);
  }

  private tensor(source: Tensor, producer: FlatNode | null): FlatTensor {
    return { id: this.tensors++, shape: source.shape, producer, uses: [], source };
  }
}

/** Whether the inside of a model is known at all. */
export function isOpen(model: Model): boolean {
  return model.form !== 'custom' && model.inputs.length > 0 && model.outputs.length > 0;
}

/** Whether running `owner` runs `layer`: it is the layer, wraps it, or is a model that holds it. */
export function holds(owner: Layer | Model, layer: Layer, seen = new Set<Layer | Model>()): boolean {
  if (owner === layer) return true;
  if (seen.has(owner)) return false;
  seen.add(owner);
  if (isModel(owner)) return owner.members.some((member) => holds(member, layer, seen));
  return owner.inner !== null && holds(owner.inner, layer, seen);
}

/** Every layer that running `owner` runs. */
export function layersOf(owner: Layer | Model, into = new Set<Layer>(), seen = new Set<Layer | Model>()): Set<Layer> {
  if (seen.has(owner)) return into;
  seen.add(owner);
  if (isModel(owner)) for (const member of owner.members) layersOf(member, into, seen);
  else {
    into.add(owner);
    if (owner.inner) layersOf(owner.inner, into, seen);
  }
  return into;
}

/**
 * The models whose outputs somebody can see: all but those that only serve as a part of another one (applied to
 * symbolic tensors or wrapped, and never trained, run, or handed to code that the analysis cannot see).
 */
export function visibleModels(graph: ModelGraph): readonly Model[] {
  const parts = new Set<Model>();
  const run = new Set<Model>();
  for (const { target, mode } of graph.applications) {
    if (target.type === 'model') (mode === 'caller' ? parts : run).add(target.model);
  }
  for (const layer of graph.layers) if (layer.inner && isModel(layer.inner)) parts.add(layer.inner);
  for (const step of graph.steps) for (const { target } of step.runs) if (isModel(target)) run.add(target);
  return graph.models.filter(
    (model) => !parts.has(model) || run.has(model) || model.trainings.length > 0 || model.escapes.length > 0,
  );
}
