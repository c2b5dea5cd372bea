import fc from 'fast-check';
import type { Language, Layout } from './layout';

/**
 * Random programs that build models, as trees. Every tensor of a program has one shape, and every layer keeps it, so
 * that any tree gives a program that runs. Numbers choose among ways of writing (`form`, taken modulo how many there
 * are; 0 is the plainest), so that shrinking ends at plain code.
 */
export interface ProgramNode {
  readonly target: Target;
  /** Whether the tensors are of rank 4. */
  readonly image: boolean;
  readonly body: readonly Statement[];
  /** How many flags the building function has. */
  readonly flags: number;
  /** How it is given its flags. */
  readonly passing: number;
  /** Whether the flags are known: the program calls its function by itself; else it is an entry point. */
  readonly called: readonly (readonly boolean[])[];
  readonly files: number;
  readonly layout: Layout;
  readonly isAsync: boolean;
  readonly ending: number;
  readonly surgery: SurgeryNode | null;
  /** Gradient steps on the model. */
  readonly steps: readonly StepNode[];
}

/** What is made of a model that is built: parts of it in other models, or it as a part of them. */
export interface SurgeryNode {
  readonly form: number;
  readonly pick: number;
  readonly when: Condition;
  /** What stands behind the layer that is picked. */
  readonly tail: readonly LayerNode[];
  /** What is put there in the other model. */
  readonly head: LayerNode;
}

export interface StepNode {
  readonly form: number;
  readonly api: number;
  readonly run: number;
  readonly list: number;
  readonly freeze: number;
  readonly when: Condition;
}

/** How a model grows: `model.add(layer)`, `x = layer.apply(x)`, `layers.push(layer)`. */
export type Target = 'sequential' | 'functional' | 'list';

export type Condition =
  | { readonly c: 'flag'; readonly at: number }
  | { readonly c: 'literal'; readonly value: boolean }
  | { readonly c: 'not'; readonly of: Condition }
  | { readonly c: 'both' | 'either'; readonly left: Condition; readonly right: Condition };

export type LayerNode =
  | { readonly l: 'factory'; readonly kind: number; readonly option: number; readonly form: number; readonly when: Condition } // prettier-ignore
  | { readonly l: 'choice'; readonly form: number; readonly when: Condition; readonly yes: LayerNode; readonly no: LayerNode } // prettier-ignore
  | { readonly l: 'helper'; readonly form: number; readonly flag: Condition; readonly body: LayerNode }
  | { readonly l: 'own'; readonly form: number; readonly handing: number; readonly flag: Condition; readonly layers: readonly LayerNode[] } // prettier-ignore
  | { readonly l: 'model'; readonly form: number; readonly layers: readonly LayerNode[] }
  | { readonly l: 'stored'; readonly form: number; readonly layers: readonly LayerNode[]; readonly at: number }
  | { readonly l: 'given'; readonly use: number; readonly flag: Condition; readonly given: GivenNode };

/** A function that builds nothing and leaves early: what it gives decides what others build. */
export interface GivenNode {
  readonly form: number;
  readonly place: number;
  /** Whether a function that has been written before is called instead. */
  readonly again: number;
  /** What it holds at first and may change. */
  readonly first: GivenValue;
  readonly exits: readonly Exit[];
  /** What it gives where it does not leave early. */
  readonly last: GivenValue;
  /** A function that it asks for a flag. */
  readonly asks: GivenNode | null;
}

export interface GivenValue {
  readonly form: number;
  readonly kind: number;
  readonly option: number;
  readonly when: Condition;
  /** A function that gives the value. */
  readonly of: GivenNode | null;
}

/** What a function does that may leave it. */
export type Exit =
  | { readonly e: 'give'; readonly value: GivenValue }
  | { readonly e: 'if'; readonly form: number; readonly when: Condition; readonly yes: readonly Exit[]; readonly no: readonly Exit[] } // prettier-ignore
  | { readonly e: 'switch'; readonly form: number; readonly when: Condition; readonly yes: readonly Exit[]; readonly no: readonly Exit[] } // prettier-ignore
  | { readonly e: 'rows'; readonly form: number; readonly rows: readonly GivenValue[] }
  | { readonly e: 'loop'; readonly form: number; readonly when: Condition; readonly body: readonly Exit[] }
  | { readonly e: 'try'; readonly form: number; readonly when: Condition; readonly body: readonly Exit[]; readonly rest: readonly Exit[] } // prettier-ignore
  | { readonly e: 'change'; readonly form: number; readonly value: GivenValue }
  | { readonly e: 'guard'; readonly form: number };

/** One definition of a layer in a table. */
export interface RowNode {
  readonly kind: number;
  readonly option: number;
  readonly when: Condition;
  readonly norm: Condition;
}

export type Statement =
  | { readonly s: 'add'; readonly layer: LayerNode }
  | { readonly s: 'if'; readonly form: number; readonly when: Condition; readonly yes: readonly Statement[]; readonly no: readonly Statement[] } // prettier-ignore
  | { readonly s: 'loop'; readonly form: number; readonly count: number; readonly body: readonly Statement[] }
  | { readonly s: 'block'; readonly form: number; readonly flags: readonly Condition[]; readonly body: readonly Statement[] } // prettier-ignore
  | { readonly s: 'flow'; readonly form: number; readonly count: number; readonly when: Condition; readonly body: readonly Statement[]; readonly rest: readonly Statement[] } // prettier-ignore
  | { readonly s: 'list'; readonly form: number; readonly layers: readonly LayerNode[] }
  | { readonly s: 'table'; readonly place: number; readonly shape: number; readonly walk: number; readonly read: number; readonly norm: number; readonly when: Condition; readonly rows: readonly RowNode[] } // prettier-ignore
  | { readonly s: 'class'; readonly form: number; readonly decorators: number; readonly flag: Condition; readonly body: readonly Statement[]; readonly rest: readonly Statement[] } // prettier-ignore
  | { readonly s: 'branch'; readonly form: number; readonly body: readonly Statement[] }
  | { readonly s: 'asked'; readonly form: number; readonly flag: Condition; readonly given: GivenNode; readonly body: readonly Statement[]; readonly rest: readonly Statement[] }; // prettier-ignore

const form = fc.nat({ max: 59 });

export const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ c: fc.constant('flag' as const), at: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ c: fc.constant('literal' as const), value: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ c: fc.constant('not' as const), of: tie('condition') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        c: fc.constantFrom('both' as const, 'either' as const),
        left: tie('condition'),
        right: tie('condition'),
      }),
    },
  ),
}));

const { given } = fc.letrec<{ given: GivenNode; value: GivenValue; exit: Exit; inner: GivenNode | null }>((tie) => {
  const some = fc.array(tie('exit'), { minLength: 1, maxLength: 2 });
  const maybe = fc.array(tie('exit'), { maxLength: 2 });
  return {
    given: fc.record({
      form,
      place: form,
      again: form,
      first: tie('value'),
      exits: fc.array(tie('exit'), { minLength: 1, maxLength: 3 }),
      last: tie('value'),
      asks: tie('inner'),
    }),
    value: fc.record({
      form,
      kind: fc.nat({ max: 11 }),
      option: fc.nat({ max: 11 }),
      when: condition,
      of: tie('inner'),
    }),
    inner: fc.oneof(
      { depthSize: 'xsmall', withCrossShrink: true },
      { weight: 12, arbitrary: fc.constant<GivenNode | null>(null) },
      { weight: 1, arbitrary: tie('given') },
    ),
    exit: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: fc.record({ e: fc.constant('give' as const), value: tie('value') }) },
      { weight: 2, arbitrary: fc.record({ e: fc.constant('guard' as const), form }) },
      { weight: 3, arbitrary: fc.record({ e: fc.constant('change' as const), form, value: tie('value') }) },
      {
        weight: 9,
        arbitrary: fc.record({ e: fc.constant('if' as const), form, when: condition, yes: some, no: maybe }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ e: fc.constant('switch' as const), form, when: condition, yes: some, no: maybe }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          e: fc.constant('rows' as const),
          form,
          rows: fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ e: fc.constant('loop' as const), form, when: condition, body: some }) },
      {
        weight: 2,
        arbitrary: fc.record({ e: fc.constant('try' as const), form, when: condition, body: some, rest: maybe }),
      },
    ),
  };
});

const { statement, layer } = fc.letrec<{ layer: LayerNode; statement: Statement }>((tie) => {
  const layers = fc.array(tie('layer'), { minLength: 1, maxLength: 3 });
  const body = fc.array(tie('statement'), { minLength: 1, maxLength: 3 });
  const maybe = fc.array(tie('statement'), { maxLength: 2 });
  return {
    layer: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      {
        weight: 12,
        arbitrary: fc.record({
          l: fc.constant('factory' as const),
          kind: fc.nat({ max: 11 }),
          option: fc.nat({ max: 11 }),
          form,
          when: condition,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          l: fc.constant('choice' as const),
          form,
          when: condition,
          yes: tie('layer'),
          no: tie('layer'),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ l: fc.constant('helper' as const), form, flag: condition, body: tie('layer') }),
      },
      { weight: 1, arbitrary: fc.record({ l: fc.constant('model' as const), form, layers }) },
      {
        weight: 1,
        arbitrary: fc.record({ l: fc.constant('own' as const), form, handing: form, flag: condition, layers }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ l: fc.constant('stored' as const), form, layers, at: fc.nat({ max: 2 }) }),
      },
      { weight: 3, arbitrary: fc.record({ l: fc.constant('given' as const), use: form, flag: condition, given }) },
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 8, arbitrary: fc.record({ s: fc.constant('add' as const), layer: tie('layer') }) },
      {
        weight: 3,
        arbitrary: fc.record({ s: fc.constant('if' as const), form, when: condition, yes: body, no: maybe }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ s: fc.constant('loop' as const), form, count: fc.nat({ max: 3 }), body }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          s: fc.constant('block' as const),
          form,
          flags: fc.array(condition, { minLength: 1, maxLength: 2 }),
          body,
        }),
      },
      { weight: 4, arbitrary: fc.record({ s: fc.constant('list' as const), form, layers }) },
      {
        weight: 3,
        arbitrary: fc.record({
          s: fc.constant('flow' as const),
          form,
          count: fc.nat({ max: 2 }).map((least) => least + 1),
          when: condition,
          body,
          rest: maybe,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          s: fc.constant('class' as const),
          form,
          decorators: form,
          flag: condition,
          body,
          rest: maybe,
        }),
      },
      { weight: 1, arbitrary: fc.record({ s: fc.constant('branch' as const), form, body }) },
      {
        weight: 3,
        arbitrary: fc.record({ s: fc.constant('asked' as const), form, flag: condition, given, body, rest: maybe }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          s: fc.constant('table' as const),
          place: form,
          shape: form,
          walk: form,
          read: form,
          norm: form,
          when: condition,
          rows: fc.array(
            fc.record({ kind: fc.nat({ max: 11 }), option: fc.nat({ max: 11 }), when: condition, norm: condition }),
            { minLength: 1, maxLength: 4 },
          ),
        }),
      },
    ),
  };
});

export const program: fc.Arbitrary<ProgramNode> = fc.record({
  target: fc.constantFrom<Target>('sequential', 'functional', 'list'),
  image: fc.boolean(),
  body: fc.array(statement, { minLength: 1, maxLength: 4 }),
  flags: fc.nat({ max: 2 }),
  passing: form,
  called: fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { maxLength: 2 }),
  files: fc.nat({ max: 3 }),
  layout: fc.record({
    languages: fc.array(fc.constantFrom<Language>('js', 'ts', 'cjs'), { minLength: 1, maxLength: 3 }),
    imports: form,
  }),
  isAsync: fc.nat({ max: 2 }).map((chance) => chance === 2),
  ending: form,
  surgery: fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: fc.constant<SurgeryNode | null>(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        form,
        pick: form,
        when: condition,
        tail: fc.array(layer, { minLength: 1, maxLength: 2 }),
        head: layer,
      }),
    },
  ),
  steps: fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant<readonly StepNode[]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ form, api: form, run: form, list: form, freeze: form, when: condition }), {
        minLength: 1,
        maxLength: 2,
      }),
    },
  ),
});
