import assert from 'node:assert/strict';
import { addedBiases, biasFate, GraphIndex, isModel, isUnknown } from '../graph';
import { Recoverer, type Recovered } from './index';

/** Recovers a program given as texts by path; the first one is the root. */
export function recoverText(files: Readonly<Record<string, string>>): Recovered {
  const host = {
    read: (path: string) => files[path],
    version: () => '1',
    isFile: (path: string) => path in files,
  };
  return new Recoverer(host).recover(Object.keys(files)[0]!);
}

/**
 * Recovers a program and compares what it found with the marks in the text:
 *
 * - `// bias redundant` (or `needed`, `unknown`, `none`, or several: `needed redundant`) behind a line: the fates, over
 *   all worlds, of the biases of the layers that the line creates, and of those that ops on the line add;
 * - `// absent`: no layer that is used is created on the line in any world;
 * - `// runs stored` (or `batch`, `unknown`): the mode of the runs inside gradient steps that stand on the line.
 */
export function check(files: string | Readonly<Record<string, string>>): Recovered {
  const texts = typeof files === 'string' ? { '/main.ts': files } : files;
  const recovered = recoverText(texts);
  const fates = new Map<string, Set<string>>();
  const runs = new Map<string, Set<string>>();
  const note = (map: Map<string, Set<string>>, file: string, offset: number, what: string): void => {
    const key = `${file}:${lineOf(texts[file]!, offset)}`;
    map.set(key, (map.get(key) ?? new Set()).add(what));
  };
  for (const { graph } of recovered.worlds) {
    for (const layer of graph.layers) {
      if (layer.site && !GraphIndex.of(graph).isUnused(layer))
        note(fates, layer.site.file, layer.site.call.start, biasFate(graph, layer, { callerMode: 'batch' }).kind);
    }
    for (const added of addedBiases(graph)) {
      const { target } = added.application;
      const site = target.type === 'op' && target.call?.site;
      if (site) note(fates, site.file, site.call.start, biasFate(graph, added, { callerMode: 'batch' }).kind);
    }
    for (const step of graph.steps) {
      for (const run of step.runs) {
        if (isModel(run.target) || run.target.kind === 'batchNormalization')
          note(runs, run.site.file, run.site.call.start, isUnknown(run.mode) ? 'unknown' : run.mode);
      }
    }
  }
  let marks = 0;
  for (const [file, text] of Object.entries(texts)) {
    text.split('\n').forEach((line, index) => {
      const mark = /\/\/ (bias|runs|absent)\b ?(.*)$/.exec(line);
      if (!mark) return;
      marks++;
      const found = [...((mark[1] === 'runs' ? runs : fates).get(`${file}:${index + 1}`) ?? [])].sort().join(' ');
      assert.equal(found, mark[2]!.trim().split(' ').sort().join(' '), `${file}:${index + 1}: ${line.trim()}`);
    });
  }
  assert.ok(marks > 0, 'the program has no mark');
  return recovered;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
