import type { RuleId, RuleMeta } from './meta';
import type {
  Bias,
  CallSite,
  Layer,
  Model,
  ModelGraph,
  ModelRun,
  Place,
  Span,
  GradientStep,
  StepOp,
  World,
} from '../graph';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** A message in three parts, each one or two whole sentences. Joined by a space where a protocol has one string. */
export interface Message {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

export interface Related {
  readonly place: Place;
  readonly message: string;
}

/** What a fix is to do, in terms of the graph's sites; `fixes/` turns it into text edits. */
export type Remedy =
  /** Set `key` of the config of the layer created at `site`, and drop the keys that become dead. */
  | {
      readonly type: 'set-config';
      readonly site: CallSite;
      readonly key: string;
      /** Source text of the new value: `false`, `!useBn`. */
      readonly value: string;
      readonly drop: readonly string[];
    }
  /** Hand `{training: true}` to an `apply` or `call`, or turn `predict(x)` into `apply(x, {training: true})`. */
  | { readonly type: 'set-training'; readonly site: CallSite; readonly api: ModelRun['api'] }
  /** Append `flag`, what `call` of a layer class was handed, to the one argument of an `apply` in it. */
  | { readonly type: 'hand-on'; readonly site: CallSite; readonly flag: string }
  /** Replace a binary op, `tf.add(a, b)` or `a.add(b)`, by one of its operands. */
  | { readonly type: 'keep-operand'; readonly site: CallSite; readonly operand: 0 | 1 }
  /** Hand over nothing for `key` in the object that an op takes its arguments in. */
  | { readonly type: 'drop-argument'; readonly site: CallSite; readonly key: string }
  /** Put a comment above the line on which `place` starts, so that `rule` keeps silent there. */
  | { readonly type: 'disable-line'; readonly place: Place; readonly rule: RuleId };

export interface ProposedFix {
  readonly title: string;
  /** `quickfix` keeps the meaning; a `suggestion` changes more than the finding, and its title says what. */
  readonly kind: 'quickfix' | 'suggestion';
  readonly remedy: Remedy;
}

/** Plain data: everything that an editor or a terminal shows of one diagnosis. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly message: Message;
  /** The layer's creating call, or the call that runs the model. */
  readonly place: Place;
  /** Where it holds only sometimes: `useBn`, `in 4 of 5 calls`; null where it always does. */
  readonly condition: string | null;
  /** The evidence path, in the order of the data flow. */
  readonly related: readonly Related[];
  /** Text that has no effect (dead config), to be shown faded. */
  readonly unnecessary: readonly Place[];
  /** Preferred first. */
  readonly fixes: readonly ProposedFix[];
  /** The part of `message.todo` and of `related` that speaks of another rule, for where that rule is off (aside.ts). */
  readonly aside?: { readonly rule: RuleId; readonly text: string; readonly related: readonly Related[] } | null;
}

/** The objects of one world that show a finding: what a numerical check is planned from. */
export type Witness =
  | { readonly rule: 'redundant-bias'; readonly graph: ModelGraph; readonly bias: Bias }
  | {
      readonly rule: 'updates-not-run';
      readonly graph: ModelGraph;
      readonly step: GradientStep;
      readonly run: ModelRun;
      readonly model: Layer | Model;
    }
  /** A batch norm on tensors, or a moving average, inside a gradient step. */
  | {
      readonly rule: 'updates-not-run';
      readonly graph: ModelGraph;
      readonly step: GradientStep;
      readonly op: StepOp;
    };

export interface Diagnosis {
  readonly finding: Finding;
  readonly witness: Witness;
}

/**
 * A rule sees the worlds of all roots of a workspace that reach the file in question, and the diagnoses of the rules
 * before it (`updates-not-run` mutes `redundant-bias`). It gives one diagnosis per site, in source order, for sites in
 * any file. No files, no clock, no protocol.
 */
export interface Rule {
  readonly meta: RuleMeta;
  check(worlds: readonly World[], earlier: readonly Diagnosis[]): readonly Diagnosis[];
}

export interface TextEdit extends Span {
  readonly file: string;
  readonly text: string;
}

export interface Fix {
  readonly title: string;
  readonly kind: ProposedFix['kind'];
  readonly edits: readonly TextEdit[];
}
