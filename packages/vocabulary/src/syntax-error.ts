import { InputError } from '@catchword/core';

/** In characters: parsers quote what they did not expect, however long it is. */
const MAX_PROBLEM = 200;

/** @returns the error for a file that is not what its format wants, with file and line */
export function syntaxError(
  path: string,
  line: number | undefined,
  problem: string,
  details: SyntaxDetails,
): InputError {
  const place = line === undefined ? path : `${path}, line ${line}`;
  const short = problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem;
  return new InputError('input-invalid', `Cannot read ${place}: ${short}`, {
    hint: details.hint ?? `Correct the file there; it was read as ${details.format}.`,
    context: line === undefined ? { path } : { path, line },
    ...(details.cause === undefined ? undefined : { cause: details.cause }),
  });
}

interface SyntaxDetails {
  /** The format's name, as a user would write it. */
  readonly format: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** @returns how many line ends the text holds */
export function newlines(text: string): number {
  let n = 0;
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) n++;
  return n;
}
