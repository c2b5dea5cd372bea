import { parse, type DefaultTreeAdapterTypes } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Types that a browser runs as a classic script (WHATWG MIME Sniffing, JavaScript MIME types), and Babel's own. */
const SCRIPT_TYPE =
  /^(module|(text|application)\/(x-)?(java|ecma)script|text\/(javascript1\.[0-5]|jscript|livescript|babel|jsx))$/;

/**
 * The text of a page's inline scripts and event handlers at their own offsets: a text of the same length as `html` in
 * which everything else is blanked by spaces, line ends kept. Of a script's end tag, two characters become a line end
 * and a semicolon, so that two scripts on one line stay two statements. A handler (`onclick="..."`) becomes a function
 * that nothing calls; one with character references is left out, because its code is not its text. Scripts with a `src`
 * and scripts of another type (JSON, templates, shaders) are blanked too.
 */
export function scriptText(html: string): string {
  const parts: string[] = [];
  let end = 0;
  const put = (from: number, code: string, to: number): void => {
    if (from < end) return;
    parts.push(blank(html.slice(end, from)), code);
    end = to;
  };
  for (const element of elements(parse(html, { sourceCodeLocationInfo: true }))) {
    const location = element.sourceCodeLocation;
    if (!location) continue;
    for (const [name, { startOffset, endOffset }] of Object.entries(location.attrs ?? {})) {
      const code = name.startsWith('on') ? handler(html.slice(startOffset, endOffset)) : null;
      if (code !== null) put(startOffset, code, endOffset);
    }
    if (element.tagName !== 'script' || !location.startTag || !runsInline(element)) continue;
    const from = location.startTag.endOffset;
    // A script that is not closed goes on to the end of the page.
    const to = location.endTag?.startOffset ?? html.length;
    const script = withoutGuards(html.slice(from, to));
    if (location.endTag) put(from, `${script}\n;`, to + 2);
    else put(from, script, to);
  }
  parts.push(blank(html.slice(end)));
  return parts.join('');
}

/** An attribute `onclick="code"` as a function of the same length, `;()=>{     code}`; null where it is no code. */
function handler(attribute: string): string | null {
  const [, before, code] = /^(on[a-z]+\s*=\s*)["']([^&]*)["']$/s.exec(attribute) ?? [];
  if (before === undefined || code === undefined || code.trim() === '') return null;
  const open = ';()=>{';
  return open.length > before.length + 1 ? null : `${open}${blank(before.slice(open.length - 1))}${code}}`;
}

function* elements(node: Node): Generator<Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if ('tagName' in child) yield child;
    if ('tagName' in child && child.tagName === 'script') continue;
    yield* elements(child);
  }
}

function runsInline(element: Element): boolean {
  const attributes = new Map(element.attrs.map(({ name, value }) => [name, value]));
  if (attributes.has('src')) return false;
  const language = attributes.get('language');
  const type = attributes.get('type') ?? (language ? `text/${language}` : '');
  return type === '' || SCRIPT_TYPE.test(type.trim().toLowerCase());
}

/** Blanks the `<!--` and `-->` lines with which old pages hide a script: no syntax of modules or of the compiler. */
function withoutGuards(script: string): string {
  return script.replace(/^\s*<!--.*|^[^\S\n]*-->.*(?=\s*$)/gm, (guard, offset: number) =>
    guard.includes('-->') || script.slice(0, offset).trim() === '' ? blank(guard) : guard,
  );
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
