import type { FileReport, Reported } from '../../server/src/analyzer';
import type { CheckOptions, CheckResult } from '../../server/src/check';
import type { CallSite, Span } from '../../server/src/graph';
import { GraphBuilder } from '../../server/src/graph';
import type { AnalyzerPort, Services } from '../../server/src/lsp/services';
import type { Diagnosis } from '../../server/src/rules';

/**
 * A tiny analysis in place of the real one, so that a test of the protocol depends on nothing else: every `BIAS(...)` in
 * a text is a redundant bias, `dead` inside is dead config, a `FROM:name` names a related file, and the fix empties
 * the parentheses.
 */
export class FakeServices implements Services {
  /** Files on the disk. */
  readonly disk = new Map<string, string>();
  readonly overlays = new Map<string, string>();
  readonly invalidated: string[] = [];
  listed: { folder: string; exclude: readonly string[] }[] = [];
  checks: { diagnosis: Diagnosis; options: CheckOptions }[] = [];
  files: readonly string[] = [];
  /** Throws instead of reporting where the text holds this. */
  poison = 'POISON';
  /** What a check ends with. */
  result: (options: CheckOptions) => Promise<CheckResult> = () => Promise.resolve(confirmed);

  readonly fileSystem = {
    read: (path: string) => {
      const text = this.disk.get(path);
      if (text === undefined) throw new Error('there is no such file');
      return { bytes: new TextEncoder().encode(text), stamp: text };
    },
    stamp: (path: string) => this.disk.get(path) ?? null,
  };

  readonly analyzer: AnalyzerPort = {
    setOverlay: (path, text) => void (text === null ? this.overlays.delete(path) : this.overlays.set(path, text)),
    invalidate: (paths) => void this.invalidated.push(...paths),
    setFiles: (paths) => void (this.files = [...paths]),
    report: (path) => this.report(path),
    reportAll: async ({ progress, cancelled } = {}) => {
      const reports: FileReport[] = [];
      for (const file of this.files) {
        progress?.({ done: reports.length, total: this.files.length, file });
        await new Promise((resolve) => setImmediate(resolve));
        if (cancelled?.()) break;
        reports.push(this.report(file));
      }
      return reports;
    },
    describe: (path, offset) => {
      const found = this.report(path).findings.find(({ place }) => place.start <= offset && offset < place.end);
      if (!found) return null;
      return {
        place: found.place,
        kind: 'conv2d',
        outputShapes: [[null, 26, 26, 32]],
        parameters: 320,
        biasParameters: 32,
        bias: 'Batch normalisation subtracts its bias.',
      };
    },
    outlineText: (path, offset, name) => `# ${name}\n  offset ${offset} of ${(this.text(path) ?? '').length}\n`,
    diagnosis: (id) => {
      const finding = [...this.disk.keys(), ...this.overlays.keys()]
        .flatMap((path) => this.report(path).findings)
        .find((candidate) => candidate.id === id);
      if (!finding) return null;
      const builder = new GraphBuilder();
      const layer = builder.layer('conv2d');
      return { finding, witness: { rule: 'redundant-bias', graph: builder.finish(), bias: layer } };
    },
  };

  async listFiles(folder: string, exclude: readonly string[]): Promise<readonly string[]> {
    this.listed.push({ folder, exclude });
    return [...this.disk.keys()].filter((path) => path.startsWith(`${folder}/`));
  }

  check(diagnosis: Diagnosis, options: CheckOptions): Promise<CheckResult> {
    this.checks.push({ diagnosis, options });
    return this.result(options);
  }

  checkReport(_diagnosis: Diagnosis, at: string, { verdict }: CheckResult): string {
    return `# ${at} ${verdict}\n`;
  }

  private text(path: string): string | undefined {
    return this.overlays.get(path) ?? this.disk.get(path);
  }

  private report(file: string): FileReport {
    const text = this.text(file) ?? '';
    if (text.includes(this.poison)) throw new Error('poisoned');
    const findings = [...text.matchAll(/BIAS\(([^)]*)\)/g)].map((match) => finding(file, match));
    return { file, findings, problems: [], resultId: String(findings.length) };
  }
}

function finding(file: string, match: RegExpExecArray): Reported {
  const start = match.index;
  const end = start + match[0].length;
  const inside: Span = { start: start + 'BIAS('.length, end: end - 1 };
  const argument = match[1] ?? '';
  const dead = argument.indexOf('dead');
  const other = /FROM:([\w./]+)/.exec(argument)?.[1];
  const site: CallSite = {
    file,
    call: { start, end },
    callee: { start, end },
    name: { start, end },
    close: end - 1,
    args: [],
  };
  const remedy = { type: 'set-config' as const, site, key: 'useBias', value: 'false', drop: [] };
  const title = 'Empty the parentheses';
  const disable = {
    title: 'Disable redundant-bias for this line',
    kind: 'suggestion' as const,
    remedy: { type: 'disable-line' as const, place: { file, start, end }, rule: 'redundant-bias' as const },
  };
  const fix = argument === '' ? null : { title, kind: 'quickfix' as const, edits: [{ file, ...inside, text: '' }] };
  return {
    id: `redundant-bias ${file} ${start} ${end}`,
    rule: 'redundant-bias',
    severity: 'information',
    message: { what: 'What.', why: 'Why.', todo: 'Do.' },
    place: { file, start, end },
    condition: null,
    related: other === undefined ? [] : [{ place: { file: other, start: 0, end: 4 }, message: 'batch normalisation' }],
    unnecessary: dead < 0 ? [] : [{ file, start: inside.start + dead, end: inside.start + dead + 4 }],
    fixes: [...(argument === '' ? [] : [{ title, kind: 'quickfix' as const, remedy }]), disable],
    preferred: fix,
    edits: [
      ...(fix ? [fix] : []),
      { title: disable.title, kind: disable.kind, edits: [{ file, start, end: start, text: '/* off */ ' }] },
    ],
  };
}

export const confirmed: CheckResult = {
  verdict: 'confirmed',
  claims: [{ claim: 'The outputs agree.', figure: 1e-7, tolerance: 1e-5, verdict: 'confirmed', detail: '' }],
  standIns: [],
  reason: null,
  engine: { name: 'tfjs-node', version: '4.22.0' },
  seconds: 0.1,
};
