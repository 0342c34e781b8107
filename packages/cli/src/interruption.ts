import { OperationError } from '@catchword/core';
import type { Messages } from './messages.js';
import type { Session } from './session.js';

/** Ctrl-C and the like, as a signal that work listens to. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Passes an error on, or in its place, after an abort, the one that says what was kept. */
  errorAfter(error: unknown, whatStays: string): unknown;
  /** Makes an abort end what reads standard input, which may never end by itself. */
  endReading(paths: readonly string[], session: Session): void;
  /** Gives the signals back to the system. */
  release(): void;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that work can end without a trace; the second ends the program.
 *
 * @param whatStays said to the user, for example `The old model of project "yso-en" stays in use.`
 */
export function abortOnInterruption(messages: Messages, whatStays = ''): Interruption {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === 'SIGTERM' ? 143 : 130);
    messages.line(`Stopping (${name}) …`);
    controller.abort(stopped(`nothing was changed. ${whatStays}`.trimEnd(), name));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    errorAfter(error, whatStays) {
      const { aborted, reason } = controller.signal;
      return aborted ? stopped(whatStays, (reason as OperationError).context.signal) : error;
    },
    endReading(paths, session) {
      if (paths.includes('-')) controller.signal.addEventListener('abort', () => session.stdin.destroy());
    },
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function stopped(whatStays: string, signal: unknown): OperationError {
  return new OperationError('aborted', `Stopped on request; ${whatStays}`, { context: { signal } });
}
