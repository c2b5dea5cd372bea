import type * as tfjs from '@tensorflow/tfjs';
import { ConfigObject, isUnknown, type ConfigValue } from '../../server/src/graph';
import {
  isModel,
  type Application,
  type Layer,
  type Model,
  type ModelGraph,
  type Tensor,
} from '../../server/src/graph';

export type Tf = typeof tfjs;
type RealLayer = tfjs.layers.Layer;
/** What tfjs-layers keeps in a layer and does not declare. */
interface Insides {
  readonly forwardLayer?: RealLayer;
  readonly backwardLayer?: RealLayer;
  call: (inputs: tfjs.Tensor | tfjs.Tensor[], kwargs: Record<string, unknown>) => tfjs.Tensor;
}

/**
 * Builds real tfjs layers and models from a ModelGraph: the graph is what the analysis believes, what is built here is
 * what tfjs makes of it. Everything is made on demand, each graph object once.
 */
export class RealGraph {
  private readonly layers = new Map<Layer, RealLayer>();
  private readonly models = new Map<Model, tfjs.LayersModel>();
  private readonly tensors = new Map<Tensor, tfjs.SymbolicTensor>();
  private readonly shapes = new Map<Tensor, readonly (number | null)[]>();

  /** @param tf any build of tfjs: the pure JavaScript one or tfjs-node */
  constructor(
    private readonly tf: Tf,
    readonly graph: ModelGraph,
  ) {}

  model(model: Model): tfjs.LayersModel {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    const inputs = model.inputs.map((tensor) => this.tensor(tensor));
    const outputs = model.outputs.map((tensor) => this.tensor(tensor));
    const real = this.tf.model({ inputs, outputs });
    this.models.set(model, real);
    return real;
  }

  /** The symbolic tensor, with all that leads to it; throws where tfjs refuses. */
  tensor(tensor: Tensor): tfjs.SymbolicTensor {
    const known = this.tensors.get(tensor);
    if (known !== undefined) return known;
    if (tensor.producer === null) {
      if (tensor.shape === null) throw new Error('an input of unknown rank cannot be built');
      this.tensors.set(tensor, this.tf.input({ batchShape: [...tensor.shape] }));
    } else this.apply(tensor.producer);
    return this.tensors.get(tensor)!;
  }

  /** The shape that tfjs gave it when it was made: some layers change the shape of their input later on. */
  shape(tensor: Tensor): readonly (number | null)[] {
    this.tensor(tensor);
    return this.shapes.get(tensor)!;
  }

  layer(layer: Layer): RealLayer {
    const known = this.layers.get(layer);
    if (known !== undefined) return known;
    const config = plain(layer.config, this.tf) as Record<string, unknown>;
    if (layer.inner !== null) {
      config[layer.kind === 'rnn' ? 'cell' : 'layer'] = isModel(layer.inner)
        ? this.model(layer.inner)
        : this.layer(layer.inner);
    }
    const factory = this.tf.layers[layer.kind as 'dense'] as (config: unknown) => RealLayer;
    const real = factory(config);
    if (layer.kind === 'batchNormalization' && this.tf.getBackend() === 'cpu') normaliseByReference(this.tf, real);
    this.layers.set(layer, real);
    return real;
  }

  /** The variables that hold a layer's weights; both halves' for a layer that `bidirectional` copies. */
  weights(layer: Layer): readonly tfjs.LayerVariable[] {
    for (const [wrapper, real] of this.layers) {
      const { forwardLayer, backwardLayer } = real as unknown as Insides;
      if (wrapper.inner === layer && forwardLayer && backwardLayer) {
        return [...forwardLayer.weights, ...backwardLayer.weights];
      }
    }
    return this.layer(layer).weights;
  }

  /** Every real layer that was built, with its graph layer. */
  get built(): ReadonlyMap<Layer, RealLayer> {
    return this.layers;
  }

  /** Whether the layer, or one that wraps it, was built. */
  runs(layer: Layer): boolean {
    return this.layers.has(layer);
  }

  tensorOf(values: number[], shape: number[]): tfjs.Tensor {
    return this.tf.tensor(values, shape);
  }

  dispose(): void {
    const built = this.graph.layers.filter((layer) => this.layers.has(layer));
    for (const variable of new Set(built.flatMap((layer) => this.weights(layer)))) variable.dispose();
  }

  private apply(application: Application): void {
    const { target } = application;
    if (target.type !== 'layer' && target.type !== 'model') throw new Error(`cannot build ${target.type}`);
    const real = target.type === 'layer' ? this.layer(target.layer) : this.model(target.model);
    const inputs = application.inputs.map((tensor) => this.tensor(tensor));
    const outputs = [real.apply(inputs.length === 1 ? inputs[0]! : inputs)].flat() as tfjs.SymbolicTensor[];
    application.outputs.forEach((tensor, index) => {
      this.tensors.set(tensor, outputs[index]!);
      this.shapes.set(tensor, [...outputs[index]!.shape]);
    });
  }
}

/** A config as the author would have written it. */
function plain(value: ConfigValue, tf: Tf): unknown {
  if (isUnknown(value)) throw new Error('an unknown value cannot be built');
  if (value instanceof ConfigObject) {
    const entries = [...value.entries].map(([key, entry]) => [key, plain(entry, tf)] as const);
    const record = Object.fromEntries(entries);
    if (value.className === null) return record;
    const [group, name] = value.className.split('.') as ['regularizers', 'l2'];
    return (tf[group][name] as (options: object) => unknown)(record);
  }
  return Array.isArray(value) ? value.map((entry: ConfigValue) => plain(entry, tf)) : value;
}

/**
 * On the cpu backend batch norm over an axis that is not the last gives wrong numbers (it walks the statistics
 * cyclically, tfjs-backend-cpu/src/kernels/BatchNorm.ts). There, and only there, the formula itself stands in.
 */
function normaliseByReference(tf: Tf, real: RealLayer): void {
  const layer = real as unknown as Insides;
  const original = layer.call.bind(layer);
  const { axis, epsilon } = real.getConfig() as { axis: number; epsilon: number };
  layer.call = (inputs, kwargs) => {
    const x = [inputs].flat()[0]!;
    const channel = axis < 0 ? x.rank + axis : axis;
    if (channel === x.rank - 1 || x.rank > 4) return original(inputs, kwargs);
    return tf.tidy(() => {
      const shape = x.shape.map((size, at) => (at === channel ? size : 1));
      const weight = (name: string) => {
        const found = real.weights.find((variable) => variable.originalName.endsWith(name));
        return found!.read().reshape(shape);
      };
      const others = x.shape.map((_, at) => at).filter((at) => at !== channel);
      const batch = tf.moments(x, others, true);
      const mean = kwargs['training'] ? batch.mean : weight('moving_mean');
      const variance = kwargs['training'] ? batch.variance : weight('moving_variance');
      return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(weight('gamma')).add(weight('beta'));
    });
  };
}
