import type { Place, Silence, World } from '../graph';
import { recoverRoot } from './driver';
import type { SourceHost } from './host';
import type { Mention } from './mentions';
import { SourceCache } from './sources';

export type { SourceHost } from './host';
export type { Mention } from './mentions';

export interface Recovered {
  /** The root file. */
  readonly file: string;
  readonly worlds: readonly World[];
  readonly silences: readonly Silence[];
  /** Every file whose text (or absence) the result depends on, the root included. */
  readonly dependencies: readonly string[];
  /** Functions in other files that were called from here, by `functionKey`: they are judged by these calls. */
  readonly calledElsewhere: readonly string[];
  /** The calls of the root file that make layers or normalise, as far as the text tells, followed or not. */
  readonly mentions: readonly Mention[];
  /** The names of functions that run a model by `predict`, in the files that were read. */
  readonly predicting: readonly string[];
  /** Code past a bound whose calls nobody else may judge either. */
  readonly leftOut: readonly LeftOut[];
  /** Functions in other files that other code past a bound can call, by `functionKey`: they are judged by themselves. */
  readonly reopened: readonly string[];
  /** Syntax errors of the root file; recovery goes on around them. */
  readonly syntaxErrors: readonly { readonly place: Place; readonly message: string }[];
}

/** An entry point that was left out. */
export interface LeftOut {
  /** What it is called in a sentence: `` `train` of main.js ``. */
  readonly name: string;
  readonly reason: string;
  /** The functions and classes that it called. */
  readonly functions: readonly Place[];
}

export interface RecoverOptions {
  /** `functionKey`s of functions of the root file that another file calls: they are no entry points here. */
  readonly called?: ReadonlySet<string>;
  /** Runs each world from the start instead of taking the last one back: the same result, slowly, to test that it is. */
  readonly anew?: boolean;
  /** Ends the run early; what was found until then is discarded by the caller. */
  readonly cancelled?: () => boolean;
}

/** Runs the model-building code of files, in worlds. Keeps parsed trees between runs; everything else is made anew. */
export class Recoverer {
  private readonly sources: SourceCache;

  constructor(private readonly host: SourceHost) {
    this.sources = new SourceCache(host);
  }

  recover(root: string, options: RecoverOptions = {}): Recovered {
    return recoverRoot(this.host, this.sources, root, options);
  }
}
