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
  const name = note === null ? repository : `${repository} (${note})`;
  if (skipped) return [name, 'not scored'];
  const counts = [score.hits, score.missed, score.falseAlarms, score.unlabelled].map(({ length }) => String(length));
  return [name, seconds.toFixed(1), ...counts, `${recovery.known} of ${recovery.known + recovery.unknown.length}`];
}

function table(rows) {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
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
  const lines = unknown.map(
    (one) => `    ${one.repository} ${place(one)}: ${one.reasons.join('; ') || 'no reason is given'}`,
  );
  return [`batch norms: ${known} of ${known + unknown.length} recovered`, ...lines];
}

function percent(ratio) {
  return ratio === null ? 'not known' : `${(ratio * 100).toFixed(1)} %`;
}

function place({ file, line }) {
  return line === undefined ? file : `${file}:${line}`;
}
