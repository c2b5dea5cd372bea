import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { EngineChoice } from '../check';
import type { RuleId } from '../rules';
import { isRuleId, ruleMetas } from '../rules/meta';

export type Format = 'text' | 'json' | 'sarif' | 'github';

export interface LintCommand {
  readonly command: 'lint';
  readonly paths: readonly string[];
  readonly format: Format;
  readonly rules: readonly RuleId[];
  readonly fix: 'no' | 'write' | 'show';
  readonly explain: boolean;
}

export interface VerifyCommand {
  readonly command: 'verify';
  readonly paths: readonly string[];
  readonly format: 'text' | 'json';
  readonly engine: EngineChoice;
  readonly finding: { readonly file: string; readonly line: number } | null;
}

export interface ModelCommand {
  readonly command: 'model';
  readonly file: string;
  readonly format: 'text' | 'json';
}

export type Command =
  | LintCommand
  | VerifyCommand
  | ModelCommand
  | { readonly command: 'server' }
  | { readonly command: 'help' }
  | { readonly command: 'version' };

/** The command line cannot be carried out as given: exit code 2. The message is for the person who typed it. */
export class UsageError extends Error {}

export const HELP = `Usage:
  layerlint [paths]                  report findings (default path: .)
  layerlint verify [paths]           measure findings on a tfjs engine
  layerlint model <file>             print the models that a file builds
  layerlint server --stdio           language server

Options of layerlint:
  --format text|json|sarif|github    how to print findings (default: text)
  --rule ID                          report this rule only; may be repeated
                                     (${Object.keys(ruleMetas).join(', ')})
  --fix                              apply the fixes that keep the program's meaning
  --fix-dry-run                      print those fixes as a diff, write nothing
  --explain                          also print what was not analysed, and why

Options of layerlint verify:
  --finding file:line                check this finding only
  --engine auto|tfjs-node|tfjs       the engine to measure on (default: auto)
  --format text|json

Options of layerlint model:
  --format text|json

  --help, --version

Exit codes: 0 nothing found, 1 findings, 2 could not run.
verify: 0 no finding refuted, 1 a finding refuted, 2 could not run.
NO_COLOR and FORCE_COLOR are respected.
`;

/** Throws a UsageError for whatever is not understood. */
export function parseCommand(args: readonly string[]): Command {
  const [first, ...rest] = args;
  if (first === 'verify') return parseVerify(rest);
  if (first === 'model') return parseModel(rest);
  if (first === 'server') return parseServer(rest);
  return parseLint(args);
}

function parseLint(args: readonly string[]): Command {
  const { values, positionals } = parse(args, {
    format: { type: 'string' },
    rule: { type: 'string', multiple: true },
    fix: { type: 'boolean' },
    'fix-dry-run': { type: 'boolean' },
    explain: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  });
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  if (values.fix && values['fix-dry-run'])
    throw new UsageError('--fix and --fix-dry-run exclude each other: one writes, the other does not');
  const rules = (values.rule ?? []).map((id) => {
    if (!isRuleId(id))
      throw new UsageError(`there is no rule ${id}; the rules are ${Object.keys(ruleMetas).join(', ')}`);
    return id;
  });
  return {
    command: 'lint',
    paths: positionals.length > 0 ? positionals : ['.'],
    format: oneOf('--format', values.format, ['text', 'json', 'sarif', 'github']),
    rules,
    fix: values.fix ? 'write' : values['fix-dry-run'] ? 'show' : 'no',
    explain: values.explain ?? false,
  };
}

function parseVerify(args: readonly string[]): Command {
  const { values, positionals } = parse(args, {
    format: { type: 'string' },
    engine: { type: 'string' },
    finding: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { command: 'help' };
  const finding = values.finding === undefined ? null : parseFinding(values.finding);
  return {
    command: 'verify',
    paths: positionals.length > 0 ? positionals : [finding?.file ?? '.'],
    format: oneOf('--format', values.format, ['text', 'json']),
    engine: oneOf('--engine', values.engine, ['auto', 'tfjs-node', 'tfjs']),
    finding,
  };
}

function parseModel(args: readonly string[]): Command {
  const { values, positionals } = parse(args, {
    format: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { command: 'help' };
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('layerlint model takes one file');
  return { command: 'model', file, format: oneOf('--format', values.format, ['text', 'json']) };
}

function parseServer(args: readonly string[]): Command {
  const { values } = parse(args, {
    stdio: { type: 'boolean' },
    'node-ipc': { type: 'boolean' },
    clientProcessId: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { command: 'help' };
  if (!values.stdio && !values['node-ipc']) throw new UsageError('layerlint server speaks over --stdio; say so');
  return { command: 'server' };
}

/** `src/model.js:12`; `src/model.js:12:15` is taken too, since that is how findings are printed. */
function parseFinding(text: string): { file: string; line: number } {
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(text) ?? [];
  if (file === undefined || line === undefined)
    throw new UsageError(`--finding wants file:line, as in src/model.js:12, not ${text}`);
  return { file, line: Number(line) };
}

function parse<O extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replace(/\. To specify a positional.*$/s, ''));
  }
}

function oneOf<T extends string>(option: string, value: string | undefined, allowed: readonly [T, ...T[]]): T {
  if (value === undefined) return allowed[0];
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${option} wants ${allowed.join(' or ')}, not ${value}`);
  return found;
}
