import type { RowNode, Statement } from './ast';
import { chosen, literal } from './layers';
import type { Output } from './output';
import { conditionText, emit, inFunction, type Scope } from './scope';

type Table = Statement & { s: 'table' };

/** How a row of a table is written, and what its reader calls its parts. */
interface Shape {
  /** A row; `norm` is empty where rows do not say whether a batch norm follows. */
  readonly row: (kind: Kind, options: string, norm: string) => string;
  /** What binds `type`, `given` and, with `norm`, `norm`. */
  readonly pattern: (norm: boolean) => string;
  /** What the pattern takes apart. */
  readonly of: (def: string) => string;
}

/** An object's text with more entries in front. */
function widened(front: string, object: string): string {
  return object === '{}' ? `{ ${front} }` : `{ ${front}, ${object.slice(2)}`;
}

const whole = (def: string): string => def;

/** How a kind of layer is written in tables and where they are read. */
interface Kind {
  /** The factory that it stands for. */
  readonly factory: string;
  /** As a value, and as the name of a property. */
  readonly value: string;
  readonly key: string;
}

const SHAPES: readonly Shape[] = [
  {
    row: (kind, options, norm) => widened(`type: ${kind.value}${norm && `, norm: ${norm}`}`, options),
    pattern: (norm) => `{ type, ${norm ? 'norm, ' : ''}...given }`,
    of: whole,
  },
  {
    row: (kind, options, norm) => `[${kind.value}, ${options}${norm && `, ${norm}`}]`,
    pattern: (norm) => `[type, given${norm ? ', norm' : ''}]`,
    of: whole,
  },
  {
    row: (kind, options, norm) => `{ type: ${kind.value}, options: ${options}${norm && `, norm: ${norm}`} }`,
    pattern: (norm) => `{ type, options: given${norm ? ', norm' : ''} }`,
    of: whole,
  },
  {
    row: (kind, options, norm) => `{ ${kind.key}: ${options}${norm && `, norm: ${norm}`} }`,
    pattern: (norm) => (norm ? '[[type, given], [, norm]]' : '[[type, given]]'),
    of: (def) => `Object.entries(${def})`,
  },
];

/** A model that grows by the rows of a table. */
export function tableText(out: Output, node: Table, scope: Scope): string {
  const shape = SHAPES[node.shape % SHAPES.length]!;
  const hasNorm = node.norm % 3 > 0;
  const far = out.fileFor(scope.file, Math.floor(node.place / 8));
  const factories = [...new Set(node.rows.map((row) => chosen(out, row, '').kind))];
  const kinds = kindsOf(out, node, factories, far, scope);
  const rows = (flags: Scope): string[] =>
    node.rows.map((row: RowNode) => {
      const { kind, options } = chosen(out, row, conditionText(row.when, flags));
      const own = kinds.kinds[factories.indexOf(kind)]!;
      return shape.row(own, literal(options), hasNorm ? conditionText(row.norm, flags) : '');
    });
  const table = (flags: Scope, count = node.rows.length): string => `[\n${rows(flags).slice(0, count).join(',\n')}\n]`;
  // A constant of the module cannot name what is local to a function.
  const known = { ...scope, flags: [] };
  const constant = (file: number, text: string): string => {
    const name = out.name('LAYERS');
    const check = out.typed(CHECKS[node.walk % CHECKS.length]!);
    out.define(file, `const ${name} = ${text}${check};`);
    return name;
  };
  const grow = (defs: string, file = scope.file, current = scope.current): string =>
    walked(out, node, defs, kinds, { ...scope, file, current });
  const given = (current: string): string => grow('defs', far, current);
  switch (node.place % 8) {
    case 1:
      return grow(out.use(constant(far, table(known)), far, scope.file));
    case 2:
      return grow(table(scope));
    case 3:
      return inFunction(out, 'defs', far, given, table(scope), scope);
    case 4:
      return inFunction(out, `defs = ${constant(far, table(known))}`, far, given, '', scope);
    case 5: {
      const name = constant(far, `{\nsmall: ${table(known, 1)},\nlarge: ${table(known)}\n}`);
      const when = conditionText(node.when, scope);
      return grow(`${out.use(name, far, scope.file)}[${when} ? 'large' : 'small']`);
    }
    case 6: {
      const name = constant(far, table(known));
      const longer = `${out.use(name, far, scope.file)}.concat(${table(scope, 1)})`;
      return inFunction(out, 'defs', far, given, longer, scope);
    }
    case 7: {
      const name = out.name('defs');
      const when = conditionText(node.when, scope);
      const pushed = rows(scope).map((row, at) => {
        const push = `${name}.push(${row})`;
        if (at > 0) return `${push};`;
        return [`if (${when}) ${push};`, `${when} && ${push};`, `${when} ? ${push} : ${name}.unshift(${row});`][
          node.read % 3
        ]!;
      });
      return `const ${name}${out.typed(': any[]')} = [];\n${pushed.join('\n')}\n${grow(name)}`;
    }
  }
  const name = out.name('defs');
  return `const ${name} = ${table(scope)};\n${grow(name)}`;
}

/** What TypeScript is told of a table. */
const CHECKS = ['', ' as const', ' satisfies object'];

/** The kinds of a table: by the names of their factories, or members of an enum. */
interface Kinds {
  readonly kinds: readonly Kind[];
  /** The name of a factory, of what `type` is. */
  readonly name: string;
}

function kindsOf(out: Output, node: Table, factories: readonly string[], file: number, scope: Scope): Kinds {
  const style = Math.floor(node.shape / SHAPES.length) % 4;
  if (style === 0 || !out.isTyped(file))
    return { kinds: factories.map((factory) => ({ factory, value: `'${factory}'`, key: factory })), name: 'type' };
  const name = out.name('Kind');
  // The keys of an object are texts: its entries give no numbers.
  const isNumeric = style === 1 && node.shape % SHAPES.length !== 3;
  const members = factories.map((factory, at) => (isNumeric ? `${factory}${at === 0 && node.walk % 2 === 1 ? ' = 5' : ''}` : `${factory} = '${factory}'`)); // prettier-ignore
  out.define(file, `${style === 3 ? 'const ' : ''}enum ${name} {\n${members.join(',\n')}\n}`);
  out.use(name, file, scope.file);
  const kinds = factories.map((factory) => {
    const value = `${name}.${factory}`;
    return { factory, value, key: `[${value}]` };
  });
  return { kinds, name: isNumeric ? `${name}[type]` : 'type' };
}

/** Goes through a table. */
function walked(out: Output, node: Table, defs: string, kinds: Kinds, scope: Scope): string {
  const shape = SHAPES[node.shape % SHAPES.length]!;
  const hasNorm = node.norm % 3 > 0;
  const pattern = shape.pattern(hasNorm);
  const bound = `const ${pattern} = ${shape.of('def')};`;
  const grown = read(out, node, kinds, scope);
  const after = hasNorm ? `\nif (norm) ${emit(out, 'tf.layers.batchNormalization()', scope)}` : '';
  const body = `${bound}\n${grown((layer) => emit(out, layer, scope))}${after}`;
  switch (node.walk % 7) {
    case 1:
      return `${defs}.forEach((${out.parameter('def')}) => {\n${body}\n});`;
    case 2: {
      const list = out.name('rows');
      return `const ${list} = ${defs};\nfor (let at = 0; at < ${list}.length; at++) {\nconst def = ${list}[at];\n${body}\n}`;
    }
    case 3:
      return `for (const [at, def] of ${defs}.entries()) {\n${body}\n}`;
    case 4:
      if (shape.of === whole)
        return `for (const ${pattern} of ${defs}) {\n${grown((layer) => emit(out, layer, scope))}${after}\n}`;
      break;
    case 5: {
      const list = out.name('made');
      const each = out.name('layer');
      const result = grown((layer) => `return ${hasNorm ? `[${layer}, ...(norm ? [tf.layers.batchNormalization()] : [])]` : `[${layer}]`};`); // prettier-ignore
      return `const ${list} = ${defs}.flatMap((${out.parameter('def')}) => {\n${bound}\n${result}\n});\nfor (const ${each} of ${list}) ${emit(out, each, scope)}`;
    }
    case 6: {
      const queue = out.name('queue');
      return `const ${queue} = [...${defs}];\nwhile (${queue}.length > 0) {\nconst def = ${queue}.shift();\n${body}\n}`;
    }
  }
  return `for (const def of ${defs}) {\n${body}\n}`;
}

/** How the layer of a row is made of its `type` and what is `given`; `end` is what is done with it. */
function read(
  out: Output,
  node: Table,
  { kinds, name: named }: Kinds,
  { file }: Scope,
): (end: (layer: string) => string) => string {
  const given = node.norm % 3 === 2 ? '{ ...given, useBias: !norm }' : 'given';
  const config = out.parameter('config');
  const registry = (open: string, entry: (kind: Kind) => string, close: string): string => {
    const name = out.name('FACTORIES');
    out.define(file, `${open.replace('@', name)}\n${kinds.map(entry).join('\n')}\n${close}`);
    return name;
  };
  const failed = 'throw new Error(`no such layer: ${type}`);';
  switch (node.read % 8) {
    case 1:
      return (end) => end(`tf.layers[${named}](${given})`);
    case 2: {
      const name = registry(
        'const @ = {',
        ({ factory, key }) => `${key}: (${config}) => tf.layers.${factory}(config),`,
        '};',
      );
      return (end) => end(`${name}[type](${given})`);
    }
    case 3:
      return (end) =>
        `${kinds.map(({ factory, value }) => `if (type === ${value}) {\n${end(`tf.layers.${factory}(${given})`)}\n}`).join(' else ')} else {\n${failed}\n}`;
    case 4: {
      const name = out.name('layerOf');
      const cases = kinds
        .map(({ factory, value }) => `case ${value}:\nreturn tf.layers.${factory}(config);`)
        .join('\n');
      out.define(
        file,
        `function ${name}(${out.parameter('type')}, ${config}) {\nswitch (type) {\n${cases}\ndefault:\n${failed}\n}\n}`,
      );
      return (end) => end(`${name}(type, ${given})`);
    }
    case 5: {
      const type = out.typed('<string, any>');
      const name = registry(`const @ = new Map${type}([`, ({ factory, value }) => `[${value}, (${config}) => tf.layers.${factory}(config)],`, ']);'); // prettier-ignore
      return (end) => end(`${name}.get(type)(${given})`);
    }
    case 6: {
      const name = registry('const @ = {', ({ factory, key }) => `${key}: tf.layers.${factory},`, '};');
      return (end) => `const make = ${name}[type];\nif (!make) ${failed}\n${end(`make(${given})`)}`;
    }
    case 7: {
      const name = registry('class @ {', ({ factory, key }) => `static ${key}(${config}) {\nreturn tf.layers.${factory}(config);\n}`, '}'); // prettier-ignore
      return (end) => end(`${name}[type]?.(${given})`);
    }
  }
  return (end) =>
    `switch (type) {\n${kinds.map(({ factory, value }) => `case ${value}: {\n${end(`tf.layers.${factory}(${given})`)}\nbreak;\n}`).join('\n')}\ndefault:\n${failed}\n}`;
}
