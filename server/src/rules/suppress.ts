import type { Place, Span } from '../graph';
import { isRuleId, ruleMetas, type RuleId } from './meta';

/** What suppression needs of a finding. */
export interface Suppressible {
  readonly rule: RuleId;
  readonly place: Place;
}

export interface DirectiveProblem extends Span {
  /** `malformed`: no such directive or rule. `unused`: it silences nothing (told only where asked for). */
  readonly kind: 'malformed' | 'unused';
  readonly message: string;
}

export interface Suppression<T> {
  readonly kept: readonly T[];
  readonly suppressed: readonly T[];
  readonly problems: readonly DirectiveProblem[];
}

type Verb = 'disable-next-line' | 'disable-line' | 'disable' | 'enable';

interface Directive extends Span {
  readonly verb: Verb;
  /** The rules it names; null means all. */
  readonly rules: readonly RuleId[] | null;
  readonly line: number;
  used: boolean;
}

/** A directive is the first thing in its comment: this keeps prose that mentions one from being one. */
const DIRECTIVE = /(?<!:)(\/\/+|\/\*+|<!--)[ \t]*layerlint-([\w-]*)([^\r\n]*)/g;
const VERBS: readonly string[] = ['disable-next-line', 'disable-line', 'disable', 'enable'];

/**
 * Leaves out the findings that a comment of the author's silences:
 *
 * - `layerlint-disable-next-line [rules] [-- reason]`, `layerlint-disable-line [rules] [-- reason]`: by the line on
 *   which a finding starts;
 * - `layerlint-disable [rules] [-- reason]` up to `layerlint-enable [rules]` or the end of the file.
 *
 * Rules are separated by commas or spaces; none means all of them.
 *
 * @param text the whole text of the file that all `findings` stand in
 */
export function suppress<T extends Suppressible>(text: string, findings: readonly T[]): Suppression<T> {
  if (!text.includes('layerlint-')) return { kept: findings, suppressed: [], problems: [] };
  const lines = lineStarts(text);
  const problems: DirectiveProblem[] = [];
  const directives = readDirectives(text, lines, problems);
  const kept: T[] = [];
  const suppressed: T[] = [];
  for (const finding of findings) {
    const silencing = silencers(directives, finding, lineOf(lines, finding.place.start));
    for (const directive of silencing) directive.used = true;
    (silencing.length > 0 ? suppressed : kept).push(finding);
  }
  for (const directive of directives) {
    if (directive.used || directive.verb === 'enable') continue;
    const what = directive.rules === null ? 'any rule' : directive.rules.join(' or ');
    problems.push({
      kind: 'unused',
      start: directive.start,
      end: directive.end,
      message: `This \`layerlint-${directive.verb}\` silences nothing: there is no finding of ${what} here.`,
    });
  }
  problems.sort((a, b) => a.start - b.start);
  return { kept, suppressed, problems };
}

function silencers(directives: readonly Directive[], finding: Suppressible, line: number): Directive[] {
  const found: Directive[] = [];
  let block: Directive[] = [];
  for (const directive of directives) {
    const names = directive.rules === null || directive.rules.includes(finding.rule);
    if (!names) continue;
    if (directive.verb === 'disable-line' && directive.line === line) found.push(directive);
    else if (directive.verb === 'disable-next-line' && directive.line + 1 === line) found.push(directive);
    else if (directive.start >= finding.place.start) continue;
    else if (directive.verb === 'disable') block.push(directive);
    else if (directive.verb === 'enable') block = [];
  }
  return [...found, ...block];
}

function readDirectives(text: string, lines: readonly number[], problems: DirectiveProblem[]): Directive[] {
  const directives: Directive[] = [];
  for (const match of text.matchAll(DIRECTIVE)) {
    const line = lineOf(lines, match.index);
    if (insideString(text.slice(lines[line]!, match.index))) continue;
    const [whole, opener, verb, rest] = match as unknown as [string, string, string, string];
    const body = commentBody(opener, rest);
    const start = match.index;
    const end = start + whole.length - (rest.length - body.length);
    if (!VERBS.includes(verb)) {
      const known = VERBS.map((name) => `layerlint-${name}`).join(', ');
      const message = `There is no directive \`layerlint-${verb}\`; the directives are ${known}.`;
      problems.push({ kind: 'malformed', start, end, message });
      continue;
    }
    const names = body
      .split(/(?:^|[ \t])--(?:[ \t]|$)/)[0]!
      .split(/[\s,]+/)
      .filter((name) => name !== '');
    for (const name of names.filter((candidate) => !isRuleId(candidate))) {
      const message = `There is no rule \`${name}\`; the rules are ${Object.keys(ruleMetas).join(', ')}.`;
      problems.push({ kind: 'malformed', start, end, message });
    }
    const rules = names.filter(isRuleId);
    // Names that are all wrong must not turn into "all rules".
    if (names.length > 0 && rules.length === 0) continue;
    directives.push({
      verb: verb as Verb,
      rules: names.length === 0 ? null : rules,
      line: verb === 'disable-next-line' ? lineOf(lines, closing(text, opener, end)) : line,
      start,
      end,
      used: false,
    });
  }
  return directives;
}

/** The directive's text up to where its comment ends. */
function commentBody(opener: string, rest: string): string {
  const closer = opener.startsWith('/*') ? '*/' : opener === '<!--' ? '-->' : null;
  const at = closer === null ? -1 : rest.indexOf(closer);
  return at < 0 ? rest : rest.slice(0, at);
}

/** Where the comment ends: the next line after a block comment is the one after its last line. */
function closing(text: string, opener: string, from: number): number {
  if (opener.startsWith('//')) return from;
  const at = text.indexOf(opener === '<!--' ? '-->' : '*/', from);
  return at < 0 ? from : at;
}

/** Whether a string literal is open at the end of this piece of one line. A regular expression may deceive it. */
function insideString(before: string): boolean {
  let quote: string | null = null;
  let templates = 0;
  for (let i = 0; i < before.length; i++) {
    const char = before[i]!;
    if (char === '\\') i++;
    else if (quote === '`' && char === '$' && before[i + 1] === '{') {
      quote = null;
      templates++;
      i++;
    } else if (quote === null && char === '}' && templates > 0) {
      quote = '`';
      templates--;
    } else if (quote !== null) quote = char === quote ? null : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
  }
  return quote !== null;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(lines: readonly number[], offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
