import type { Statement } from './ast';
import type { Output } from './output';
import { conditionText, inFunction, type Scope } from './scope';
import { statementsText } from './statements';

/** A model that grows where code is left early, goes round, or is entered in the middle. */
export function flowText(out: Output, node: Statement & { s: 'flow' }, scope: Scope): string {
  const when = conditionText(node.when, scope);
  const within = (...flags: readonly string[]): string =>
    statementsText(out, node.body, { ...scope, flags: [...flags, ...scope.flags] });
  const rest = (...flags: readonly string[]): string =>
    statementsText(out, node.rest, { ...scope, flags: [...flags, ...scope.flags] });
  const [i, j] = [out.name('i'), out.name('j')];
  const label = out.name('outer');
  const { count } = node;
  const numbers = `[${Array.from({ length: count }, (_, at) => at).join(', ')}]`;
  switch (node.form % 30) {
    case 1:
      return `${label}: for (const ${i} of ${numbers}) {\nfor (const ${j} of [0, 1]) {\nif (${j} === 1 && ${when}) continue ${label};\n${within(`${i} === 0`)}\n}\n${rest()}\n}`;
    case 2:
      return `${label}: for (let ${i} = 0; ${i} < ${count}; ${i}++) {\nfor (const ${j} of [true, false]) {\nif (!${j} && ${when}) break ${label};\n${within(j)}\n}\n${rest(`${i} > 0`)}\n}`;
    case 3:
      return `${label}: {\n${within()}\nif (${when}) break ${label};\n${rest()}\n}`;
    case 4:
      return `switch (${when} ? 0 : 1) {\ncase 0: {\n${within()}\n}\n// falls through\ndefault: {\n${rest()}\n}\n}`;
    case 5:
      return `switch (true) {\ncase Boolean(${when}): {\n${within()}\nbreak;\n}\ndefault: {\n${rest()}\n}\n}`;
    case 6:
      return `let ${i} = 0;\nwhile (true) {\n${within(`${i} === 0`)}\nif (++${i} >= ${count}) break;\n${rest()}\n}`;
    case 7:
      return `for (let ${i} = 0, most = ${count}; ${i} < most; ${i} += 1, most -= 0) {\n${within(`${i} + 1 === most`)}\n}\n${rest()}`;
    case 8:
      return `let ${i} = ${count};\nwhile (${i} > 0) {\n${within(`${i} === 1`)}\n${i} -= 1;\n}\n${rest()}`;
    case 9:
      return `for (const ${i} of ${numbers}) {\ntry {\nif (${i} === 0 && ${when}) continue;\n${within()}\n} finally {\n${rest(`${i} > 0`)}\n}\n}`;
    case 10:
      return `try {\nif (${when}) throw new Error('no');\n${within()}\n} catch (error) {\nconsole.assert(error);\n} finally {\n${rest()}\n}`;
    case 11:
      return `for (let ${i} = 0; ; ${i}++) {\nif (${i} === ${count}) break;\n${within(`${i} % 2 === 1`)}\n}\n${rest()}`;
    case 12:
      return `for (const ${i} of ${numbers}) {\nswitch (${i}) {\ncase 0:\nif (${when}) continue;\n${within()}\nbreak;\ncase 1:\ncase 2: {\n${rest(`${i} === 2`)}\n}\n}\n}`;
    case 13:
      return `do {\n${rest()}\nif (${when}) break;\n${within()}\n} while (false);`;
    case 14:
      return `let ${i} = ${when} ? 'wide' : 'deep';\nswitch (${i}) {\ncase 'wide':\ncase 'wider': {\n${within()}\nbreak;\n}\ncase 'deep': {\n${rest()}\n}\n}`;
    case 15:
      return `let ${i} = false;\n${when} && (${i} = true);\n${within(i)}\n${rest(`!${i}`)}`;
    case 16:
      return `let ${i} = 1;\n${when} ? ${i}++ : ${i}--;\nfor (let ${j} = 0; ${j} < ${i}; ${j}++) {\n${within(`${j} > 0`)}\n}\n${rest(`${i} > 1`)}`;
    case 17:
      return `let ${i};\n${i} ??= ${when};\n${i} ||= ${count > 1};\n${within(i)}\n${rest(i)}`;
    case 18:
      return `const ${i} = { on: undefined, ...(${when} ? { on: true, deep: { wide: true } } : {}) };\n${within(`(${i}.on ?? false)`)}\n${rest(`${i}.deep?.wide`)}`;
    case 19: {
      const rows = Array.from({ length: count }, (_, at) => `{ on: ${at === 0 ? when : at === 2}${at === count - 1 ? ', last: true' : ''} }`); // prettier-ignore
      return `for (const { on: ${i}, last: ${j} = false } of [${rows.join(', ')}]) {\nif (${j}) {\n${rest(i)}\n}\n${within(i, j)}\n}`;
    }
  }
  if (node.form % 30 >= 20) return leftText(out, node, scope);
  return `try {\n${within()}\n} finally {\n${rest()}\n}`;
}

/** A function that makes the model grow, and that a loop which builds nothing may leave before it has. */
function leftText(out: Output, node: Statement & { s: 'flow' }, scope: Scope): string {
  const file = out.fileFor(scope.file, node.count);
  const [i, j] = [out.name('i'), out.name('j')];
  const label = out.name('outer');
  const { form, count } = node;
  const numbers = `[${Array.from({ length: count }, (_, at) => at).join(', ')}]`;
  const text = (current: string): string => {
    const own = (...flags: readonly string[]): Scope => ({ ...scope, file, current, isAsync: false, flags: ['on', 'other', ...flags] }); // prettier-ignore
    const within = statementsText(out, node.body, own());
    const rest = (...flags: readonly string[]): string => statementsText(out, node.rest, own(...flags));
    const left = `return ${current};`;
    switch (form % 30) {
      case 21:
        return `${within}\nfor (const ${i} of ${numbers}) {\nif (${i} > 0 && other) continue;\nif (on) ${left}\n}\n${rest()}`;
      case 22:
        return `${within}\nfor (const { ok: ${i}, stop: ${j} } of [{ ok: on, stop: other }, { ok: true, stop: ${count > 1} }]) {\nif (!${i}) continue;\nif (${j}) ${left}\n}\n${rest()}`;
      case 23:
        return `let ${i} = 0;\nwhile (${i} < ${count}) {\nif (on) ${left}\n${i}++;\n}\n${within}\n${rest(`${i} > 1`)}`;
      case 24:
        return `${within}\nfor (const ${i} of ${numbers}) {\nswitch (${i}) {\ncase 0:\nif (on) continue;\nbreak;\ndefault:\nif (other) ${left}\n}\n}\n${rest()}`;
      case 25:
        return `${within}\nfor (const ${i} of ${numbers}) {\nif (on) break;\nif (${i} === 1 && other) ${left}\n}\n${rest()}`;
      case 26:
        return `${label}: for (const ${i} of ${numbers}) {\nfor (const ${j} of [true, false]) {\nif (${j} && on) continue ${label};\nif (!${j} || ${i} > 0) ${left}\n}\n}\n${within}\n${rest()}`;
      case 27:
        return `for (let ${i} = 0; ${i} < ${count}; ${i}++) {\nif (!on) continue;\nif (${i} === 1) ${left}\n${within}\n}\n${rest()}`;
      case 28:
        return `${within}\n${label}: for (const ${i} of ${numbers}) {\ntry {\nif (on && ${i} === ${count - 1}) ${left}\nif (other) break ${label};\n} finally {\nconsole.assert(true);\n}\n}\n${rest()}`;
      case 29:
        return `${within}\ndo {\nif (on) {\nif (other) break;\n${left}\n}\n} while (false);\n${rest()}`;
    }
    return `${within}\nfor (const ${i} of ${numbers}) if (on && ${i} === 0) ${left}\n${rest()}`;
  };
  const other = conditionText({ c: 'flag', at: form }, scope);
  return inFunction(out, '{ on, other }', file, text, `{ on: ${conditionText(node.when, scope)}, other: ${other} }`, scope); // prettier-ignore
}
