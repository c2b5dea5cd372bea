import {
  isModel,
  modelApplications,
  modelParameters,
  type Decision,
  type GradientStep,
  type Layer,
  type Model,
  type ModelGraph,
} from '../graph';
import type { ModelRun, Place, Shape, Silence, Span, World } from '../graph';
import { layerFacts } from './describe';
import { LineTable } from './lines';
import { opChains } from './op-lines';
import { whyUnknown } from './silences';

/** A model or a gradient step as text, and the worlds that show exactly this text. */
interface Block {
  readonly place: Place | null;
  /** Its extent in the file in question, for the cursor; null where it has none. */
  readonly extent: Span | null;
  readonly lines: readonly string[];
  readonly worlds: World[];
}

/** The `.layers` text of all models and gradient steps whose code stands in `file`; see `Analyzer.outline`. */
export function outlineOf(
  worlds: readonly World[],
  silences: readonly Silence[],
  file: string,
  offset: number | null,
  name: string,
  read: (path: string) => string,
): string {
  const writer = new OutlineWriter(file, read);
  const models = merge(worlds, (world) => writer.models(world.graph));
  const ops = merge(worlds, (world) => writer.ops(world.graph));
  const steps = merge(worlds, (world) => writer.steps(world.graph));
  const built = [...models, ...ops];
  const around = offset === null ? [] : built.filter(({ extent }) => extent && within(offset, extent));
  const shown = around.length > 0 ? around : [...built, ...steps];
  const lines = [`# ${name}`];
  for (const block of shown) lines.push(...conditional(block, shown));
  if (shown !== around)
    for (const { place, reason } of silences) lines.push(`silent at ${writer.position(place)}: ${reason}`);
  return `${lines.join('\n')}\n`;
}

class OutlineWriter {
  private readonly tables = new Map<string, LineTable>();

  constructor(
    private readonly file: string,
    private readonly read: (path: string) => string,
  ) {}

  models(graph: ModelGraph): readonly Omit<Block, 'worlds'>[] {
    const nested = new Set(graph.models.flatMap(({ members }) => members.filter(isModel)));
    const blocks = graph.models
      .filter((model) => !nested.has(model) && this.extent(model) !== null)
      .map((model) => ({
        place: placeOf(model),
        extent: this.extent(model),
        lines: this.model(graph, model, ''),
      }));
    const inModels = new Set(graph.models.flatMap(({ members }) => members));
    const loose = graph.layers.filter((layer) => !inModels.has(layer) && layer.site?.file === this.file);
    return [
      ...blocks,
      ...loose.map((layer) => ({
        place: placeOf(layer),
        extent: layer.site!.call,
        lines: this.layers(graph, [layer], ''),
      })),
    ];
  }

  /** Chains of functions on tensors that normalise, each function once for each shape. */
  ops(graph: ModelGraph): readonly Omit<Block, 'worlds'>[] {
    return opChains(graph).flatMap((chain) => {
      const own = chain.filter(({ place }) => place.file === this.file).map(({ place }) => place);
      if (own.length === 0) return [];
      const width = Math.max(...chain.map(({ name }) => name.length));
      const lines = chain.map(({ name, place, shape, notes }) =>
        [`  op ${name.padEnd(width)} at ${this.position(place)}`, ...(shape ? [shapeText(shape)] : []), ...notes].join(
          '  ',
        ),
      );
      const extent = { start: Math.min(...own.map(({ start }) => start)), end: Math.max(...own.map(({ end }) => end)) };
      const place = own[0]!;
      return [{ place, extent, lines: [`functions on tensors at ${this.position(place)}`, ...new Set(lines)] }];
    });
  }

  steps(graph: ModelGraph): readonly Omit<Block, 'worlds'>[] {
    return graph.steps
      .filter((step) => step.place.file === this.file || step.runs.some((run) => run.site.file === this.file))
      .map((step) => ({
        place: step.place,
        extent: step.place.file === this.file ? step.place : null,
        lines: [`step ${step.api} at ${this.position(step.place)} trains ${trained(step)}`, ...step.runs.map(this.run)],
      }));
  }

  /** `12:15` in the outlined file, `other.js:12:15` elsewhere. */
  position(place: Place): string {
    let table = this.tables.get(place.file);
    if (!table) this.tables.set(place.file, (table = new LineTable(this.read(place.file))));
    const { line, column } = table.position(place.start);
    return place.file === this.file ? `${line}:${column}` : `${baseName(place.file)}:${line}:${column}`;
  }

  private model(graph: ModelGraph, model: Model, indent: string): string[] {
    const parameters = modelParameters(model);
    const total = parameters ? `  ${parametersText(parameters)}` : '';
    const lines = [`${indent}model ${model.form}${this.at(model)}${total}`];
    lines.push(...this.layers(graph, rowsOf(model), `${indent}  `));
    for (const { api, place } of model.trainings) lines.push(`${indent}  trained by ${api} at ${this.position(place)}`);
    for (const { kind, place } of model.weights) lines.push(`${indent}  weights ${kind} at ${this.position(place)}`);
    return lines;
  }

  private layers(graph: ModelGraph, members: readonly Row[], indent: string): string[] {
    const width = Math.max(0, ...members.map((member) => ('kind' in member ? member.kind.length : 0)));
    return members.flatMap((member) => {
      if ('reason' in member) {
        const at = member.place ? ` at ${this.position(member.place)}` : '';
        return [`${indent}silent${at}: ${member.reason}`];
      }
      if (isModel(member)) return this.model(graph, member, indent);
      const { outputShapes, parameters, fate, muted } = layerFacts(graph, member);
      const fields = [
        `${indent}layer ${member.kind.padEnd(width)}${this.at(member)}`,
        outputShapes.map(shapeText).join(' '),
      ];
      if (parameters) fields.push(parametersText(parameters));
      if (fate.kind === 'redundant' || fate.kind === 'needed')
        fields.push(`bias ${fate.kind}${muted ? ' on batch statistics only' : ''}`);
      const unknown = whyUnknown(member, fate);
      if (unknown !== null) fields.push(`bias unknown: ${unknown}`);
      return [fields.filter((field) => field !== '').join('  ')];
    });
  }

  private readonly run = ({ target, site, mode }: ModelRun): string => {
    const what = isModel(target) ? 'model' : `layer ${target.kind}`;
    const on =
      mode === 'batch' ? 'batch statistics' : mode === 'stored' ? 'stored statistics' : 'statistics that are not known';
    return `  runs ${what} at ${this.position({ file: site.file, ...site.call })} on ${on}`;
  };

  private at(member: Layer | Model): string {
    const place = placeOf(member);
    return place ? ` at ${this.position(place)}` : '';
  }

  /** From the first to the last of the calls in this file that make the model and its layers. */
  private extent(model: Model): Span | null {
    const spans = [model, ...deepMembers(model)].flatMap(({ site }) => (site?.file === this.file ? [site.call] : []));
    if (spans.length === 0) return null;
    return { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
  }
}

/** A member of a model, or something in between that is not followed. */
type Row = Layer | Model | { readonly place: Place | null; readonly reason: string };

/** What a model is made of in the order of its applications, with what is not known in between. */
function rowsOf(model: Model): readonly Row[] {
  const rows = new Set<Row>();
  for (const { target, place } of modelApplications(model)) {
    if (target.type === 'layer') rows.add(target.layer);
    else if (target.type === 'model') rows.add(target.model);
    else if (target.type === 'unknown') rows.add({ place, reason: target.reason });
  }
  for (const member of model.members) rows.add(member);
  return [...rows];
}

function* deepMembers(model: Model): Generator<Layer | Model> {
  for (const member of model.members) {
    yield member;
    if (isModel(member)) yield* deepMembers(member);
  }
}

/** Blocks of equal text are one, in source order. */
function merge(
  worlds: readonly World[],
  blocksOf: (world: World) => readonly Omit<Block, 'worlds'>[],
): readonly Block[] {
  const merged = new Map<string, Block>();
  for (const world of worlds) {
    for (const block of blocksOf(world)) {
      const key = block.lines.join('\n');
      const known = merged.get(key);
      if (known) known.worlds.push(world);
      else merged.set(key, { ...block, worlds: [world] });
    }
  }
  return [...merged.values()].sort((a, b) => (a.extent?.start ?? 0) - (b.extent?.start ?? 0));
}

/** Where one place makes several texts, the first line says under which decisions this is the one. */
function conditional(block: Block, all: readonly Block[]): readonly string[] {
  const rivals = all.filter(({ place }) => place && block.place && samePlace(place, block.place));
  if (rivals.length < 2) return block.lines;
  const common = block.worlds
    .map((world) => world.decisions)
    .reduce((kept, decisions) => kept.filter((decision) => decisions.some((other) => sameDecision(decision, other))));
  if (common.length === 0) return block.lines;
  const condition = common.map(({ text, value }) => (value ? text : `not ${text}`)).join(', ');
  return [`${block.lines[0]} when ${condition}`, ...block.lines.slice(1)];
}

function sameDecision(a: Decision, b: Decision): boolean {
  return a.id === b.id && a.value === b.value;
}

function samePlace(a: Place, b: Place): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}

function trained({ variables }: GradientStep): string {
  if (variables === 'all') return 'all variables';
  if (variables === 'arguments') return 'its arguments';
  if (!Array.isArray(variables)) return 'variables that are not known';
  return `the variables of ${variables.length} ${variables.length === 1 ? 'layer or model' : 'layers and models'}`;
}

function placeOf({ site }: Layer | Model): Place | null {
  return site && { file: site.file, start: site.call.start, end: site.call.end };
}

function parametersText(number: number): string {
  return number === 1 ? '1 parameter' : `${number} parameters`;
}

function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? 'null').join(', ')}]`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function within(offset: number, { start, end }: Span): boolean {
  return start <= offset && offset <= end;
}
