import { ConfigurationError } from '@catchword/core';

/** Where something is written. */
export interface Place {
  readonly file: string;
  /** From 1; absent where the file as a whole is meant. */
  readonly line?: number;
  /** From 1, in characters. */
  readonly column?: number;
}

/** Something wrong with a configuration, or worth knowing about it. */
export interface Problem extends Place {
  readonly message: string;
}

const MAX_LISTED = 50;

/** Collects what is wrong, so that all of it is told at once. */
export class Problems {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly told = new Set<string>();

  /** Notes an error; the same one at the same place counts once. */
  error(place: Place, message: string): void {
    this.note(this.errors, place, message);
  }

  warn(place: Place, message: string): void {
    this.note(this.warnings, place, message);
  }

  /** @throws {ConfigurationError} `configuration-invalid`, listing up to 50 errors, if there is one */
  throwIfAny(): void {
    const n = this.errors.length;
    if (n === 0) return;
    const sorted = [...this.errors].sort((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0));
    const listed = sorted.slice(0, MAX_LISTED).map((problem) => `  ${formatProblem(problem)}`);
    if (n > MAX_LISTED) listed.push(`  … and ${n - MAX_LISTED} more`);
    const first = sorted[0] as Problem;
    const message =
      n === 1
        ? `Cannot use the configuration: ${formatProblem(first)}`
        : `Cannot use the configuration, it has ${n} problems:`;
    throw new ConfigurationError('configuration-invalid', [message, ...(n === 1 ? [] : listed)].join('\n'), {
      hint: n === 1 ? 'Correct it and run the command again.' : 'Correct them and run the command again.',
      context: { problems: sorted.slice(0, MAX_LISTED), nProblems: n },
    });
  }

  private note(list: Problem[], { file, line, column }: Place, message: string): void {
    const problem: Problem = {
      file,
      ...(line === undefined ? undefined : { line }),
      ...(column === undefined ? undefined : { column }),
      message,
    };
    const text = formatProblem(problem);
    if (this.told.has(text)) return;
    this.told.add(text);
    list.push(problem);
  }
}

/** @returns `file:line:column: message`, as editors and terminals make clickable */
export function formatProblem({ file, line, column, message }: Problem): string {
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`;
}

/** Text of a user in a message: quoted, without control characters, of bounded length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
