import type { Statement, SurgeryNode } from './ast';
import { layerText } from './layers';
import type { Output } from './output';
import { conditionText, emit, type Scope } from './scope';

const NAME = 'features';

/** The end of a model that parts are taken of: a layer with a name, and what stands behind it. */
export function tailText(out: Output, node: SurgeryNode, scope: Scope): string {
  const named = out.image ? `conv2d({ filters: 4, kernelSize: 1` : `dense({ units: 4`;
  const layers = [`tf.layers.${named}, name: '${NAME}' })`, ...node.tail.map((layer) => layerText(out, layer, scope))];
  return layers.map((layer) => `${emit(out, layer, scope)}\n`).join('');
}

/** How the layer with a name is found in a model. */
function picked(out: Output, { pick, tail }: SurgeryNode, model: string): string {
  const back = 1 + tail.length;
  const layer = out.parameter('layer');
  // The names of layers of a program's own classes are not known.
  switch (out.trains && (pick % 6 === 2 || pick % 6 === 5) ? 0 : pick % 6) {
    case 1:
      return `${model}.layers[${model}.layers.length - ${back}]`;
    case 2:
      return `${model}.layers.find((${layer}) => layer.name === '${NAME}')`;
    case 3:
      return `${model}.layers.at(-${back})`;
    case 4:
      return `${model}.layers.slice(-${back})[0]`;
    case 5:
      return `${model}.layers.filter((${out.parameter('{ name }')}) => name.startsWith('feat'))[0]`;
  }
  return `${model}.getLayer('${NAME}')`;
}

/** Whether the layers of a model are no chain. */
function isMerging(body: readonly Statement[]): boolean {
  const within = (value: unknown): boolean => Array.isArray(value) && isMerging(value as readonly Statement[]);
  return body.some((statement) => statement.s === 'branch' || Object.values(statement).some(within));
}

/** Other models with parts of a model that is built, or with the model as a part. */
export function surgeryText(
  out: Output,
  node: SurgeryNode,
  model: string,
  body: readonly Statement[],
  scope: Scope,
): string {
  const isFunctional = scope.target === 'functional';
  const isChain = !isFunctional || !isMerging(body);
  const head = (to: string): string => out.applied(layerText(out, node.head, scope), to);
  const onto = (base: string, to: string): string => `tf.model({ inputs: ${base}.inputs, outputs: ${head(to)} });`;
  const pick = picked(out, node, model);
  const when = conditionText(node.when, scope);
  const own = `${model}.layers${isFunctional ? '.slice(1)' : ''}`;
  const input = `const start = tf.input({ shape: ${out.shape} });\nlet y${out.typed(': any')} = start;`;
  const again = 'y = layer.apply(y);';
  const inBlock = (text: string): string => `{\n${text}\n}\n`;
  const byName = node.form % 13 === 2 || node.form % 13 === 9;
  switch (byName && out.trains ? 0 : node.form % 13) {
    case 1:
      return inBlock(
        `const base = tf.model({ inputs: ${model}.inputs, outputs: ${pick}.output });\nconst top = tf.sequential();\ntop.add(base);\ntop.add(${layerText(out, node.head, scope)});`,
      );
    case 2:
      return inBlock(
        `${input}\nlet behind = false;\nfor (const layer of ${model}.layers) {\nif (behind) ${again}\nif (layer.name === '${NAME}') behind = true;\n}\ntf.model({ inputs: start, outputs: ${head('y')} });`,
      );
    case 3:
      // tfjs throws where a model would be last.
      if (isFunctional || node.tail.length > 1) break;
      return `${model}.pop();\n${when} && ${model}.add(${layerText(out, node.head, scope)});\n`;
    case 4:
      if (!isChain) break;
      // The first layer stays trainable: a step needs something to train.
      return inBlock(
        `${input}\nfor (const [at, layer] of ${own}.entries()) {\nlayer.trainable = at === 0 || ${when};\n${again}\n}\ntf.model({ inputs: start, outputs: y });`,
      );
    case 5:
      return inBlock(
        `const outer = tf.input({ shape: ${out.shape} });\ntf.model({ inputs: outer, outputs: ${head(out.applied(model, 'outer'))} });`,
      );
    case 6:
      return `tf.sequential({ layers: [${model}, ${layerText(out, node.head, scope)}] });\n`;
    case 7:
      return `tf.model({ inputs: ${model}.inputs[0], outputs: [${model}.outputs[0], ${pick}.output] });\n`;
    case 8: {
      const sides = ['left', 'right'].map((side) => `const ${side} = tf.input({ shape: ${out.shape} });`);
      const merged = out.applied('tf.layers.add()', `[${out.applied(model, 'left')}, ${out.applied(model, 'right')}]`);
      return inBlock(`${sides.join('\n')}\ntf.model({ inputs: [left, right], outputs: ${merged} });`);
    }
    case 9:
      return `${model}.layers.forEach((${out.parameter('layer')}) => {\nif (layer.name !== '${NAME}') return;\n${onto(model, 'layer.output')}\n});\n`;
    case 10:
      if (!isChain) break;
      return inBlock(
        `const copy = tf.sequential();\nfor (const layer of ${own}) copy.add(layer);\ncopy.add(${layerText(out, node.head, scope)});`,
      );
    case 11: {
      const file = out.fileFor(scope.file, Math.floor(node.form / 13));
      const name = out.name('withHead');
      const inner = { ...scope, file, flags: ['on'], isAsync: false };
      const text = `tf.model({ inputs: base.inputs, outputs: ${out.applied(layerText(out, node.head, inner), `${picked(out, node, 'base')}.output`)} })`;
      out.define(file, `function ${name}(${out.parameter('base')}, ${out.parameter('on')}) {\nreturn ${text};\n}`);
      return `${out.use(name, file, scope.file)}(${model}, ${when});\n`;
    }
    case 12:
      return inBlock(`const source = ${when} ? ${pick}.output : ${model}.outputs[0];\n${onto(model, 'source')}`);
  }
  return `${onto(model, `${pick}.output`)}\n`;
}
