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
import type { Place, Silence, Span, World } from '../graph';
import { biasRow, layerFacts } from './describe';
import { opChains } from './op-lines';
import type { Block, LayerRow, ModelRow, OpsRow, Outline, SilentRow, StepRow } from './outline-rows';

/** A block before blocks are merged, and the worlds that show exactly this one. */
interface Found {
  readonly row: Block['row'];
  /** Its extent in the file in question, for the cursor; null where it has none. */
  readonly extent: Span | null;
}

type Merged = Found & { readonly worlds: World[] };

/** All models, functions on tensors and gradient steps whose code stands in `file`; see `Analyzer.outline`. */
export function outlineOf(
  worlds: readonly World[],
  silences: readonly Silence[],
  file: string,
  offset: number | null,
): Outline {
  const reader = new Reader(file);
  const built = [
    ...merge(worlds, (world) => reader.models(world.graph)),
    ...merge(worlds, (world) => reader.ops(world.graph)),
  ];
  const around = offset === null ? [] : built.filter(({ extent }) => extent && within(offset, extent));
  if (around.length > 0) return { file, blocks: around.map((block) => withCondition(block, around)), silences: [] };
  const shown = [...built, ...merge(worlds, (world) => reader.steps(world.graph))];
  return { file, blocks: shown.map((block) => withCondition(block, shown)), silences };
}

class Reader {
  constructor(private readonly file: string) {}

  models(graph: ModelGraph): readonly Found[] {
    const nested = new Set(graph.models.flatMap(({ members }) => members.filter(isModel)));
    const blocks = graph.models
      .filter((model) => !nested.has(model) && this.extent(model) !== null)
      .map((model) => ({ row: modelRow(graph, model), extent: this.extent(model) }));
    const inModels = new Set(graph.models.flatMap(({ members }) => members));
    const loose = graph.layers.filter((layer) => !inModels.has(layer) && layer.site?.file === this.file);
    return [...blocks, ...loose.map((layer) => ({ row: layerRow(graph, layer), extent: layer.site!.call }))];
  }

  /** Chains of functions on tensors that normalise, each function once for each shape. */
  ops(graph: ModelGraph): readonly Found[] {
    return opChains(graph).flatMap((chain) => {
      const own = chain.filter(({ place }) => place.file === this.file).map(({ place }) => place);
      if (own.length === 0) return [];
      const row: OpsRow = { type: 'functions', place: own[0]!, ops: distinct(chain) };
      return [{ row, extent: around(own) }];
    });
  }

  steps(graph: ModelGraph): readonly Found[] {
    return graph.steps
      .filter((step) => step.place.file === this.file || step.runs.some((run) => run.site.file === this.file))
      .map((step) => ({ row: stepRow(step), extent: step.place.file === this.file ? step.place : null }));
  }

  /** From the first to the last of the calls in this file that make the model and its layers. */
  private extent(model: Model): Span | null {
    const spans = [model, ...deepMembers(model)].flatMap(({ site }) => (site?.file === this.file ? [site.call] : []));
    return spans.length === 0 ? null : around(spans);
  }
}

function modelRow(graph: ModelGraph, model: Model): ModelRow {
  return {
    type: 'model',
    form: model.form,
    place: placeOf(model),
    parameters: modelParameters(model),
    members: membersOf(graph, model),
    trainings: model.trainings.map(({ api, place }) => ({ api, place })),
    weights: model.weights.map(({ kind, place }) => ({ kind, place })),
  };
}

/** What a model is made of in the order of its applications, with what is not known in between. */
function membersOf(graph: ModelGraph, model: Model): readonly (ModelRow | LayerRow | SilentRow)[] {
  const rows = new Set<Layer | Model | SilentRow>();
  for (const { target, place } of modelApplications(model)) {
    if (target.type === 'layer') rows.add(target.layer);
    else if (target.type === 'model') rows.add(target.model);
    else if (target.type === 'unknown') rows.add({ type: 'silent', place, reason: target.reason });
  }
  for (const member of model.members) rows.add(member);
  return [...rows].map((row) => {
    if ('type' in row) return row;
    return isModel(row) ? modelRow(graph, row) : layerRow(graph, row);
  });
}

function layerRow(graph: ModelGraph, layer: Layer): LayerRow {
  const facts = layerFacts(graph, layer);
  const { outputShapes, parameters } = facts;
  const bias = biasRow(layer, facts);
  return { type: 'layer', kind: layer.kind, place: placeOf(layer), outputShapes, parameters, bias };
}

function stepRow({ api, place, variables, runs }: GradientStep): StepRow {
  return {
    type: 'step',
    api,
    place,
    trains:
      variables === 'all' || variables === 'arguments' ? variables : Array.isArray(variables) ? variables.length : null,
    runs: runs.map(({ target, site, mode }) => ({
      target: isModel(target) ? 'model' : 'layer',
      kind: isModel(target) ? null : target.kind,
      place: { file: site.file, ...site.call },
      statistics: mode === 'batch' || mode === 'stored' ? mode : null,
    })),
  };
}

function* deepMembers(model: Model): Generator<Layer | Model> {
  for (const member of model.members) {
    yield member;
    if (isModel(member)) yield* deepMembers(member);
  }
}

/** Equal blocks are one, in source order. */
function merge(worlds: readonly World[], foundIn: (world: World) => readonly Found[]): readonly Merged[] {
  const merged = new Map<string, Merged>();
  for (const world of worlds) {
    for (const found of foundIn(world)) {
      const key = JSON.stringify(found.row);
      const known = merged.get(key);
      if (known) known.worlds.push(world);
      else merged.set(key, { ...found, worlds: [world] });
    }
  }
  return [...merged.values()].sort((a, b) => (a.extent?.start ?? 0) - (b.extent?.start ?? 0));
}

/** Where one place makes several blocks, the decisions under which this is the one. */
function withCondition({ row, worlds }: Merged, all: readonly Merged[]): Block {
  const rivals = all.filter(({ row: { place } }) => place && row.place && samePlace(place, row.place));
  if (rivals.length < 2) return { row, condition: null };
  const common = worlds
    .map((world) => world.decisions)
    .reduce((kept, decisions) => kept.filter((decision) => decisions.some((other) => sameDecision(decision, other))));
  if (common.length === 0) return { row, condition: null };
  return { row, condition: common.map(({ text, value }) => (value ? text : `not ${text}`)).join(', ') };
}

function distinct<T>(rows: readonly T[]): readonly T[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function sameDecision(a: Decision, b: Decision): boolean {
  return a.id === b.id && a.value === b.value;
}

function samePlace(a: Place, b: Place): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}

function placeOf({ site }: Layer | Model): Place | null {
  return site && { file: site.file, start: site.call.start, end: site.call.end };
}

function around(spans: readonly Span[]): Span {
  return { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
}

function within(offset: number, { start, end }: Span): boolean {
  return start <= offset && offset <= end;
}
