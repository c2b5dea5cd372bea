import { ConfigObject, Unknown, type ConfigValue, type Layer, type Model, type ModelGraph } from '../graph';

/** A text that is equal for graphs that are the same but for why something in them is unknown. */
export function fingerprint(graph: ModelGraph): string {
  const parts: string[] = [];
  for (const layer of graph.layers) {
    const at = layer.site ? `${layer.site.file}:${layer.site.call.start}` : '';
    const inner = layer.inner ? refer(layer.inner) : '';
    parts.push(
      `L${layer.kind}@${at}${configPrint(layer.config)}${inner}${String(layer.trainable)}${layer.escapes.length > 0}${layer.weights.map(({ kind }) => kind).join()}${changed(layer)}`,
    );
  }
  for (const { target, inputs, outputs, mode } of graph.applications) {
    const what =
      target.type === 'layer'
        ? refer(target.layer)
        : target.type === 'model'
          ? refer(target.model)
          : target.type === 'op'
            ? `${target.name}${configPrint(target.attributes)}${target.roles.join()}${target.call?.site.call.start ?? ''}`
            : '?';
    parts.push(`A${what}(${inputs.map(({ id }) => id).join()})${outputs.map(({ id }) => id).join()}${mode}`);
  }
  for (const { id, shape, producer, made, escapes } of graph.tensors) {
    if (escapes.length > 0) parts.push(`E${id}`);
    // Shapes of what an application makes follow from those of what goes in.
    if (!producer && shape) parts.push(`T${id}:${shape.join()}`);
    if (made) {
      const at = made.place ? `${made.place.file}:${made.place.start}` : '';
      parts.push(`D${id}:${made.as}${String(made.trainable)}${made.fill}${made.assignable}@${at}`);
    }
  }
  for (const model of graph.models) {
    parts.push(
      `M${model.inputs.map(({ id }) => id).join()}>${model.outputs.map(({ id }) => id).join()}:${model.members.map(refer).join()}` +
        `${model.trainings.length > 0}${model.weights.map(({ kind }) => kind).join()}${String(model.trainable)}${changed(model)}`,
    );
  }
  for (const step of graph.steps) {
    const { variables } = step;
    const taken =
      variables instanceof Unknown ? '?' : typeof variables === 'string' ? variables : variables.map(refer).join();
    const runs = step.runs.map(
      (run) =>
        `${refer(run.target)}${run.api}${run.site.call.start}${run.mode instanceof Unknown ? '?' : run.mode}${run.samples}`,
    );
    const ops = step.ops.map(({ application }) => `a${application.id}`);
    parts.push(
      `S${step.api}${step.place.start}${step.applied}${taken}${runs.join()}${ops.join()}frozen${step.frozen.map(refer).join()}`,
    );
  }
  return parts.join('\n');
}

/** Whether something is updated outside of any step, and whether other code may change it. */
function changed({ updates, escapes }: Layer | Model): string {
  return `${updates.length > 0}${escapes.some(({ handed }) => handed)}`;
}

function refer(member: Layer | Model): string {
  return 'members' in member ? `m${member.id}` : `l${member.id}`;
}

/** A text that is equal for configs that are the same but for why something in them is unknown. */
export function configPrint(value: ConfigValue): string {
  if (value instanceof Unknown) return '?';
  if (value instanceof ConfigObject) {
    // What is undefined is as good as missing.
    const given = [...value.entries].filter(([, item]) => item !== undefined);
    const entries = given.map(([key, item]) => `${key}:${configPrint(item)}`);
    return `${value.className ?? ''}{${entries.join()}${value.complete ? '' : '…'}}`;
  }
  if (Array.isArray(value)) return `[${(value as ConfigValue[]).map(configPrint).join()}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
