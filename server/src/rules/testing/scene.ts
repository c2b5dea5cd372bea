import {
  ConfigObject,
  GraphBuilder,
  Unknown,
  type CallSite,
  type ConfigValue,
  type Decision,
  type Layer,
} from '../../graph';
import type { GradientStep, Model, ModelRun, Place, Tensor, World } from '../../graph';

export const FILE = '/model.js';

const offsets = new Map<string, number>();

/** A place of its own for every name; the same name is the same code. */
export function place(name: string): Place {
  const start = offsets.get(name) ?? (offsets.size + 1) * 100;
  offsets.set(name, start);
  return { file: FILE, start, end: start + 50 };
}

/** A call that stands at `place(name)`, with an object literal that has these keys. */
export function site(name: string, keys: readonly string[] = []): CallSite {
  const { file, start, end } = place(name);
  const object = {
    span: { start: start + 10, end: end - 1 },
    properties: keys.map((key, i) => {
      const at = start + 11 + 2 * i;
      return { key, form: 'property', span: { start: at, end: at + 1 }, value: { start: at, end: at + 1 } } as const;
    }),
  };
  return {
    file,
    call: { start, end },
    callee: { start, end: start + 9 },
    name: { start: start + 5, end: start + 9 },
    close: end - 1,
    args: [{ span: object.span, spread: false, object }],
  };
}

/** `text` decided; written anywhere in the file unless told otherwise. */
export function decision(
  text: string,
  value: boolean,
  scope: Place | null = { file: FILE, start: 0, end: 1e9 },
): Decision {
  return { id: text, text, place: place(text), value, scope };
}

/** Builds the graph of one world, for tests of rules. Layers are named by the code that creates them. */
export class Scene {
  readonly builder = new GraphBuilder();

  layer(kind: string, at: string, config: Record<string, ConfigValue> = {}, calls: readonly string[] = []): Layer {
    const created = site(at, Object.keys(config));
    return this.builder.layer(kind, ConfigObject.of(config), { site: created, calls: calls.map(place) });
  }

  conv(at = 'conv', config: Record<string, ConfigValue> = {}, calls: readonly string[] = []): Layer {
    return this.layer('conv2d', at, { filters: 3, kernelSize: 3, ...config }, calls);
  }

  norm(at = 'norm', config: Record<string, ConfigValue> = {}): Layer {
    return this.layer('batchNormalization', at, config);
  }

  chain(input: Tensor, ...layers: readonly Layer[]): Tensor {
    return layers.reduce((tensor, layer) => this.builder.applyLayer(layer, [tensor]), input);
  }

  sequential(...layers: readonly Layer[]): Model {
    const input = this.builder.input([null, 8, 8, 2]);
    return this.builder.model('sequential', [input], [this.chain(input, ...layers)], layers, { site: site('model') });
  }

  step(variables: GradientStep['variables'] = 'all', at = 'minimize'): GradientStep {
    return this.builder.step('minimize', place(at), variables);
  }

  run(step: GradientStep, target: Layer | Model, more: Partial<Omit<ModelRun, 'target'>> = {}): void {
    this.builder.run(step, {
      target,
      api: 'predict',
      site: site('run'),
      mode: 'stored',
      path: [],
      within: null,
      samples: null,
      deliberate: false,
      ...more,
    });
  }

  world(...decisions: readonly Decision[]): World {
    return { graph: this.builder.finish(), root: null, decisions, outcomes: [] };
  }
}

export function unknown(reason = 'a test'): Unknown {
  return new Unknown(reason);
}
