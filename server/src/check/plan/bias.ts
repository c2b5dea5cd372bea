import { isAdded, modelApplications, type Bias, type Model, type ModelGraph, type Tensor } from '../../graph';
import { Assembler, chooseBatch } from './assemble';
import { NoPlan, type BiasPlan } from './types';
import { holds, isOpen, Unfolder, visibleModels, type FlatNode, type FlatTensor } from './unfold';

/**
 * Plans the check of a bias: every application that its value may reach, from the layer to what can be observed, with
 * drawn data in place of everything that comes in from the side. Whether and where the bias is cancelled is left to the
 * measurement.
 *
 * @throws NoPlan with the reason
 */
export function planBias(graph: ModelGraph, bias: Bias): BiasPlan {
  const layer = isAdded(bias) ? null : bias;
  if (layer !== null && layer.escapes.length > 0) {
    throw new NoPlan(`the layer is handed on: ${layer.escapes[0]!.reason}`);
  }
  if (layer?.kind.startsWith('custom:')) throw new NoPlan('the layer is of a class of its own');
  const visible = visibleModels(graph);
  const { nodes, known } = unfold(graph, visible, bias);
  const path = reached(nodes, bias);
  if (path.length === 0) throw new NoPlan('the layer is never applied');

  const observed = observedTensors(visible, bias, path, known);
  if (observed.length === 0) throw new NoPlan('nothing that the bias leads to can be observed');

  const onPath = new Set(path);
  const pathLayers = new Set(path.flatMap(({ target }) => (target.type === 'layer' ? [target.layer] : [])));
  const batch = chooseBatch(path.flatMap((node) => [...node.inputs, ...node.outputs]));
  const assembler = new Assembler(batch, (one) => (one === layer ? 'biased' : pathLayers.has(one) ? 'path' : 'side'));

  const { before, drawn } = sides(path, onPath, assembler);
  const all = [...before, ...path];
  return {
    rule: 'redundant-bias',
    graph: {
      nodes: all.map((node) => assembler.node(node)),
      inputs: drawn.map((tensor) => assembler.input(tensor)),
      outputs: observed.map(({ id }) => id),
    },
    subject: isAdded(bias)
      ? { nodes: all.flatMap((node, index) => (bringsIn(node, bias) ? [index] : [])), input: bias.input }
      : { layer: assembler.layer(bias) },
    layers: assembler.layers,
    batch,
    standIns: assembler.standIns,
  };
}

/** All applications but those that only stand for the inside of a model that is a part of another one. */
function unfold(
  graph: ModelGraph,
  visible: readonly Model[],
  bias: Bias,
): { readonly nodes: readonly FlatNode[]; readonly known: ReadonlyMap<Tensor, FlatTensor> } {
  const shown = new Set<unknown>();
  const hidden = new Set<unknown>();
  for (const model of graph.models) {
    const into = visible.includes(model) ? shown : hidden;
    for (const application of modelApplications(model)) into.add(application);
  }
  const wanted = graph.applications.filter((application) => {
    if (hidden.has(application) && !shown.has(application)) return false;
    // What it stores is not looked at.
    if (application.target.type === 'op' && application.target.name === 'assign') return false;
    // A run of a whole model on data: its outputs are observed where the model itself is.
    return !(application.target.type === 'model' && application.mode !== 'caller');
  });
  for (const { target, mode } of graph.applications) {
    if (target.type !== 'model' || mode === 'caller') continue;
    if (!isAdded(bias) && !isOpen(target.model) && holds(target.model, bias)) {
      throw new NoPlan('the layer is in a model whose inside is not known');
    }
  }
  const unfolder = new Unfolder();
  const known = new Map<Tensor, FlatTensor>();
  unfolder.run(wanted, known, 'caller');
  return { nodes: unfolder.nodes, known };
}

/** Whether a node runs the layer, or adds the tensor. */
function bringsIn({ target, source }: FlatNode, bias: Bias): boolean {
  return isAdded(bias) ? source === bias.application : target.type === 'layer' && holds(target.layer, bias);
}

/** The nodes that bring in the bias, and everything downstream of them. */
function reached(nodes: readonly FlatNode[], bias: Bias): readonly FlatNode[] {
  const tensors = new Set<FlatTensor>();
  return nodes.filter((node) => {
    if (!bringsIn(node, bias) && !node.inputs.some((input) => tensors.has(input))) return false;
    for (const output of node.outputs) tensors.add(output);
    return true;
  });
}

/**
 * What can be observed of the path: outputs of visible models, tensors that escape, and the last tensors of eager code.
 * A symbolic tensor that leads nowhere is not observed, unless there is no model at all.
 */
function observedTensors(
  visible: readonly Model[],
  bias: Bias,
  path: readonly FlatNode[],
  known: ReadonlyMap<Tensor, FlatTensor>,
): readonly FlatTensor[] {
  const made = new Set(path.flatMap((node) => node.outputs));
  const observed = new Set<FlatTensor>();
  for (const model of visible) {
    // A model that starts behind the layer sees what comes from there as data.
    const within = modelApplications(model).some((application) => {
      const { target } = application;
      if (isAdded(bias)) return application === bias.application;
      if (target.type === 'layer') return holds(target.layer, bias);
      return target.type === 'model' && holds(target.model, bias);
    });
    if (!within) continue;
    for (const tensor of model.outputs) {
      const flat = known.get(tensor);
      if (flat && made.has(flat)) observed.add(flat);
    }
  }
  const inModel = observed.size > 0;
  const eager = new Set<FlatNode>();
  for (const node of path) {
    const from = node.inputs.some(({ producer }) => producer !== null && eager.has(producer));
    if (node.mode !== 'caller' || from) eager.add(node);
    for (const tensor of node.outputs) {
      const last = tensor.uses.length === 0 && (eager.has(node) || !inModel) && !isDiscarded(node);
      if (last || tensor.source.escapes.length > 0) observed.add(tensor);
    }
  }
  return [...observed];
}

/** Whether the code itself throws the result away. */
function isDiscarded({ target }: FlatNode): boolean {
  return target.type === 'op' && target.call?.discarded === true;
}

/** Data to draw for what the path takes in, and the nodes that must run first where a shape follows from nothing else. */
function sides(
  path: readonly FlatNode[],
  onPath: ReadonlySet<FlatNode>,
  assembler: Assembler,
): { readonly before: readonly FlatNode[]; readonly drawn: readonly FlatTensor[] } {
  const before = new Set<FlatNode>();
  const drawn = new Set<FlatTensor>();
  const open = path.flatMap((node) => node.inputs);
  const seen = new Set<FlatTensor>();
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const { producer } = tensor;
    if (producer !== null && onPath.has(producer)) continue;
    if (producer === null || assembler.sizes.of(tensor) !== null || !canRun(producer)) {
      drawn.add(tensor);
      continue;
    }
    before.add(producer);
    open.push(...producer.inputs);
  }
  return { before: [...before].sort((a, b) => (a.outputs[0]?.id ?? 0) - (b.outputs[0]?.id ?? 0)), drawn: [...drawn] };
}

function canRun({ target, inputs }: FlatNode): boolean {
  if (target.type === 'unknown' || inputs.length === 0) return false;
  return target.type === 'op' || !target.layer.kind.startsWith('custom:');
}
