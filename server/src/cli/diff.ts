const CONTEXT = 3;

interface Line {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * A unified diff that `patch -p1` and `git apply` take, computed by Myers' algorithm over whole lines; empty where
 * the texts are equal. (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1, 1986.)
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compare(splitLines(before), splitLines(after));
  const out = [`--- a/${name}`, `+++ b/${name}`];
  for (const [from, to] of hunks(lines)) {
    const count = (kind: '-' | '+', start: number, end: number): number =>
      lines.slice(start, end).filter((line) => line.kind === ' ' || line.kind === kind).length;
    const range = (kind: '-' | '+'): string => {
      const length = count(kind, from, to);
      const start = count(kind, 0, from) + (length > 0 ? 1 : 0);
      return length === 1 ? `${start}` : `${start},${length}`;
    };
    out.push(`@@ -${range('-')} +${range('+')} @@`);
    for (const { kind, text } of lines.slice(from, to)) {
      out.push(kind + (text.endsWith('\n') ? text.slice(0, -1) : `${text}\n\\ No newline at end of file`));
    }
  }
  return `${out.join('\n')}\n`;
}

/** Lines with their line ends, so that CR LF and a missing last line end survive. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function hunks(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  lines.forEach(({ kind }, index) => {
    if (kind === ' ') return;
    const last = ranges.at(-1);
    const end = Math.min(lines.length, index + CONTEXT + 1);
    if (last && index - CONTEXT <= last[1]) last[1] = end;
    else ranges.push([Math.max(0, index - CONTEXT), end]);
  });
  return ranges;
}

function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (text: string): Line => ({ kind: ' ', text });
  return [
    ...a.slice(0, head).map(same),
    ...myers(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function myers(a: readonly string[], b: readonly string[]): readonly Line[] {
  const limit = a.length + b.length;
  const furthest = new Map<number, number>([[1, 0]]);
  const history: Map<number, number>[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    history.push(new Map(furthest));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = goesDown(furthest, diagonal, edits) ? furthest.get(diagonal + 1)! : furthest.get(diagonal - 1)! + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return trace(a, b, history, edits);
    }
  }
  return [];
}

function goesDown(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && furthest.get(diagonal - 1)! < furthest.get(diagonal + 1)!;
}

function trace(
  a: readonly string[],
  b: readonly string[],
  history: readonly ReadonlyMap<number, number>[],
  last: number,
): readonly Line[] {
  const lines: Line[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = last; edits > 0; edits--) {
    const furthest = history[edits]!;
    const down = goesDown(furthest, x - y, edits);
    const afterEdit = down ? furthest.get(x - y + 1)! : furthest.get(x - y - 1)! + 1;
    while (x > afterEdit) {
      lines.push({ kind: ' ', text: a[--x]! });
      y--;
    }
    if (down) lines.push({ kind: '+', text: b[--y]! });
    else lines.push({ kind: '-', text: a[--x]! });
  }
  while (x > 0) {
    lines.push({ kind: ' ', text: a[--x]! });
    y--;
  }
  return lines.reverse();
}
