import { catalog, isMasking, layerShapes } from './catalog';
import { isAdded, type Bias } from './bias';
import { isUnknown } from './config';
import type { LayerKind } from './kind';
import type { GraphIndex } from './graph-index';
import type { Containment } from './member';
import {
  isModel,
  type Application,
  type Dim,
  type Layer,
  type Model,
  type Shape,
  type Target,
  type Tensor,
} from './model';
import { ownShift } from './op';
import { keepsValue, normalisesByStored, opStates, takesMean } from './op-step';
import { FREE, lost, shifted, shiftOf, unsure, type State, type Value } from './row';
import { activate, alongOne } from './rows';
import { Settings } from './settings';
import { outputShapes } from './shape';
import { addShifts, Sources, untangle, type Term } from './shift';

/** A tensor that someone sees, and its state. */
export interface Observation {
  readonly tensor: Tensor;
  readonly state: State;
}

interface Frame {
  /** What applications do whose caller decides. */
  readonly training: boolean;
  readonly held: readonly Dim[];
  /** Whether the tensors of the graph have one value each; false inside nested models, which may run several times. */
  readonly top: boolean;
  /** Whether the shapes of the tensors hold as they stand; false inside a model that runs on inputs of another shape. */
  readonly own: boolean;
}

/** Linear residual blocks double the terms of a shift one after another; the walk ends before that costs time. */
const MOST_TERMS = 64;

/** One forward walk over a graph for the bias of one layer: the state of every tensor, and what led to it. */
export class Walk {
  readonly sources = new Sources();
  /** The batch norms that turned a shift into nothing. */
  readonly cancelling = new Set<Application>();
  /** Applications that took a shift and handed one on. */
  readonly carrying = new Set<Application>();
  /** Tensors that went, not free, into code that cannot be seen. */
  readonly handedOver: Observation[] = [];
  /** Means of shifted tensors, and what comes of them by itself: where such a one is subtracted, the shift goes. */
  private readonly means = new Set<Tensor>();
  /** Whether every shift that was cancelled is the bias itself, at most tiled. */
  plain = true;
  /** Whether a function on tensors normalised a shift by stored statistics, and so kept it. */
  stored = false;
  /** Whether the layer was applied at all. */
  applied = false;

  constructor(
    private readonly followed: Bias,
    private readonly contains: Containment,
    private readonly index: GraphIndex,
  ) {}

  /**
   * Walks over the applications of a graph that the bias may reach.
   *
   * @param applications all of them, each at the index that is its id
   * @returns the values of tensors that were reached; all others are free
   */
  run(applications: readonly Application[], training: boolean): ReadonlyMap<Tensor, Value> {
    const values = new Map<Tensor, Value>();
    const frame: Frame = { training, held: [], top: true, own: true };
    if (this.index.masks) {
      for (const application of applications) this.step(application, values, frame);
      return values;
    }
    const due = new Uint8Array(applications.length);
    let last = -1;
    const reach = ({ id }: Application): void => {
      due[id] = 1;
      if (id > last) last = id;
    };
    this.contains.applications.forEach(reach);
    for (let at = due.indexOf(1); at >= 0 && at <= last; at++) {
      if (due[at] === 0) continue;
      const application = applications[at]!;
      this.step(application, values, frame);
      for (const tensor of application.outputs) {
        if (values.get(tensor)!.state.kind !== 'free') tensor.uses.forEach(reach);
      }
    }
    return values;
  }

  /** Runs a model on inputs that are given, or free of the bias. */
  model(model: Model, inputs: readonly Value[], frame: Frame): readonly Value[] {
    if (model.form === 'custom' || inputs.length !== model.inputs.length || model.outputs.length === 0) {
      const state = unsure('it runs a model whose layers are not known');
      return (model.outputs.length > 0 ? model.outputs : [null]).map(() => ({ shape: null, state, masked: false }));
    }
    const values = new Map<Tensor, Value>(model.inputs.map((tensor, index) => [tensor, inputs[index]!]));
    const own = model.inputs.every(({ shape }, index) => String(shape) === String(inputs[index]!.shape));
    const inner: Frame = { ...frame, own };
    const isReached = (tensor: Tensor): boolean => (values.get(tensor)?.state.kind ?? 'free') !== 'free';
    for (const application of this.index.applicationsOf(model)) {
      const idle = own && !this.index.masks && !this.contains.application(application);
      if (!idle || application.inputs.some(isReached)) this.step(application, values, inner);
    }
    return model.outputs.map((tensor) => values.get(tensor) ?? free(tensor.shape));
  }

  private step(application: Application, values: Map<Tensor, Value>, frame: Frame): void {
    const inputs = this.inputs(application, values);
    const training = application.mode === 'caller' ? frame.training : application.mode === 'batch';
    const shapes = frame.own
      ? application.outputs.map((tensor) => tensor.shape)
      : outputShapes(
          application.target,
          inputs.map((value) => value.shape),
        );
    const outputs = this.apply(application, inputs, shapes, { ...frame, training });
    application.outputs.forEach((tensor, index) => values.set(tensor, outputs[index] ?? free(tensor.shape)));
  }

  /** The values that go in; the bias itself, where it is a tensor that this application adds. */
  private inputs(application: Application, values: ReadonlyMap<Tensor, Value>): readonly Value[] {
    const { followed } = this;
    const inputs = application.inputs.map((tensor) => values.get(tensor) ?? free(tensor.shape));
    if (!isAdded(followed) || followed.application !== application) return inputs;
    this.applied = true;
    return inputs.map((value, index) => {
      if (index !== followed.input) return value;
      const own = ownShift(value.shape, this.sources.bias);
      return { ...value, state: own === null ? unsure('the shape of what is added is not known') : shifted(own) };
    });
  }

  private apply(
    application: Application,
    inputs: readonly Value[],
    shapes: readonly (Shape | null)[],
    frame: Frame,
  ): readonly Value[] {
    const { target } = application;
    const untouched = inputs.every((value) => value.state.kind === 'free') && !this.contains.application(application);
    if (untouched) return shapes.map((shape) => ({ shape, state: FREE, masked: masksAfter(target, inputs) }));
    const outputs = this.target(application, inputs, shapes, frame).map((value) => {
      const { state } = value;
      return state.kind === 'any' && state.at === null ? { ...value, state: { ...state, at: application } } : value;
    });
    this.record(application, inputs, outputs);
    return outputs;
  }

  private target(
    application: Application,
    inputs: readonly Value[],
    shapes: readonly (Shape | null)[],
    frame: Frame,
  ): readonly Value[] {
    const { target } = application;
    if (target.type === 'layer') {
      if (!catalog.has(target.layer.kind)) this.handOver(application, inputs, `\`${target.layer.kind}\` is not known`);
      return this.layer(target.layer, inputs, shapes, frame, application);
    }
    if (target.type === 'model') return this.model(target.model, inputs, { ...frame, top: false });
    if (target.type === 'op') {
      if (keepsValue(application)) this.handOver(application, inputs.slice(1), 'it is kept in a variable', 1);
      const states = opStates(application, inputs, shapes, this.sources, frame.top);
      return shapes.map((shape, index) => ({ shape, state: states[index] ?? states[0]!, masked: false }));
    }
    this.handOver(application, inputs, target.reason);
    return shapes.map((shape) => ({ shape, state: unsure(target.reason), masked: false }));
  }

  private handOver(application: Application, inputs: readonly Value[], reason: string, first = 0): void {
    inputs.forEach(({ state }, index) => {
      const tensor = application.inputs[first + index]!;
      if (state.kind !== 'free') this.handedOver.push({ tensor, state: unsure(reason) });
    });
  }

  private layer(
    layer: Layer,
    inputs: readonly Value[],
    shapes: readonly (Shape | null)[],
    frame: Frame,
    application: Application | null = null,
  ): readonly Value[] {
    if (this.contains.part(layer)) this.applied = true;
    const kind = catalog.get(layer.kind);
    const masked = masksAfter({ type: 'layer', layer }, inputs);
    const states = this.states(layer, kind, inputs, shapes, frame, application);
    return shapes.map((shape, index) => ({ shape, state: states[index] ?? states[0]!, masked }));
  }

  private states(
    layer: Layer,
    kind: LayerKind | undefined,
    inputs: readonly Value[],
    shapes: readonly (Shape | null)[],
    frame: Frame,
    application: Application | null,
  ): readonly State[] {
    if (kind === undefined) return [unsure(`\`${layer.kind}\` is not known`)];
    const settings = new Settings(layer);
    const refuse = (): string | null => refusal(kind, layer, settings, inputs, shapes, frame.training);
    const alike = application !== null && frame.own && !this.index.masks;
    const throws = alike ? this.index.refusal(application, frame.training, refuse) : refuse();
    if (throws !== null) return [unsure(throws)];
    // Once a layer of a model has taken a mask, all that run later are handed it (`kwargs`, tfjs-layers/src/engine/executor.ts).
    if (kind.usesMask && this.index.masks && !inputs.some((value) => value.masked)) {
      return [unsure('it may be handed the mask of another layer')];
    }
    if (kind.forgets?.({ layer, settings, inputs: inputs.map((value) => value.shape) })) return shapes.map(() => FREE);
    if (inputs.some(({ state }) => shiftOf(state).some(({ layout }) => layout.whole))) {
      const norm = layer.kind === 'batchNormalization' && frame.training;
      return [
        norm ? lost('the shift varies from sample to sample') : unsure('its shift may vary from sample to sample'),
      ];
    }
    const any = inputs.map((value) => value.state).filter((state) => state.kind === 'any');
    if (any.length > 0) return [any.find((state) => !state.certain) ?? any[0]!];
    const result = kind.row({
      layer,
      settings,
      inputs,
      outputs: shapes,
      training: frame.training,
      held: frame.held,
      followed: isAdded(this.followed) ? null : this.followed,
      sources: this.sources,
      perStep: (inner, values) => this.perStep(inner, values, frame),
    });
    const states = [result].flat() as readonly State[];
    return states.map((state, index) => this.finish(layer, kind, settings, state, shapes[index] ?? null, frame));
  }

  /** Adds the layer's own bias, then applies its activation. */
  private finish(
    layer: Layer,
    kind: LayerKind,
    settings: Settings,
    state: State,
    shape: Shape | null,
    frame: Frame,
  ): State {
    let sum = state;
    if (layer === this.followed && state.kind !== 'any' && kind.bias !== undefined && kind.bias !== 'inside') {
      const first = kind.bias === 'channel' ? settings.channelsFirst : false;
      if (isUnknown(first)) return unsure('its data format is not known');
      const channels = shape?.at(first ? 1 : -1) ?? settings.number(layer.kind === 'dense' ? 'units' : 'filters');
      const layout = alongOne(shape, first ? 0 : -1, channels, frame.held);
      sum = shifted(addShifts([shiftOf(state), [{ source: this.sources.bias, factor: 1, layout }]]));
    }
    if (shiftOf(sum).length > MOST_TERMS) return unsure('too many paths lead from the bias to here');
    return kind.activation ? activate(settings.activation(), { shape, state: sum, masked: false }) : sum;
  }

  private perStep(inner: Layer | Model, inputs: readonly Value[], frame: Frame): readonly Value[] {
    const steps = inputs[0]?.shape?.[1] ?? null;
    const inside: Frame = { ...frame, held: [...frame.held, steps], top: false, own: false };
    const values = inputs.map((value) => this.hold(value));
    const outputs = isModel(inner)
      ? this.model(inner, values, inside)
      : this.layer(
          inner,
          values,
          layerShapes(
            inner,
            values.map((value) => value.shape),
          ),
          inside,
        );
    return outputs.map((value) => ({ ...value, state: release(value.state) }));
  }

  private hold(value: Value): Value {
    const shape = value.shape?.filter((_, axis) => axis !== 1) ?? null;
    if (value.state.kind !== 'shifted') return { ...value, shape };
    if (value.state.shift.some((term) => term.layout.open || term.layout.axes.length === 0)) {
      return { shape, state: unsure('the rank of its input is not known'), masked: false };
    }
    const shift = value.state.shift.map((term): Term => {
      const { layout, ...rest } = untangle(term, this.sources);
      const [first, ...axes] = layout.axes;
      return { ...rest, layout: { ...layout, held: [...layout.held, first!], axes } };
    });
    return { shape, state: shifted(shift), masked: false };
  }

  /** Whether the shift that goes on is that of a mean, on its way to be subtracted. */
  private givesMean({ target, inputs }: Application): boolean {
    if (target.type !== 'op') return false;
    if (takesMean(target.name)) return true;
    const isMean = (tensor: Tensor): boolean => this.means.has(tensor);
    return inputs.some(isMean) && inputs.every((tensor) => isMean(tensor) || tensor.producer === null);
  }

  /** Whether this is a normalisation: batch norm, or the subtraction of a mean. */
  private subtracts({ target, inputs: tensors }: Application, inputs: readonly Value[]): boolean {
    if (target.type !== 'op') return isBatchNorm(target);
    return inputs.some(({ state }, index) => state.kind === 'shifted' && this.means.has(tensors[index]!));
  }

  private record(application: Application, inputs: readonly Value[], outputs: readonly Value[]): void {
    const shifts = inputs.filter((value) => value.state.kind === 'shifted');
    if (shifts.length === 0) return;
    if (outputs.some((value) => value.state.kind === 'shifted')) {
      if (this.givesMean(application)) for (const tensor of application.outputs) this.means.add(tensor);
      else this.carrying.add(application);
      this.stored ||= normalisesByStored(application);
    } else if (outputs.every((value) => value.state.kind === 'free') && this.subtracts(application, inputs)) {
      this.cancelling.add(application);
      this.plain &&= shifts.every(({ state }) => isBias(state, this.sources));
    }
  }
}

function free(shape: Shape | null): Value {
  return { shape, state: FREE, masked: false };
}

function release(state: State): State {
  if (state.kind !== 'shifted') return state;
  return shifted(
    state.shift.map((term) => {
      const plain = term.layout;
      const first = plain.held.at(-1)!;
      return { ...term, layout: { ...plain, held: plain.held.slice(0, -1), axes: [first, ...plain.axes] } };
    }),
  );
}

/** Why tfjs would refuse; null when it would not, as far as is known. */
function refusal(
  kind: LayerKind,
  layer: Layer,
  settings: Settings,
  inputs: readonly Value[],
  outputs: readonly (Shape | null)[],
  training: boolean,
): string | null {
  const use = { layer, settings, inputs: inputs.map((value) => value.shape) };
  const throws = kind.throws?.(use, training) ?? null;
  if (throws !== null) return throws;
  if (!kind.masks && inputs.some((value) => value.masked)) return `\`${layer.kind}\` takes no mask`;
  if (inputs.every((value) => value.shape !== null) && outputs[0] === null) {
    return `\`${layer.kind}\` does not take inputs of these shapes, as far as they are known`;
  }
  return null;
}

/** Whether the outputs may carry a mask. */
function masksAfter(target: Target, inputs: readonly Value[]): boolean {
  if (target.type !== 'layer') return inputs.some((value) => value.masked);
  const { layer } = target;
  if (layer.kind === 'masking' || layer.kind === 'embedding') return isMasking(layer);
  return inputs.some((value) => value.masked) && (catalog.get(layer.kind)?.masks ?? true);
}

function isBatchNorm(target: Target): boolean {
  if (target.type !== 'layer') return false;
  const { layer } = target;
  const inner = layer.kind === 'timeDistributed' ? layer.inner : null;
  return (
    layer.kind === 'batchNormalization' || (inner !== null && !isModel(inner) && inner.kind === 'batchNormalization')
  );
}

/** Whether a shift is the bias itself, at most repeated along further axes. */
function isBias(state: State, sources: Sources): boolean {
  const [term, ...more] = shiftOf(state);
  return term !== undefined && more.length === 0 && term.source === sources.bias && term.factor === 1;
}
