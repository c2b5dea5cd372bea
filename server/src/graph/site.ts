import type { Span } from './place';

/**
 * Where a call stands in the source, with every span that a fix needs. Recorded while the graph is recovered, so that
 * fixes never parse anything again.
 */
export interface CallSite {
  readonly file: string;
  /** The whole call, `tf.layers.conv2d({...})`. */
  readonly call: Span;
  /** The called expression, `tf.layers.conv2d`. */
  readonly callee: Span;
  /** The name alone at the end of the callee, `conv2d`; what a renaming fix replaces. */
  readonly name: Span;
  /** The offset of the closing parenthesis; an argument is appended here. */
  readonly close: number;
  readonly args: readonly ArgumentSite[];
}

/** One argument of a call. */
export interface ArgumentSite {
  readonly span: Span;
  /** A spread argument, `f(...xs)`. */
  readonly spread: boolean;
  /** The object literal that stands right here as the argument; null for any other expression. */
  readonly object: ObjectSite | null;
}

/** An object literal. `span` includes the braces. */
export interface ObjectSite {
  readonly span: Span;
  readonly properties: readonly PropertySite[];
}

export interface PropertySite {
  /** The name where it is known from the text; null for a spread and a computed name. */
  readonly key: string | null;
  readonly form: 'property' | 'shorthand' | 'spread' | 'method' | 'computed';
  /** The whole property without its comma. */
  readonly span: Span;
  /** The value expression; for a spread the expression after the dots; for a shorthand the name. */
  readonly value: Span;
}
