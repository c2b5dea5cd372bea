import {
  isModel,
  isUnknown,
  placeKey,
  type Application,
  type ConfigObject,
  type ConfigValue,
  type Dim,
  type Layer,
  type MadeTensor,
  type Model,
  type ModelGraph,
  type Tensor,
  type Unknown,
} from '../../../server/src/graph';
import { colours } from './colours';
import type { Recorded } from './recorder';

/** What a comparison found. */
export interface Comparison {
  /** Known and wrong, missing, or too many: each is a fault of the recovery. */
  readonly disagreements: readonly string[];
  /** How often something was not known, by reason. */
  readonly unknown: ReadonlyMap<string, number>;
  /** How many things were compared. */
  readonly facts: number;
}

/** Compares what was recovered of one world with what a real run built. */
export function compareGraphs(recovered: ModelGraph, recorded: Recorded): Comparison {
  return new Comparer(recovered, recorded).run();
}

/** The names of layers and models: the creating call, and which one of those that it created. */
export class Names {
  private readonly names = new Map<Layer | Model, string>();
  readonly layers = new Map<string, Layer>();
  readonly models = new Map<string, Model>();

  constructor(graph: ModelGraph) {
    const counts = new Map<string, number>();
    const note = (part: Layer | Model, what: string): string => {
      const at = part.site ? `${part.site.file}:${part.site.call.start}` : 'nowhere';
      const count = counts.get(`${what}@${at}`) ?? 0;
      counts.set(`${what}@${at}`, count + 1);
      const name = `${what}@${at}#${count}`;
      this.names.set(part, name);
      return name;
    };
    for (const layer of graph.layers) this.layers.set(note(layer, layer.kind), layer);
    for (const model of graph.models) this.models.set(note(model, model.form), model);
  }

  of(part: Layer | Model): string {
    return this.names.get(part) ?? 'a part of another graph';
  }
}

class Comparer {
  private readonly disagreements: string[] = [];
  private readonly unknown = new Map<string, number>();
  private facts = 0;
  private readonly real: ModelGraph;
  private readonly foundNames: Names;
  private readonly realNames: Names;

  constructor(
    private readonly found: ModelGraph,
    private readonly recorded: Recorded,
  ) {
    this.real = recorded.graph;
    this.foundNames = new Names(found);
    this.realNames = new Names(this.real);
  }

  run(): Comparison {
    this.compareLayers();
    this.compareEdges();
    this.compareModels();
    this.compareSteps();
    return { disagreements: this.disagreements, unknown: this.unknown, facts: this.facts };
  }

  private compareLayers(): void {
    for (const [name, real] of this.realNames.layers) {
      const found = this.foundNames.layers.get(name);
      this.facts++;
      if (!found) {
        this.disagreements.push(`missing layer: ${name}`);
        continue;
      }
      this.compareConfigs(name, found.config, real.config);
      this.same(`${name}: inner`, found.inner && this.foundNames.of(found.inner), real.inner && this.realNames.of(real.inner)); // prettier-ignore
      const trainable = found.trainable === true ? (found.config.get('trainable') ?? true) : found.trainable;
      this.value(`${name}: trainable`, trainable, real.trainable as boolean);
    }
    for (const name of this.foundNames.layers.keys())
      if (!this.realNames.layers.has(name)) this.disagreements.push(`additional layer: ${name}`);
    const order = (names: Names): string => [...names.layers.keys()].join();
    if (this.disagreements.length === 0)
      this.same('the order of creation', order(this.foundNames), order(this.realNames));
  }

  private compareConfigs(name: string, found: ConfigObject, real: ConfigObject): void {
    this.same(`${name}: made by`, found.className, real.className);
    if (!found.complete) this.note('a config that is not known as a whole');
    for (const key of new Set([...found.entries.keys(), ...real.entries.keys()])) {
      if (key === 'layer' || key === 'cell') continue;
      const wanted = real.get(key);
      if (isUnknown(wanted)) continue;
      this.value(`${name}: ${key}`, found.get(key), wanted);
    }
  }

  private value(what: string, found: ConfigValue, real: ConfigValue): void {
    this.facts++;
    if (isUnknown(found)) return this.note(found.reason);
    if (Array.isArray(found) && Array.isArray(real) && found.length === real.length) {
      return found.forEach((item: ConfigValue, at) => this.value(`${what}[${at}]`, item, real[at] as ConfigValue));
    }
    if (isObject(found) && isObject(real)) return this.compareConfigs(what, found, real);
    this.same(what, found, real);
  }

  private same(what: string, found: unknown, real: unknown): void {
    if (!Object.is(found, real)) this.disagreements.push(`${what} is ${text(found)}, really ${text(real)}`);
  }

  private note(reason: string): void {
    this.unknown.set(reason, (this.unknown.get(reason) ?? 0) + 1);
  }

  private compareEdges(): void {
    this.facts += this.real.applications.length;
    const unknown = this.found.applications.flatMap(({ target }) => (target.type === 'unknown' ? [target.reason] : []));
    for (const reason of unknown) this.note(reason);
    if (unknown.length > 0) return;
    const found = this.edges(this.found, this.foundNames);
    const real = this.edges(this.real, this.realNames);
    const before = this.disagreements.length;
    for (const edge of without(real, found)) this.disagreements.push(`missing edge: ${edge}`);
    for (const edge of without(found, real)) this.disagreements.push(`additional edge: ${edge}`);
    if (this.disagreements.length > before) return;
    this.compareOps();
    const ids = new Map<string, number>();
    const foundColours = colours(this.found, this.foundNames, ids);
    const realColours = colours(this.real, this.realNames, ids);
    const texts = (of: ReadonlyMap<Tensor, number>): string[] => {
      const all = [...of.values()].map(String);
      return this.recorded.trained.size > 0 ? [...new Set(all)] : all;
    };
    const different = without(texts(realColours), texts(foundColours));
    if (different.length > 0) this.disagreements.push('the same edges join the layers to another graph');
    else this.compareShapes(foundColours, realColours);
  }

  /** What is applied to what, as texts. How often a gradient step is run counts as little as in `compareSteps`. */
  private edges(graph: ModelGraph, names: Names): string[] {
    const once = new Set<string>();
    return graph.applications.flatMap((application) => {
      const text = edge(application, names);
      const { place } = application;
      if (place === null || !this.recorded.trained.has(placeKey(place))) return [text];
      if (once.has(text)) return [];
      once.add(text);
      return [text];
    });
  }

  /** The arguments of ops that are no tensors. */
  private compareOps(): void {
    const found = opsByCall(this.found);
    for (const [name, real] of opsByCall(this.real)) {
      const other = found.get(name);
      if (other) this.compareConfigs(name, other, real);
      else this.disagreements.push(`missing op: ${name}`);
    }
  }

  /** The shapes of tensors that nothing else is like. */
  private compareShapes(found: ReadonlyMap<Tensor, number>, real: ReadonlyMap<Tensor, number>): void {
    const unique = (map: ReadonlyMap<Tensor, number>): Map<number, Tensor | null> => {
      const byColour = new Map<number, Tensor | null>();
      for (const [tensor, colour] of map) byColour.set(colour, byColour.has(colour) ? null : tensor);
      return byColour;
    };
    const wanted = unique(real);
    for (const [colour, tensor] of unique(found)) {
      const known = tensor?.shape;
      const shape = wanted.get(colour)?.shape;
      if (!known || !shape) continue;
      this.facts++;
      // The recording does not look at the sizes of data that the program is handed.
      const like = (dim: Dim, real: Dim): boolean => dim === null || real === null || dim === real;
      const agree = known.length === shape.length && known.every((dim, at) => like(dim, shape[at]!));
      if (!agree) this.disagreements.push(`a tensor of shape ${text(known)} really has ${text(shape)}`);
    }
  }

  private compareModels(): void {
    for (const [name, real] of this.realNames.models) {
      this.facts++;
      const found = this.foundNames.models.get(name);
      if (!found) {
        this.disagreements.push(`missing model: ${name}`);
        continue;
      }
      if (found.outputs.some(({ producer }) => producer?.target.type === 'unknown')) continue;
      this.same(`${name}: members`, this.members(found, this.foundNames), this.members(real, this.realNames));
      const trainings = (model: Model): string =>
        [...new Set(model.trainings.map(({ api, place }) => `${api}@${place.file}:${place.start}`))].sort().join();
      this.same(`${name}: trainings`, trainings(found), trainings(real));
    }
    for (const name of this.foundNames.models.keys())
      if (!this.realNames.models.has(name)) this.disagreements.push(`additional model: ${name}`);
  }

  /** Of a functional model the layers that are in it, however deep: tfjs takes a first model of a sequential one apart. */
  private members(model: Model, names: Names): string {
    if (model.form === 'sequential') return model.members.map((member) => names.of(member)).join();
    return leaves(model.members)
      .map((layer) => names.of(layer))
      .sort()
      .join();
  }

  private compareSteps(): void {
    const awake = ({ steps }: ModelGraph, names: Names): StepText[] =>
      steps.filter(({ place }) => !this.recorded.dormant.has(placeKey(place))).map((step) => this.step(step, names));
    const found = awake(this.found, this.foundNames);
    const real = awake(this.real, this.realNames);
    this.facts += new Set(real.map(wording)).size;
    for (const step of real)
      if (!found.some((other) => agreeing(other, step))) this.disagreements.push(`missing step: ${wording(step)}`);
    for (const step of found) {
      if (!real.some((other) => agreeing(step, other))) this.disagreements.push(`additional step: ${wording(step)}`);
      for (const [, known] of [['', step.trained] as const, ...step.runs])
        if (isUnknown(known)) this.note(known.reason);
    }
  }

  private step({ api, place, variables, runs }: ModelGraph['steps'][number], names: Names): StepText {
    const trained = Array.isArray(variables)
      ? leaves(variables as readonly (Layer | Model)[])
          .filter(({ site }) => !site || !this.recorded.weightless.has(placeKey({ file: site.file, ...site.call })))
          .map((layer) => names.of(layer))
          .sort()
          .join(' ')
      : (variables as string | Unknown);
    const inside = new Map(
      runs.map((run) => [`${run.api} of ${names.of(run.target)} at ${run.site.call.start}`, run.mode] as const),
    );
    return {
      head: `${api}@${place.file}:${place.start}`,
      trained,
      runs: [...inside].sort(([a], [b]) => (a < b ? -1 : 1)),
    };
  }
}

/** A gradient step by names: what it trains, and on which statistics it runs what. */
interface StepText {
  readonly head: string;
  readonly trained: string | Unknown;
  readonly runs: readonly (readonly [what: string, mode: string | Unknown])[];
}

/** Whether what was found of a step is what really happened; what is not known agrees with anything. */
function agreeing(found: StepText, real: StepText): boolean {
  const same = (a: string | Unknown, b: string | Unknown): boolean => isUnknown(a) || a === b;
  return (
    found.head === real.head &&
    same(found.trained, real.trained) &&
    found.runs.length === real.runs.length &&
    found.runs.every(([what, mode], at) => what === real.runs[at]![0] && same(mode, real.runs[at]![1]))
  );
}

function wording({ head, trained, runs }: StepText): string {
  return `${head} of ${text(trained)}: ${runs.map(([what, mode]) => `${what} on ${text(mode)}`).join('; ')}`;
}

function leaves(members: readonly (Layer | Model)[]): Layer[] {
  return [...new Set(members.flatMap((member) => (isModel(member) ? leaves(member.members) : [member])))];
}

function edge(application: Application, names: Names): string {
  const roles = application.target.type === 'op' ? application.target.roles : [];
  const from = application.inputs.flatMap(({ producer, made }, at) => {
    const role = roles[at] === undefined ? '' : `${roles[at]}: `;
    if (producer) return [`${role}${targetName(producer, names)}`];
    if (made) return [`${role}${madeName(made)}`];
    return application.target.type === 'op' ? [] : ['input'];
  });
  return `${targetName(application, names)}(${from.join(', ')}) on ${application.mode}`;
}

/** The arguments of ops by their calls, and which of those at one place each is. */
function opsByCall(graph: ModelGraph): ReadonlyMap<string, ConfigObject> {
  const counts = new Map<string, number>();
  const found = new Map<string, ConfigObject>();
  for (const { target } of graph.applications) {
    if (target.type !== 'op' || !target.call) continue;
    const at = `tf.${target.name}@${target.call.site.file}:${target.call.site.call.start}:${target.call.site.call.end}`;
    const count = counts.get(at) ?? 0;
    counts.set(at, count + 1);
    found.set(`${at}#${count}`, target.attributes);
  }
  return found;
}

/** The inputs that count: which data goes into an op besides is not recovered. */
export function shownInputs({ target, inputs }: Application): readonly Tensor[] {
  return target.type === 'op' ? inputs.filter(({ producer, made }) => producer !== null || made !== null) : inputs;
}

/** A tensor that the program makes of plain data, by where it does. */
export function madeName({ as, place }: MadeTensor): string {
  return `${as}@${place ? `${place.file}:${place.start}` : 'nowhere'}`;
}

export function targetName({ target }: Application, names: Names): string {
  if (target.type === 'op') return `tf.${target.name}`;
  if (target.type === 'unknown') return 'unknown';
  return names.of(target.type === 'layer' ? target.layer : target.model);
}

/** What is in the first list more often than in the second. */
function without(list: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  return list.filter((item) => {
    const count = counts.get(item) ?? 0;
    counts.set(item, count - 1);
    return count <= 0;
  });
}

function isObject(value: ConfigValue): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'entries' in value;
}

function text(value: unknown): string {
  return isUnknown(value) ? `unknown (${value.reason})` : (JSON.stringify(value) ?? String(value));
}
