import { IndexingError } from '@catchword/core';
import { EXIT_ERROR, EXIT_TERMINATED, exitCodeOf } from './exit-codes.js';
import type { Messages } from './messages.js';

/**
 * Says what went wrong: message and hint; a stack only at verbosity DEBUG.
 *
 * @returns the exit code
 */
export function reportError(thrown: unknown, messages: Messages): number {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (IndexingError.is(error)) {
    messages.error(error.message, error.hint);
    showStack(error, messages);
    return error.context?.signal === 'SIGTERM' ? EXIT_TERMINATED : exitCodeOf(error.code);
  }
  if (isOfSystem(error)) {
    messages.error(`The system says: ${error.message}`, 'Check the disk and its permissions, then run it again.');
    showStack(error, messages);
    return EXIT_ERROR;
  }
  messages.error(
    error.message || error.name,
    'This is not an error that was foreseen; run again with -v DEBUG to see where it arose.',
  );
  showStack(error, messages);
  return EXIT_ERROR;
}

/** A call for a file that failed where nobody knew what it was for: the message names call and file. */
function isOfSystem(error: NodeJS.ErrnoException): boolean {
  return typeof error.syscall === 'string' && typeof error.path === 'string';
}

function showStack(error: Error, messages: Messages): void {
  if (!messages.shows('DEBUG')) return;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    messages.line(`${at === error ? '' : 'caused by '}${at.stack ?? at.message}`);
  }
}
