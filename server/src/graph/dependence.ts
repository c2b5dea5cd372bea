import { beyondSight, isAdded, isBiased, type Bias } from './bias';
import { GraphIndex } from './graph-index';
import { Containment } from './member';
import type { Application, ModelGraph, Tensor } from './model';
import { FREE, type Value } from './row';
import { Walk, type Observation } from './walk';

/** What becomes of a layer's bias in one graph. */
export type BiasFate =
  /** The layer has none: its kind has no bias, or `useBias` is false. */
  | { readonly kind: 'none' }
  /**
   * `useBias` is not known, or the layer is never applied, or tfjs refuses the graph, or no batch norm subtracts the
   * bias, or it reaches code that the analysis cannot see.
   */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Every observable is free of it. */
  | {
      readonly kind: 'redundant';
      /** The batch norms that subtract it, in graph order. */
      readonly cancelledBy: readonly Application[];
      /** The applications that carry the shift from the layer to those batch norms, in graph order, without both ends. */
      readonly through: readonly Application[];
      /** What reaches the batch norms: the bias itself, at most tiled, or its image under linear layers. */
      readonly form: 'identity' | 'linear';
    }
  /** Some observable may depend on it. */
  | {
      readonly kind: 'needed';
      /** The application that turned the shift into a dependence of any kind; null when the shift itself is observed. */
      readonly at: Application | null;
      readonly observed: Tensor;
      readonly reason: string;
      /** Functions on tensors normalise it by stored statistics, which cancels nothing: it is inference that is seen. */
      readonly stored: boolean;
    };

export interface DependenceOptions {
  /** The mode of applications whose caller decides; `batch` asks about training, `stored` about inference. */
  readonly callerMode: 'batch' | 'stored';
}

/**
 * Decides by one forward walk whether a bias does anything: that of a layer (all applications of it together), or a
 * tensor that an op adds.
 * The theory: docs/theory.md.
 */
export function biasFate(graph: ModelGraph, bias: Bias, options: DependenceOptions): BiasFate {
  if (isBiased(bias) === false) return { kind: 'none' };
  const hidden = beyondSight(bias);
  if (hidden !== null) return { kind: 'unknown', reason: hidden };
  const index = GraphIndex.of(graph);
  const contains = new Containment(bias, index);
  const walk = new Walk(bias, contains, index);
  const training = options.callerMode === 'batch';
  const values = walk.run(graph.applications, training);
  const observations = [
    ...observedOutputs(graph, walk, contains, values, training),
    ...index.escaped.map((tensor) => observe(tensor, values)),
    ...walk.handedOver,
  ];
  if (!walk.applied) return { kind: 'unknown', reason: 'the layer is not applied to anything' };
  return judge(bias, walk, observations);
}

function judge(bias: Bias, walk: Walk, observations: readonly Observation[]): BiasFate {
  let unsure: string | null = null;
  for (const { tensor, state } of observations) {
    if (state.kind === 'shifted') {
      const reason = 'an output shows the bias as it is, before any batch norm';
      return { kind: 'needed', at: null, observed: tensor, reason, stored: walk.stored };
    }
    if (state.kind === 'any' && state.certain) {
      return { kind: 'needed', at: state.at, observed: tensor, reason: state.reason, stored: walk.stored };
    }
    if (state.kind === 'any') unsure ??= state.reason;
  }
  if (unsure !== null) return { kind: 'unknown', reason: unsure };
  if (walk.cancelling.size === 0) return { kind: 'unknown', reason: 'no batch norm subtracts it' };
  const order = (set: ReadonlySet<Application>) => [...set].sort((a, b) => a.id - b.id);
  const through = order(walk.carrying).filter((application) => {
    if (isAdded(bias)) return application !== bias.application;
    return application.target.type !== 'layer' || application.target.layer !== bias;
  });
  const form = walk.plain ? 'identity' : 'linear';
  return { kind: 'redundant', cancelledBy: order(walk.cancelling), through, form };
}

/** What every model that runs the layer gives back. */
function observedOutputs(
  graph: ModelGraph,
  walk: Walk,
  contains: Containment,
  values: ReadonlyMap<Tensor, Value>,
  training: boolean,
): readonly Observation[] {
  return graph.models
    .filter((model) => contains.part(model))
    .flatMap((model) => {
      // A model that starts at an inner tensor of another one sees that tensor as data.
      const whole = model.inputs.every((tensor) => tensor.producer === null);
      if (whole) return model.outputs.map((tensor) => observe(tensor, values));
      const inputs = model.inputs.map((tensor) => ({ shape: tensor.shape, state: FREE, masked: false }));
      const outputs = walk.model(model, inputs, { training, held: [], top: false, own: true });
      return model.outputs.map((tensor, index) => ({ tensor, state: outputs[index]?.state ?? FREE }));
    });
}

function observe(tensor: Tensor, values: ReadonlyMap<Tensor, Value>): Observation {
  return { tensor, state: values.get(tensor)?.state ?? FREE };
}

/** One sentence for hover: what happens to a layer's bias. */
export function describeFate(fate: BiasFate): string {
  switch (fate.kind) {
    case 'none':
      return 'It has no bias.';
    case 'unknown':
      return `What its bias does is not known: ${fate.reason}.`;
    case 'redundant': {
      const many =
        fate.cancelledBy.length > 1 ? `${fate.cancelledBy.length} batch norms subtract` : 'Batch norm subtracts';
      return `Its bias does nothing in training: ${many.charAt(0).toLowerCase()}${many.slice(1)} it.`;
    }
    case 'needed':
      return `Its bias is needed: ${fate.reason}.`;
  }
}
