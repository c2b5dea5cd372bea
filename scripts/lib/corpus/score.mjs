// Findings of the tool against labels: what was found, what was missed, what is wrong. Pure.

/** The rule that a verdict is about, and whether it expects a finding of that rule on the label's line. */
export const VERDICTS = {
  redundant: { rule: 'redundant-bias', expected: true },
  conditional: { rule: 'redundant-bias', expected: true },
  muted: { rule: 'redundant-bias', expected: false },
  'not-redundant': { rule: 'redundant-bias', expected: false },
  'no-bias': { rule: 'redundant-bias', expected: false },
  crash: { rule: 'redundant-bias', expected: false },
  'look-alike': { rule: 'redundant-bias', expected: false },
  'updates-not-run': { rule: 'updates-not-run', expected: true },
  'updates-run': { rule: 'updates-not-run', expected: false },
};

/** The rules in the order in which they are printed. */
export const RULES = [...new Set(Object.values(VERDICTS).map(({ rule }) => rule))];

/**
 * @typedef {{file: string, line?: number, batchNorm?: number[], rule: string, verdict: string, reason: string}} Label
 * @typedef {{rule: string, file: string, line: number, condition: string | null, message: string}} Finding
 * @typedef {{hits: {label: Label, finding: Finding}[], missed: {label: Label, finding: Finding | null}[],
 *   falseAlarms: {label: Label, finding: Finding}[], silent: Label[], unlabelled: Finding[]}} Score `missed` has the
 *   finding that stands on the line where it has the wrong condition; `silent` are the labels that rightly have none
 */

/**
 * Scores the findings of one repository. A conditional finding on a bias that is always redundant, or the reverse, is
 * both a false alarm and a miss. A finding on a line without a label counts for nothing: it has to be labelled first.
 *
 * @param {readonly Label[]} labels
 * @param {readonly Finding[]} findings
 * @returns {Score}
 */
export function score(labels, findings) {
  const result = { hits: [], missed: [], falseAlarms: [], silent: [], unlabelled: [] };
  const claimed = new Set();
  for (const label of labels) {
    const standing = findings.filter((finding) => concerns(label, finding));
    for (const finding of standing) claimed.add(finding);
    if (!VERDICTS[label.verdict].expected) {
      for (const finding of standing) result.falseAlarms.push({ label, finding });
      if (standing.length === 0) result.silent.push(label);
      continue;
    }
    const right = standing.find((finding) => agrees(label, finding));
    const wrong = standing.find((finding) => !agrees(label, finding)) ?? null;
    if (right) result.hits.push({ label, finding: right });
    else result.missed.push({ label, finding: wrong });
    if (wrong) result.falseAlarms.push({ label, finding: wrong });
  }
  result.unlabelled = findings.filter((finding) => !claimed.has(finding));
  return result;
}

/** A label without a line is about its whole file (a bundle), unless it is about a batch norm that nothing feeds. */
function concerns(label, finding) {
  if (label.rule !== finding.rule || label.file !== finding.file) return false;
  return label.line === undefined ? label.batchNorm === undefined : label.line === finding.line;
}

function agrees({ verdict }, { condition }) {
  return verdict === 'updates-not-run' || (verdict === 'conditional') === (condition !== null);
}

/**
 * The figures of one rule over several repositories. A ratio without a denominator is null.
 *
 * @param {readonly Score[]} scores
 * @param {string} rule
 */
export function figures(scores, rule) {
  const of = (part, ruleOf) => scores.flatMap((one) => one[part]).filter((item) => ruleOf(item) === rule).length;
  const labelled = ({ label }) => label.rule;
  const hits = of('hits', labelled);
  const missed = of('missed', labelled);
  const falseAlarms = of('falseAlarms', labelled);
  const silent = of('silent', (label) => label.rule);
  const unlabelled = of('unlabelled', (finding) => finding.rule);
  return {
    hits,
    missed,
    falseAlarms,
    silent,
    unlabelled,
    precision: ratio(hits, hits + falseAlarms),
    recall: ratio(hits, hits + missed),
  };
}

function ratio(part, whole) {
  return whole === 0 ? null : part / whole;
}

/**
 * The labelled batch norms that stand in none of the recovered models, with the reasons that the tool gives for its
 * silence: those of that file, the nearest first, or else those of the files around, of which one may reach it.
 *
 * @typedef {{known: number, unknown: {file: string, line: number, reasons: string[]}[]}} Recovery
 * @param {readonly Label[]} labels
 * @param {ReadonlyMap<string, object>} outlines what `layerlint model --format json` prints, by file
 * @param {readonly {file: string, line: number, reason: string}[]} silences
 * @returns {Recovery}
 */
export function recovery(labels, outlines, silences) {
  const wanted = new Map();
  for (const { file, batchNorm = [] } of labels)
    for (const line of batchNorm) wanted.set(`${file}:${line}`, { file, line });
  const unknown = [...wanted.values()].filter(
    ({ file, line }) => !batchNormLines(outlines.get(file) ?? NOTHING).has(line),
  );
  return {
    known: wanted.size - unknown.length,
    unknown: unknown.map((place) => ({ ...place, reasons: reasonsFor(place, silences) })),
  };
}

const NOTHING = { file: '', models: [] };
const MOST_REASONS = 3;

function reasonsFor({ file, line }, silences) {
  const own = silences.filter((silence) => silence.file === file);
  own.sort((a, b) => Math.abs(a.line - line) - Math.abs(b.line - line));
  const around = silences.filter((silence) => folderOf(silence.file) === folderOf(file));
  const reasons =
    own.length > 0
      ? own.map((silence) => `${silence.reason} (line ${silence.line})`)
      : around.map((silence) => `perhaps ${silence.file}:${silence.line}, ${silence.reason}`);
  return [...new Set(reasons)].slice(0, MOST_REASONS);
}

function folderOf(file) {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

/** The lines of the outlined file itself on which a batch norm is made. */
function batchNormLines({ file, models }) {
  const rows = models.flatMap(rowsIn).filter((row) => row.file === file && /^batchNorm/.test(row.kind ?? row.name));
  return new Set(rows.map(({ start }) => start.line));
}

/** A row of an outline with those in it: members of a model, functions of a chain. */
function rowsIn(row) {
  return [row, ...(row.members ?? []).flatMap(rowsIn), ...(row.ops ?? [])];
}
