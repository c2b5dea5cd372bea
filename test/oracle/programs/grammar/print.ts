import type { FlaggedCall } from '../check';
import type { Program } from '../program';
import type { ProgramNode } from './ast';
import { hasOwnLayers } from './layer-classes';
import { Output } from './output';
import { emit, type Scope } from './scope';
import { statementsText } from './statements';
import { stepText } from './steps';
import { surgeryText, tailText } from './surgery';

/** How a building function is given its flags: its parameters, what it calls them, and an argument list. */
interface Passing {
  readonly parameters: string;
  readonly flags: readonly string[];
  readonly args: (values: readonly boolean[]) => readonly unknown[];
  /** What the names of the parameters stand for. */
  readonly bound: (values: readonly boolean[]) => Readonly<Record<string, unknown>>;
}

const NAMES = ['useBn', 'wide'];

function passing(out: Output, form: number, count: number): Passing {
  const names = NAMES.slice(0, count);
  const named = (values: readonly boolean[]): Record<string, boolean> =>
    Object.fromEntries(names.map((name, at) => [name, values[at]!]));
  const options = (flags: readonly string[]): Passing => ({
    parameters: out.parameter('options'),
    flags,
    args: (values) => [named(values)],
    bound: (values) => ({ options: named(values) }),
  });
  switch (count === 0 ? 0 : form % 7) {
    case 1:
      return options(names.map((name) => `options.${name}`));
    case 2:
      return {
        parameters: out.parameter(`{ ${names.join(', ')} }`),
        flags: names,
        args: (values) => [named(values)],
        bound: named,
      };
    case 3:
      return {
        parameters: out.parameter(`{ ${names.map((name) => `${name} = true`).join(', ')} }`) + ' = {}',
        flags: names,
        args: (values) => [named(values)],
        bound: named,
      };
    case 4: {
      const words = (values: readonly boolean[]): string[] => names.map((_, at) => (values[at] ? 'on' : 'off'));
      return {
        parameters: names.map((name) => out.parameter(name)).join(', '),
        flags: names.map((name) => `${name} === 'on'`),
        args: words,
        bound: (values) => Object.fromEntries(words(values).map((word, at) => [names[at]!, word])),
      };
    }
    case 5:
      return options(names.map((name) => `options?.${name}`));
    case 6:
      return {
        parameters: names.map((name) => `${name} = true`).join(', '),
        flags: names,
        args: (values) => values.slice(0, count),
        bound: named,
      };
  }
  return {
    parameters: names.map((name) => out.parameter(name)).join(', '),
    flags: names,
    args: (values) => values.slice(0, count),
    bound: named,
  };
}

/** The texts of a program, and the calls of its entry point; none where the program calls its function by itself. */
export function printProgram(node: ProgramNode): { readonly program: Program; readonly calls: readonly FlaggedCall[] } {
  const out = new Output(node.files + 1, node.layout, node.image, hasOwnLayers(node));
  const given = passing(out, node.passing, node.flags);
  const current = { sequential: 'model', functional: 'x', list: 'layers' }[node.target];
  const scope: Scope = { target: node.target, current, flags: given.flags, file: 0, isAsync: node.isAsync };
  const text = modelText(out, node, scope);
  const head = node.isAsync ? 'async ' : '';
  const isArrow = node.ending % 2 === 1;
  out.define(
    0,
    isArrow
      ? `const build = ${head}(${given.parameters}) => {\n${text}\n};`
      : `${head}function build(${given.parameters}) {\n${text}\n}`,
  );
  if (node.called.length > 0) {
    const calls = node.called.map((values) => `build(${given.args(values).map(literal).join(', ')});`);
    const waiting = calls.map((call) => `await ${call}`);
    // Two at a time would take turns.
    if (node.isAsync) out.define(0, `async function run() {\n${waiting.join('\n')}\n}\nrun();`);
    else for (const [at, call] of calls.entries()) out.define(0, `const model${at} = ${call}`);
    return { program: out.program(), calls: [] };
  }
  out.export('build');
  const calls = flagValues(node.flags).map((values) => ({
    name: 'build',
    args: () => given.args(values),
    flags: given.bound(values),
  }));
  return { program: out.program(), calls };
}

function flagValues(count: number): boolean[][] {
  if (count === 0) return [[]];
  return flagValues(count - 1).flatMap((rest) => [
    [...rest, true],
    [...rest, false],
  ]);
}

function literal(value: unknown): string {
  if (typeof value === 'object') {
    const entries = Object.entries(value as object).map(([key, item]) => `${key}: ${literal(item)}`);
    return `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function modelText(out: Output, node: ProgramNode, scope: Scope): string {
  const first = out.image ? 'conv2d({ filters: 4, kernelSize: 1' : 'dense({ units: 4';
  const { surgery } = node;
  const body = (): string =>
    `${statementsText(out, node.body, scope)}${surgery ? `\n${tailText(out, surgery, scope)}` : ''}`;
  const after = (model: string): string => {
    const cut = surgery ? surgeryText(out, surgery, model, node.body, scope) : '';
    return cut + node.steps.map((step) => `${stepText(out, step, model, scope)}\n`).join('');
  };
  // What a function gives back at once needs no name.
  const built = (made: string): string => {
    const further = after('built');
    return further === '' ? `return ${made};` : `const built = ${made};\n${further}return built;`;
  };
  switch (node.target) {
    case 'functional': {
      const start = `const input = tf.input({ shape: ${out.shape} });`;
      return `${start}\nlet x${out.typed(': any')} = ${out.applied(`tf.layers.${first} })`, 'input')};\n${body()}\n${built('tf.model({ inputs: input, outputs: x })')}`;
    }
    case 'list':
      return `const layers = [tf.layers.${first}, inputShape: ${out.shape} })];\n${body()}\n${built('tf.sequential({ layers })')}`;
    case 'sequential':
      return `const model = tf.sequential();\n${emit(out, `tf.layers.${first}, inputShape: ${out.shape} })`, scope)}\n${body()}\n${surgery ? '' : ending(node.ending)}${after('model')}return model;`;
  }
}

function ending(form: number): string {
  switch (Math.floor(form / 2) % 4) {
    case 1:
      return `model.add(tf.layers.reLU());\nmodel.add(tf.layers.leakyReLU());\nmodel.pop();\n`;
    case 2:
      return `model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });\n`;
    case 3:
      return `tf.model({ inputs: model.inputs, outputs: model.layers[0].output });\n`;
  }
  return '';
}
