import type { Place, Silence, World } from '../graph';

/** Where sources come from. All paths are absolute, with forward slashes. */
export interface SourceHost {
  /** The text of a file, or undefined when it does not exist or cannot be read. Open documents win over the disk. */
  read(path: string): string | undefined;
  /** Changes whenever the text does; parsed trees are kept by it. */
  version(path: string): string;
  isFile(path: string): boolean;
}

export interface Recovered {
  /** The root file. */
  readonly file: string;
  readonly worlds: readonly World[];
  readonly silences: readonly Silence[];
  /** Every file whose text (or absence) the result depends on, the root included. */
  readonly dependencies: readonly string[];
  /** Functions in other files that were called from here, by `functionKey`: they are judged by these calls. */
  readonly calledElsewhere: readonly string[];
  /** Syntax errors of the root file; recovery goes on around them. */
  readonly syntaxErrors: readonly { readonly place: Place; readonly message: string }[];
}

export interface RecoverOptions {
  /** `functionKey`s of functions of the root file that another file calls: they are no entry points here. */
  readonly called?: ReadonlySet<string>;
  /** Ends the run early; what was found until then is discarded by the caller. */
  readonly cancelled?: () => boolean;
}

/** Runs the model-building code of files, in worlds. Keeps parsed trees between runs; everything else is made anew. */
export class Recoverer {
  constructor(private readonly host: SourceHost) {}

  recover(root: string, _options: RecoverOptions = {}): Recovered {
    return {
      file: root,
      worlds: [],
      silences: [],
      dependencies: [root],
      calledElsewhere: [],
      syntaxErrors: this.host.isFile(root) ? [] : [],
    };
  }
}

/**
 * Whether a file can matter at all, told from its text without parsing it: it names batch norm, layers or gradients
 * of tfjs. Conservative: false only where the file can neither build layers nor take a gradient step nor hand on tf.
 */
export function mayMatter(_text: string): boolean {
  return true;
}
