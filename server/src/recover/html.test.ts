import assert from 'node:assert/strict';
import { scriptText } from './html';

/** The scripts alone: every line trimmed, the empty ones left out, end marks removed. */
function scripts(html: string): string[] {
  const text = scriptText(html);
  assert.equal(text.length, html.length);
  return text
    .split('\n')
    .map((line) => line.replace(/^;?\s*/, '').trim())
    .filter((line) => line !== '');
}

describe('scriptText', () => {
  it('keeps each inline script at its own offsets', () => {
    const html =
      '<!doctype html>\n<p>café</p>\n<script>\nconst a = 1;\n</script>\n<script type="module">b()</script>\n';
    const text = scriptText(html);
    assert.deepEqual(scripts(html), ['const a = 1;', 'b()']);
    assert.equal(text.indexOf('const a'), html.indexOf('const a'));
    assert.equal(text.indexOf('b()'), html.indexOf('b()'));
  });

  it('keeps line ends where they were, CR LF too', () => {
    const html = '<head>\r\n<script>\r\nf();\r\n</script>\r\n</head>\r\n';
    const text = scriptText(html);
    assert.equal(text.indexOf('f();'), html.indexOf('f();'));
    for (let at = html.indexOf('\r'); at >= 0; at = html.indexOf('\r', at + 1)) assert.equal(text[at], '\r');
  });

  it('separates scripts on one line, also after a comment', () => {
    assert.deepEqual(scripts('<script>a() // first</script><script>b()</script>'), ['a() // first', 'b()']);
  });

  for (const [what, html] of [
    ['JSON', '<script type="application/json">{"a": 1}</script>'],
    ['a shader', '<script type="x-shader/x-fragment">void main() {}</script>'],
    ['a template', '<script type="text/template"><b>a()</b></script>'],
    ['a script from elsewhere', '<script src="tf.js">a()</script>'],
    ['a comment', '<!-- <script>a()</script> -->'],
    ['text that looks like a script', '<textarea><script>a()</script></textarea>'],
    ['an attribute', '<p title="<script>a()</script>">x</p>'],
  ] as const) {
    it(`blanks ${what}`, () => assert.deepEqual(scripts(html), []));
  }

  for (const type of ['text/javascript', 'application/javascript', 'Text/JavaScript ', 'module', 'text/babel', '']) {
    it(`takes the type "${type}" for a script`, () => {
      assert.deepEqual(scripts(`<script type="${type}">a()</script>`), ['a()']);
    });
  }

  it('takes what is not yet closed, and `<` in a script', () => {
    assert.deepEqual(scripts('<body><script>\nif (a < b) c("<p>");\n'), ['if (a < b) c("<p>");']);
  });

  it('blanks the guards of old pages', () => {
    assert.deepEqual(scripts('<script>\n<!-- hide\na();\n// -->\n</script>'), ['a();', '// -->']);
    assert.deepEqual(scripts('<script>\n<!--\na();\n-->\n</script>'), ['a();']);
  });

  it('makes a function of an event handler, at its own offsets', () => {
    const html = `<p id="x" onclick="{\n  a('<b>');\n}" onblur='b()'>c</p>\n<script>d()</script>`;
    const text = scriptText(html);
    assert.equal(text.length, html.length);
    for (const code of ["a('<b>')", 'b()', 'd()']) assert.equal(text.indexOf(code), html.indexOf(code), code);
    assert.deepEqual(text.replace(/\s+/g, ''), ";()=>{{a('<b>');}};()=>{b()}d();");
  });

  it('leaves out handlers whose text is not their code', () => {
    assert.deepEqual(scripts('<p onclick="a(&quot;b&quot;)" onblur="" title="x" once=b>y</p>'), []);
  });
});
