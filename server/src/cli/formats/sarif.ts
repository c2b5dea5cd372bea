import { pathToFileURL } from 'node:url';
import type { Place } from '../../graph';
import type { Severity, TextEdit } from '../../rules';
import { ruleMetas } from '../../rules/meta';
import type { Sheets } from '../output';
import { wholeMessage, type LintResult } from '../result';

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};
const HOME = 'https://github.com/layerlint/layerlint';

/** SARIF 2.1.0 (OASIS standard, 27 March 2020): one run. Columns are UTF-16 units. */
export function formatSarif(result: LintResult, version: string): string {
  const { sheets, findings, problems } = result;
  const rules = Object.values(ruleMetas).map(({ id, description, severity }) => ({
    id,
    shortDescription: { text: description },
    helpUri: `${HOME}/blob/main/docs/rules/${id}.md`,
    defaultConfiguration: { level: LEVELS[severity] },
  }));
  const run = {
    tool: { driver: { name: 'LayerLint', version, informationUri: HOME, rules } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(sheets.cwd).href}/`.replace(/\/\/$/, '/') } },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: problems.map(({ file, message, place }) => ({
          level: 'warning',
          message: { text: message },
          locations: [
            { physicalLocation: place ? physical(place, sheets) : { artifactLocation: artifact(file, sheets) } },
          ],
        })),
      },
    ],
    results: findings.map((finding) => ({
      ruleId: finding.rule,
      ruleIndex: rules.findIndex(({ id }) => id === finding.rule),
      level: LEVELS[finding.severity],
      message: { text: wholeMessage(finding) },
      locations: [{ physicalLocation: physical(finding.place, sheets) }],
      relatedLocations: finding.related.map(({ place, message }, id) => ({
        id,
        physicalLocation: physical(place, sheets),
        message: { text: message },
      })),
      fixes: finding.edits.map(({ title, edits }) => ({
        description: { text: title },
        artifactChanges: changes(edits, sheets),
      })),
      properties: { condition: finding.condition },
    })),
  };
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function physical(place: Place, sheets: Sheets) {
  return { artifactLocation: artifact(place.file, sheets), region: region(place, sheets) };
}

/** Relative to the folder that the run was started in, where the file is inside. */
function artifact(file: string, sheets: Sheets) {
  const name = sheets.name(file);
  if (name === file) return { uri: pathToFileURL(file).href };
  return { uri: name.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
}

function region(place: Place, sheets: Sheets) {
  const [start, end] = [sheets.start(place), sheets.end(place)];
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

function changes(edits: readonly TextEdit[], sheets: Sheets) {
  const files = [...new Set(edits.map(({ file }) => file))];
  return files.map((file) => ({
    artifactLocation: artifact(file, sheets),
    replacements: edits
      .filter((edit) => edit.file === file)
      .map((edit) => ({ deletedRegion: region(edit, sheets), insertedContent: { text: edit.text } })),
  }));
}
