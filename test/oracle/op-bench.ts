import {
  ConfigObject,
  GraphBuilder,
  opSignature,
  type ConfigValue,
  type ModelGraph,
  type Tensor,
} from '../../server/src/graph';

/** Arguments of an op by the names of its parameters. */
export type Arguments = Readonly<Record<string, Tensor | readonly Tensor[] | ConfigValue>>;

/** Builds graphs of ops on data in a few words. */
export class OpBench {
  readonly builder = new GraphBuilder();

  data(...shape: number[]): Tensor {
    return this.builder.input(shape);
  }

  /** A variable, as a bias or a filter is. */
  variable(...shape: number[]): Tensor {
    return this.builder.input(shape, { as: 'variable', trainable: true, fill: null, assignable: false, place: null });
  }

  layer(kind: string, config: Record<string, ConfigValue>, x: Tensor): Tensor {
    const layer = this.builder.layer(kind, ConfigObject.of(config));
    return this.builder.applyLayer(layer, [x], { mode: 'batch' });
  }

  /** `tf.name(...)` with its arguments by name. */
  op(name: string, args: Arguments): Tensor {
    return this.ops(name, args)[0]!;
  }

  ops(name: string, args: Arguments): readonly Tensor[] {
    const inputs: Tensor[] = [];
    const roles: string[] = [];
    const attributes = new Map<string, ConfigValue>();
    for (const { name: parameter, takes } of opSignature(name)!.parameters) {
      const given = args[parameter];
      if (given === undefined) continue;
      const tensors = takes === 'plain' ? [] : ([given].flat() as readonly unknown[]).filter(isTensor);
      if (tensors.length === 0) attributes.set(parameter, given as ConfigValue);
      for (const tensor of tensors) {
        inputs.push(tensor);
        roles.push(parameter);
      }
    }
    return this.builder.apply(
      { type: 'op', name, attributes: new ConfigObject(attributes), roles, call: null },
      inputs,
      {
        mode: 'stored',
      },
    );
  }

  /** The graph, with these tensors handed to whoever looks at them. */
  observed(...tensors: Tensor[]): ModelGraph {
    for (const tensor of tensors) this.builder.escape(tensor, { reason: 'a test', place: null });
    return this.builder.finish();
  }
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'uses' in value;
}
