import {
  addedBiases,
  isBatchNormOp,
  type Application,
  type ModelGraph,
  type Place,
  type Shape,
  type Tensor,
} from '../graph';
import { biasFacts, biasRow } from './describe';
import type { BiasRow } from './outline-rows';

/** A function on tensors in a chain that ends in batch norm, as facts for one line. */
export interface OpLine {
  readonly name: string;
  readonly place: Place;
  readonly shape: Shape | null;
  /** Of its tensors, by the names of its parameters in tfjs. */
  readonly inputs: readonly string[];
  /** Of the bias that it adds. */
  readonly bias: BiasRow | null;
  /** What a batch norm normalises with. */
  readonly statistics: { readonly mean: string; readonly variance: string } | null;
}

type OpApplication = Application & { readonly target: { readonly type: 'op' } };

/**
 * The chains of functions on tensors in which one normalises, by `tf.batchNorm*` or by hand so that it cancels a bias: that
 * function with all those that lead to it or come of it, in the order of their application. Chains of layers alone are no chains of functions.
 */
export function opChains(graph: ModelGraph): readonly (readonly OpLine[])[] {
  const biases = new Map(
    addedBiases(graph).map((added) => [added.application, biasRow(added, biasFacts(graph, added))]),
  );
  const seen = new Set<Application>();
  const chains: OpLine[][] = [];
  for (const application of graph.applications) {
    if (seen.has(application) || !isOp(application)) continue;
    const cancelled = biases.get(application)?.verdict === 'redundant';
    if (!cancelled && !isBatchNormOp(application.target.name)) continue;
    const chain = around(application);
    for (const one of chain) seen.add(one);
    const rows = chain.filter(isOp).flatMap((one) => lineOf(one, biases.get(one) ?? null));
    chains.push(rows);
  }
  return chains.filter((chain) => chain.length > 0);
}

function isOp(application: Application): application is OpApplication {
  return application.target.type === 'op';
}

/** All applications that hang together with one by tensors that go from op to op. */
function around(start: Application): readonly Application[] {
  const found = new Set<Application>([start]);
  const open = [start];
  for (let at = open.pop(); at; at = open.pop()) {
    const next = [...at.inputs.map(({ producer }) => producer), ...at.outputs.flatMap(({ uses }) => uses)];
    for (const application of next) {
      if (!application || found.has(application) || !isOp(application)) continue;
      found.add(application);
      open.push(application);
    }
  }
  return [...found].sort((a, b) => a.id - b.id);
}

function lineOf({ target, inputs, outputs }: OpApplication, bias: OpLine['bias']): OpLine[] {
  if (target.call === null) return [];
  const { name, roles, call } = target;
  const [mean, variance] = ['mean', 'variance'].map((role) => statisticsOf(inputs[roles.indexOf(role)]));
  return [
    {
      name,
      place: { file: call.site.file, ...call.site.call },
      shape: outputs[0]?.shape ?? null,
      inputs: roles,
      bias,
      statistics: isBatchNormOp(name) ? { mean: mean!, variance: variance! } : null,
    },
  ];
}

/** What a mean or variance is. */
function statisticsOf(tensor: Tensor | undefined): string {
  if (tensor === undefined) return 'statistics that are not known';
  const { producer, made, uses } = tensor;
  if (producer?.target.type === 'op' && producer.target.name === 'moments') return 'the moments of a batch';
  if (made?.as !== 'variable') return producer ? 'statistics that are computed' : 'statistics that are given';
  const assigned = made.assignable || uses.some(({ target }) => target.type === 'op' && target.name === 'assign');
  return assigned ? 'variables' : 'variables that nothing assigns';
}
