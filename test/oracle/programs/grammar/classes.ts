import type { Statement } from './ast';
import type { Output, Scope } from './scope';
import { statementsText } from './statements';

/** A class, with or without a base class, whose method makes the model grow, and its use. */
export function classText(out: Output, node: Statement & { s: 'class' }, flag: string, scope: Scope): string {
  const file = out.fileFor(scope.file, Math.floor(node.form / 6));
  const name = out.name('Builder');
  const current = { sequential: 'model', functional: 'x', list: 'layers' }[scope.target];
  const own = (flags: readonly string[]): Scope => ({ ...scope, file, current, flags, isAsync: false });
  const parameter = out.parameter(current);
  const give = `return ${current};`;
  const body = statementsText(out, node.body, own(['this.on']));
  const rest = statementsText(out, node.rest, own(['this.on', 'this.negated']));
  const field = out.language === 'ts' ? 'on: any;\n' : '';
  const getter = 'get negated() {\nreturn !this.on;\n}\n';
  const constructor = `constructor(${out.parameter('on')}) {\nthis.on = on;\n}\n`;
  let made = `new ${name}(${flag})`;
  switch (node.form % 6) {
    case 1:
      out.define(
        file,
        `class Base${name} {\n${field}${constructor}${getter}grow(${parameter}) {\n${body}\n${give}\n}\n}`,
      );
      out.define(
        file,
        `class ${name} extends Base${name} {\ngrow(${parameter}) {\n${current} = super.grow(${current});\n${rest}\n${give}\n}\n}`,
      );
      break;
    case 2:
      out.define(
        file,
        `class Base${name} {\n${field}${constructor}${getter}tail(${parameter}) {\n${give}\n}\ngrow(${parameter}) {\n${body}\nreturn this.tail(${current});\n}\n}`,
      );
      out.define(
        file,
        `class ${name} extends Base${name} {\nconstructor(${out.parameter('on')}) {\nsuper(!on);\n}\ntail(${parameter}) {\n${rest}\n${give}\n}\n}`,
      );
      break;
    case 3:
      out.define(
        file,
        `class ${name} {\non = true;\n${getter}grow = (${parameter}) => {\n${body}\n${rest}\n${give}\n};\nwith(${out.parameter('on')}) {\nthis.on = on;\nreturn this;\n}\n}`,
      );
      made = `new ${name}().with(${flag})`;
      break;
    case 4:
      out.define(
        file,
        `class ${name} {\n${field}static of(${out.parameter('on')}) {\nreturn new ${name}({ on });\n}\nconstructor(${out.parameter('{ on }')}) {\nthis.on = on;\n}\n${getter}grow(${parameter}) {\n${body}\nthis.on = this.negated;\n${rest}\n${give}\n}\n}`,
      );
      made = `${name}.of(${flag})`;
      break;
    default:
      out.define(
        file,
        `class ${name} {\n${field}${constructor}${getter}grow(${parameter}) {\n${body}\n${rest}\n${give}\n}\n}`,
      );
  }
  out.use(name, file, scope.file);
  const grown = `${made}.grow(${scope.current})`;
  return scope.target === 'functional' ? `${scope.current} = ${grown};` : `${grown};`;
}
