import { placeKey, type Application, type Tensor } from '../graph';
import { configPrint } from './fingerprint';
import type { Environment } from './environment';
import type { Machine } from './machine';
import { idOf } from './operators';
import { fileOf, functionKey } from './syntax';
import {
  ArrayValue,
  ClassValue,
  Deferred,
  FunctionValue,
  LayerValue,
  ModelValue,
  ObjectValue,
  TensorValue,
  UnknownValue,
  type Value,
} from './values';

/**
 * Which names hold what by which conditions. A segment is left behind as its first world leaves it: a later segment that
 * reads a name whose value another side would have made another one (`this.bn`, set where `useBn` holds) has to be run
 * by that side too, though nothing of it consults the condition.
 */
export class Shapes {
  private readonly runs: Run[] = [];
  private readonly numbers = new Map<string, number>();

  /** Takes in the state that a world of the segment ends in. */
  add(m: Machine): void {
    const sides = new Map([...m.decisions.values()].map(({ id, value }) => [id, value]));
    this.runs.push({ sides, state: new State((text) => this.numberOf(text)).of(m) });
  }

  /** Adds, by name, the conditions on which it depends what the name holds, in the order in which they are decided. */
  into(shaped: Map<string, Set<string>>): void {
    if (this.runs.length < 2) return;
    const order = [...new Set(this.runs.flatMap(({ sides }) => [...sides.keys()]))];
    for (const holder of new Set(this.runs.flatMap(({ state }) => [...state.keys()]))) {
      // Where there is no such holder nothing reads it.
      const runs = this.runs.filter(({ state }) => state.has(holder));
      for (const name of new Set(runs.flatMap(({ state }) => [...state.get(holder)!.keys()]))) {
        const ids = conditionsOf(runs, (run) => run.state.get(holder)!.get(name));
        for (const id of shaped.get(name) ?? []) ids.add(id);
        if (ids.size > 0) shaped.set(name, new Set(inOrder(ids, order)));
      }
    }
  }

  private numberOf(text: string): string {
    let number = this.numbers.get(text);
    if (number === undefined) this.numbers.set(text, (number = this.numbers.size));
    return `#${number}`;
  }
}

interface Run {
  readonly sides: ReadonlyMap<string, boolean>;
  readonly state: Holders;
}

/** What names hold, by scope, class or instance, as text. */
type Holders = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Conditions on one side of which something is another than on the other side, all others being the same. */
function conditionsOf(runs: readonly Run[], read: (run: Run) => string | undefined): Set<string> {
  const [alone, any] = [new Set<string>(), new Set<string>()];
  const texts = runs.map(read);
  if (new Set(texts).size < 2) return alone;
  runs.forEach(({ sides }, left) => {
    for (let right = left + 1; right < runs.length; right++) {
      if (texts[left] === texts[right]) continue;
      const apart = [...sides].filter(([id, side]) => (runs[right]!.sides.get(id) ?? side) !== side);
      for (const [id] of apart) (apart.length === 1 ? alone : any).add(id);
    }
  });
  return alone.size > 0 ? alone : any;
}

/** Those of earlier segments come first. */
function inOrder(ids: ReadonlySet<string>, order: readonly string[]): readonly string[] {
  return [...[...ids].filter((id) => !order.includes(id)), ...order.filter((id) => ids.has(id))];
}

/** How deep lists and objects are looked into. */
const DEPTH = 6;

function keyOf({ node }: ClassValue): string {
  return `${fileOf(node)}:${node.pos}`;
}

/** What names hold at the end of a run, in texts that are equal for worlds in which it is the same. */
class State {
  private readonly found = new Map<string, Map<string, string>>();
  private readonly known = new Map<object, string>();

  /** @param short a short text for a long one */
  constructor(private readonly short: (text: string) => string) {}

  of(m: Machine): Holders {
    const scopes = new Set<Environment>();
    for (const fn of m.made.values()) {
      for (let at: Environment | null = fn.environment; at && !scopes.has(at); at = at.parent) {
        scopes.add(at);
        this.note(at.scope ? placeKey(at.scope) : '', at.held());
      }
    }
    for (const value of m.classes.values()) this.note(`static ${keyOf(value)}`, value.statics);
    for (const [value, { properties }] of m.instances) this.note(keyOf(value), properties);
    return this.found;
  }

  private note(holder: string, held: Iterable<readonly [string, Value]>): void {
    let names = this.found.get(holder);
    if (!names) this.found.set(holder, (names = new Map()));
    for (const [name, value] of held) {
      if (name === 'this' || name === 'super' || name === 'arguments') continue;
      names.set(name, `${names.get(name) ?? ''} ${this.print(value, DEPTH)}`);
    }
  }

  private print(value: Value, depth: number): string {
    if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
    const known = this.known.get(value);
    if (known !== undefined) return known;
    // Inside itself an object is nothing new.
    this.known.set(value, 'itself');
    const text = this.short(this.describe(value, depth));
    this.known.set(value, text);
    return text;
  }

  private describe(value: Exclude<Value, string | number | boolean | null | undefined>, depth: number): string {
    if (value instanceof UnknownValue || value instanceof Deferred) return `?${idOf(value)}`;
    if (value instanceof LayerValue) return this.layer(value, depth);
    if (value instanceof ModelValue) return this.model(value, depth);
    if (value instanceof TensorValue) return `T${this.tensor(value.tensor)}`;
    if (value instanceof FunctionValue) return `F${functionKey(value.node)}`;
    if (value instanceof ClassValue) return `C${keyOf(value)}`;
    if (depth === 0) return value.constructor.name;
    if (value instanceof ArrayValue) return `[${value.items.map((item) => this.print(item, depth - 1)).join()}]`;
    if (value instanceof ObjectValue) {
      const entries = [...value.properties].map(([key, item]) => `${key}:${this.print(item, depth - 1)}`);
      return `${value.classValue ? keyOf(value.classValue) : ''}{${entries.join()}${value.open ? '…' : ''}}`;
    }
    return value.constructor.name;
  }

  private layer({ layer, results, instance }: LayerValue, depth: number): string {
    const at = layer.site ? `${layer.site.file}:${layer.site.call.start}` : '';
    const fields = instance && depth > 0 ? this.print(instance, depth - 1) : '';
    return `L${layer.kind}@${at}${configPrint(layer.config)}${String(layer.trainable)}x${results.length}${fields}`;
  }

  private model({ model, sequence, members }: ModelValue, depth: number): string {
    const parts = (sequence ?? members).items.map((item) => this.print(item, depth - 1));
    const outputs = model.outputs.map((tensor) => this.tensor(tensor));
    return `M${model.site?.call.start ?? ''}(${parts.join()})${outputs.join()}${String(model.trainable)}`;
  }

  /** A tensor by all that it was made with. */
  private tensor(tensor: Tensor): string {
    const known = this.known.get(tensor);
    if (known !== undefined) return known;
    const text = this.short(tensor.producer ? this.application(tensor.producer) : `${tensor.made?.place?.start ?? ''}`);
    this.known.set(tensor, text);
    return text;
  }

  private application({ target, inputs, mode }: Application): string {
    const what =
      target.type === 'layer'
        ? `${target.layer.kind}@${target.layer.site?.call.start ?? ''}`
        : target.type === 'model'
          ? `model@${target.model.site?.call.start ?? ''}`
          : target.type === 'op'
            ? target.name
            : '';
    return `${what}(${inputs.map((input) => this.tensor(input)).join()})${String(mode)}`;
  }
}
