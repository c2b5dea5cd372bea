import type { Condition, Target } from './ast';
import type { Output } from './output';

/** What code that is being printed can name. */
export interface Scope {
  readonly target: Target;
  /** What grows: the variable of the model, the tensor or the list. */
  readonly current: string;
  /** Expressions that are true or false. */
  readonly flags: readonly string[];
  /** The file that it stands in, an index into the program's files. */
  readonly file: number;
  /** Calls of helpers have to be awaited, and can be. */
  readonly isAsync: boolean;
}

export function conditionText(node: Condition, { flags }: Scope): string {
  const print = (of: Condition): string => {
    switch (of.c) {
      case 'flag':
        return flags.length === 0 ? String(of.at % 2 === 0) : flags[of.at % flags.length]!;
      case 'literal':
        return String(of.value);
      case 'not':
        return `!(${print(of.of)})`;
      case 'both':
        return `(${print(of.left)} && ${print(of.right)})`;
      case 'either':
        return `(${print(of.left)} || ${print(of.right)})`;
    }
  };
  return print(node).replace(/!\((\w+)\)/g, '!$1');
}

/** What makes the model grow by one layer. */
export function emit(out: Output, layer: string, { target, current }: Scope): string {
  if (target === 'sequential') return `${current}.add(${layer});`;
  if (target === 'list') return `${current}.push(${layer});`;
  return `${current} = ${out.applied(layer, current)};`;
}

/** An expression that adds a layer to something, and is what has grown. */
export function appended(out: Output, layer: string, to: string, { target }: Scope): string {
  if (target === 'functional') return out.applied(layer, to);
  return target === 'list' ? `(${to}.push(${layer}), ${to})` : `(${to}.add(${layer}), ${to})`;
}

/** A function of its own that makes the model grow by what it is given, and its call. */
export function inFunction(
  out: Output,
  parameter: string,
  file: number,
  body: (current: string) => string,
  argument: string,
  scope: Scope,
): string {
  const name = out.name('grow');
  const current = { sequential: 'model', functional: 'x', list: 'layers' }[scope.target];
  const own = parameter.includes('=') ? parameter : out.parameter(parameter);
  out.define(file, `function ${name}(${out.parameter(current)}, ${own}) {\n${body(current)}\nreturn ${current};\n}`);
  const call = `${out.use(name, file, scope.file)}(${scope.current}${argument && `, ${argument}`})`;
  return scope.target === 'functional' ? `${scope.current} = ${call};` : `${call};`;
}
