import ts from 'typescript';
import { Unknown, type Dim, type MadeTensor, type Shape } from '../../graph';
import type { Machine } from '../machine';
import { byTree, placeOf } from '../syntax';
import { ArrayValue, isTracked, TensorValue, UnknownItems, WeightList, type Value } from '../values';

/** Tensors that the code makes of plain data: of which shape, and filled with what. */

interface Made {
  readonly shape: Shape | null;
  readonly fill: number | null;
}

type Maker = (m: Machine, args: readonly Value[]) => Made;

const ofShape =
  (fill: number | null): Maker =>
  (m, args) => ({ shape: sizesOf(m, args[0]), fill });

const like =
  (fill: number | null): Maker =>
  (_, args) => ({ shape: args[0] instanceof TensorValue ? args[0].tensor.shape : null, fill });

/** `tf.tensor2d(values, shape)`: of that rank, whatever the values are. */
const ofRank =
  (rank: number): Maker =>
  (m, args) => {
    const given = rank === 1 ? null : sizesOf(m, args[1]);
    const shape = given ?? lengthsOf(m, args[0]);
    if (shape?.length === rank) return { shape, fill: null };
    const rows = args[1] == null ? m.resolve(args[0]) : undefined;
    const first = rank > 1 && rows instanceof ArrayValue && rows.closed ? rows.length : null;
    return { shape: [first, ...Array<Dim>(rank - 1).fill(null)], fill: null };
  };

/** Those that make zeros, ones and noise, whatever they are given. */
const PLAIN = /^((zeros|ones)(Like)?|random(Normal|StandardNormal|Uniform|UniformInt|Gamma)|truncatedNormal)$/;

const MAKERS: Readonly<Record<string, Maker>> = {
  zeros: ofShape(0),
  ones: ofShape(1),
  fill: (m, args) => ({ shape: sizesOf(m, args[0]), fill: numberOf(m, args[1]) }),
  randomNormal: ofShape(null),
  randomStandardNormal: ofShape(null),
  randomUniform: ofShape(null),
  randomUniformInt: ofShape(null),
  truncatedNormal: ofShape(null),
  randomGamma: ofShape(null),
  scalar: (m, args) => ({ shape: [], fill: numberOf(m, args[0]) }),
  tensor: (m, args) => {
    const shape = args[1] == null ? lengthsOf(m, args[0]) : sizesOf(m, args[1]);
    return { shape, fill: numberOf(m, args[0]) };
  },
  tensor1d: ofRank(1),
  tensor2d: ofRank(2),
  tensor3d: ofRank(3),
  tensor4d: ofRank(4),
  tensor5d: ofRank(5),
  tensor6d: ofRank(6),
  linspace: (m, args) => ({ shape: [numberOf(m, args[2])], fill: null }),
  range: () => ({ shape: [null], fill: null }),
  eye: (m, args) => {
    const rows = numberOf(m, args[0]);
    return { shape: [rows, args[1] == null ? rows : numberOf(m, args[1])], fill: null };
  },
};

/** `tf.zeros([8])`, `tf.variable(x)` and their kin; null for a function that makes no tensor of plain data. */
export function makeTensor(
  m: Machine,
  name: string,
  args: readonly Value[],
  node: ts.CallExpression | ts.NewExpression,
): TensorValue | null {
  if (name === 'variable') return makeVariable(m, args, node);
  const likened = name === 'zerosLike' ? like(0) : name === 'onesLike' ? like(1) : undefined;
  const maker = MAKERS[name] ?? likened;
  if (maker === undefined || args.some((arg) => arg instanceof UnknownItems)) return null;
  const [first] = args;
  const isData = first instanceof WeightList || (first instanceof TensorValue && !isTracked(first));
  if (likened !== undefined && !isData) return null;
  const plain = PLAIN.test(name) || (name === 'scalar' && numberOf(m, first) !== null);
  const more = { as: 'constant', trainable: false, assignable: false, place: placeOf(node) } as const;
  return made(m, maker(m, args), more, plain);
}

/** `tf.variable(initial, trainable = true)`. */
function makeVariable(m: Machine, args: readonly Value[], node: ts.CallExpression | ts.NewExpression): TensorValue {
  const [initial, flag] = args;
  // A variable starts with a copy: nothing flows through it.
  if (initial instanceof TensorValue && isTracked(initial)) m.escape(initial, 'made into a variable', node);
  const from = initial instanceof TensorValue ? initial.tensor : null;
  const truth = flag === undefined ? true : m.truth(flag);
  const trainable = truth ?? new Unknown('whether the variable is trainable is not known');
  const fill = from?.made?.fill ?? null;
  const assignable = assigns(node.getSourceFile()) || isReplaced(node);
  const more = { as: 'variable', trainable, assignable, place: placeOf(node) } as const;
  return made(m, { shape: from?.shape ?? null, fill }, more);
}

const assigning = new WeakMap<ts.SourceFile, boolean>();

/** Whether a file has calls of a method `assign`, which may stand in code that is not followed. */
function assigns(source: ts.SourceFile): boolean {
  let found = assigning.get(source);
  if (found === undefined) {
    found = /(?<!\bObject)\s*\.\s*assign\b|['"`]assign['"`]/.test(source.text);
    assigning.set(source, found);
  }
  return found;
}

/**
 * Whether the name or property that is given a variable is given something else as well, anywhere in the file: then that
 * holds the statistics from there on.
 */
const isReplaced = byTree((node: ts.CallExpression | ts.NewExpression, source): boolean => {
  const name = holderOf(node);
  if (name === null) return false;
  const sets = new RegExp(`(?<![\\w$])${name.text.replaceAll('$', '\\$&')}\\s*=(?![=>])`, 'g');
  return [...source.text.matchAll(sets)].some(({ index }) => index !== name.getStart(source));
});

/** The name that a value is stored under. */
function holderOf(node: ts.Node): ts.Identifier | null {
  let { parent } = node;
  while (ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent))
    ({ parent } = parent);
  let name: ts.Node | null = null;
  if (ts.isBinaryExpression(parent)) name = ts.isPropertyAccessExpression(parent.left) ? parent.left.name : parent.left;
  else if (ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertyAssignment(parent))
    ({ name } = parent);
  return name && ts.isIdentifier(name) ? name : null;
}

function made(m: Machine, { shape, fill }: Made, more: Omit<MadeTensor, 'fill'>, plain = false): TensorValue {
  return new TensorValue(m.builder.input(shape, { ...more, fill }), false, plain);
}

/** The sizes in a list of numbers; null for those that are not known, or for all where the list is not. */
function sizesOf(m: Machine, value: Value): Shape | null {
  const list = m.resolve(value);
  if (typeof list === 'number') return [list];
  if (!(list instanceof ArrayValue) || !list.closed) return null;
  return list.items.map((item) => numberOf(m, item));
}

/** The lengths of nested lists; null where the outermost is not known. */
function lengthsOf(m: Machine, value: Value): Shape | null {
  const list = m.resolve(value);
  if (typeof list === 'number' || typeof list === 'boolean') return [];
  if (!(list instanceof ArrayValue) || !list.closed) return null;
  const inner = list.length === 0 ? [] : lengthsOf(m, list.items[0]);
  return inner && [list.length, ...inner];
}

function numberOf(m: Machine, value: Value): number | null {
  const resolved = m.resolve(value);
  return typeof resolved === 'number' ? resolved : null;
}
