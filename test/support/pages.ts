/** A fenced code block of a rule's page. */
export interface Block {
  readonly heading: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly file: string;
  /** Blocks with file names that follow one another are one workspace. */
  readonly named: boolean;
  /** What the block before it becomes by the first fix of its findings. */
  readonly fixed: boolean;
  readonly text: string;
}

/** A finding that a page expects: `^ rule` or `^ rule: condition` in a comment, under the place where it starts. */
export interface Marker {
  readonly offset: number;
  readonly rule: string;
  readonly condition: string | null;
}

const FENCE = /^```(js|jsx|ts|tsx|html)((?: +\S+)*) *\n([\s\S]*?)^```$/gm;
const MARKER = /^([ \t]*(?:\/\/|<!--)[ \t]*)\^ ([\w-]+)(?:: (.*?))?(?: *-->)?$/;

export function codeBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  for (const match of page.matchAll(FENCE)) {
    const [, language, info, text] = match as unknown as [string, string, string, string];
    const before = page.slice(0, match.index);
    const headings = [...before.matchAll(/^## (.*)$/gm)];
    const name = /file=(\S+)/.exec(info)?.[1];
    blocks.push({
      heading: headings.at(-1)?.[1] ?? '',
      line: before.split('\n').length,
      file: `/page/${name ?? `example.${language}`}`,
      named: name !== undefined,
      fixed: /(^| )fixed( |$)/.test(info),
      text,
    });
  }
  return blocks;
}

/** The markers of a block; offsets are those of the text with its markers in it, which are comments of the language. */
export function markers(text: string): Marker[] {
  const found: Marker[] = [];
  let target = 0;
  let start = 0;
  for (const line of text.split('\n')) {
    const marker = MARKER.exec(line);
    if (marker === null) target = start;
    else found.push({ offset: target + marker[1]!.length, rule: marker[2]!, condition: marker[3] ?? null });
    start += line.length + 1;
  }
  return found;
}

export function withoutMarkers(text: string): string {
  const lines = text.split('\n').filter((line) => !MARKER.test(line));
  return lines.join('\n');
}

/** The `##` headings of a page, in order. */
export function headings(page: string): string[] {
  return [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^## (.*)$/gm)].map(([, title]) => title!);
}
