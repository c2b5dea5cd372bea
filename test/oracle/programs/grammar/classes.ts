import type { Statement } from './ast';
import type { Output } from './output';
import { appended, type Scope } from './scope';
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
  const field = out.typed('on: any;\n');
  const getter = 'get negated() {\nreturn !this.on;\n}\n';
  const constructor = `constructor(${out.parameter('on')}) {\nthis.on = on;\n}\n`;
  const { onClass, onMethod } = out.isTyped(file) ? decorators(out, node.decorators, own([])) : PLAIN;
  const method = `${onMethod}grow(${parameter}) {`;
  let made = `new ${name}(${flag})`;
  switch (node.form % 6) {
    case 1:
      out.define(file, `class Base${name} {\n${field}${constructor}${getter}${method}\n${body}\n${give}\n}\n}`);
      out.define(
        file,
        `${onClass}class ${name} extends Base${name} {\n${method}\n${current} = super.grow(${current});\n${rest}\n${give}\n}\n}`,
      );
      break;
    case 2:
      out.define(
        file,
        `class Base${name} {\n${field}${constructor}${getter}tail(${parameter}) {\n${give}\n}\n${method}\n${body}\nreturn this.tail(${current});\n}\n}`,
      );
      out.define(
        file,
        `${onClass}class ${name} extends Base${name} {\nconstructor(${out.parameter('on')}) {\nsuper(!on);\n}\ntail(${parameter}) {\n${rest}\n${give}\n}\n}`,
      );
      break;
    case 3:
      out.define(
        file,
        `${onClass}class ${name} {\non = true;\n${getter}grow = (${parameter}) => {\n${body}\n${rest}\n${give}\n};\nwith(${out.parameter('on')}) {\nthis.on = on;\nreturn this;\n}\n}`,
      );
      made = `new ${name}().with(${flag})`;
      break;
    case 4:
      out.define(
        file,
        `${onClass}class ${name} {\n${field}static of(${out.parameter('on')}) {\nreturn new ${name}({ on });\n}\nconstructor(${out.parameter('{ on }')}) {\nthis.on = on;\n}\n${getter}${method}\n${body}\nthis.on = this.negated;\n${rest}\n${give}\n}\n}`,
      );
      made = `${name}.of(${flag})`;
      break;
    default:
      out.define(
        file,
        `${onClass}class ${name} {\n${field}${constructor}${getter}${method}\n${body}\n${rest}\n${give}\n}\n}`,
      );
  }
  out.use(name, file, scope.file);
  const grown = `${made}.grow(${scope.current})`;
  return scope.target === 'functional' ? `${scope.current} = ${grown};` : `${grown};`;
}

const PLAIN = { onClass: '', onMethod: '' };

/** Decorators of a class and of the method that makes the model grow; the method's may add a layer. */
function decorators(out: Output, form: number, scope: Scope): typeof PLAIN {
  const { file } = scope;
  const head = ['target', 'key', 'descriptor'].map((name) => out.parameter(name)).join(', ');
  const more = appended(out, 'tf.layers.batchNormalization()', 'grown', scope);
  const name = out.name('decorated');
  switch (form % 8) {
    case 3:
      out.define(file, `const ${name}${out.typed(': any[]')} = [];\nfunction ${name}As(${out.parameter('value')}) {\n${name}.push(value);\n}`); // prettier-ignore
      return { ...PLAIN, onClass: `@${name}As\n` };
    case 4:
      out.define(file, `function ${name}(${head}) {\nconsole.assert(target, key, descriptor);\n}`);
      return { ...PLAIN, onMethod: `@${name} ` };
    case 5:
      out.define(
        file,
        `function ${name}(${head}) {\nconst original = descriptor.value;\ndescriptor.value = function (...args${out.typed(': any[]')}) {\nconst grown = original.apply(this, args);\nreturn ${more};\n};\n}`,
      );
      return { ...PLAIN, onMethod: `@${name}\n` };
    case 6:
      out.define(
        file,
        `const ${name} = (${out.parameter('normed')}) => (${head}) => ({\n...descriptor,\nvalue(${out.parameter('given')}) {\nconst grown = descriptor.value.call(this, given);\nreturn normed ? ${more} : grown;\n},\n});`,
      );
      return { ...PLAIN, onMethod: `@${name}(${form % 16 < 8})\n` };
    case 7:
      out.define(
        file,
        `function ${name}(${out.parameter('value')}) {\nreturn class extends value {\ngrow(${out.parameter('given')}) {\nconst grown = super.grow(given);\nreturn ${more};\n}\n};\n}`,
      );
      return { ...PLAIN, onClass: `@${name}\n` };
  }
  return PLAIN;
}
