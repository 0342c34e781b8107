import type { ErrorCode } from '@catchword/core';

export const EXIT_ERROR = 1;
export const EXIT_USAGE = 2;
/** A job has ended, and some documents are set aside. */
export const EXIT_PARTIAL = 3;
/** EX_TEMPFAIL of sysexits.h: trying again later may help. */
export const EXIT_LOCKED = 75;
export const EXIT_INTERRUPTED = 130;
export const EXIT_TERMINATED = 143;

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  'usage-invalid': EXIT_USAGE,
  'language-not-supported': EXIT_USAGE,
  'file-not-found': EXIT_USAGE,
  'job-not-found': EXIT_USAGE,
  locked: EXIT_LOCKED,
  aborted: EXIT_INTERRUPTED,
};

/** @returns what the program ends with after an error of this code */
export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code] ?? EXIT_ERROR;
}
