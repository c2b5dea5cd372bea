import {
  ConfigObject,
  GraphBuilder,
  type ConfigValue,
  type Layer,
  type Mode,
  type Model,
  type Shape,
} from '../../graph';
import type { GradientApi, GradientStep, ModelRun, Tensor } from '../../graph';
import type { Witness } from '../../rules';

/** Hand-made witnesses for tests of the check: small graphs without any source code. */
export class Sketch {
  readonly builder = new GraphBuilder();

  layer(kind: string, config: Readonly<Record<string, ConfigValue>> = {}, inner: Layer | Model | null = null): Layer {
    return this.builder.layer(kind, ConfigObject.of(config), { inner });
  }

  input(...shape: (number | null)[]): Tensor {
    return this.builder.input(shape);
  }

  apply(layer: Layer, inputs: Tensor | readonly Tensor[], mode: Mode = 'caller'): Tensor {
    return this.builder.applyLayer(layer, Array.isArray(inputs) ? inputs : [inputs as Tensor], { mode });
  }

  /** New layers one after the other; each is a kind or a kind with its config. */
  chain(from: Tensor, ...steps: readonly Step[]): Tensor {
    let tensor = from;
    for (const step of steps) {
      const [kind, config] = typeof step === 'string' ? [step, {}] : step;
      tensor = this.apply(this.layer(kind, config), tensor);
    }
    return tensor;
  }

  model(inputs: readonly Tensor[], outputs: readonly Tensor[], members: readonly (Layer | Model)[] = []): Model {
    const all = members.length > 0 ? members : this.builder.finish().layers;
    return this.builder.model('functional', inputs, outputs, all);
  }

  bias(layer: Layer): Witness & { readonly rule: 'redundant-bias' } {
    return { rule: 'redundant-bias', graph: this.builder.finish(), bias: layer };
  }

  step(api: GradientApi = 'minimize', variables: GradientStep['variables'] = 'all'): GradientStep {
    return this.builder.step(api, { file: '/train.ts', start: 0, end: 1 }, variables);
  }

  run(step: GradientStep, target: Layer | Model, api: ModelRun['api'], mode: ModelRun['mode']): ModelRun {
    const span = { start: 0, end: 1 };
    const site = { file: '/train.ts', call: span, callee: span, name: span, close: 0, args: [] };
    const run: ModelRun = { target, api, site, mode, path: [], within: null, samples: null, deliberate: false };
    this.builder.run(step, run);
    return run;
  }

  updates(step: GradientStep, run: ModelRun): Witness & { readonly rule: 'updates-not-run' } {
    return { rule: 'updates-not-run', graph: this.builder.finish(), step, run, model: run.target };
  }
}

export type Step = string | readonly [kind: string, config: Readonly<Record<string, ConfigValue>>];

export const CONV: Step = ['conv2d', { filters: 4, kernelSize: 3 }];
export const IMAGE: Shape = [null, 8, 8, 2];

/** `conv2d`, the given layers, batch norm; the witness is about the bias of the convolution. */
export function convThen(...between: readonly Step[]): Witness & { readonly rule: 'redundant-bias' } {
  const sketch = new Sketch();
  const image = sketch.input(...IMAGE);
  const conv = sketch.layer('conv2d', { filters: 4, kernelSize: 3 });
  const output = sketch.chain(sketch.apply(conv, image), ...between, 'batchNormalization');
  sketch.model([image], [output]);
  return sketch.bias(conv);
}

/** A model with one batch norm, run by one gradient step. */
export function stepRunning(
  api: ModelRun['api'],
  mode: ModelRun['mode'],
  variables: GradientStep['variables'] = 'all',
): Witness & { readonly rule: 'updates-not-run' } {
  const sketch = new Sketch();
  const data = sketch.input(null, 6);
  const output = sketch.chain(data, ['dense', { units: 5 }], 'batchNormalization', ['dense', { units: 1 }]);
  const model = sketch.model([data], [output]);
  const step = sketch.step('minimize', variables);
  return sketch.updates(step, sketch.run(step, model, api, mode));
}
