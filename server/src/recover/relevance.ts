/**
 * Whether a file can matter at all, told from its text without parsing it and without loading the compiler.
 * Conservative: false only where the file can neither make layers, nor take a gradient step, nor hand on tf.
 */
export function mayMatter(text: string): boolean {
  return relevant.some((word) => text.includes(word));
}

/** The words of which a file that matters holds at least one; plain ASCII, so that bytes can be searched for them. */
export const relevant: readonly string[] = [
  'batchNorm',
  'moments',
  'layers',
  'minimize',
  'variableGrads',
  'computeGradients',
  'valueAndGrad',
  '@tensorflow/tfjs',
];

/** The functions and methods of tfjs that take gradients, by which a step is told. */
export const trainingNames: readonly string[] = [
  'minimize',
  'computeGradients',
  'variableGrads',
  'valueAndGrad',
  'valueAndGrads',
  'grad',
  'grads',
];

/** Whether a text can take a gradient step of its own, by those names or ones made of them. */
export function mayTrain(text: string): boolean {
  return /minimize|computeGradients|variableGrads|valueAndGrad|\bgrads?\b/.test(text);
}

/** Names of which one by itself normalises, and the parts of what is written out by hand, which has them all. */
const normalisers = ['batchNorm', 'moments', 'squaredDifference'];
const handwritten = [/\bmean\(/, /sqrt\(/];

/**
 * Whether a text can normalise: batch norm by its name, or a mean and a root written out by hand. At least one file of a
 * workspace must do so before any of its files can have a finding.
 */
export function mayNormalise(text: string): boolean {
  return normalisers.some((word) => text.includes(word)) || handwritten.every((part) => part.test(text));
}

/** The parts of a text that `mayNormalise` looks for. */
export const normalising = new RegExp([...normalisers, ...handwritten.map(({ source }) => source)].join('|'), 'g');
