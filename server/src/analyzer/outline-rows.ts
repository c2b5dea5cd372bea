import type { Model, Place, Shape, Silence } from '../graph';
import type { OpLine } from './op-lines';

/** What was recovered of one file, as data: `outlineText` makes `.layers` text of it, the command line JSON. */
export interface Outline {
  readonly file: string;
  readonly blocks: readonly Block[];
  readonly silences: readonly Silence[];
}

export interface Block {
  readonly row: ModelRow | LayerRow | OpsRow | StepRow;
  /** Where the same code makes several blocks: when it makes this one. */
  readonly condition: string | null;
}

export interface ModelRow {
  readonly type: 'model';
  readonly form: Model['form'];
  readonly place: Place | null;
  readonly parameters: number | null;
  readonly members: readonly (ModelRow | LayerRow | SilentRow)[];
  readonly trainings: readonly { readonly api: string; readonly place: Place }[];
  readonly weights: readonly { readonly kind: string; readonly place: Place }[];
}

export interface LayerRow {
  readonly type: 'layer';
  readonly kind: string;
  readonly place: Place | null;
  /** Known shapes of its outputs, each once. */
  readonly outputShapes: readonly Shape[];
  readonly parameters: number | null;
  /** Null where it has none, or where there is nothing to say of it. */
  readonly bias: BiasRow | null;
}

/** What a bias does, as far as that is known. */
export type BiasRow =
  | { readonly verdict: 'needed' }
  | {
      readonly verdict: 'redundant';
      /** A training step may run the batch norm on stored statistics, as it is written. */
      readonly onBatchStatisticsOnly: boolean;
    }
  | { readonly verdict: 'unknown'; readonly reason: string };

/** What stands between the layers of a model and is not followed. */
export interface SilentRow {
  readonly type: 'silent';
  readonly place: Place | null;
  readonly reason: string;
}

/** A chain of functions on tensors that normalises. */
export interface OpsRow {
  readonly type: 'functions';
  readonly place: Place;
  readonly ops: readonly OpLine[];
}

/** A gradient step, with every model and layer that it runs. */
export interface StepRow {
  readonly type: 'step';
  readonly api: string;
  readonly place: Place;
  /** The number of layers and models whose variables it trains, where it names them; null where that is not known. */
  readonly trains: 'all' | 'arguments' | number | null;
  readonly runs: readonly RunRow[];
}

export interface RunRow {
  readonly target: 'model' | 'layer';
  readonly kind: string | null;
  readonly place: Place;
  /** What batch norm in it runs on; null where that is not known. */
  readonly statistics: 'batch' | 'stored' | null;
}
