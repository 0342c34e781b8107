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
  messages.error(
    error.message || error.name,
    'This is not an error that was foreseen; run again with -v DEBUG to see where it arose.',
  );
  showStack(error, messages);
  return EXIT_ERROR;
}

function showStack(error: Error, messages: Messages): void {
  if (!messages.shows('DEBUG')) return;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    messages.line(`${at === error ? '' : 'caused by '}${at.stack ?? at.message}`);
  }
}
