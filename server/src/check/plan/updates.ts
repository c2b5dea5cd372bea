import {
  isModel,
  modelApplications,
  isUnknown,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
  type ModelRun,
} from '../../graph';
import { Assembler, chooseBatch } from './assemble';
import { NoPlan, type PlanGraph, type PlanModel, type PlanRun, type UpdatesPlan } from './types';
import { layersOf, Unfolder, type FlatTensor } from './unfold';

/**
 * Plans the check of a gradient step: the models that it runs, rebuilt whole, run as they are written.
 *
 * @throws NoPlan with the reason
 */
export function planUpdates(graph: ModelGraph, step: GradientStep, run: ModelRun): UpdatesPlan {
  const norms = new Set(batchNorms(run.target));
  if (norms.size === 0) throw new NoPlan(whyNone(run.target));
  // Another run of the same batch norms in this step may update them.
  const runs = step.runs.filter((other) => other === run || batchNorms(other.target).some((norm) => norms.has(norm)));

  const targets = [...new Set(runs.map(({ target }) => target))];
  const assembler = new Assembler(chooseBatch(targets.flatMap(tensorsOf)), () => 'side');
  const models = targets.map((target) => planModel(graph, target, assembler));
  const planned = runs.map((one): PlanRun => {
    if (isUnknown(one.mode))
      throw new NoPlan(`whether the model runs in training mode is not known: ${one.mode.reason}`);
    return { model: targets.indexOf(one.target), api: one.api, training: one.mode === 'batch' };
  });
  return {
    rule: 'updates-not-run',
    models,
    runs: planned,
    run: runs.indexOf(run),
    variables: variables(step, assembler),
    layers: assembler.layers,
    batch: assembler.batch,
    standIns: [
      "the loss: the mean squared distance to drawn targets, in place of the step's own",
      ...assembler.standIns,
    ],
  };
}

/** Batch norm that stands in the `call` of a layer class is no part of the model that could be rebuilt. */
function whyNone(target: Layer | Model): string {
  const own = [...layersOf(target)].find(({ kind }) => kind.startsWith('custom:'));
  return own === undefined
    ? 'the model that the step runs holds no batch norm'
    : `${own.kind.slice('custom:'.length)} is a layer class of its own`;
}

function batchNorms(target: Layer | Model): readonly Layer[] {
  return [...layersOf(target)].filter(({ kind }) => kind === 'batchNormalization');
}

function variables(step: GradientStep, assembler: Assembler): UpdatesPlan['variables'] {
  const taken = step.variables;
  if (isUnknown(taken)) throw new NoPlan(`which variables the gradient is taken of is not known: ${taken.reason}`);
  if (taken === 'all' || taken === 'arguments') return taken;
  const layers = new Set(taken.flatMap((owner) => [...layersOf(owner)]));
  return [...layers].filter((layer) => layer.inner === null).map((layer) => assembler.layer(layer));
}

function planModel(graph: ModelGraph, target: Layer | Model, assembler: Assembler): PlanModel {
  if (isModel(target)) {
    const planned = assembler.model(target, false);
    refuseUnknown(planned);
    return { form: 'model', graph: planned };
  }
  // A layer by itself: the shape that it meets anywhere stands for the one that it meets here.
  const application = graph.applications.find(({ target: one }) => one.type === 'layer' && one.layer === target);
  const unfolder = new Unfolder();
  if (application) unfolder.run([application], new Map(), 'caller');
  const node = unfolder.nodes[0];
  if (!node) throw new NoPlan('the layer that the step runs is applied to nothing that is known');
  const planned = {
    inputs: [...new Set(node.inputs)].map((tensor) => assembler.input(tensor)),
    nodes: [assembler.node(node)],
    outputs: node.outputs.map(({ id }) => id),
  };
  refuseUnknown(planned);
  return { form: 'layer', graph: planned };
}

/** The whole model has to be made, so nothing in it may be unknown. */
function refuseUnknown(graph: PlanGraph): void {
  for (const { target } of graph.nodes) if (target.type === 'unknown') throw new NoPlan(target.reason);
}

function tensorsOf(target: Layer | Model): readonly FlatTensor[] {
  if (!isModel(target)) return [];
  const unfolder = new Unfolder();
  unfolder.run(modelApplications(target), new Map(), 'caller');
  return unfolder.nodes.flatMap((node) => [...node.inputs, ...node.outputs]);
}
