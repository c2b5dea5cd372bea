import { isBatchNormOp, placeKey, type Application, type GradientStep, type StepOp } from '../graph';
import type { Tensor, World } from '../graph';
import type { Elsewhere } from './elsewhere';
import type { Diagnosis, Related } from './finding';
import { ruleMetas } from './meta';
import { bySite, distinct, list, sitePlace } from './wording';

type OpApplication = Application & { readonly target: { readonly type: 'op' } };

/** One call of `tf.batchNorm*` or `tf.movingAverage` in a gradient step, and what becomes of the statistics. */
interface OpRun {
  readonly world: World;
  readonly step: GradientStep;
  readonly op: StepOp;
  readonly application: OpApplication;
  /** The variables that keep what they were made with; empty where that is not so, or not certain. */
  readonly stale: readonly Tensor[];
}

/**
 * Training steps that normalise by variables which nothing ever assigns, or that throw the result of
 * `tf.movingAverage` away: a function on tensors changes no variable.
 */
export function opUpdates(worlds: readonly World[], elsewhere: Elsewhere): Diagnosis[] {
  const found = worlds.flatMap((world) => opRuns(world, elsewhere));
  const calls = bySite(found, ({ application }) => application.target.call!.site);
  const certain = calls.filter((runs) => runs.every(({ stale }) => stale.length > 0));
  const averaged = new Set(certain.flatMap((runs) => runs.filter(isAverage).flatMap(({ stale }) => stale.map(nameOf))));
  return certain
    .map((runs) => runs[0]!)
    .filter((run) => isAverage(run) || !run.stale.some((tensor) => averaged.has(nameOf(tensor))))
    .map(diagnosis);
}

function nameOf({ made, id }: Tensor): string {
  return made?.place ? placeKey(made.place) : String(id);
}

function opRuns(world: World, elsewhere: Elsewhere): OpRun[] {
  return world.graph.steps.flatMap((step) =>
    step.ops.flatMap((op): OpRun[] => {
      const { application } = op;
      if (!isOp(application) || application.target.call === null) return [];
      const kept = isBatchNormOp(application.target.name) ? staleNorm(step, application) : staleAverage(application);
      if (kept === null) return [];
      const stale = kept.some((variable) => elsewhere.assigns(variable, world)) ? [] : kept;
      return [{ world, step, op, application, stale }];
    }),
  );
}

function isOp(application: Application): application is OpApplication {
  return application.target.type === 'op';
}

function isAverage({ application }: OpRun): boolean {
  return application.target.name === 'movingAverage';
}

function input({ target, inputs }: OpApplication, role: string): Tensor | undefined {
  return inputs[target.roles.indexOf(role)];
}

/** The statistics of a batch norm that the step trains; null where they are moments, or none of the code's variables. */
function staleNorm(step: GradientStep, application: OpApplication): readonly Tensor[] | null {
  const statistics = ['mean', 'variance'].map((role) => input(application, role));
  if (statistics.some((tensor) => tensor?.made?.as !== 'variable')) return null;
  // Without both tfjs has no gradient (tfjs-core/src/gradients/FusedBatchNorm_grad.ts).
  const trained = ['offset', 'scale'].every((role) => input(application, role)?.made?.trainable === true);
  const kept = (statistics as Tensor[]).every((tensor) => isKept(tensor));
  return trained && kept && step.variables === 'all' && step.applied === 'all' ? (statistics as Tensor[]) : [];
}

/** The variable whose average is computed and thrown away; null where it is not thrown away. */
function staleAverage(application: OpApplication): readonly Tensor[] | null {
  const variable = input(application, 'v');
  if (!application.target.call!.discarded || variable?.made?.as !== 'variable') return null;
  return isKept(variable) ? [variable] : [];
}

/** Whether a variable certainly keeps the numbers that it was made with. */
function isKept({ made, escapes, uses }: Tensor): boolean {
  const assigned = uses.some(({ target }) => target.type === 'op' && target.name === 'assign');
  return made?.trainable === false && made.fill !== null && !made.assignable && !assigned && escapes.length === 0;
}

function diagnosis(run: OpRun): Diagnosis {
  const { world, step, op, application } = run;
  const place = sitePlace(application.target.call!.site);
  const remedy = { type: 'disable-line', place, rule: 'updates-not-run' } as const;
  return {
    finding: {
      rule: 'updates-not-run',
      severity: ruleMetas['updates-not-run'].severity,
      message: isAverage(run) ? averageMessage(run) : normMessage(run),
      place,
      condition: null,
      related: related(run),
      unnecessary: [],
      fixes: [{ title: 'Disable updates-not-run for this line', kind: 'suggestion', remedy }],
    },
    witness: { rule: 'updates-not-run', graph: world.graph, step, op },
  };
}

function names({ application, stale }: OpRun): string {
  const { call } = application.target;
  return list(
    distinct(stale).map((tensor) => {
      const name = call!.names[application.inputs.indexOf(tensor)];
      return name ? `\`${name}\`` : `the variable of ${tensor.made!.fill!}s`;
    }),
  );
}

function normMessage(run: OpRun): Diagnosis['finding']['message'] {
  const { application, step } = run;
  return {
    what: `\`tf.${application.target.name}\` runs inside a training step (\`${step.api}\`) on statistics that nothing ever updates.`,
    why: `A function on tensors changes no variable: ${names(run)} keep the values that they were made with, so this step trains the scale and the offset while nothing is normalised by the batch.`,
    todo: 'Normalise by the moments of the batch here (`tf.moments`), and assign the stored statistics what `tf.movingAverage` makes of them.',
  };
}

function averageMessage(run: OpRun): Diagnosis['finding']['message'] {
  const name = run.application.target.call!.names[0];
  const variable = name ?? 'variable';
  return {
    what: `The result of this \`tf.movingAverage\` is thrown away, so ${names(run)} is never updated.`,
    why: '`tf.movingAverage` gives back a new tensor and changes no variable: the stored statistic keeps the value that it was made with, while the step trains.',
    todo: `Assign the result: \`${variable}.assign(tf.movingAverage(${variable}, …))\`.`,
  };
}

function related({ step, op, stale }: OpRun): Related[] {
  const found: Related[] = [{ place: step.place, message: `the training step: \`${step.api}\`` }];
  for (const place of op.path) found.push({ place, message: 'which comes here through this call' });
  for (const tensor of distinct(stale, nameOf)) {
    if (tensor.made?.place) found.push({ place: tensor.made.place, message: 'a variable that keeps this value' });
  }
  return found;
}
