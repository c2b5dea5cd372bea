import type { StepNode } from './ast';
import type { Output } from './output';
import { conditionText, type Scope } from './scope';

/** How a step runs a model on data `x`. */
function runText(node: StepNode, model: string, when: string): string {
  const training = `${model}.apply(x, { training: true })`;
  switch (node.run % 6) {
    case 1:
      return training;
    case 2:
      return `${model}.predict(x)`;
    case 3:
      return `${model}.apply(x, { training: false })`;
    case 4:
      return `(${when} ? ${training} : ${model}.predict(x))`;
    case 5:
      return `${model}.apply(x, ${when} ? { training: true } : undefined)`;
  }
  return `${model}.apply(x)`;
}

/** The list of variables that a step trains; empty for all there are. */
function listText(out: Output, form: number, model: string, { target }: Scope): string {
  const read = `map((${out.parameter('weight')}) => weight.read())`;
  switch (form % 4) {
    case 1:
      return `${model}.trainableWeights.${read}`;
    case 2:
      return `${model}.layers[${target === 'functional' ? 1 : 0}].trainableWeights.${read}`;
    case 3:
      return `${model}.layers.flatMap((${out.parameter('layer')}) => layer.trainableWeights).${read}`;
  }
  return '';
}

/** The call that takes gradients of a loss, and what is done with them. */
function gradientText(form: number, optimizer: string, loss: string, list: string): string {
  const more = list === '' ? '' : `, ${list}`;
  switch (form % 4) {
    case 1:
      return `${optimizer}.minimize(${loss}, true${more});`;
    case 2:
      return `const { value, grads } = tf.variableGrads(${loss}${more});\n${optimizer}.applyGradients(grads);\nvalue.dispose();`;
    case 3:
      return `const found = ${optimizer}.computeGradients(${loss}${more});\n${optimizer}.applyGradients(found.grads);`;
  }
  return list === '' ? `${optimizer}.minimize(${loss});` : `${optimizer}.minimize(${loss}, false, ${list});`;
}

/** What is frozen before a step; never the first layer with weights, so that there is something to train. */
function freezing(out: Output, form: number, model: string, { target }: Scope): string {
  // A functional model begins with the layer of its input.
  const first = target === 'functional' ? 1 : 0;
  switch (form % 8) {
    case 1:
      return `if (${model}.layers.length > ${first + 1}) ${model}.layers[${first + 1}].trainable = false;\n`;
    case 2:
      return `${model}.layers.forEach((${out.parameter('layer')}, ${out.parameter('at')}) => {\nlayer.trainable = at % 2 === ${first};\n});\n`;
    case 3:
      return `for (const layer of ${model}.layers.slice(${first + 1})) layer.trainable = false;\n`;
  }
  return '';
}

/** A gradient step on a model that is built. What it throws, where nothing can be trained, ends it alone. */
export function stepText(out: Output, node: StepNode, model: string, scope: Scope): string {
  const when = conditionText(node.when, scope);
  const given = `const x = tf.ones([2, ${out.shape.slice(1)});\nconst optimizer = tf.train.sgd(0.01);\n`;
  const file = out.fileFor(scope.file, node.form);
  const params = ['model', 'optimizer', 'x', 'on'].map((name) => out.parameter(name)).join(', ');
  const step = (
    of: string,
    optimizer: string,
    flag: string,
    loss = `() => ${runText(node, of, flag)}.mean()`,
  ): string => gradientText(node.api, optimizer, loss, listText(out, node.list, of, scope));
  const attempt = (body: string): string => `try {\n${given}${body}\n} catch (error) {\nconsole.assert(error);\n}`;
  const frozen = freezing(out, node.freeze, model, scope);
  switch (node.form % 6) {
    case 1: {
      const name = out.name('trainStep');
      out.define(file, `function ${name}(${params}) {\n${step('model', 'optimizer', 'on')}\n}`);
      out.use(name, file, scope.file);
      return frozen + attempt(`${name}(${model}, optimizer, x, ${when});`);
    }
    case 2: {
      const name = out.name('Trainer');
      const fields = out.typed('model: any;\noptimizer: any;\non: any;\n');
      const body = step('this.model', 'this.optimizer', 'this.on', '() => this.loss(x)');
      out.define(
        file,
        `class ${name} {\n${fields}constructor(${out.parameter('model')}, ${out.parameter('on')}) {\nthis.model = model;\nthis.on = on;\nthis.optimizer = tf.train.sgd(0.01);\n}\nloss(${out.parameter('x')}) {\nreturn ${runText(node, 'this.model', 'this.on')}.mean();\n}\nstep(${out.parameter('x')}) {\n${body}\n}\n}`,
      );
      out.use(name, file, scope.file);
      return frozen + attempt(`new ${name}(${model}, ${when}).step(x);`);
    }
    case 3: {
      const name = out.name('lossOf');
      out.define(
        file,
        `const ${name} = (${params
          .split(', ')
          .filter((each) => !each.startsWith('optimizer'))
          .join(', ')}) => () => {\nconst y = ${runText(node, 'model', 'on')};\nreturn y.sub(1).square().mean();\n};`,
      );
      out.use(name, file, scope.file);
      return frozen + attempt(step(model, 'optimizer', when, `${name}(${model}, x, ${when})`));
    }
    case 4:
      return frozen + attempt(`for (let epoch = 0; epoch < 2; epoch++) {\n${step(model, 'optimizer', when)}\n}`);
    case 5:
      return (
        frozen +
        attempt(
          step(
            model,
            'optimizer',
            when,
            `() => tf.tidy(() => {\nconst y = ${runText(node, model, when)};\nreturn tf.losses.meanSquaredError(tf.zerosLike(y), y);\n})`,
          ),
        )
      );
  }
  return frozen + attempt(step(model, 'optimizer', when));
}
