// The result of a corpus run as text.
import { figures, RULES } from './score.mjs';

const HEAD = ['repository', 'seconds', 'found', 'missed', 'false alarms', 'unlabelled', 'batch norms recovered'];

/**
 * @param {readonly {repository: string, note: string | null, skipped: boolean, seconds?: number,
 *   score?: import('./score.mjs').Score, recovery?: import('./score.mjs').Recovery}[]} results
 */
export function resultText(results) {
  const scored = results.filter(({ skipped }) => !skipped);
  const lines = table([HEAD, ...results.map(row)]).flatMap((line, index) =>
    index === 0 ? [line] : [line, ...details(results[index - 1])],
  );
  lines.push('');
  const scores = scored.map(({ score }) => score);
  for (const rule of RULES) {
    const { hits, missed, falseAlarms, silent, unlabelled, precision, recall } = figures(scores, rule);
    lines.push(
      `${rule}: precision ${percent(precision)}, recall ${percent(recall)} (${hits} found, ${missed} missed, ` +
        `${falseAlarms} false alarms, ${silent} rightly silent, ${unlabelled} unlabelled)`,
    );
  }
  lines.push(...recoveryLines(scored));
  return `${lines.join('\n')}\n`;
}

function row({ repository, note, skipped, seconds, score, recovery }) {
  if (skipped) return [repository, `not scored: ${note}`];
  const counts = [score.hits, score.missed, score.falseAlarms, score.unlabelled].map(({ length }) => String(length));
  const recovered = `${recovery.known} of ${recovery.known + recovery.unknown.length}`;
  return [repository, seconds.toFixed(1), ...counts, recovered, ...(note === null ? [] : [`(${note})`])];
}

function table(rows) {
  // A row of two cells has a sentence in the second.
  const full = rows.filter(({ length }) => length > 2);
  const widths = HEAD.map((_, column) =>
    Math.max(...(column === 0 ? rows : full).map((cells) => cells[column].length)),
  );
  return rows.map(([name, ...cells]) =>
    [name.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0))].join('  '),
  );
}

function details({ skipped, score }) {
  if (skipped) return [];
  const lines = [];
  for (const { label, finding } of score.missed) {
    const instead = finding ? `; found with the condition ${finding.condition ?? 'none'}` : '';
    lines.push(`missed ${label.verdict} at ${place(label)}${instead}: ${label.reason}`);
  }
  for (const { label, finding } of score.falseAlarms)
    lines.push(`false alarm of ${finding.rule} at ${place(finding)}: ${label.verdict}, ${label.reason}`);
  for (const finding of score.unlabelled)
    lines.push(`unlabelled ${finding.rule} at ${place(finding)}: ${finding.message}`);
  return lines.map((line) => `    ${line}`);
}

function recoveryLines(scored) {
  const known = scored.reduce((sum, { recovery }) => sum + recovery.known, 0);
  const unknown = scored.flatMap(({ repository, recovery }) => recovery.unknown.map((one) => ({ repository, ...one })));
  const files = new Map();
  for (const { repository, file, line, reasons } of unknown) {
    const why = reasons.join('; ') || 'no reason is given';
    const key = `${repository} ${file} ${why}`;
    files.set(key, { repository, file, why, lines: [...(files.get(key)?.lines ?? []), line] });
  }
  const lines = [...files.values()].map(
    ({ repository, file, why, lines: at }) => `    ${repository} ${file}:${at.join(',')}: ${why}`,
  );
  return [`batch norms: ${known} of ${known + unknown.length} recovered`, ...lines];
}

function percent(ratio) {
  return ratio === null ? 'not known' : `${(ratio * 100).toFixed(1)} %`;
}

function place({ file, line }) {
  return line === undefined ? file : `${file}:${line}`;
}
