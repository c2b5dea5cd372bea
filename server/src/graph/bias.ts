import { hasBias } from './catalog';
import { isUnknown, type Unknown } from './config';
import type { Application, Layer, ModelGraph, Tensor } from './model';
import type { Place } from './place';
import type { CallSite } from './site';

/** A tensor that an op adds to another one: `tf.add(x, b)`, or the `bias` of `tf.fused.conv2d`. */
export interface AddedBias {
  readonly application: Application;
  /** The index of the added tensor among the inputs. */
  readonly input: number;
}

/** Whose dependence is asked about: the bias of a layer, or a tensor that an op adds. */
export type Bias = Layer | AddedBias;

export function isAdded(bias: Bias): bias is AddedBias {
  return 'application' in bias;
}

/** The tensor that is added. */
export function addedTensor({ application, input }: AddedBias): Tensor {
  return application.inputs[input]!;
}

/** The biases that the ops of a graph add: variables and constants that the code makes, and `bias` of a fused op. */
export function addedBiases(graph: ModelGraph): readonly AddedBias[] {
  return graph.applications.flatMap((application): AddedBias[] => {
    const input = addedInput(application);
    return input === null ? [] : [{ application, input }];
  });
}

function addedInput({ target, inputs }: Application): number | null {
  if (target.type !== 'op') return null;
  if (target.name.startsWith('fused.')) {
    const index = target.roles.indexOf('bias');
    return index >= 0 && inputs[index]!.producer === null ? index : null;
  }
  if (target.name !== 'add' || inputs.length !== 2) return null;
  const added = inputs.flatMap((tensor, index) => (isParameter(tensor) ? [index] : []));
  return added.length === 1 ? added[0]! : null;
}

/** A variable, or a list of numbers; a single number (an epsilon) is not what a bias is. */
function isParameter({ made, shape }: Tensor): boolean {
  return made !== null && (made.as === 'variable' || (shape !== null && shape.length > 0));
}

/** Whether there is a bias at all. */
export function isBiased(bias: Bias): boolean | Unknown {
  return isAdded(bias) || hasBias(bias);
}

/** Why what becomes of the bias cannot be told whatever the graph is; null where it can. */
export function beyondSight(bias: Bias): string | null {
  if (isAdded(bias)) {
    return addedTensor(bias).shape === null ? 'the shape of what is added is not known' : null;
  }
  const biased = hasBias(bias);
  if (isUnknown(biased)) return biased.reason;
  return bias.escapes[0]?.reason ?? null;
}

/** Where the code makes a bias, and by which calls the code came there. */
export interface BiasOrigin {
  readonly site: CallSite;
  readonly calls: readonly Place[];
  /** Which of the biases from this site and path it is. */
  readonly ordinal: number;
}

/** Null for a bias that no source code makes. */
export function originOf(bias: Bias): BiasOrigin | null {
  if (!isAdded(bias)) return bias.site === null ? null : { site: bias.site, calls: bias.calls, ordinal: bias.ordinal };
  const { target } = bias.application;
  return target.type === 'op' ? target.call : null;
}
