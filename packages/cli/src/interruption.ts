import { OperationError } from '@catchword/core';
import type { Messages } from './messages.js';

/** Ctrl-C and the like, as a signal that work listens to. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  release(): void;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that work can end without a trace; the second ends the program.
 *
 * @param whatStays said to the user, for example `The old model of project "yso-en" stays in use.`
 */
export function abortOnInterruption(messages: Messages, whatStays: string): Interruption {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === 'SIGTERM' ? 143 : 130);
    messages.line(`Stopping (${name}) …`);
    controller.abort(
      new OperationError('aborted', `Stopped on request; nothing was changed. ${whatStays}`, {
        context: { signal: name },
      }),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
