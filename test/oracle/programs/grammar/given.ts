import type { Exit, GivenNode, GivenValue, LayerNode, Statement } from './ast';
import { chosen, literal, type Options } from './layers';
import type { Output } from './output';
import { conditionText, type Scope } from './scope';
import { statementsText } from './statements';

/** What functions give that build nothing. */
type What = 'config' | 'name' | 'units' | 'flag' | 'count' | 'factory' | 'function' | 'class' | 'object';

/** What a layer can be made with. */
const USES: readonly What[] = ['config', 'name', 'flag', 'units', 'factory', 'function', 'class', 'object'];

/** A function that has been written: in which file, and how it is called. */
interface Written {
  readonly what: What;
  readonly file: number;
  readonly call: (argument: string, from: number) => string;
}

const written = new WeakMap<Output, Written[]>();

/** A layer that is made with what a function gives. */
export function givenLayer(out: Output, node: LayerNode & { l: 'given' }, scope: Scope): string {
  const what = USES[node.use % USES.length]!;
  const given = givenText(out, node.given, what, conditionText(node.flag, scope), scope.file);
  const form = Math.floor(node.use / USES.length);
  const { kind, options } = affine(out, 0, '');
  const layer = (more: Options, inModel = false): string => {
    const own = options.filter(([key]) => !more.some(([other]) => other === key));
    const shape = inModel ? [['inputShape', out.shape] as const] : [];
    return `tf.layers.${kind}(${literal([...own, ...more, ...shape])})`;
  };
  switch (what) {
    case 'config':
      return [
        `tf.layers.${kind}(${given})`,
        `tf.layers.${kind}({ ...${given}, dtype: 'float32' })`,
        `tf.layers.${kind}(Object.assign({}, ${given}))`,
      ][form % 3]!;
    case 'name':
      return form % 2 === 0 ? layer([['activation', given]]) : `tf.layers.activation({ activation: ${given} })`;
    case 'flag':
      return layer([['useBias', form % 2 === 0 ? given : `!${given}`]]);
    case 'units':
      return `tf.sequential({ layers: [${layer([[out.image ? 'filters' : 'units', given]], true)}, ${layer([])}] })`;
    case 'factory':
      return `${given}({})`;
    case 'function':
      return `${given}()`;
    case 'class':
      return `new (${given})().make()`;
    default:
      return form % 2 === 0 ? `${given}.make()` : `${given}['make']()`;
  }
}

/** A model that grows by what a function says. */
export function askedText(out: Output, node: Statement & { s: 'asked' }, scope: Scope): string {
  const kinds: readonly What[] = ['flag', 'flag', 'name', 'count', 'object', 'flag'];
  const form = node.form % kinds.length;
  const given = givenText(out, node.given, kinds[form]!, conditionText(node.flag, scope), scope.file);
  const text = (body: readonly Statement[], ...flags: readonly string[]): string =>
    statementsText(out, body, { ...scope, flags: [...flags, ...scope.flags] });
  const name = out.name('asked');
  switch (form) {
    case 1:
      return `if (${given}) {\n${text(node.body)}\n} else {\n${text(node.rest)}\n}`;
    case 2:
      return `const ${name} = ${given};\n${text(node.body, `${name} === 'relu'`, `${name} == null`)}\n${text(node.rest)}`;
    case 3:
      return `const ${name} = ${given};\nfor (let ${name}At = 0; ${name}At < ${name}; ${name}At++) {\n${text(node.body, `${name}At > 0`)}\n}\n${text(node.rest, `${name} > 1`)}`;
    case 4:
      return `const { on: ${name} = false } = ${given};\n${text(node.body, name)}\n${text(node.rest)}`;
    case 5:
      return `${text(node.body, given)}\n${text(node.rest, given)}`;
  }
  return `const ${name} = ${given};\n${text(node.body, name)}\n${text(node.rest, `!${name}`)}`;
}

/** The call of a function that gives something. */
function givenText(out: Output, node: GivenNode, what: What, argument: string, from: number, nested = false): string {
  const all = written.get(out) ?? [];
  written.set(out, all);
  const known = all.filter((each) => each.what === what && each.file >= from);
  if (node.again % 4 === 3 && known.length > 0)
    return known[Math.floor(node.again / 4) % known.length]!.call(argument, from);
  const made = define(out, node, what, from, nested);
  all.push(made);
  return made.call(argument, from);
}

function define(out: Output, node: GivenNode, what: What, from: number, nested: boolean): Written {
  const file = out.fileFor(from, node.place);
  const name = out.name('pick');
  const written = (call: (argument: string) => string): Written => ({
    what,
    file,
    call: (argument, user) => {
      out.use(name, file, user);
      return call(argument);
    },
  });
  const on = out.parameter('on');
  const body = (flags: readonly string[], word: string | null = null, held: string | null = null): string =>
    new Body(out, what, { target: 'list', current: '', flags, file, isAsync: false }, word, held).text(node);
  // What a function sets that code elsewhere may call at any time is not known.
  const isSetter = node.form % 13 === 8 && file === 0 && !nested;
  switch (node.form % 13 === 8 && !isSetter ? 0 : node.form % 13) {
    case 1:
      out.define(file, `const ${name} = (${on}) => {\n${body(['on'])}\n};`);
      break;
    case 2:
      out.define(file, `function ${name}(${out.parameter('{ on, other = true }')}) {\n${body(['on', 'other'])}\n}`);
      return written((argument) => `${name}({ on: ${argument} })`);
    case 3:
      out.define(file, `class ${name} {\nstatic of(${on}) {\n${body(['on'])}\n}\n}`);
      return written((argument) => `${name}.of(${argument})`);
    case 4:
      out.define(file, `const ${name} = {\nof(${on}) {\n${body(['on'])}\n},\n};`);
      return written((argument) => `${name}.of(${argument})`);
    case 5:
    case 6:
      out.define(file, `function ${name}(${out.parameter('word')}) {\n${body([`word === 'on'`, `word !== 'off'`], 'word')}\n}`); // prettier-ignore
      return written((argument) => `${name}(${argument} ? 'on' : 'off')`);
    case 7:
      out.define(
        file,
        `class ${name} {\n${out.typed('on: any;\n')}constructor(${on}) {\nthis.on = on;\n}\nget given() {\nconst { on } = this;\n${body(['on'])}\n}\n}`,
      );
      return written((argument) => `new ${name}(${argument}).given`);
    case 8: {
      // What the module holds is read by a function of it: CommonJS exports what it holds when it is loaded.
      const held = out.name('held');
      const first = new Body(out, what, { target: 'list', current: '', flags: [], file, isAsync: false }, null, null);
      out.define(file, `let ${held}${out.typed(': any')} = ${first.value(node.first)};`);
      out.define(file, `function ${name}Of(${on}) {\n${body(['on'], null, held)}\n}`);
      out.define(file, `function ${name}(${on}) {\n${name}Of(on);\nreturn ${held};\n}`);
      break;
    }
    case 9:
      out.define(file, `const ${name} = (${on}) => (${out.parameter('wide')}) => {\n${body(['on', 'wide'])}\n};`);
      return written((argument) => `${name}(${argument})(true)`);
    case 10:
      out.define(
        file,
        `function ${name}(${on}) {\nconst inner = (${out.parameter('wide')}) => {\n${body(['wide', 'on'])}\n};\nreturn inner(!on);\n}`,
      );
      break;
    case 11:
      out.define(
        file,
        `function ${name}(${out.parameter('how')}) {\nconst { on = false, other } = how;\n${body(['on', 'other', 'how.on'])}\n}`,
      );
      return written((argument) => `${name}({ on: ${argument}, other: ${argument} })`);
    default:
      out.define(file, `function ${name}(${on}) {\n${body(['on'])}\n}`);
  }
  return written((argument) => `${name}(${argument})`);
}

/** The body of a function that gives something. */
class Body {
  /** What it holds and may change. */
  private readonly own: string;

  /**
   * @param word the name of a parameter that is 'on' or 'off'
   * @param held a variable of the module that it sets, instead of giving anything
   */
  constructor(
    private readonly out: Output,
    private readonly what: What,
    private readonly scope: Scope,
    private readonly word: string | null,
    private readonly held: string | null,
  ) {
    this.own = held ?? out.name('held');
  }

  text(node: GivenNode): string {
    const { out, scope } = this;
    const asked = node.asks ? givenText(out, node.asks, 'flag', scope.flags[0]!, scope.file, true) : null;
    const flags = asked === null ? scope.flags : [...scope.flags, asked];
    const text = `${this.exits(node.exits, flags)}\n${this.giving(node.last, flags, true)}`;
    if (this.held !== null || !text.includes(this.own)) return text;
    const { form } = node.first;
    // An object of the module is another one's too: what is changed of it stays.
    if (form % 4 === 3 && node.first.of === null) {
      const name = out.name('SHARED');
      out.define(scope.file, `const ${name}${out.typed(': any')} = ${this.value(node.first, [])};`);
      return `let ${this.own} = ${name};\n${text}`;
    }
    return `let ${this.own}${out.typed(': any')} = ${this.value(node.first)};\n${text}`;
  }

  /** A fresh value. */
  value(node: GivenValue, flags = this.scope.flags): string {
    const { out, what, scope } = this;
    const when = conditionText(node.when, { ...scope, flags });
    if (node.of) return givenText(out, node.of, what, when, scope.file, true);
    const { kind, options } = chosen(out, node, when);
    const layer = `tf.layers.${kind}(${literal(options)})`;
    const side = node.option % 2 === 0;
    switch (what) {
      case 'config':
        return literal(affine(out, node.option, when).options);
      case 'name':
        return [`'relu'`, `'linear'`, 'undefined', `'tanh'`][node.option % 4]!;
      case 'units':
        return ['4', '8', '2 + 1', '6'][node.option % 4]!;
      case 'count':
        return ['1', '0', '2', `${when} ? 2 : 1`][node.option % 4]!;
      case 'flag':
        return ['true', 'false', when, `!(${when})`][node.option % 4]!;
      case 'factory':
        return `tf.layers.${['batchNormalization', 'reLU', 'layerNormalization', 'leakyReLU'][node.option % 4]!}`;
      case 'function':
        return side ? `() => ${layer}` : `function () {\nreturn ${layer};\n}`;
      case 'class':
        return `class {\nmake() {\nreturn ${layer};\n}\n}`;
      case 'object':
        return side ? `{ make: () => ${layer}, on: ${when} }` : `{\non: ${node.kind % 2 === 0},\nmake() {\nreturn ${layer};\n},\n}`; // prettier-ignore
    }
  }

  /** What it gives: what it holds, or something else. */
  private given(node: GivenValue, flags: readonly string[]): string {
    const { own, what } = this;
    if (node.form % 3 !== 1) return this.value(node, flags);
    if (what !== 'config' || node.option % 2 === 0) return own;
    return node.option % 4 === 1 ? `{ ...${own}, useBias: false }` : `Object.assign(${own}, { trainable: true })`;
  }

  private giving(node: GivenValue, flags: readonly string[], isLast = false): string {
    return this.leaving(this.given(node, flags), node.form % 5 === 4, isLast);
  }

  /** @param idle whether what the module holds stays what it is */
  private leaving(text: string, idle = false, isLast = false): string {
    if (this.held === null) return `return ${text};`;
    const sets = idle || text === this.held ? '' : `${this.held} = ${text};\n`;
    return isLast ? sets : `{\n${sets}return;\n}`;
  }

  private exits(exits: readonly Exit[], flags: readonly string[]): string {
    return exits.map((exit) => this.exit(exit, flags)).join('\n');
  }

  private exit(node: Exit, flags: readonly string[]): string {
    switch (node.e) {
      case 'give':
        return this.giving(node.value, flags);
      case 'guard':
        return this.guard(node.form);
      case 'change':
        return this.change(node, flags);
      case 'if':
        return this.branching(node, flags);
      case 'switch':
        return this.switching(node, flags);
      case 'rows':
        return this.rows(node, flags);
      case 'loop':
        return this.loop(node, flags);
      case 'try':
        return this.trying(node, flags);
    }
  }

  /** What throws where nobody calls it so. */
  private guard(form: number): string {
    const { word } = this;
    const flag = this.scope.flags[0]!;
    const failed = `throw new Error('not one of them');`;
    if (word !== null)
      return [
        `if (${word} === undefined) ${failed}`,
        `if (${word} !== 'on' && ${word} !== 'off') {\n${failed}\n}`,
        `switch (${word}) {\ncase 'on':\ncase 'off':\nbreak;\ndefault:\n${failed}\n}`,
      ][form % 3]!;
    return [
      `if (typeof ${flag} === 'symbol') ${failed}`,
      `if (${flag} === 'neither') {\n${failed}\n}`,
      `if (${flag} && !${flag}) ${failed}`,
    ][form % 3]!;
  }

  private change(node: Exit & { e: 'change' }, flags: readonly string[]): string {
    const { own } = this;
    const set = `${own} = ${this.value(node.value, flags)};`;
    if (this.what !== 'config') return set;
    const when = conditionText(node.value.when, { ...this.scope, flags });
    return [
      `${own}.useBias = ${when};`,
      `${own}.activation = 'relu';`,
      `Object.assign(${own}, { trainable: ${when} });`,
      `delete ${own}.useBias;`,
      `${own} = { ...${own}, activation: ${when} ? 'tanh' : 'linear' };`,
      `${own}['use' + 'Bias'] = false;`,
      `((${this.out.parameter('target')}) => {\ntarget.useBias = false;\n})(${own});`,
      set,
    ][node.form % 8]!;
  }

  private branching(node: Exit & { e: 'if' }, flags: readonly string[]): string {
    const when = conditionText(node.when, { ...this.scope, flags });
    const yes = this.exits(node.yes, flags);
    const no = this.exits(node.no, flags);
    if (node.form % 4 === 1) return `if (!(${when})) {\n${no}\n} else {\n${yes}\n}`;
    if (node.form % 4 === 2) return `if (${when}) {\n${yes}\n} else if (!(${when})) {\n${no}\n}`;
    if (node.form % 4 === 3) return `if (${when}) {\n${yes}\n}\n${no}`;
    return no === '' ? `if (${when}) {\n${yes}\n}` : `if (${when}) {\n${yes}\n} else {\n${no}\n}`;
  }

  private switching(node: Exit & { e: 'switch' }, flags: readonly string[]): string {
    const when = conditionText(node.when, { ...this.scope, flags });
    const word = this.word ?? `(${when} ? 'on' : 'off')`;
    const yes = this.exits(node.yes, flags);
    const no = this.exits(node.no, flags);
    switch (node.form % 7) {
      case 1:
        return `switch (${word}) {\ncase 'on':\n${yes}\n// falls through\ncase 'off':\n${no}\n}`;
      case 2:
        return `switch (true) {\ncase Boolean(${when}):\n${yes}\nbreak;\ndefault:\n${no}\n}`;
      case 3:
        return `switch (Boolean(${when})) {\ncase true:\n${yes}\nbreak;\ncase false:\n${no}\n}`;
      case 4:
        return `switch (${when} ? 0 : 1) {\ndefault: {\n${no}\nbreak;\n}\ncase 0:\ncase 2: {\n${yes}\n}\n}`;
      case 5:
        return `switch (${word}) {\ncase 'on':\nif (${when}) break;\n${yes}\nbreak;\ncase 'auto':\ncase 'off':\n${no}\nbreak;\n}`;
      case 6:
        return `switch (true) {\ncase ${word} === 'off':\n${no}\n// falls through\ncase ${word} === 'on':\n${yes}\n}`;
    }
    return `switch (${word}) {\ncase 'on': {\n${yes}\nbreak;\n}\ndefault: {\n${no}\n}\n}`;
  }

  /** A loop over a table that leaves with what stands in the first row that fits. */
  private rows({ form, rows }: Exit & { e: 'rows' }, flags: readonly string[]): string {
    const { out } = this;
    const scope = { ...this.scope, flags };
    const [on, what, at, list] = ['on', 'what', 'at', 'rows'].map((stem) => out.name(stem)) as [string, string, string, string]; // prettier-ignore
    const values = rows.map((row) => this.given(row, flags));
    const conditions = rows.map((row) => conditionText(row.when, scope));
    const pairs = `[${rows.map((_, index) => `[${conditions[index]!}, ${values[index]!}]`).join(', ')}]`;
    const objects = `[${rows.map((_, index) => `{ on: ${conditions[index]!}, what: ${values[index]!} }`).join(', ')}]`;
    const give = (text: string): string => this.leaving(text);
    const word = this.word ?? `(${conditions[0]!} ? 'on' : 'off')`;
    const named = `{ ${values.map((value, index) => `${['on', 'off', 'auto'][index]!}: ${value}`).join(', ')} }`;
    switch (form % 12) {
      case 1:
        return `for (const ${what} of ${objects}) {\nif (!${what}.on) continue;\n${give(`${what}.what`)}\n}`;
      case 2:
        return `const ${list} = ${pairs};\nfor (let ${at} = 0; ${at} < ${list}.length; ${at}++) {\nif (${list}[${at}][0]) ${give(`${list}[${at}][1]`)}\n}`;
      case 3:
        return `const ${list} = ${pairs};\nlet ${at} = 0;\nwhile (${at} < ${list}.length) {\nconst [${on}, ${what}] = ${list}[${at}++];\nif (${on}) ${give(what)}\n}`;
      case 4:
        return `for (const [${on}, ${what}] of ${pairs}) {\nif (${on}) {\n${this.own} = ${what};\nbreak;\n}\n}`;
      case 5:
        return `for (const [${on}, ${what}] of Object.entries(${named})) {\nif (${on} === ${word}) ${give(what)}\n}`;
      case 6: {
        const names = out.name('NAMES');
        out.define(scope.file, `const ${names} = ['off', 'auto', 'on'];`);
        return `const ${list} = [${values.join(', ')}];\nfor (const [${at}, ${on}] of ${names}.entries()) {\nif (${on} === ${word} && ${at} < ${list}.length) ${give(`${list}[${at}]`)}\n}`;
      }
      case 7:
        return `${list}: for (const [${on}, ${what}] of ${pairs}) {\nfor (const ${at} of [true, false]) {\nif (${at} && !${on}) continue ${list};\nif (${on}) ${give(what)}\n}\n}`;
      case 8:
        return `const ${list} = ${objects};\nlet ${at} = 0;\ndo {\nif (${list}[${at}].on) ${give(`${list}[${at}].what`)}\n${at}++;\n} while (${at} < ${list}.length);`;
      case 9:
        return `for (const [${on}, ${what}] of ${pairs}) {\nswitch (Boolean(${on})) {\ncase true:\n${give(what)}\ndefault:\ncontinue;\n}\n}`;
      case 10:
        return `const ${list} = ${named};\nfor (const ${on} in ${list}) {\nif (${on} === ${word}) ${give(`${list}[${on}]`)}\n}`;
      case 11: {
        // What is changed of a row is changed in its turn.
        const first = `${list}[0]`;
        return `const ${list} = ${objects};\nfor (const ${what} of ${list}) {\nif (${what}.on) ${give(`${what}.what`)}\n${first}.what = ${values.at(-1)!};\n}`;
      }
    }
    return `for (const [${on}, ${what}] of ${pairs}) if (${on}) ${give(what)}`;
  }

  private loop({ form, when, body }: Exit & { e: 'loop' }, flags: readonly string[]): string {
    const at = this.out.name('at');
    const leave = conditionText(when, { ...this.scope, flags: [...flags, `${at} > 0`] });
    const inner = (flag: string): string => this.exits(body, [...flags, flag]);
    switch (form % 6) {
      case 1:
        return `for (let ${at} = 0; ${at} < 2; ${at}++) {\nif (${leave}) continue;\n${inner(`${at} === 1`)}\n}`;
      case 2:
        return `let ${at} = 2;\nwhile (${at}-- > 0) {\n${inner(`${at} === 1`)}\nif (${leave}) break;\n}`;
      case 3:
        return `${at}Out: for (const ${at} of [0, 1]) {\nfor (const side of [true, false]) {\nif (${leave}) break ${at}Out;\n${inner('side')}\n}\n}`;
      case 4:
        return `${at}Out: {\nconst ${at} = 1;\nif (${leave}) break ${at}Out;\n${inner(`${at} > 0`)}\n}`;
      case 5:
        return `for (const ${at} of [0, 1]) {\nif (${leave}) {\n${inner(`${at} === 0`)}\n}\n}`;
    }
    return `for (const ${at} of [0, 1]) {\n${inner(`${at} === 0`)}\n}`;
  }

  private trying({ form, when, body, rest }: Exit & { e: 'try' }, flags: readonly string[]): string {
    const text = this.exits(body, flags);
    const after = this.exits(rest, flags);
    const on = conditionText(when, { ...this.scope, flags });
    // A function that goes on behind an exception of one side only is not followed.
    switch (/throw/.test(text) ? 0 : [0, 1, 2, 4][form % 4]) {
      case 1:
        return `try {\n${text}\n} finally {\n${after}\n}`;
      case 2:
        return `try {\n${text}\n} catch (error) {\nconsole.assert(error);\n}\n${after}`;
      case 3:
        return `try {\nif (${on}) throw new Error('on');\n${text}\n} catch {\n${after}\n}`;
      case 4:
        return `try {\n${text}\n} finally {\nif (${on}) {\n${after}\n}\n}`;
    }
    return `try {\n${text}\n} finally {\nconsole.assert(true);\n}\n${after}`;
  }
}

/** The layer that has a bias, in one of its ways. */
function affine(out: Output, option: number, when: string): { readonly kind: string; readonly options: Options } {
  return chosen(out, { kind: 0, option }, when);
}
