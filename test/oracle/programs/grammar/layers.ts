import type { Condition, LayerNode } from './ast';
import { givenLayer } from './given';
import { ownLayer } from './layer-classes';
import type { Output } from './output';
import { conditionText, type Scope } from './scope';

export type Options = readonly (readonly [key: string, value: string])[];

/** Factories and their options; `?` in a value is a condition. */
const FLAT: readonly (readonly [kind: string, ...options: Options[]])[] = [
  [
    'dense',
    [['units', '4']],
    [['units', '4'], ['useBias', '?']],
    [['units', '4'], ['activation', `? ? 'relu' : 'linear'`]],
    [['units', '4'], ['activation', `? ? undefined : 'tanh'`]],
    [['units', '4'], ['useBias', 'false']],
    [['units', '2 * 2'], ['kernelRegularizer', 'tf.regularizers.l2({ l2: 0.1 })']],
    [['units', 'Math.max(4, 2)'], ['biasInitializer', `'ones'`]],
  ],
  ['batchNormalization', [], [['axis', '-1']], [['momentum', '0.9'], ['epsilon', '1e-4']], [['scale', '?']]],
  ['activation', [['activation', `'relu'`]], [['activation', `? ? 'relu' : 'linear'`]]],
  ['batchNormalization', []],
  ['dropout', [['rate', '0.25']], [['rate', '? ? 0.5 : 0']]],
  ['leakyReLU', [], [['alpha', '0.1']]],
  ['dense', [['units', '4']]],
  ['layerNormalization', [], [['axis', '-1']]],
]; // prettier-ignore

const IMAGE: typeof FLAT = [
  [
    'conv2d',
    [['filters', '4'], ['kernelSize', '3'], ['padding', `'same'`]],
    [['filters', '4'], ['kernelSize', '[3, 1]'], ['padding', `'same'`], ['useBias', '?']],
    [['filters', '4'], ['kernelSize', '1'], ['activation', `? ? 'relu' : null`]],
  ],
  ['maxPooling2d', [['poolSize', '2'], ['strides', '1'], ['padding', `'same'`]]],
  ['depthwiseConv2d', [['kernelSize', '3'], ['padding', `'same'`]], [['kernelSize', '1'], ['useBias', '?']]],
]; // prettier-ignore

/** The expression that makes a layer. */
export function layerText(out: Output, node: LayerNode, scope: Scope): string {
  switch (node.l) {
    case 'factory':
      return factory(out, node, scope);
    case 'choice':
      return choice(
        node.form,
        conditionText(node.when, scope),
        layerText(out, node.yes, scope),
        layerText(out, node.no, scope),
      );
    case 'helper':
      return helper(out, node.form, node.flag, node.body, scope);
    case 'own':
      return ownLayer(out, node, scope);
    case 'model':
      return nested(
        out,
        node.form,
        node.layers.map((layer) => layerText(out, layer, scope)),
      );
    case 'stored':
      return stored(node.form, node.layers.map((layer) => layerText(out, layer, scope)), node.at); // prettier-ignore
    case 'given':
      return givenLayer(out, node, scope);
  }
}

/** A kind of layer and its options, in which `when` may stand. */
export function chosen(
  { image, trains }: Output,
  node: { readonly kind: number; readonly option: number },
  when: string,
): { readonly kind: string; readonly options: Options } {
  const kinds = image ? [...IMAGE, ...FLAT] : FLAT;
  const [kind, ...variants] = kinds[node.kind % kinds.length]!;
  const options = variants[node.option % variants.length]!.filter(([key]) => !(trains && key === 'scale')).map(
    ([key, value]) => [key, value.replace('?', when)] as const,
  );
  return { kind, options };
}

function factory(out: Output, node: LayerNode & { l: 'factory' }, scope: Scope): string {
  const when = conditionText(node.when, scope);
  const { kind, options } = chosen(out, node, when);
  const known = options.every(([, value]) => !value.includes(when) || /^(true|false)$/.test(when));
  return written(out, kind, options, known, when, node.form, scope);
}

export function literal(options: Options): string {
  return options.length === 0 ? '{}' : `{ ${options.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
}

/** The ways to write one call of a factory. */
function written(
  out: Output,
  kind: string,
  options: Options,
  known: boolean,
  when: string,
  form: number,
  scope: Scope,
): string {
  const config = options.length === 0 ? '' : literal(options);
  const here = scope.file;
  const plain = `tf.layers.${kind}(${config})`;
  // A constant of the module cannot name what is local to a function.
  const constant = (text: string): string => {
    const file = out.fileFor(here, form);
    const name = out.name('config');
    out.define(file, `const ${name} = ${text};`);
    return out.use(name, file, here);
  };
  switch (form % 15) {
    case 1:
      return known ? `tf.layers.${kind}(${constant(literal(options))})` : plain;
    case 2:
      return known ? `tf.layers.${kind}({ ...${constant(literal(options))}, dtype: 'float32' })` : plain;
    case 3:
      return known ? `tf.layers.${kind}(Object.assign({ dtype: 'float32' }, ${constant(literal(options))}))` : plain;
    case 4:
      out.define(here, `const { ${kind}: ${kind}Layer } = tf.layers;`);
      return `${kind}Layer(${config})`;
    case 5:
      return `tf.layers['${kind}'](${config})`;
    case 6: {
      const file = out.fileFor(here, form);
      const name = `make_${kind}_${file}`;
      out.define(file, `const ${name} = (${out.parameter('config')}) => tf.layers.${kind}(config);`);
      return `${out.use(name, file, here)}(${config === '' ? '{}' : config})`;
    }
    case 7: {
      const computed = options.map(([key, value]) => `['${key.slice(0, 2)}' + '${key.slice(2)}']: ${value}`);
      return `tf.layers.${kind}({ ${computed.join(', ')} })`;
    }
    case 8: {
      out.define(
        here,
        `let made_${here} = 0;\nconst nextName_${here} = (${out.parameter('kind')}) => \`\${kind}_${here}_\${made_${here}++}\`;`,
      );
      return `tf.layers.${kind}(${literal([...options, ['name', `nextName_${here}('${kind}')`]])})`;
    }
    case 9:
      return `tf.layers.${kind}({ ...(${when} ? { trainable: true } : {}), ${literal(options).slice(1)})`;
    case 10:
      return `tf.layers.${kind}({ ...(${when} && { dtype: 'float32' }), ${literal(options).slice(1)})`;
    case 11:
      out.define(
        here,
        `const table_${kind} = { make: (${out.parameter('config')}) => tf.layers.${kind}({ ...config }) };`,
      );
      return `table_${kind}['make'](${config === '' ? '{}' : config})`;
    case 12: {
      const [first, ...rest] = options;
      if (!first) return plain;
      return `((${out.parameter(first[0])}) => tf.layers.${kind}({ ${[first[0], ...rest.map(([key, value]) => `${key}: ${value}`)].join(', ')} }))(${first[1]})`;
    }
    case 13:
      return `(tf.layers).${kind}?.(${config})`;
  }
  return plain;
}

function choice(form: number, when: string, yes: string, no: string): string {
  switch (form % 6) {
    case 1:
      return `(() => { if (${when}) return ${yes}; return ${no}; })()`;
    case 2:
      return `({ on: () => ${yes}, off: () => ${no} })[${when} ? 'on' : 'off']()`;
    case 3:
      return `(() => { switch (Boolean(${when})) { case true: return ${yes}; default: return ${no}; } })()`;
    case 4:
      return `((${when} ? ${yes} : null) ?? ${no})`;
    case 5:
      return `((${when} && ${yes}) || ${no})`;
  }
  return `(${when} ? ${yes} : ${no})`;
}

function stored(form: number, layers: readonly string[], at: number): string {
  const index = at % layers.length;
  const keys = ['a', 'b', 'c'];
  const entries = layers.map((layer, key) => `${keys[key]!}: ${layer}`).join(', ');
  switch (form % 7) {
    case 1:
      return `({ ${entries} }).${keys[index]!}`;
    case 2:
      return `({ ${entries} })['${keys[index]!}']`;
    case 3:
      return `new Map([${layers.map((layer, key) => `['${keys[key]!}', ${layer}]`).join(', ')}]).get('${keys[index]!}')`;
    case 4:
      return `[${layers.join(', ')}].slice(${index})[0]`;
    case 5:
      return `[${layers.join(', ')}].find((_, at) => at === ${index})`;
    case 6:
      return `Object.values({ ${entries} })[${index}]`;
  }
  return `[${layers.join(', ')}][${index}]`;
}

/** A model used as a layer. */
function nested(out: Output, form: number, layers: readonly string[]): string {
  const first = `tf.layers.${out.image ? 'conv2d' : 'dense'}({ ${out.image ? 'filters: 4, kernelSize: 1' : 'units: 4'}, inputShape: ${out.shape} })`;
  switch (form % 3) {
    case 1:
      return `(() => { const inner = tf.sequential(); ${[first, ...layers].map((layer) => `inner.add(${layer});`).join(' ')} return inner; })()`;
    case 2: {
      const steps = layers.map((layer) => `t = ${out.applied(layer, 't')};`);
      return `(() => { const i = tf.input({ shape: ${out.shape} }); let t = i; ${steps.join(' ')} return tf.model({ inputs: i, outputs: t }); })()`;
    }
  }
  return `tf.sequential({ layers: [${[first, ...layers].join(', ')}] })`;
}

/** A function of its own that makes a layer, and its call. */
function helper(out: Output, form: number, flag: Condition, body: LayerNode, scope: Scope): string {
  const argument = conditionText(flag, scope);
  const file = out.fileFor(scope.file, form);
  const name = out.name('make');
  const inner = (flags: readonly string[]): string => layerText(out, body, { ...scope, file, flags, isAsync: false });
  const used = (): string => out.use(name, file, scope.file);
  const on = out.parameter('on');
  switch (form % 16) {
    case 1:
      out.define(file, `const ${name} = (${on}) => ${inner(['on'])};`);
      return `${used()}(${argument})`;
    case 2:
      out.define(file, `const ${name} = (${out.parameter('{ on = true }')}) => {\nreturn ${inner(['on'])};\n};`);
      return `${used()}({ on: ${argument} })`;
    case 3:
      out.define(file, `function ${name}(${on} = true) {\nreturn ${inner(['on'])};\n}`);
      return `${used()}(${argument})`;
    case 4:
      out.define(file, `const ${name} = (${on}) => () => ${inner(['on'])};`);
      return `${used()}(${argument})()`;
    case 5:
      out.define(file, `class ${name} {\nstatic make(${on}) {\nreturn ${inner(['on'])};\n}\n}`);
      return `${used()}.make(${argument})`;
    case 6:
      out.define(file, `const ${name} = {\nmake(${on}) {\nreturn ${inner(['on'])};\n}\n};`);
      return `${used()}.make(${argument})`;
    case 7:
      out.define(file, `function ${name}(${out.parameter('...args')}) {\nreturn ${inner(['args[0]'])};\n}`);
      return `${used()}(${argument})`;
    case 8:
      out.define(file, `function ${name}(${on}) {\nreturn ${inner(['on'])};\n}`);
      return `${used()}.call(null, ${argument})`;
    case 9:
      out.define(
        file,
        `class ${name} {\n${out.typed('on: any;\n')}constructor(${on}) {\nthis.on = on;\n}\nget layer() {\nreturn ${inner(['this.on'])};\n}\n}`,
      );
      return `new ${used()}(${argument}).layer`;
    case 10:
      out.define(
        file,
        `function ${name}(${out.parameter('options')}) {\nconst { on } = options;\nif (!on) return ${inner([])};\nreturn ${inner(['options?.on'])};\n}`,
      );
      return `${used()}({ on: ${argument} })`;
    case 11:
      out.define(file, `const ${name} = function (${on}) {\nreturn ${inner(['on'])};\n};`);
      return `${used()}.apply(null, [${argument}])`;
    case 12:
      out.define(
        file,
        `function ${name}(${out.parameter('settings')}) {\nconst on = settings?.on ?? false;\nconst given = settings ?? { other: true };\nreturn ${inner(['on', 'given.other'])};\n}`,
      );
      return `${used()}(${argument} ? { on: true } : undefined)`;
    case 13:
      out.define(
        file,
        `function ${name}(${out.parameter('settings')}) {\nsettings ??= {};\nsettings.on ??= true;\nreturn ${inner(['settings.on', 'settings.deep?.on'])};\n}`,
      );
      return `${used()}(${argument} ? null : { on: false, deep: { on: true } })`;
    case 15: {
      if (!out.isTyped(file)) break;
      const make = `export function make(${on}) {\nreturn ${inner(['on', 'sides.deep'])};\n}`;
      const within = `export const sides = { deep: true, wide: false };\n${make}`;
      const isDeep = Math.floor(form / 16) % 2 === 1;
      out.define(file, `namespace ${name} {\n${isDeep ? `export namespace Inner {\n${within}\n}` : within}\n}`);
      return `${used()}${isDeep ? '.Inner' : ''}.make(${argument})`;
    }
    case 14:
      out.define(
        file,
        `const ${name} = (${out.parameter('given')}) => {\nconst settings = { on: true, ...given };\nlet on = settings.on;\non &&= !given.other;\nreturn ${inner(['on', 'settings.other'])};\n};`,
      );
      return `${used()}({ other: ${argument} })`;
  }
  out.define(file, `function ${name}(${on}) {\nreturn ${inner(['on'])};\n}`);
  return `${used()}(${argument})`;
}
