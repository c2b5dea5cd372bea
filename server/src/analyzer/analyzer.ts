import type { Silence, World } from '../graph';
import { placeKey } from '../graph';
import { diagnose, type Diagnosis } from '../rules';
import { describeLayer } from './describe';
import { outlineOf } from './outline';
import type { Outline } from './outline-rows';
import { outlineText } from './outline-text';
import { Pauses } from './pauses';
import { Project } from './project';
import { emptyReport, fileOfFindingId, findingId, makeReport } from './report';
import { comingTo, undecided, unjudged, unreached } from './silences';
import { Runs, type RecovererLike, type Run } from './runs';
import { Sources } from './sources';
import { trainerOf } from './trained-elsewhere';
import type { AnalyzerOptions, FileReport, FileSystem, LayerDescription, LongRequest, Problem } from './types';
import type * as RecoverFolder from '../recover';
import type { SourceHost } from '../recover';

type Diagnoses = ReadonlyMap<string, readonly Diagnosis[]>;

/** The parts behind the facade; a test of the facade gives its own. */
export interface AnalyzerParts {
  /** By default `recover/`, loaded when a file needs it. */
  readonly recoverer?: (host: SourceHost) => RecovererLike;
  readonly diagnose?: (worlds: readonly World[]) => readonly Diagnosis[];
}

/**
 * The facade that the terminal and the language server share: a workspace of documents in, findings out. Every answer
 * is about the state of the sources at the time of the question. Nothing here throws for what a source file holds.
 *
 * A file's findings come from the worlds of every root that reaches it and, where it has gradient steps, of those that
 * share what the steps run. `setFiles` therefore makes them more exact: a file whose workspace is not known yet is
 * judged by itself and what it imports.
 */
export class Analyzer {
  private readonly sources: Sources;
  private readonly project: Project;
  private readonly runs: Runs;
  private readonly diagnose: (worlds: readonly World[]) => readonly Diagnosis[];
  /** Diagnoses by the runs they were made of; kept only while all of these are current. */
  private readonly diagnoses = new Map<string, { readonly runs: readonly Run[]; readonly byFile: Diagnoses }>();
  private readonly reports = new Map<string, { readonly key: string; readonly report: FileReport }>();

  constructor(
    fileSystem: FileSystem,
    private readonly options: AnalyzerOptions = {},
    parts: AnalyzerParts = {},
  ) {
    this.sources = new Sources(fileSystem);
    this.project = new Project(this.sources);
    this.diagnose = parts.diagnose ?? diagnose;
    const recoverer = parts.recoverer ?? loadRecoverer;
    this.runs = new Runs(
      this.sources,
      this.project,
      () => recoverer(this.sources),
      (run) => this.forget(run),
    );
  }

  /** Gives the text of an open document, which wins over the disk; null when it is closed. */
  setOverlay(path: string, text: string | null): void {
    if (!this.sources.setOverlay(path, text)) return;
    if (text === null) return this.project.release(path);
    this.project.add(path);
    this.project.changed(path);
  }

  /** These files may have changed, appeared or vanished on the disk. */
  invalidate(paths: Iterable<string>): void {
    this.sources.refresh();
    for (const path of paths) {
      if (!this.sources.isFile(path)) this.project.remove(path);
      else this.project.changed(path);
    }
  }

  /** The candidate files of the workspace, in place of those given before; open documents stay candidates. */
  setFiles(paths: Iterable<string>): void {
    this.sources.refresh();
    this.project.setFiles(paths);
  }

  /** The stamp of the text that the last answer was about; another one than the disk's now if it has changed since. */
  version(path: string): string {
    return this.sources.version(path);
  }

  /** The findings and problems of one file. */
  report(path: string): FileReport {
    this.ready(path);
    exhaust(this.project.scan());
    exhaust(this.runs.bring(this.fruitfulRoots(path)));
    exhaust(this.runs.bring(this.rootsSharing([path])));
    return this.reportOf(path);
  }

  /**
   * The reports of every file that has or could have something to report, by path. Gives way to the event loop between
   * files; when cancelled, it ends with what it has.
   */
  async reportAll(request: LongRequest = {}): Promise<readonly FileReport[]> {
    this.sources.refresh();
    const pauses = new Pauses();
    const cancelled = (): boolean => request.cancelled?.() ?? false;
    const scanned = this.project.waiting;
    let done = 0;
    for (const file of this.project.scan()) {
      if (pauses.due) {
        request.progress?.({ done, total: scanned, file });
        await pauses.pause();
        if (cancelled()) return [];
      }
      done++;
    }
    this.runs.prune();
    const wanted = request.files && new Set(request.files);
    const reaching = wanted ? this.project.rootsReaching(wanted) : this.project.roots();
    const roots = reaching.filter((root) => this.project.isFruitful(root));
    const total = scanned + roots.length;
    for (const file of this.runs.bring(roots, cancelled)) {
      request.progress?.({ done: Math.min(done++, total), total, file });
      if (pauses.due) await pauses.pause();
      if (cancelled()) return [];
    }
    for (const _file of this.runs.bring(wanted ? this.rootsSharing(wanted) : [], cancelled)) {
      if (pauses.due) await pauses.pause();
      if (cancelled()) return [];
    }
    const reports: FileReport[] = [];
    for (const file of this.interesting(roots)) {
      if (wanted && !wanted.has(file)) continue;
      if (pauses.due) await pauses.pause();
      if (cancelled()) return reports;
      if (this.sources.isFile(file) || this.project.has(file)) reports.push(this.reportOf(file));
    }
    request.progress?.({ done: total, total, file: '' });
    return reports;
  }

  /** What the call at `offset` creates; null where no layer is created there. */
  describe(path: string, offset: number): LayerDescription | null {
    return describeLayer(this.worldsReaching(path), path, offset);
  }

  /**
   * The recovered models whose code stands in this file; around `offset`, those whose code stands there, or all where
   * there is none.
   */
  outline(path: string, offset: number | null = null): Outline {
    const worlds = this.worldsReaching(path);
    return outlineOf(worlds, this.withUnreached(path, worlds, this.silencesIn(path)), path, offset);
  }

  /** The same as `.layers` text, in which the file is called `name`. */
  outlineText(path: string, offset: number | null = null, name = path): string {
    return outlineText(this.outline(path, offset), name, (file) => this.sources.read(file) ?? '');
  }

  /** What was not analysed in this file, and why, in source order. */
  explain(path: string): readonly Silence[] {
    const worlds = this.worldsReaching(path);
    const silences = [
      ...this.silencesIn(path),
      ...unjudged(worlds, path),
      ...undecided(worlds, path),
      ...this.withheldIn(path),
    ];
    return this.withUnreached(path, worlds, silences);
  }

  /** The diagnosis behind a reported finding; null when there is no such finding in the present sources. */
  diagnosis(id: string): Diagnosis | null {
    const file = fileOfFindingId(id);
    if (file === null) return null;
    this.report(file);
    return this.diagnosesOf(file).find(({ finding }) => findingId(finding) === id) ?? null;
  }

  /** How many of these files (default: all) there are, and how many of them matter; once they have been reported on. */
  statistics(files: Iterable<string> = this.project.paths()): { readonly files: number; readonly relevant: number } {
    const relevant = [...files].map((path) => this.project.screening(path)?.matters ?? false);
    return { files: relevant.length, relevant: relevant.filter(Boolean).length };
  }

  private ready(path: string): void {
    this.sources.refresh();
    this.project.add(path);
    this.runs.prune();
  }

  private fruitfulRoots(path: string): readonly string[] {
    return this.project.rootsReaching([path]).filter((root) => this.project.isFruitful(root));
  }

  /** Roots that may change what a gradient step runs that stands in one of these files. */
  private rootsSharing(paths: Iterable<string>): readonly string[] {
    const files = new Set<string>();
    for (const path of paths)
      for (const { trained } of this.runs.withSitesIn(path)) for (const file of trained) files.add(file);
    return files.size === 0 ? [] : this.project.rootsReaching(files).filter((root) => this.project.isFruitful(root));
  }

  /** The runs that bear on the findings of a file, in the order of their roots' names. */
  private runsOn(path: string): readonly Run[] {
    const runs = new Map(this.runs.withSitesIn(path).map((run) => [run.root, run]));
    if (runs.size > 0) for (const run of this.runs.of(this.rootsSharing([path]))) runs.set(run.root, run);
    return [...runs.values()].sort((a, b) => (a.root < b.root ? -1 : 1));
  }

  /** Worlds of all roots that reach the file, also of those that can have no finding. */
  private worldsReaching(path: string): readonly World[] {
    this.ready(path);
    exhaust(this.project.scan());
    const roots = this.project.rootsReaching([path]);
    exhaust(this.runs.bring(roots));
    return roots.flatMap((root) => this.runs.get(root)?.recovered?.worlds ?? []);
  }

  private silencesIn(path: string): readonly Silence[] {
    const skipped = this.project.screening(path)?.skipped ?? null;
    const found = skipped === null ? [] : [{ place: { file: path, start: 0, end: 0 }, reason: skipped }];
    for (const root of this.project.rootsReaching([path])) {
      for (const silence of this.runs.get(root)?.recovered?.silences ?? [])
        if (silence.place.file === path) found.push(silence);
    }
    return distinct(found);
  }

  /** With the calls that nothing says anything of, where batch norm is about. */
  private withUnreached(path: string, worlds: readonly World[], silences: readonly Silence[]): readonly Silence[] {
    if (!this.project.screening(path)?.matters) return distinct(silences);
    const runs = this.project.rootsReaching([path]).map((root) => this.runs.get(root)?.recovered ?? null);
    const leftOut = runs.flatMap((recovered) => recovered?.leftOut ?? []);
    const mentions = this.runs.get(path)?.recovered?.mentions ?? [];
    return distinct([...silences, ...unreached(mentions, leftOut, worlds, silences)]);
  }

  /** Files that have a problem, matter, are skipped (which can be asked for), or hold a site of some root's worlds. */
  private interesting(roots: readonly string[]): readonly string[] {
    const files = new Set<string>();
    for (const path of this.project.paths()) {
      const screening = this.project.screening(path);
      if (screening && (screening.matters || screening.problem !== null || screening.skipped !== null)) files.add(path);
    }
    for (const root of roots) for (const site of this.runs.get(root)?.sites ?? []) files.add(site);
    return [...files].sort();
  }

  private reportOf(path: string): FileReport {
    const runs = this.runsOn(path);
    const own = this.runs.get(path);
    const all = [...runs, ...this.runsLeavingOut(path)];
    const trainers = this.project.trainers().map(([file]) => this.sources.version(file));
    const key = [this.sources.version(path), own?.id ?? 0, ...all.map((run) => run.id), ...trainers].join(' ');
    const known = this.reports.get(path);
    if (known?.key === key) return known.report;
    const findings = this.diagnosesOf(path).map(({ finding }) => finding);
    const problems = this.problemsOf(path, own);
    const quiet = findings.length === 0 && problems.length === 0 && !this.project.screening(path)?.matters;
    const report = quiet
      ? emptyReport(path)
      : makeReport({
          file: path,
          text: this.sources.read(path),
          findings,
          problems,
          rules: this.options.rules,
          read: (file) => this.sources.read(file),
        });
    this.reports.set(path, { key, report });
    return report;
  }

  private problemsOf(file: string, run: Run | undefined): readonly Problem[] {
    const problems: Problem[] = [];
    const problem = this.project.screening(file)?.problem ?? null;
    if (problem !== null) problems.push({ file, message: `Not analysed: ${problem}.`, place: null });
    for (const error of run?.recovered?.syntaxErrors ?? [])
      problems.push({ file, message: `Syntax error: ${error.message}`, place: error.place });
    if (run?.failure)
      problems.push({ file, message: `Not analysed, by a fault of LayerLint: ${run.failure}`, place: null });
    return problems;
  }

  private diagnosesOf(path: string): readonly Diagnosis[] {
    const doubtOf = this.doubtsOn(path);
    return this.madeDiagnoses(path).filter((diagnosis) => doubtOf(diagnosis) === null);
  }

  /** What is not said of a file, because code that is left out may train what is made there on stored statistics. */
  private withheldIn(path: string): readonly Silence[] {
    const doubtOf = this.doubtsOn(path);
    return this.madeDiagnoses(path).flatMap((diagnosis) => {
      const doubt = doubtOf(diagnosis);
      const reason = `what the bias does is not known: ${doubt}`;
      return doubt === null ? [] : [{ place: diagnosis.finding.place, reason }];
    });
  }

  /** Why a redundant bias may be trained on stored statistics by code that is not followed; null where it may not. */
  private doubtsOn(path: string): (diagnosis: Diagnosis) => string | null {
    const leftOut = this.runsLeavingOut(path).flatMap(({ recovered }) => recovered?.leftOut ?? []);
    const runs = this.runsOn(path);
    const trainers = this.project.trainers();
    return ({ finding }) => {
      if (finding.rule !== 'redundant-bias') return null;
      const left = comingTo(finding.place, leftOut);
      if (left) return `${left.name}, which comes here too, is left out: ${left.reason}`;
      const trainer = trainerOf(finding.place, runs, trainers);
      if (!trainer) return null;
      const file = trainer.file.slice(trainer.file.lastIndexOf('/') + 1);
      return `${file} takes gradient steps and calls a method \`${trainer.method}\`, which runs the model by \`predict\` here`;
    };
  }

  private runsLeavingOut(path: string): readonly Run[] {
    return this.runs.of(this.fruitfulRoots(path)).filter(({ recovered }) => (recovered?.leftOut ?? []).length > 0);
  }

  private madeDiagnoses(path: string): readonly Diagnosis[] {
    const runs = this.runsOn(path);
    if (runs.length === 0) return [];
    const key = runs.map((run) => run.id).join(' ');
    const known = this.diagnoses.get(key);
    if (known) return known.byFile.get(path) ?? [];
    const byFile = new Map<string, Diagnosis[]>();
    for (const diagnosis of this.diagnose(runs.flatMap((run) => run.recovered?.worlds ?? []))) {
      const { file } = diagnosis.finding.place;
      const group = byFile.get(file);
      if (group) group.push(diagnosis);
      else byFile.set(file, [diagnosis]);
    }
    this.diagnoses.set(key, { runs, byFile });
    return byFile.get(path) ?? [];
  }

  private forget(run: Run): void {
    for (const [key, { runs }] of this.diagnoses) if (runs.includes(run)) this.diagnoses.delete(key);
  }
}

/** Each silence once, in source order. */
function distinct(silences: readonly Silence[]): readonly Silence[] {
  const unique = new Map(silences.map((silence) => [`${placeKey(silence.place)} ${silence.reason}`, silence]));
  return [...unique.values()].sort((a, b) => a.place.start - b.place.start);
}

function exhaust(steps: Iterable<unknown>): void {
  for (const _step of steps);
}

/** The compiler takes 70 to 185 ms to load, so it is loaded when the first file needs it. */
function loadRecoverer(host: SourceHost): RecovererLike {
  const { Recoverer } = require('../recover') as typeof RecoverFolder;
  return new Recoverer(host);
}
