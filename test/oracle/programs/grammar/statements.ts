import type { Statement } from './ast';
import { classText } from './classes';
import { flowText } from './flow';
import { askedText } from './given';
import { layerText } from './layers';
import { listText } from './lists';
import type { Output } from './output';
import { conditionText, emit, type Scope } from './scope';
import { tableText } from './tables';

export function statementsText(out: Output, body: readonly Statement[], scope: Scope): string {
  return body.map((statement) => statementText(out, statement, scope)).join('\n');
}

function statementText(out: Output, node: Statement, scope: Scope): string {
  switch (node.s) {
    case 'add':
      return emit(out, layerText(out, node.layer, scope), scope);
    case 'if':
      return branching(node.form, conditionText(node.when, scope), statementsText(out, node.yes, scope), statementsText(out, node.no, scope), scope.isAsync); // prettier-ignore
    case 'loop':
      return loop(out, node.form, node.count, node.body, scope);
    case 'block':
      return block(out, node.form, node.flags.map((flag) => conditionText(flag, scope)), node.body, scope); // prettier-ignore
    case 'list':
      return listText(out, node.form, node.layers.map((layer) => layerText(out, layer, scope)), scope); // prettier-ignore
    case 'flow':
      return flowText(out, node, scope);
    case 'table':
      return tableText(out, node, scope);
    case 'class':
      return classText(out, node, conditionText(node.flag, scope), scope);
    case 'asked':
      return askedText(out, node, scope);
    case 'branch': {
      if (scope.target !== 'functional') return statementsText(out, node.body, scope);
      const skip = out.name('skip');
      const inner = statementsText(out, node.body, scope);
      const merged = out.applied(
        `tf.layers.${['add', 'average', 'maximum'][node.form % 3]!}()`,
        `[${scope.current}, ${skip}]`,
      );
      return `const ${skip} = ${scope.current};\n${inner}\n${scope.current} = ${merged};`;
    }
  }
}

function branching(form: number, when: string, yes: string, no: string, isAsync: boolean): string {
  switch (form % 7) {
    case 1:
      return `if (!(${when})) {\n${no}\n} else {\n${yes}\n}`;
    case 2:
      return `switch (${when} ? 'yes' : 'no') {\ncase 'yes': {\n${yes}\nbreak;\n}\ndefault: {\n${no}\n}\n}`;
    case 3:
      return `try {\nif (${when}) throw new Error('yes');\n${no}\n} catch {\n${yes}\n}`;
    case 4:
      return isAsync ? `if (${when}) {\n${yes}\n}` : `${when} && (() => {\n${yes}\n})();`;
    case 5:
      return `if (${when}) {\n${yes}\n} else if (!(${when})) {\n${no}\n}`;
    case 6:
      return `for (const side of [true, false]) {\nif (side !== Boolean(${when})) continue;\nif (side) {\n${yes}\nbreak;\n}\n${no}\n}`;
  }
  return no === '' ? `if (${when}) {\n${yes}\n}` : `if (${when}) {\n${yes}\n} else {\n${no}\n}`;
}

function loop(out: Output, form: number, count: number, body: readonly Statement[], scope: Scope): string {
  const i = out.name('i');
  const within = (flags: readonly string[], callback = false): string =>
    statementsText(out, body, { ...scope, flags: [...flags, ...scope.flags], isAsync: scope.isAsync && !callback });
  const numbers = `[${Array.from({ length: count }, (_, at) => at * 2).join(', ')}]`;
  const parity = [`${i} % 2 === 0`, `${i} > 0`];
  // A callback of forEach cannot wait.
  const choices = scope.isAsync ? [0, 1, 4, 5, 8] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  switch (choices[form % choices.length]) {
    case 1:
      return `for (const ${i} of ${numbers}) {\n${within(parity)}\n}`;
    case 2:
      return `${numbers}.forEach((${out.parameter(i)}) => {\n${within(parity, true)}\n});`;
    case 3:
      return `Array.from({ length: ${count} }, (_, at) => at + 1).forEach((${out.parameter(i)}) => {\n${within(parity, true)}\n});`;
    case 4:
      return `let ${i} = ${count};\nwhile (${i}-- > 0) {\n${within(parity)}\n}`;
    case 5: {
      const table = Array.from({ length: count }, (_, at) => `{ wide: ${at % 2 === 0}, last: ${at === count - 1} }`);
      return `for (const ${i} of [${table.join(', ')}]) {\n${within([`${i}.wide`, `${i}.last`])}\n}`;
    }
    case 6: {
      const key = out.name('key');
      const entries = Array.from({ length: count }, (_, at) => `k${at}: ${at % 2 === 1}`);
      return `Object.entries({ ${entries.join(', ')} }).forEach(([${key}, ${i}]) => {\n${within([i, `${key} === 'k1'`], true)}\n});`;
    }
    case 7:
      return `[...Array(${count}).keys()].map((${out.parameter(i)}) => {\n${within(parity, true)}\nreturn ${i};\n});`;
    case 8:
      return `let ${i} = 0;\ndo {\n${within(parity)}\n${i}++;\n} while (${i} < ${count});`;
    case 9:
      return `for (const [${i}, width] of [${Array.from({ length: count }, (_, at) => 4 + at).join(', ')}].entries()) {\n${within([`${i} === 1`, 'width > 4'])}\n}`;
  }
  return `for (let ${i} = 0; ${i} < ${count}; ${i}++) {\n${within(parity)}\n}`;
}

/** A function that makes the model grow, and its calls. */
function block(out: Output, form: number, flags: readonly string[], body: readonly Statement[], scope: Scope): string {
  const file = out.fileFor(scope.file, Math.floor(form / 7));
  const name = out.name('block');
  const current = { sequential: 'model', functional: 'x', list: 'layers' }[scope.target];
  const inner = (own: readonly string[]): string => statementsText(out, body, { ...scope, file, current, flags: own });
  const isAsync = scope.isAsync && form % 2 === 0;
  const give = scope.target === 'functional' ? `return ${current};` : '';
  const params = (flag: string): string => `${out.parameter(current)}, ${flag}`;
  const head = isAsync ? 'async ' : '';
  const inside = isAsync ? inner : (own: readonly string[]): string => statementsText(out, body, { ...scope, file, current, flags: own, isAsync: false }); // prettier-ignore
  let call = (flag: string): string => `${name}(${scope.current}, ${flag})`;
  switch (out.isTyped(file) ? form % 7 : form % 6) {
    case 1:
      out.define(file, `const ${name} = ${head}(${params(out.parameter('on'))}) => {\n${inside(['on'])}\n${give}\n};`);
      break;
    case 2:
      out.define(
        file,
        `${head}function ${name}(${params(out.parameter('{ on = false, other = true }'))}) {\n${inside(['on', 'other'])}\n${give}\n}`,
      );
      call = (flag) => `${name}(${scope.current}, { on: ${flag} })`;
      break;
    case 3:
      out.define(
        file,
        `${head}function ${name}(${params(out.parameter('on'))}) {\nif (!on) return ${current};\n${inside(['on'])}\n${give}\n}`,
      );
      break;
    case 4:
      out.define(
        file,
        `const ${name} = (${out.parameter('on')}) => ${head}(${out.parameter(current)}) => {\n${inside(['on'])}\n${give}\n};`,
      );
      call = (flag) => `${name}(${flag})(${scope.current})`;
      break;
    case 5:
      out.define(
        file,
        `${head}function ${name}(${params(`${out.parameter('depth')}, ${out.parameter('on')}`)}) {\nif (depth === 0) return ${current};\n${inside(['on', 'depth > 1'])}\nreturn ${name}(${current}, depth - 1, !on);\n}`,
      );
      call = (flag) => `${name}(${scope.current}, 2, ${flag})`;
      break;
    case 6:
      out.define(
        file,
        `namespace ${name} {\nconst sides = { deep: true };\nexport const grow = ${head}(${params(out.parameter('on'))}) => {\n${inside(['on', 'sides.deep'])}\n${give}\n};\n}`,
      );
      call = (flag) => `${name}.grow(${scope.current}, ${flag})`;
      break;
    default:
      out.define(file, `${head}function ${name}(${params(out.parameter('on'))}) {\n${inside(['on'])}\n${give}\n}`);
  }
  out.use(name, file, scope.file);
  return flags
    .map((flag) => {
      const value = isAsync ? `await ${call(flag)}` : call(flag);
      return scope.target === 'functional' ? `${scope.current} = ${value};` : `${value};`;
    })
    .join('\n');
}
