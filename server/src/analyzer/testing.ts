import { GraphBuilder, type CallSite, type Span } from '../graph';
import type { Diagnosis } from '../rules';
import type { Recovered, RecoverOptions, SourceHost } from '../recover';
import type { World } from '../graph';
import type { RecovererLike } from './runs';
import type { FileContent, FileSystem } from './types';

/** A file system in memory that counts what is asked of it. */
export class MemoryFileSystem implements FileSystem {
  readonly reads: string[] = [];
  private readonly files = new Map<string, { content: Uint8Array; stamp: string }>();
  private changes = 0;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.files.set(path, { content: bytes, stamp: `${++this.changes}` });
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  read(path: string): FileContent {
    this.reads.push(path);
    const file = this.files.get(path);
    if (!file) throw new Error('there is no such file');
    return { bytes: file.content, stamp: file.stamp };
  }

  stamp(path: string): string | null {
    return this.files.get(path)?.stamp ?? null;
  }
}

/**
 * A recoverer of a toy language, which shows what the analyzer does around a recoverer. Lines:
 *
 *     from './other'        an import; the functions of the other file, and of those it imports, can be called
 *     layer                 creates a layer here
 *     function name         creates a layer where the function is run: by a call, or as an entry point if none calls it
 *     call name             calls the function of that name in an imported file
 *     fail                  breaks the recovery off
 *     error                 is a syntax error
 *     unknown               is not analysed
 */
export class ToyRecoverer implements RecovererLike {
  readonly runs: { readonly root: string; readonly called: readonly string[] }[] = [];

  constructor(private readonly host: SourceHost) {}

  recover(root: string, options: RecoverOptions = {}): Recovered {
    this.runs.push({ root, called: [...(options.called ?? [])] });
    const builder = new GraphBuilder();
    const dependencies = new Set([root]);
    const calledElsewhere: string[] = [];
    const syntaxErrors: Recovered['syntaxErrors'][number][] = [];
    const silences: Recovered['silences'][number][] = [];
    for (const { words, span } of linesOf(this.host.read(root) ?? '')) {
      const [verb, name] = words;
      if (verb === 'from') this.follow(this.resolve(root, name!), dependencies);
      if (verb === 'layer') builder.layer('dense', undefined, { site: siteAt(root, span) });
      if (verb === 'function' && !options.called?.has(`${root}:${span.start}`))
        builder.layer('dense', undefined, { site: siteAt(root, span) });
      if (verb === 'call') {
        for (const file of dependencies) {
          for (const line of linesOf(this.host.read(file) ?? '')) {
            if (line.words[0] !== 'function' || line.words[1] !== name) continue;
            calledElsewhere.push(`${file}:${line.span.start}`);
            builder.layer('conv2d', undefined, { site: siteAt(file, line.span) });
          }
        }
      }
      if (verb === 'fail') throw new Error('a planted failure');
      if (verb === 'error') syntaxErrors.push({ place: { file: root, ...span }, message: 'a planted error' });
      if (verb === 'unknown') silences.push({ place: { file: root, ...span }, reason: 'a planted silence' });
    }
    const worlds = [{ graph: builder.finish(), root, decisions: [], outcomes: [] }];
    return {
      file: root,
      worlds,
      silences,
      dependencies: [...dependencies],
      calledElsewhere,
      mentions: [],
      predicting: [],
      leftOut: [],
      reopened: [],
      syntaxErrors,
    };
  }

  private follow(file: string, dependencies: Set<string>): void {
    if (dependencies.has(file)) return;
    dependencies.add(file);
    for (const { words } of linesOf(this.host.read(file) ?? ''))
      if (words[0] === 'from') this.follow(this.resolve(file, words[1]!), dependencies);
  }

  private resolve(from: string, specifier: string): string {
    return from.replace(/[^/]*$/, specifier.replace(/^'\.\/(.*)'$/, '$1.js'));
  }
}

/** One diagnosis a site, whose message names the kinds of all layers made there. */
export function toyDiagnose(worlds: readonly World[]): readonly Diagnosis[] {
  const found = new Map<string, { kinds: string[]; diagnosis: Diagnosis }>();
  for (const { graph } of worlds) {
    for (const layer of graph.layers) {
      const { file, call } = layer.site!;
      const key = `${file}:${call.start}`;
      const kinds = [...(found.get(key)?.kinds ?? []), layer.kind];
      found.set(key, {
        kinds,
        diagnosis: {
          finding: {
            rule: 'redundant-bias',
            severity: 'information',
            message: { what: kinds.sort().join(' '), why: '', todo: '' },
            place: { file, ...call },
            condition: null,
            related: [],
            unnecessary: [],
            fixes: [],
          },
          witness: { rule: 'redundant-bias', graph, bias: layer },
        },
      });
    }
  }
  return [...found.values()].map(({ diagnosis }) => diagnosis);
}

function linesOf(text: string): readonly { readonly words: readonly string[]; readonly span: Span }[] {
  return [...text.matchAll(/[^\n]+/g)].map((match) => ({
    words: match[0].trim().split(' '),
    span: { start: match.index, end: match.index + match[0].length },
  }));
}

function siteAt(file: string, call: Span): CallSite {
  return { file, call, callee: call, name: call, close: call.end, args: [] };
}
