import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { VERBOSITIES, type Verbosity } from './messages.js';

/** What every command knows. */
export interface CommonOptions {
  readonly projects?: string;
  readonly dataDir?: string;
  readonly verbosity: Verbosity;
  readonly json?: boolean;
}

/** Adds `-p`, `--data-dir`, `-v`, and `--json` where there is a result. */
export function addCommonOptions(command: Command, { hasResult = true } = {}): Command {
  command
    .addOption(
      new Option(
        '-p, --projects <path>',
        'configuration file or folder (default: projects.yaml, .cfg, .toml or projects.d)',
      ).argParser(existingPath),
    )
    .option('--data-dir <folder>', 'where models and vocabularies are kept (default: data)')
    .addOption(
      new Option('-v, --verbosity <level>', 'what is said on standard error: CRITICAL, ERROR, WARNING, INFO or DEBUG')
        .argParser((level) => verbosity(level))
        .default('INFO', 'INFO'),
    );
  return hasResult ? command.option('--json', 'print the result as JSON') : command;
}

export function addBackendParamOption(command: Command): Command {
  return command.addOption(
    new Option(
      '-b, --backend-param <param>',
      'set a parameter of the backend, for example mllm.trees=80 (repeatable)',
    ).argParser(collectBackendParam),
  );
}

export function addDocsLimitOption(command: Command): Command {
  return command.addOption(
    new Option('-d, --docs-limit <n>', 'use the first n documents').argParser(nonNegativeInteger),
  );
}

/** How a corpus is read. */
export interface CorpusOptions {
  readonly docsLimit?: number;
  readonly marcMapping?: string;
}

/** Adds `-d` and `--marc-mapping`. */
export function addCorpusOptions(command: Command): Command {
  return addDocsLimitOption(command).option(
    '--marc-mapping <file>',
    'how MARC records become documents, and suggestions headings',
  );
}

export function addJobsOption(command: Command): Command {
  return command.addOption(
    new Option('-j, --jobs <n>', 'number of worker threads, 0 = all processors')
      .argParser(nonNegativeInteger)
      .default(0),
  );
}

/**
 * Reads an amount of memory: MiB, or with a unit.
 *
 * @returns bytes
 * @throws {InvalidArgumentError} if the text is not one of at least 1 MiB
 */
export function memoryAmount(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(|[mg](?:i?b)?)$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (unit.toLowerCase().startsWith('g') ? 2 ** 30 : 2 ** 20));
  if (number !== '' && bytes >= 2 ** 20 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new InvalidArgumentError('Not an amount of memory of at least 1 MiB, such as 512, 512M or 2G.');
}

/** @throws {InvalidArgumentError} if the text is not a whole number of the range */
export function wholeNumber(text: string, low: number, high: number): number {
  const n = Number(text);
  if (/^[0-9]+$/.test(text) && n >= low && n <= high) return n;
  throw new InvalidArgumentError(`Not a whole number from ${low} to ${high}.`);
}

/** Adds `-l` and `-t`. */
export function addSuggestionOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-l, --limit <n>',
        'at most so many subjects for each document; auto: as many as the highest expected F1 has (backend fusion)',
      )
        .argParser((text: string) => (text === 'auto' ? text : nonNegativeInteger(text)))
        .default(10),
    )
    .addOption(
      new Option('-t, --threshold <score>', 'lowest score of a subject, between 0 and 1')
        .argParser(finiteNumber)
        .default(0),
    );
}

export function addLanguageOption(command: Command): Command {
  return command.option('-L, --language <code>', 'language of the labels that are shown');
}

/** One `-b`, split. */
export interface BackendParam {
  readonly backend: string;
  readonly key: string;
  readonly value: string;
  /** As it was typed. */
  readonly text: string;
}

/** Takes a `-b` apart. @throws {InvalidArgumentError} if it has not the form */
export function backendParam(text: string): BackendParam {
  const match = /^([^.=]+)\.([^=]+)=([\s\S]*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('It has the form BACKEND.KEY=VALUE, for example mllm.max_samples=0.8.');
  const [, backend, key, value] = match as unknown as [string, string, string, string];
  return { backend, key, value, text };
}

function collectBackendParam(text: string, before: readonly BackendParam[] = []): BackendParam[] {
  return [...before, backendParam(text)];
}

/** Parses one `-D field=value` into the metadata so far. */
export function collectMetadata(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('It has the form FIELD=VALUE.');
  const metadata: Record<string, string> = Object.assign(Object.create(null), before);
  metadata[text.slice(0, equals)] = text.slice(equals + 1);
  return metadata;
}

export function nonNegativeInteger(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a number of 0 or more.`);
  return Number(text);
}

/** @returns a reader of whole numbers from `least` to `most`, which says what is allowed */
export function integerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`'${text}' is not a whole number from ${least} to ${most}.`);
  };
}

function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`'${text}' is not a number.`);
  return value;
}

function verbosity(text: string): Verbosity {
  const level = VERBOSITIES.find((name) => name === text.toUpperCase());
  if (!level) throw new InvalidArgumentError(`It is one of ${VERBOSITIES.join(', ')}.`);
  return level;
}

function existingPath(path: string): string {
  if (!existsSync(path)) throw new InvalidArgumentError(`Path '${path}' does not exist.`);
  return path;
}
