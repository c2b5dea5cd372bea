import type { Output } from './output';
import { conditionText, type Scope } from './scope';
import { layerText } from './layers';
import type { LayerNode, ProgramNode } from './ast';

/** Whether a program has classes of layers. */
export function hasOwnLayers(node: ProgramNode): boolean {
  return JSON.stringify(node).includes('"l":"own"');
}

/**
 * A class of layers that holds layers of its own and applies them one after the other in `call`, the last one a batch
 * norm; and the expression that makes one.
 */
export function ownLayer(out: Output, node: LayerNode & { l: 'own' }, scope: Scope): string {
  const file = out.fileFor(scope.file, Math.floor(node.form / 5));
  const name = out.name('Own');
  const inside: Scope = { ...scope, file, flags: ['this.on'], isAsync: false };
  const made = node.layers.map((layer) => layerText(out, layer, inside)).join(', ');
  const norm = 'tf.layers.batchNormalization()';
  const fields = out.typed('on: any;\nparts: any;\nnorm: any;\n');
  const handed = ['', ', kwargs', ', { training: kwargs.training }', ', { training: true }'][node.handing % 4]!;
  const first = `(Array.isArray(inputs) ? inputs[0] : inputs)${out.typed(' as any')}`;
  const start = `static className = '${name}';\n${fields}`;
  const constructor = (text: string): string => `constructor(${out.parameter('on')}) {\nsuper({});\nthis.on = on;\n${text}\n}\n`; // prettier-ignore
  const shape = `computeOutputShape(${out.parameter('shape')}) {\nreturn shape;\n}\n`;
  const signature = `call(${out.parameter('inputs')}, ${out.parameter('kwargs')})`;
  const looped = `${signature} {\nlet x = ${first};\nfor (const part of this.parts) x = part.apply(x${handed});\nreturn this.norm.apply(x${handed});\n}\n`;
  const define = (text: string): void => out.define(file, text);
  // The recorder knows layers that are made while it does not look by their first use, but no models.
  const holdsModel = /"l":"(model|given)"/.test(JSON.stringify(node.layers));
  switch (holdsModel && node.form % 5 === 1 ? 0 : node.form % 5) {
    case 1:
      define(`class ${name} extends tf.layers.Layer {\n${start}${constructor('')}build(${out.parameter('shape')}) {\nthis.parts = [${made}];\nthis.norm = ${norm};\nsuper.build(shape);\n}\n${shape}${looped}}`);
      break;
    case 2:
      define(`class Base${name} extends tf.layers.Layer {\n${fields}${constructor(`this.norm = ${norm};`)}${shape}finish(${out.parameter('x')}, ${out.parameter('kwargs')}) {\nreturn this.norm.apply(x${handed});\n}\n}`);
      define(`class ${name} extends Base${name} {\nstatic className = '${name}';\nconstructor(${out.parameter('on')}) {\nsuper(!on);\nthis.parts = [${made}];\n}\n${signature} {\nconst y = this.parts.reduce((${out.parameter('x')}, ${out.parameter('part')}) => part.apply(x${handed}), ${first});\nreturn this.finish(y, kwargs);\n}\n}`);
      break;
    case 3:
      define(`class ${name} extends tf.layers.Layer {\n${start}${constructor(`this.parts = this.make();\nthis.norm = this.on ? ${norm} : null;`)}make() {\nreturn [${made}];\n}\n${shape}${signature} {\nreturn tf.tidy(() => {\nlet x = ${first};\nfor (let at = 0; at < this.parts.length; at++) x = this.parts[at].apply(x${handed});\nreturn this.norm ? this.norm.apply(x${handed}) : x.add(1);\n});\n}\n}`);
      break;
    default:
      define(`class ${name} extends tf.layers.Layer {\n${start}${constructor(`this.parts = [${made}];\nthis.norm = ${norm};`)}${shape}${looped}}`);
  }
  out.use(name, file, scope.file);
  return `new ${name}(${conditionText(node.flag, scope)})`;
}
