import type { Output } from './output';
import { appended, emit, inFunction, type Scope } from './scope';

/** Ways to make layers together, and those of them in which code waits. */
const FORMS = 34;
const WAITING = [34, 35, 36, 37, 38];

/** Layers that are made together, and make the model grow one after the other. */
export function listText(out: Output, form: number, layers: readonly string[], scope: Scope): string {
  const all = `[${layers.join(', ')}]`;
  const layer = out.name('layer');
  const one = emit(out, layer, scope);
  const named = out.name('parts');
  const key = out.name('key');
  const keyed = `{ ${layers.map((each, at) => `p${at}: ${each}`).join(', ')} }`;
  const times = layers.length;
  // A generator is a function: it has a `this` of its own.
  const own = all.includes('this.') ? `${named}.call(this)` : `${named}()`;
  // Code that can wait does so more often than its forms are many.
  const plain = [...Array(FORMS).keys()];
  const choices = scope.isAsync ? [0, ...WAITING, ...WAITING, ...WAITING, ...plain.slice(1)] : plain;
  switch (choices[form % choices.length]) {
    case 1:
      return `${all}.forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 2:
      return `const ${named} = ${all};\nfor (let at = 0; at < ${named}.length; at++) {\nconst ${layer} = ${named}[at];\n${one}\n}`;
    case 3:
      return `Object.values(${keyed}).forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 4:
      return `for (const [${key}, ${layer}] of Object.entries(${keyed})) {\n${one}\n}`;
    case 5:
      return `const ${named} = new Map();\n${layers.map((each, at) => `${named}.set('m${at}', ${each});`).join('\n')}\nfor (const ${layer} of ${named}.values()) {\n${one}\n}`;
    case 6:
      return `const ${named} = ${all};\nwhile (${named}.length > 0) {\nconst ${layer} = ${named}.shift();\n${one}\n}`;
    case 7: {
      const names = layers.map(() => out.name('part'));
      return `const [${names.join(', ')}] = ${all};\n${names.map((each) => emit(out, each, scope)).join('\n')}`;
    }
    case 8:
      return `for (const ${layer} of new Set(${all})) {\n${one}\n}`;
    case 9:
      return `[null, ...${all}].filter((each) => each !== null).forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 10:
      return `${all}.map((${out.parameter('each')}) => [each]).flat().forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 11:
      return replaced(scope, reduced(out, all, scope.current, scope));
    case 12: {
      if (scope.target === 'list') return `${scope.current}.push(...${all});`;
      return `const ${named} = [];\n${named}.push(...${all});\nfor (const ${layer} of ${named}) ${one}`;
    }
    case 13:
      return `const ${named} = ${keyed};\nfor (const ${key} in ${named}) {\nconst ${layer} = ${named}[${key}];\n${one}\n}`;
    case 14:
      return `const ${named} = ${all};\n${named}.reverse();\nfor (const ${layer} of ${named}) {\n${one}\n}`;
    case 15:
      return inFunction(out, '...parts', scope.file, (of) => `${of} = ${reduced(out, 'parts', of, scope)};`, layers.join(', '), scope); // prettier-ignore
    case 16:
      return `function* ${named}() {\n${layers.map((each) => `yield ${each};`).join('\n')}\n}\nfor (const ${layer} of ${own}) {\n${one}\n}`;
    case 17:
      return `const ${named} = function* () {\nyield ${layers[0]!};\nyield* [${layers.slice(1).join(', ')}];\n};\nfor (const ${layer} of [...${own}]) {\n${one}\n}`;
    case 18:
      return `for (const ${layer} of Array.from({ length: ${times} }, (_, at) => ${layers[0]!})) {\n${one}\n}`;
    case 19:
      return `const ${named}${out.typed(': any')} = {};\n${layers.map((each, at) => `${named}[\`p\${${at}}\`] = ${each};`).join('\n')}\nfor (let at = 0; at < ${times}; at++) {\nconst ${layer} = ${named}[\`p\${at}\`];\n${one}\n}`;
    case 20:
      return `const ${named} = { ${layers.map((each, at) => `[\`p\${${at}}\`]: ${each}`).join(', ')} };\nObject.keys(${named}).forEach((${out.parameter('at')}) => {\nconst ${layer} = ${named}[at];\n${one}\n});`;
    case 21:
      return `Object.values(Object.assign({}, ${layers.map((each, at) => `{ p${at}: ${each} }`).join(', ')})).forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 22:
      return `const ${named} = new Set();\n${layers.map((each) => `${named}.add(${each});`).join('\n')}\n${named}.forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 23:
      return `const ${named} = Object.fromEntries([${layers.map((each, at) => `['p${at}', ${each}]`).join(', ')}]);\nfor (const ${key} of Object.keys(${named})) {\nconst ${layer} = ${named}[${key}];\n${one}\n}`;
    case 24:
      if (all.includes('this.')) break;
      return `const ${named} = {\n*[Symbol.iterator]() {\n${layers.map((each) => `yield ${each};`).join('\n')}\n},\n};\nfor (const ${layer} of ${named}) {\n${one}\n}`;
    case 25:
      return `const ${named} = ([${layer}, ...rest]${out.typed(': any[]')}) => {\nif (!${layer}) return;\n${one}\n${named}(rest);\n};\n${named}(${all});`;
    case 26:
      return `Array(${times}).fill(null).map(() => ${layers[0]!}).forEach((${out.parameter(layer)}) => {\n${one}\n});`;
    case 27:
      return `const ${named} = ${all};\nfor (const ${key} in ${named}) {\nconst ${layer} = ${named}[${key}];\n${one}\n}`;
    case 28:
      return replaced(scope, reduced(out, all, scope.current, scope).replace('reduce(', 'reduceRight('));
    case 29:
      return `const ${named} = new Map([${layers.map((each, at) => `[\`m\${${at}}\`, ${each}]`).join(', ')}]);\nfor (let at = 0; at < ${named}.size; at++) {\nconst ${layer} = ${named}.get(\`m\${at}\`);\n${one}\n}`;
    case 30:
      return `for (const [${key}, ${layer}] of ${all}.entries()) {\nif (${key} > 1) break;\n${one}\n}`;
    case 31:
      return `${all}.every((${out.parameter(layer)}) => {\n${one}\nreturn true;\n});`;
    case 32:
      return `const ${named} = [${layers.map((each) => `() => ${each}`).join(', ')}];\nfor (const make of ${named}) {\nconst ${layer} = make();\n${one}\n}`;
    case 33:
      return `const ${named} = {\nto(${out.parameter(layer)}) {\n${one}\nreturn this;\n},\n};\n${named}${layers.map((each) => `.to(${each})`).join('')};`;
    case 34:
      return `for await (const ${layer} of ${all}) {\n${one}\n}`;
    case 35:
      return `for (const ${layer} of await Promise.all([${layers.map((each) => `Promise.resolve(${each})`).join(', ')}])) {\n${one}\n}`;
    case 36: {
      const steps = layers.map(
        (each) => `.then((${out.parameter('grown')}) => ${appended(out, each, 'grown', scope)})`,
      );
      return replaced(scope, `await Promise.resolve(${scope.current})${steps.join('')}`);
    }
    case 37:
      return `async function* ${named}() {\n${layers.map((each) => `yield ${each};`).join('\n')}\n}\nfor await (const ${layer} of ${own}) {\n${one}\n}`;
    case 38: {
      const body = `const grown = await before;\nreturn ${appended(out, 'layer', 'grown', scope)};`;
      const step = `async (${out.parameter('before')}, ${out.parameter('layer')}) => {\n${body}\n}`;
      return replaced(scope, `await ${all}.reduce(${step}, Promise.resolve(${scope.current}))`);
    }
  }
  return `for (const ${layer} of ${all}) {\n${one}\n}`;
}

function reduced(out: Output, list: string, start: string, scope: Scope): string {
  const step = `(${out.parameter('grown')}, ${out.parameter('layer')}) => ${appended(out, 'layer', 'grown', scope)}`;
  return `${list}.reduce(${step}, ${start})`;
}

/** A tensor that has grown is another one; a model or a list stays what it is. */
function replaced({ target, current }: Scope, grown: string): string {
  return target === 'functional' ? `${current} = ${grown};` : `${grown};`;
}
