import type { ObjectSite, PropertySite } from '../graph';
import { endsInLineComment, findOutsideComments, indentation, lineEnding, lineStart, skipComment, slice } from './text';

/** One property with all the text that belongs to it. The literal is `{`, its segments one after another, tail, `}`. */
interface Segment {
  readonly property: PropertySite | null;
  /** White space and comments in front of it. */
  lead: string;
  text: string;
  /** What stands between it and its comma. */
  readonly gap: string;
  /** Comments behind its comma on the same line: they speak of this property. */
  readonly trail: string;
}

/** Text that goes on on a new line. */
const NEW_LINE = /^[ \t]*\r?\n/;

interface Parsed {
  readonly segments: Segment[];
  readonly trailingComma: boolean;
  readonly tail: string;
}

/**
 * The text of an object literal in which `key` is certainly `value` and the properties `drop` are gone, with their
 * commas and comments.
 *
 * @returns null where this cannot be written safely (`key` is a method)
 */
export function withProperty(
  text: string,
  object: ObjectSite,
  key: string,
  value: string,
  drop: readonly string[] = [],
): string | null {
  const written = `${key}: ${value}`;
  if (object.properties.length === 0) return withFirstProperty(text, object, written);
  const { segments, trailingComma, tail } = parse(text, object);
  if (segments.some(({ property }) => property?.key === key && property.form === 'method')) return null;

  // A spread or a computed name may set the key again: only a property behind it counts.
  const lastOpen = segments.findLastIndex(
    ({ property }) => property?.form === 'spread' || property?.form === 'computed',
  );
  const last = segments.findLastIndex(({ property }) => property?.key === key);
  const kept = last > lastOpen ? segments[last]! : null;
  if (kept?.property) {
    const { span, value: old, form } = kept.property;
    kept.text =
      form === 'shorthand' ? written : text.slice(span.start, old.start) + value + text.slice(old.end, span.end);
  }
  const gone = (segment: Segment): boolean => {
    const name = segment.property?.key ?? null;
    return segment !== kept && name !== null && (name === key || drop.includes(name));
  };
  const rest = removeSegments(segments, gone, tail);
  if (kept === null) {
    rest.segments.push({ property: null, lead: newLead(text, object, tail), text: written, gap: '', trail: '' });
  }
  return print(rest.segments, trailingComma, rest.tail);
}

/**
 * The text of an object literal in which the property `key` is gone, with its comma and its comments.
 *
 * @returns null where it has no such property, or where it is a method
 */
export function withoutProperty(text: string, object: ObjectSite, key: string): string | null {
  if (object.properties.length === 0) return null;
  const { segments, trailingComma, tail } = parse(text, object);
  const gone = ({ property }: Segment): boolean => property?.key === key && property.form !== 'method';
  const rest = removeSegments(segments, gone, tail);
  if (rest.segments.length === segments.length) return null;
  return print(rest.segments, trailingComma && rest.segments.length > 0, rest.tail);
}

function print(segments: readonly Segment[], trailingComma: boolean, tail: string): string {
  let text = '{';
  let trail = '';
  segments.forEach((segment, i) => {
    const comma = i < segments.length - 1 || trailingComma ? ',' : '';
    text += afterTrail(trail, segment.lead) + segment.text + segment.gap + comma + segment.trail;
    trail = segment.trail;
  });
  return `${text}${afterTrail(trail, tail)}}`;
}

/** What follows a trail: on a new line where the trail ends in a line comment. */
function afterTrail(trail: string, next: string): string {
  return endsInLineComment(trail) && !NEW_LINE.test(next) ? `\n${next}` : next;
}

function withFirstProperty(text: string, object: ObjectSite, written: string): string {
  const inner = text.slice(object.span.start + 1, object.span.end - 1);
  if (inner.trim() === '') return `{ ${written} }`;
  if (!/[\r\n]/.test(inner)) return `{${inner.trimEnd()} ${written} }`;
  const newline = lineEnding(inner);
  const outer = indentation(text, object.span.end - 1);
  return `{${inner.trimEnd()}${newline}${deeper(outer)}${written}${newline}${outer}}`;
}

/** Where a new last property goes: on a line of its own where the closing brace has one too. */
function newLead(text: string, object: ObjectSite, tail: string): string {
  if (findOutsideComments(tail, '\r\n') < 0) return ' ';
  const last = object.properties.at(-1)!.span.start;
  const ownLine = lineStart(text, last) > object.span.start;
  return lineEnding(tail) + (ownLine ? indentation(text, last) : deeper(indentation(text, object.span.end - 1)));
}

function deeper(indent: string): string {
  return indent.includes('\t') ? `${indent}\t` : `${indent}  `;
}

function removeSegments(
  segments: readonly Segment[],
  gone: (segment: Segment) => boolean,
  tail: string,
): { segments: Segment[]; tail: string } {
  const kept: Segment[] = [];
  let left: string | null = null;
  for (const segment of segments) {
    if (gone(segment)) {
      const lead = leftBehind(segment.lead);
      left = left === null ? lead : join(left, lead, kept.length === 0);
      continue;
    }
    if (left !== null) segment.lead = join(left, segment.lead, kept.length === 0);
    left = null;
    kept.push(segment);
  }
  if (left === null || left.trim() === '') return { segments: kept, tail };
  return { segments: kept, tail: join(left, tail, false) };
}

/** What a removed property leaves: comments above go with it only when they speak of the bias, for others may be headings. */
function leftBehind(lead: string): string {
  return lead.trim() !== '' && /bias/i.test(lead) ? (/(\r?\n)?[ \t]*$/.exec(lead)?.[0] ?? ' ') : lead;
}

/** Joins what stood before a removed property to what stands before the next, so that no line comment swallows code. */
function join(left: string, lead: string, first: boolean): string {
  if (!NEW_LINE.test(lead)) return left + lead.trimStart();
  if (left.trim() !== '') return left.trimEnd() + lead;
  return first && !/[\r\n]/.test(left) ? left + lead.trimStart() : lead;
}

function parse(text: string, object: ObjectSite): Parsed {
  const { properties } = object;
  const segments: Segment[] = [];
  let lead = text.slice(object.span.start + 1, properties[0]!.span.start);
  let trailingComma = false;
  properties.forEach((property, i) => {
    const next = properties[i + 1];
    const between = text.slice(property.span.end, next?.span.start ?? object.span.end - 1);
    const comma = findOutsideComments(between, ',');
    if (next === undefined) trailingComma = comma >= 0;
    const gap = comma < 0 ? '' : between.slice(0, comma);
    const behind = between.slice(comma + 1);
    const cut = trailEnd(behind, next === undefined);
    segments.push({ property, lead, text: slice(text, property.span), gap, trail: behind.slice(0, cut) });
    lead = behind.slice(cut);
  });
  return { segments, trailingComma, tail: lead };
}

/** The end of the comments on the same line; between two properties on one line a comment speaks of the second. */
function trailEnd(behind: string, last: boolean): number {
  const newline = findOutsideComments(behind, '\r\n');
  if (newline < 0 && !last) return 0;
  const line = newline < 0 ? behind : behind.slice(0, newline);
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    const stop = skipComment(line, at);
    if (stop > at) {
      end = stop;
      at = stop - 1;
    }
  }
  return end;
}
