import type { Place, Shape } from '../graph';
import { LineTable } from './lines';
import type { BiasRow, Block, LayerRow, ModelRow, OpsRow, Outline, RunRow, SilentRow, StepRow } from './outline-rows';

/**
 * The `.layers` text of an outline; `syntaxes/` has its grammar.
 *
 * @param name what the outlined file is called in the first line
 * @param read the text of a file
 */
export function outlineText({ file, blocks, silences }: Outline, name: string, read: (path: string) => string): string {
  const writer = new Writer(file, read);
  const lines = [`# ${name}`, ...blocks.flatMap((block) => writer.block(block))];
  for (const { place, reason } of silences) lines.push(`silent${writer.at(place)}: ${reason}`);
  return `${lines.join('\n')}\n`;
}

class Writer {
  private readonly tables = new Map<string, LineTable>();

  constructor(
    private readonly file: string,
    private readonly read: (path: string) => string,
  ) {}

  block({ row, condition }: Block): readonly string[] {
    const [first, ...others] = this.row(row);
    return [condition === null ? first! : `${first} when ${condition}`, ...others];
  }

  /** ` at 12:15` in the outlined file, ` at other.js:12:15` elsewhere. */
  at(place: Place | null): string {
    if (place === null) return '';
    let table = this.tables.get(place.file);
    if (!table) this.tables.set(place.file, (table = new LineTable(this.read(place.file))));
    const { line, column } = table.position(place.start);
    const where = place.file === this.file ? '' : `${place.file.slice(place.file.lastIndexOf('/') + 1)}:`;
    return ` at ${where}${line}:${column}`;
  }

  private row(row: Block['row']): readonly string[] {
    switch (row.type) {
      case 'model':
        return this.model(row, '');
      case 'layer':
        return this.members([row], '');
      case 'functions':
        return this.functions(row);
      case 'step':
        return this.step(row);
    }
  }

  private model({ form, place, parameters, members, trainings, weights }: ModelRow, indent: string): string[] {
    const lines = [fields(`${indent}model ${form}${this.at(place)}`, parametersText(parameters))];
    lines.push(...this.members(members, `${indent}  `));
    for (const { api, place } of trainings) lines.push(`${indent}  trained by ${api}${this.at(place)}`);
    for (const { kind, place } of weights)
      lines.push(`${indent}  weights ${kind === 'own' ? 'set to their own' : kind}${this.at(place)}`);
    return lines;
  }

  private members(rows: readonly (ModelRow | LayerRow | SilentRow)[], indent: string): string[] {
    const width = Math.max(0, ...rows.map((row) => (row.type === 'layer' ? row.kind.length : 0)));
    return rows.flatMap((row) => {
      if (row.type === 'silent') return [`${indent}silent${this.at(row.place)}: ${row.reason}`];
      if (row.type === 'model') return this.model(row, indent);
      const { kind, place, outputShapes, parameters, bias } = row;
      const head = `${indent}layer ${kind.padEnd(width)}${this.at(place)}`;
      return [fields(head, outputShapes.map(shapeText).join(' '), parametersText(parameters), biasText(bias))];
    });
  }

  private functions({ place, ops }: OpsRow): readonly string[] {
    const width = Math.max(...ops.map(({ name }) => name.length));
    return [
      `functions on tensors${this.at(place)}`,
      ...ops.map(({ name, place, shape, bias, statistics }) => {
        const on = statistics && `on ${[...new Set([statistics.mean, statistics.variance])].join(' and ')}`;
        return fields(`  op ${name.padEnd(width)}${this.at(place)}`, shape && shapeText(shape), biasText(bias), on);
      }),
    ];
  }

  private step({ api, place, trains, runs }: StepRow): readonly string[] {
    return [`step ${api}${this.at(place)} trains ${trainedText(trains)}`, ...runs.map((run) => this.run(run))];
  }

  private run({ target, kind, place, statistics }: RunRow): string {
    const on = statistics === null ? 'statistics that are not known' : `${statistics} statistics`;
    return `  runs ${target}${kind === null ? '' : ` ${kind}`}${this.at(place)} on ${on}`;
  }
}

/** What is known, two spaces apart. */
function fields(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null && text !== '').join('  ');
}

function biasText(bias: BiasRow | null): string | null {
  switch (bias?.verdict) {
    case undefined:
      return null;
    case 'unknown':
      return `bias unknown: ${bias.reason}`;
    case 'needed':
      return 'bias needed';
    case 'redundant':
      return `bias redundant${bias.onBatchStatisticsOnly ? ' on batch statistics only' : ''}`;
  }
}

function trainedText(trains: StepRow['trains']): string {
  if (trains === 'all') return 'all variables';
  if (trains === 'arguments') return 'its arguments';
  if (trains === null) return 'variables that are not known';
  return `the variables of ${trains} ${trains === 1 ? 'layer or model' : 'layers and models'}`;
}

/** Nothing of a model without any, as of one of which the number is not known. */
function parametersText(number: number | null): string | null {
  return number === null || number === 0 ? null : number === 1 ? '1 parameter' : `${number} parameters`;
}

function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? 'null').join(', ')}]`;
}
