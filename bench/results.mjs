import os from 'node:os';

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {number | null} figure null where it could not be measured
 * @property {number} target the figure must not be above it
 * @property {string} unit
 * @property {string} detail how it was measured
 */

/** The machine by public means: processor, cores, memory, system, Node. */
function machine() {
  const cpus = os.cpus();
  const model = cpus[0]?.model.trim() || 'unknown processor';
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${model}, ${cpus.length} cores, ${memory} GiB, ${os.type()} ${os.arch()}, Node ${process.versions.node}`;
}

const verdict = (row) => (row.figure === null ? 'not measured' : row.figure <= row.target ? 'met' : '**not met**');

const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** @param {readonly Row[]} rows @param {string} date ISO day */
export function markdown(rows, date) {
  const figure = (row) => (row.figure === null ? '-' : `${number(row.figure)} ${row.unit}`);
  const cells = rows.map((row) => [row.what, figure(row), `≤ ${row.target} ${row.unit}`, verdict(row), row.detail]);
  const table = cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `# Times and memory

Made by \`npm run bench\` on ${date}; never edited by hand, and no test depends on it.
Machine: ${machine()}.

| what | figure | target | | how |
| --- | --- | --- | --- | --- |
${table}
`;
}

/** The same for the terminal. @param {Row} row */
export function line(row) {
  const figure = row.figure === null ? 'not measured' : `${number(row.figure)} ${row.unit}`;
  return `${row.what}: ${figure} (target at most ${row.target} ${row.unit}) ${verdict(row).replaceAll('*', '')}\n    ${row.detail}`;
}
