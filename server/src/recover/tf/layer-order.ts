import type { Application, Layer, Model, Tensor } from '../../graph';

/**
 * What stands in `model.layers` of a functional model, in the order that tfjs gives it: by falling depth, which is the
 * longest way to an output, and within one depth in the order in which a walk from the outputs meets them
 * (tfjs-layers/src/engine/container.ts). A tensor stands for the input layer that made it.
 */
export function layerOrder(model: Model): (Layer | Model | Tensor)[] {
  const ends = new Set(model.inputs);
  /** Applications and input tensors, each behind all that it depends on. */
  const nodes = new Set<Application | Tensor>();
  const met = new Map<Layer | Model | Tensor, number>();
  const open = new Set<Application | Tensor>();
  const meet = (tensor: Tensor): void => {
    const node = nodeOf(tensor, ends);
    if (nodes.has(node) || open.has(node)) return;
    open.add(node);
    const owner = ownerOf(node);
    if (owner !== null && !met.has(owner)) met.set(owner, met.size);
    if ('inputs' in node) for (const input of node.inputs) meet(input);
    open.delete(node);
    nodes.add(node);
  };
  for (const output of model.outputs) meet(output);
  const nodeDepths = new Map<Application | Tensor, number>();
  const depths = new Map<Layer | Model | Tensor, number>();
  for (const node of [...nodes].reverse()) {
    const owner = ownerOf(node);
    const depth = Math.max(nodeDepths.get(node) ?? 0, (owner && depths.get(owner)) ?? 0);
    nodeDepths.set(node, depth);
    if (owner !== null) depths.set(owner, depth);
    if (!('inputs' in node)) continue;
    for (const input of node.inputs) {
      const before = nodeOf(input, ends);
      nodeDepths.set(before, Math.max(depth + 1, nodeDepths.get(before) ?? 0));
    }
  }
  return [...depths.keys()].sort((a, b) => depths.get(b)! - depths.get(a)! || met.get(a)! - met.get(b)!);
}

function nodeOf(tensor: Tensor, ends: ReadonlySet<Tensor>): Application | Tensor {
  return ends.has(tensor) ? tensor : (tensor.producer ?? tensor);
}

/** Null for what is no layer: an op, or code that is not known. */
function ownerOf(node: Application | Tensor): Layer | Model | Tensor | null {
  if (!('inputs' in node)) return node;
  const { target } = node;
  return target.type === 'layer' ? target.layer : target.type === 'model' ? target.model : null;
}
