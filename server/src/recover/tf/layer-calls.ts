import ts from 'typescript';
import {
  isModel,
  Unknown,
  type Dim,
  type Layer,
  type LayerCall,
  type Model,
  type ModelRun,
  type Shape,
} from '../../graph';
import { callFunction, findMember } from '../functions';
import type { Machine } from '../machine';
import { ThrowSignal } from '../signals';
import { byNode, callSite, fileOf, propertyName } from '../syntax';
import {
  ArrayValue,
  ClassValue,
  LayerValue,
  ModelValue,
  ObjectValue,
  TensorValue,
  type FunctionValue,
  type Value,
} from '../values';

/** Instances of one class that are followed in one step: the others are made by the same code. */
const MAX_INSTANCES = 24;

const MADE_ANEW = new Unknown('it is made in `call`, anew every time');

/** A `call` that is being followed, and its function. */
interface Opened {
  readonly call: Omit<LayerCall, 'handOn'>;
  readonly node: ts.FunctionLikeDeclaration;
  /** How many layers there were before: no step trains what is made in a `call`, which is made anew every time. */
  made: number;
  /** Why the batch norms in it may be updated by other means; null where nothing in the text says so. */
  readonly doubt: Unknown | null;
  /** The size of the batch that the layer is run on. */
  readonly samples: Dim;
}

/** The calls that are open; pushed and popped in pairs, so that no world sees another one's. */
const open = new WeakMap<Machine, Opened[]>();
/** What has been followed in a step: layers by the mode that they run in, and how often each class. */
const followed = new WeakMap<object, Map<string, number>>();

/**
 * Runs `call` of all layer classes of the author's in what a gradient step runs on data, as tfjs does: it is handed the
 * arguments of the run (tfjs-layers/src/engine/topology.ts, `apply`), and its inner layers get what it hands on. Only
 * where the step trains all variables: no list of a model's variables has those of inner layers in it.
 */
export function runLayerCalls(
  m: Machine,
  { target, api, mode, samples }: Pick<ModelRun, 'target' | 'api' | 'mode' | 'samples'>,
  args: readonly Value[],
  node: ts.CallExpression,
): void {
  const step = m.steps.at(-1)?.step;
  if (!step || step.variables !== 'all' || (mode !== 'batch' && mode !== 'stored')) return;
  const counts = followed.get(step) ?? new Map<string, number>();
  followed.set(step, counts);
  for (const layer of ownLayers(target)) {
    const instance = m.layerValues.get(layer.id)?.instance;
    const { classValue } = instance ?? {};
    if (!instance || !classValue || findMember(m, classValue, 'apply', 'method')) continue;
    const fn = findMember(m, classValue, 'call', 'method');
    if (!fn || !mayNormalise(instance)) continue;
    const once = `${layer.id} ${mode} ${fileOf(node)}:${node.pos}`;
    const ofClass = `${mode} ${classValue.node.getSourceFile().fileName}:${classValue.node.pos}`;
    const count = counts.get(ofClass) ?? 0;
    if (counts.has(once) || count >= MAX_INSTANCES) continue;
    counts.set(once, 1).set(ofClass, count + 1);
    const outer = open.get(m)?.at(-1);
    const call = { layers: [...(outer?.call.layers ?? []), layer], site: callSite(node), mode };
    const inputs = layer === target ? dataLike(m, args[0]) : modelInputs(m, layer);
    const given = api.startsWith('predict') ? undefined : m.resolve(args[1]);
    const kwargs = given instanceof ObjectValue ? given : new ObjectValue();
    const opened = { call, node: fn.node, made: 0, doubt: outer?.doubt ?? doubtOf(classValue), samples };
    follow(m, opened, fn, instance, [inputs, kwargs], node);
  }
}

function follow(
  m: Machine,
  opened: Opened,
  fn: FunctionValue,
  instance: ObjectValue,
  args: readonly Value[],
  node: ts.CallExpression,
): void {
  const stack = open.get(m) ?? [];
  open.set(m, stack);
  stack.push(opened);
  try {
    buildOnce(m, instance, [null], node);
    opened.made = m.builder.finish().layers.length;
    m.escape(quietly(m, fn, instance, args, node), 'the output of a layer', node);
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
  } finally {
    stack.pop();
  }
}

/** Runs a method without taking it as called: it is still judged on arguments that nobody knows. */
function quietly(m: Machine, fn: FunctionValue, instance: ObjectValue, args: readonly Value[], node: ts.Node): Value {
  const before = m.called.has(fn.node);
  try {
    return callFunction(m, fn, instance, args, node);
  } finally {
    if (!before) m.called.delete(fn.node);
  }
}

/**
 * Runs `build` of a layer class of the author's, as tfjs does before a layer is applied for the first time
 * (tfjs-layers/src/engine/topology.ts, `apply`): with the shape of its input, or a list of shapes where it has several.
 */
export function buildOnce(m: Machine, instance: ObjectValue, shapes: readonly (Shape | null)[], node: ts.Node): void {
  const { built } = instance.layer!;
  const { classValue } = instance;
  if (built.value || !classValue) return;
  built.value = true;
  const fn = findMember(m, classValue, 'build', 'method');
  if (!fn || m.called.has(fn.node)) return;
  const given = shapes.map((shape) =>
    shape
      ? new ArrayValue(shape.map((dim, axis) => dim ?? (axis === 0 ? null : m.unknown('a size', node))))
      : m.unknown('the input shape of a layer', node),
  );
  try {
    quietly(m, fn, instance, [given.length === 1 ? given[0] : new ArrayValue(given)], node);
  } catch (error) {
    if (!(error instanceof ThrowSignal)) throw error;
  }
}

/** What of the calls that are open belongs to a run: in which `call` it is made, and what hands the flag on there. */
export function layerCallOf(
  m: Machine,
  target: Layer | Model,
  node: ts.Node,
): { within: LayerCall; doubt: Unknown | null; samples: Dim } | null {
  const opened = open.get(m)?.at(-1);
  if (!opened) return null;
  return {
    within: { ...opened.call, handOn: flagText(node, opened.node) },
    doubt: isMadeSince(target, opened.made) ? MADE_ANEW : opened.doubt,
    samples: opened.samples,
  };
}

function isMadeSince(part: Layer | Model, layers: number): boolean {
  return isModel(part) ? part.members.some((member) => isMadeSince(member, layers)) : part.id >= layers;
}

function ownLayers(target: Layer | Model): ReadonlySet<Layer> {
  const seen = new Set<Layer | Model>();
  const found = new Set<Layer>();
  const visit = (part: Layer | Model): void => {
    if (seen.has(part)) return;
    seen.add(part);
    if (isModel(part)) part.members.forEach(visit);
    else if (part.inner) visit(part.inner);
    else if (part.kind.startsWith('custom:')) found.add(part);
  };
  visit(target);
  return found;
}

/** Data of its own in place of every tensor, so that nothing outside of the layer hangs together with it. */
function dataLike(m: Machine, value: Value): Value {
  const given = m.resolve(value);
  if (given instanceof ArrayValue) return new ArrayValue(given.items.map((item) => dataLike(m, item)));
  return new TensorValue(m.builder.input(given instanceof TensorValue ? given.tensor.shape : null), false);
}

/** A model hands a list to each of its layers (tfjs-layers/src/engine/executor.ts). */
function modelInputs(m: Machine, layer: Layer): Value {
  const { applications } = m.builder.finish();
  const application = applications.find(({ target }) => target.type === 'layer' && target.layer === layer);
  const shapes = application?.inputs.map(({ shape }) => shape) ?? [null];
  return new ArrayValue(shapes.map((shape) => new TensorValue(m.builder.input(shape), false)));
}

/** The text that hands the flag of `call` on, at a node in it: `kwargs`, `{ training }`; null where there is none. */
function flagText(node: ts.Node, call: ts.FunctionLikeDeclaration): string | null {
  const parameters = call.parameters.filter(({ name }) => !ts.isIdentifier(name) || name.text !== 'this');
  const parameter = parameters[1];
  if (!parameter || parameter.dotDotDotToken || parameters[0]!.dotDotDotToken) return null;
  const name = flagName(parameter.name);
  if (name === null) return null;
  for (let at: ts.Node = node; at !== call; at = at.parent) {
    if (ts.isSourceFile(at) || declares(at, name.text)) return null;
  }
  return name.code;
}

function flagName(name: ts.BindingName): { readonly text: string; readonly code: string } | null {
  if (ts.isIdentifier(name)) return { text: name.text, code: name.text };
  if (!ts.isObjectBindingPattern(name)) return null;
  for (const { name: bound, propertyName: from, initializer } of name.elements) {
    if (!ts.isIdentifier(bound) || initializer || (from ? propertyName(from) : bound.text) !== 'training') continue;
    return { text: bound.text, code: bound.text === 'training' ? '{ training }' : `{ training: ${bound.text} }` };
  }
  return null;
}

/** Whether a name means something else inside a node than around it, or may do so. */
function declares(node: ts.Node, name: string): boolean {
  if (ts.isFunctionLike(node)) {
    if (!ts.isArrowFunction(node) && name === 'arguments') return true;
    return node.parameters.some((parameter) => parameter.name.getText().includes(name));
  }
  return (
    ts.isBlock(node) &&
    node.statements.some(
      (statement) =>
        ts.isVariableStatement(statement) &&
        statement.declarationList.declarations.some((declaration) => declaration.name.getText().includes(name)),
    )
  );
}

/** Text by which the statistics of an inner batch norm may be set by hand. */
const OWN_UPDATES = /\bmoving_?(mean|variance)s?\b|\bsetWeights\b|(?<!Object)\.(assign|write)\(/i;
const OWN_STATISTICS = /\.moving(Mean|Variance)\b|['"]moving(Mean|Variance|_mean|_variance)\b/;

const updatesItself = byNode((node) => OWN_UPDATES.test(node.getText()));
const setsStatistics = byNode((node) => OWN_STATISTICS.test(node.getText()));

const speaksOfNorm = byNode((node) => /norm/i.test(node.getText()));

/** Whether a layer may apply a batch norm: its file speaks of one, or that of a layer in its fields does. */
function mayNormalise({ classValue, properties }: ObjectValue, depth = 3): boolean {
  for (let at: Value = classValue; at instanceof ClassValue; at = at.base)
    if (speaksOfNorm(at.node.getSourceFile())) return true;
  const holds = (value: Value): boolean => {
    if (value instanceof ArrayValue) return value.items.some(holds);
    if (value instanceof LayerValue)
      return value.instance ? depth > 0 && mayNormalise(value.instance, depth - 1) : value.layer.kind.includes('Norm');
    return value instanceof ModelValue;
  };
  return [...properties.values()].some(holds);
}

function doubtOf(value: ClassValue): Unknown | null {
  for (let at: Value = value; at instanceof ClassValue; at = at.base) {
    if (updatesItself(at.node) || setsStatistics(at.node.getSourceFile()))
      return new Unknown(`\`${at.node.name?.text ?? 'the class'}\` may set the statistics of its batch norm itself`);
  }
  return null;
}
