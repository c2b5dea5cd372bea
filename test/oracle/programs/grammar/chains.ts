import fc from 'fast-check';
import type { FlaggedCall } from '../check';
import type { Program } from '../program';
import { condition, type Condition } from './ast';
import type { Language } from './layout';
import { Output } from './output';
import { conditionText, type Scope } from './scope';

/**
 * Random programs that compute with functions on tensors and variables of their own, as trees. Every tensor on the way
 * has one shape. As in the programs that build models, numbers choose among ways of writing, 0 the plainest.
 */
export interface ChainNode {
  readonly image: boolean;
  readonly language: Language;
  readonly files: number;
  readonly flags: number;
  /** Whether the flags are known: the program calls its function by itself; else it is an entry point. */
  readonly called: readonly (readonly boolean[])[];
  readonly form: number;
  readonly body: readonly Step[];
}

type Step =
  | { readonly o: 'affine'; readonly form: number; readonly kind: number; readonly bias: number; readonly when: Condition } // prettier-ignore
  | { readonly o: 'point'; readonly form: number; readonly fn: number }
  | { readonly o: 'norm'; readonly form: number; readonly axes: number; readonly affine: boolean }
  | { readonly o: 'if'; readonly form: number; readonly when: Condition; readonly yes: readonly Step[]; readonly no: readonly Step[] } // prettier-ignore
  | { readonly o: 'loop'; readonly form: number; readonly count: number; readonly body: readonly Step[] }
  | { readonly o: 'block'; readonly form: number; readonly flag: Condition; readonly body: readonly Step[] };

const form = fc.nat({ max: 59 });

const { step } = fc.letrec<{ step: Step }>((tie) => {
  const body = fc.array(tie('step'), { minLength: 1, maxLength: 3 });
  return {
    step: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      {
        weight: 9,
        arbitrary: fc.record({ o: fc.constant('affine' as const), form, kind: form, bias: form, when: condition }),
      },
      { weight: 2, arbitrary: fc.record({ o: fc.constant('point' as const), form, fn: form }) },
      {
        weight: 9,
        arbitrary: fc.record({ o: fc.constant('norm' as const), form, axes: fc.nat({ max: 7 }), affine: fc.boolean() }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          o: fc.constant('if' as const),
          form,
          when: condition,
          yes: body,
          no: fc.array(tie('step'), { maxLength: 2 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ o: fc.constant('loop' as const), form, count: fc.nat({ max: 3 }), body }) },
      { weight: 3, arbitrary: fc.record({ o: fc.constant('block' as const), form, flag: condition, body }) },
    ),
  };
});

export const chainProgram: fc.Arbitrary<ChainNode> = fc.record({
  image: fc.boolean(),
  language: fc.constantFrom<Language>('js', 'ts', 'cjs'),
  files: fc.nat({ max: 2 }),
  flags: fc.nat({ max: 2 }),
  called: fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { maxLength: 2 }),
  form,
  body: fc.array(step, { minLength: 1, maxLength: 4 }),
});

type Api = Parameters<FlaggedCall['args']>[0];

const FLAGS = ['useBn', 'wide'];

/** The texts of a program, and the calls of its entry point; none where the program calls its function by itself. */
export function printChain(node: ChainNode): { readonly program: Program; readonly calls: readonly FlaggedCall[] } {
  const out = new Output(node.files + 1, { languages: [node.language], imports: 0 }, node.image);
  const printer = new Printer(out);
  const flags = FLAGS.slice(0, node.flags);
  const scope: Scope = { target: 'functional', current: 'y', flags, file: 0, isAsync: false };
  const parameters = ['x', ...flags].map((name) => out.parameter(name)).join(', ');
  const weights = printer.variable(scope, printer.kernelShape, node.form);
  const first = node.image ? `tf.conv2d(x, ${weights}, 1, 'same')` : `tf.matMul(x, ${weights})`;
  const type = out.typed(': any');
  const body = `let y${type} = ${first};\n${printer.steps(node.body, scope)}\nreturn y;`;
  const within = node.form % 3 === 2 ? `return tf.tidy(() => {\n${body}\n});` : body;
  out.define(0, `function forward(${parameters}) {\n${within}\n}`);
  const shape = node.image ? [2, 4, 4, 4] : [3, 4];
  if (node.called.length > 0) {
    for (const values of node.called) {
      const given = values.slice(0, node.flags).map((value) => `, ${value}`);
      out.define(0, `const ${out.name('result')} = forward(tf.ones([${shape.join(', ')}])${given.join('')});`);
    }
    return { program: out.program(), calls: [] };
  }
  out.export('forward');
  const combinations = flags.reduce<boolean[][]>((all) => all.flatMap((one) => [[...one, true], [...one, false]]), [[]]); // prettier-ignore
  const calls = combinations.map((values) => ({
    name: 'forward',
    args: (api: Api) => [api.ones(shape), ...values],
    flags: Object.fromEntries(flags.map((flag, at) => [flag, values[at]])),
  }));
  return { program: out.program(), calls };
}

class Printer {
  constructor(private readonly out: Output) {}

  get kernelShape(): string {
    return this.out.image ? '[3, 3, 4, 4]' : '[4, 4]';
  }

  steps(steps: readonly Step[], scope: Scope): string {
    return steps.map((one) => this.step(one, scope)).join('\n');
  }

  /** An expression for a variable of the program's own, defined where `scope` can name it. */
  variable({ file: here }: Scope, shape: string, form: number, fill = 'randomNormal', trainable = true): string {
    const { out } = this;
    const made = `tf.variable(tf.${fill}(${shape})${trainable ? '' : ', false'})`;
    const file = out.fileFor(here, form);
    switch (form % 4) {
      case 1: {
        const name = out.name('weights');
        out.define(file, `const ${name} = { value: ${made} };`);
        return `${out.use(name, file, here)}.value`;
      }
      case 2: {
        const name = out.name('makeVariable');
        const stored = out.name('v');
        out.define(file, `const ${name} = (${out.parameter('shape')}) => tf.variable(tf.${fill}(shape)${trainable ? '' : ', false'});`); // prettier-ignore
        out.define(here, `const ${stored} = ${out.use(name, file, here)}(${shape});`);
        return stored;
      }
      case 3: {
        const name = out.name('list');
        out.define(file, `const ${name} = [1, 0].map((${out.parameter('at')}) => tf.variable(tf.${fill}(${shape}).mul(1 + at)${trainable ? '' : ', false'}));`); // prettier-ignore
        return `${out.use(name, file, here)}[1]`;
      }
    }
    const name = out.name('v');
    out.define(file, `const ${name} = ${made};`);
    return out.use(name, file, here);
  }

  private step(node: Step, scope: Scope): string {
    const { out } = this;
    const y = scope.current;
    switch (node.o) {
      case 'affine':
        return this.affine(node, scope);
      case 'point':
        return `${y} = ${this.point(node, scope)};`;
      case 'norm':
        return this.norm(node, scope);
      case 'if': {
        const when = conditionText(node.when, scope);
        const yes = this.steps(node.yes, scope);
        const no = this.steps(node.no, scope);
        if (node.form % 3 === 1)
          return `switch (Boolean(${when})) {\ncase true: {\n${yes}\nbreak;\n}\ndefault: {\n${no}\n}\n}`;
        if (node.no.length === 0) return `if (${when}) {\n${yes}\n}`;
        return `if (${when}) {\n${yes}\n} else {\n${no}\n}`;
      }
      case 'loop': {
        const at = out.name('i');
        const inner = this.steps(node.body, scope);
        if (node.form % 2 === 1) return `for (const ${at} of [${Array.from({ length: node.count }, (_, each) => each).join(', ')}]) {\nconsole.assert(${at} >= 0);\n${inner}\n}`; // prettier-ignore
        return `for (let ${at} = 0; ${at} < ${node.count}; ${at}++) {\n${inner}\n}`;
      }
      case 'block':
        return this.block(node, scope);
    }
  }

  /** A function of weights, with or without a bias that is added. */
  private affine(node: Step & { o: 'affine' }, scope: Scope): string {
    const { out } = this;
    const y = scope.current;
    const when = conditionText(node.when, scope);
    const depthwise = out.image && node.kind % 4 === 3;
    const weights = this.variable(scope, depthwise ? '[3, 3, 4, 1]' : this.kernelShape, node.form);
    const bias = this.variable(scope, '[4]', node.bias, ['zeros', 'ones', 'randomNormal'][node.kind % 3]);
    const rest = out.image ? `1, 'same'` : '';
    const more = rest === '' ? '' : `, ${rest}`;
    const op = depthwise ? 'depthwiseConv2d' : out.image ? 'conv2d' : 'matMul';
    const plain = node.form % 3 === 1 ? `${y}.${op}(${weights}${more})` : `tf.${op}(${y}, ${weights}${more})`;
    switch (node.bias % 9) {
      case 1:
        return `${y} = tf.add(${plain}, ${bias});`;
      case 2:
        return `${y} = ${plain}.sub(${bias});`;
      case 3: {
        const given = out.image ? `x: ${y}, filter: ${weights}, strides: 1, pad: 'same'` : `a: ${y}, b: ${weights}`;
        const activation = node.kind % 2 === 0 ? '' : `, activation: ${when} ? 'relu' : 'linear'`;
        return `${y} = tf.fused.${op}({ ${given}, bias: ${bias}${activation} });`;
      }
      case 4:
        return `${y} = ${plain};\nif (${when}) ${y} = ${y}.add(${bias});`;
      case 5:
        return `${y} = ${when} ? ${plain}.add(${bias}) : ${plain};`;
      case 6:
        return `${y} = ${plain};`;
      case 7:
        return `${y} = ${bias}.add(${plain});`;
      case 8: {
        const name = out.name('added');
        return `const ${name} = ${when} ? ${bias} : ${this.variable(scope, '[4]', node.form)};\n${y} = ${plain}.add(${name});`;
      }
    }
    return `${y} = ${plain}.add(${bias});`;
  }

  private point(node: Step & { o: 'point' }, { current: y, file: here }: Scope): string {
    const pool = `${y}.maxPool(2, 1, 'same')`;
    const functions = ['relu', 'tanh', 'sigmoid', 'square', 'neg', 'mul', 'pool', 'clone', 'sub', 'reshape'];
    const name = functions[node.fn % functions.length]!;
    switch (name) {
      case 'mul':
        return node.form % 2 === 0 ? `${y}.mul(2)` : `tf.mul(tf.scalar(2), ${y})`;
      case 'sub':
        return `${y}.sub(${y}.mean())`;
      case 'pool':
        return this.out.image ? pool : `${y}.leakyRelu(0.1)`;
      case 'reshape':
        return `tf.reshape(${y}, ${y}.shape)`;
    }
    if (node.form % 4 === 3) {
      const { out } = this;
      const file = out.fileFor(here, node.form);
      const helper = `${name}_${file}`;
      out.define(file, `const ${helper} = (${out.parameter('t')}) => t.${name}();`);
      return `${out.use(helper, file, here)}(${y})`;
    }
    return node.form % 2 === 0 ? `${y}.${name}()` : `tf.${name}(${y})`;
  }

  private norm(node: Step & { o: 'norm' }, scope: Scope): string {
    const { out } = this;
    const y = scope.current;
    const choices = out.image ? ['[0, 1, 2]', '[0, 1, 2]', '[0, 1, 2]', '[0, 1, 2]', '[1, 2]', '[0]', '-1'] : ['0', '[0]', '0', '[0]', '-1', '[0, 1]', '1']; // prettier-ignore
    const axes = choices[node.axes % choices.length]!;
    // What is kept fits wherever it is put.
    const keep = `${axes}, true`;
    const [moments, mean, variance] = [out.name('moments'), out.name('mean'), out.name('variance')];
    const given = node.affine
      ? `, ${this.variable(scope, '[4]', node.form, 'zeros')}, ${this.variable(scope, '[4]', node.axes, 'ones')}`
      : '';
    const batch = axes === '[0, 1, 2]' || axes === '0' || axes === '[0]';
    const fits = out.image ? axes === '[0, 1, 2]' : batch;
    const op = node.form % 2 === 0 ? 'batchNorm' : out.image ? 'batchNorm4d' : 'batchNorm2d';
    const hand = (m: string, v: string): string => `${y} = ${y}.sub(${m}).div(tf.sqrt(${v}.add(1e-5)));`;
    switch (node.form % 6) {
      case 1:
        if (!fits) break;
        return `const { mean: ${mean}, variance: ${variance} } = tf.moments(${y}, ${axes});\n${y} = tf.${op}(${y}, ${mean}, ${variance}${given});`;
      case 2: {
        const file = out.fileFor(scope.file, node.form);
        const name = `normalize_${file}`;
        out.define(
          file,
          `function ${name}(${out.parameter('t')}, ${out.parameter('axes')}) {\nconst { mean, variance } = tf.moments(t, axes, true);\nreturn tf.div(tf.sub(t, mean), tf.sqrt(tf.add(variance, 1e-5)));\n}`,
        );
        return `${y} = ${out.use(name, file, scope.file)}(${y}, ${axes});`;
      }
      case 3: {
        const stored = this.variable(scope, '[4]', node.axes, 'zeros', false);
        const spread = this.variable(scope, '[4]', node.form, 'ones', false);
        return `${y} = tf.${op}(${y}, ${stored}, ${spread}${given});`;
      }
      case 4:
        return `const ${mean} = ${y}.mean(${keep});\nconst ${variance} = ${y}.squaredDifference(${mean}).mean(${keep});\n${hand(mean, variance)}`;
      case 5: {
        if (!fits) break;
        const stored = this.variable(scope, '[4]', node.axes, 'zeros', false);
        return `const ${moments} = tf.moments(${y}, ${axes});\n${stored}.assign(tf.movingAverage(${stored}, ${moments}.mean, 0.9, 1, false));\n${y} = tf.${op}(${y}, ${moments}.mean, ${moments}.variance${given});`;
      }
    }
    return `const ${moments} = tf.moments(${y}, ${keep});\n${hand(`${moments}.mean`, `${moments}.variance`)}`;
  }

  /** A function that goes on with the tensor, and its call. */
  private block(node: Step & { o: 'block' }, scope: Scope): string {
    const { out } = this;
    const file = out.fileFor(scope.file, Math.floor(node.form / 5));
    const name = out.name('block');
    const inner = (flag: string): string => this.steps(node.body, { ...scope, file, current: 't', flags: [flag] });
    const when = conditionText(node.flag, scope);
    const parameters = `${out.parameter('t')}, ${out.parameter('on')}`;
    const y = scope.current;
    let call = `${name}(${y}, ${when})`;
    switch (node.form % 5) {
      case 1:
        out.define(file, `const ${name} = (${parameters}) => tf.tidy(() => {\n${inner('on')}\nreturn t;\n});`);
        break;
      case 2: {
        const field = out.typed('on: any;\n');
        out.define(
          file,
          `class ${name} {\n${field}constructor(${out.parameter('on')}) {\nthis.on = on;\n}\napply(${out.parameter('t')}) {\n${inner('this.on')}\nreturn t;\n}\n}`,
        );
        call = `new ${name}(${when}).apply(${y})`;
        break;
      }
      case 3:
        out.define(
          file,
          `const ${name} = (${out.parameter('on')}) => (${out.parameter('t')}) => {\n${inner('on')}\nreturn t;\n};`,
        );
        call = `${name}(${when})(${y})`;
        break;
      case 4:
        out.define(
          file,
          `function ${name}(${out.parameter('{ t, on = true }')}) {\nif (on) {\n${inner('on')}\n}\nreturn t;\n}`,
        );
        call = `${name}({ t: ${y}, on: ${when} })`;
        break;
      default:
        out.define(file, `function ${name}(${parameters}) {\n${inner('on')}\nreturn t;\n}`);
    }
    out.use(name, file, scope.file);
    return `${y} = ${call};`;
  }
}
