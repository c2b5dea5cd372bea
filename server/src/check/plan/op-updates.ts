import { isUnknown, type Application, type GradientStep, type ModelGraph, type StepOp, type Tensor } from '../../graph';
import { Assembler, chooseBatch } from './assemble';
import { NoPlan, type OpUpdatesPlan } from './types';
import { Unfolder, type FlatTensor } from './unfold';

/**
 * Plans the check of a batch norm on tensors, or of a moving average, inside a gradient step: all that leads to it, and
 * all that is ever assigned to its statistics.
 *
 * @throws NoPlan with the reason
 */
export function planOpUpdates(graph: ModelGraph, step: GradientStep, { application }: StepOp): OpUpdatesPlan {
  const { target, inputs } = application;
  if (target.type !== 'op') throw new NoPlan('what the step runs is no function on tensors');
  if (step.variables !== 'all') throw new NoPlan('the step trains a list of variables that is not followed');
  const withRoles = (roles: RegExp): readonly Tensor[] => inputs.filter((_, at) => roles.test(target.roles[at] ?? ''));
  const average = target.name === 'movingAverage';
  const statistics = withRoles(average ? /^v$/ : /^(mean|variance)$/);
  const trained = average ? [] : withRoles(/^(offset|scale)$/);

  const assigned = graph.applications.filter((one) => isAssign(one) && statistics.includes(one.inputs[0]!));
  const wanted = upstream([application, ...assigned]);
  const unfolder = new Unfolder();
  const known = new Map<Tensor, FlatTensor>();
  unfolder.run(
    graph.applications.filter((one) => wanted.has(one)),
    known,
    'caller',
  );
  const tensors = [...new Set(unfolder.nodes.flatMap((node) => [...node.inputs, ...node.outputs]))];
  const assembler = new Assembler(chooseBatch(tensors), () => 'side');
  const given = tensors.filter(({ producer }) => producer === null);
  const ids = (some: readonly Tensor[]): number[] => some.flatMap((tensor) => known.get(tensor)?.id ?? []);
  return {
    rule: 'op-updates',
    graph: {
      nodes: unfolder.nodes.map((node) => assembler.node(node)),
      inputs: given.map((tensor) => assembler.input(tensor)),
      outputs: ids(average ? [] : application.outputs),
    },
    layers: assembler.layers,
    variables: given.flatMap((tensor) => variableOf(tensor)),
    statistics: ids(statistics),
    trained: ids(trained),
    batch: assembler.batch,
    standIns: average ? [...assembler.standIns] : [LOSS, ...assembler.standIns],
  };
}

const LOSS = "the loss: the mean squared distance to drawn targets, in place of the step's own";

function isAssign({ target }: Application): boolean {
  return target.type === 'op' && target.name === 'assign';
}

function upstream(ends: readonly Application[]): ReadonlySet<Application> {
  const found = new Set<Application>();
  const open = [...ends];
  for (let application = open.pop(); application; application = open.pop()) {
    if (found.has(application)) continue;
    found.add(application);
    for (const { producer } of application.inputs) if (producer !== null) open.push(producer);
  }
  return found;
}

function variableOf({ id, source: { made } }: FlatTensor): OpUpdatesPlan['variables'] {
  if (made?.as !== 'variable') return [];
  if (isUnknown(made.trainable)) throw new NoPlan(made.trainable.reason);
  return [{ tensor: id, trainable: made.trainable, fill: made.fill }];
}
