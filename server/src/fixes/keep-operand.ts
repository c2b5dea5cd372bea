import type { CallSite } from '../graph';
import type { TextEdit } from '../rules';
import { edit, skipComment, slice } from './text';

/**
 * Replaces a binary op, `tf.add(a, b)` or `a.add(b)`, by one of its operands.
 *
 * @returns null where the operands cannot be told in the text, or where a comment would go with the other one
 */
export function keepOperand(site: CallSite, operand: 0 | 1, text: string): TextEdit | null {
  const spans = operandSpans(site, text);
  const kept = spans?.[operand];
  if (!kept || site.args.some(({ spread }) => spread)) return null;
  const around = text.slice(site.call.start, kept.start) + text.slice(kept.end, site.call.end);
  if (/\/[/*]/.test(around)) return null;
  const expression = slice(text, kept);
  return edit(site.file, text, site.call, isChain(expression) ? expression : `(${expression})`);
}

type Spans = readonly [{ start: number; end: number }, { start: number; end: number }];

function operandSpans({ args, callee, name }: CallSite, text: string): Spans | null {
  const [first, second] = args;
  if (first !== undefined && second !== undefined) return args.length === 2 ? [first.span, second.span] : null;
  const receiver = /^([\s\S]*?)\s*\.\s*$/.exec(text.slice(callee.start, name.start));
  if (first === undefined || receiver === null || /^$|\?$/.test(receiver[1]!)) return null;
  return [{ start: callee.start, end: callee.start + receiver[1]!.length }, first.span];
}

/** Whether an expression is a name, or names, calls and indices in a row: nothing that parentheses hold together. */
function isChain(expression: string): boolean {
  let depth = 0;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at]!;
    const end = skipComment(expression, at);
    if (end > at) at = end - 1;
    else if (/['"`]/.test(char)) {
      at = skipString(expression, at);
    } else if (/[([{]/.test(char)) depth++;
    else if (/[)\]}]/.test(char)) depth--;
    else if (depth === 0 && !/[\w$.]/.test(char) && !/^\s*\./.test(expression.slice(at))) return false;
  }
  return depth === 0 && !/^(function|class|new|await|async)\b/.test(expression);
}

function skipString(text: string, at: number): number {
  const quote = text[at]!;
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === quote) return end;
  }
  return text.length;
}
