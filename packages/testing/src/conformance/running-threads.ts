import { setImmediate } from 'node:timers/promises';

interface Thread {
  once(event: 'exit', listener: () => void): unknown;
}

/**
 * Does work and counts the worker threads that it has started.
 *
 * @returns how many were started, and how many of them still run a moment after the work has ended
 */
export async function countThreads(work: () => Promise<void>): Promise<{ started: number; running: number }> {
  let started = 0;
  let running = 0;
  const listener = (thread: Thread): void => {
    started++;
    running++;
    thread.once('exit', () => running--);
  };
  process.on('worker', listener);
  try {
    await work();
    await setImmediate();
    return { started, running };
  } finally {
    process.off('worker', listener);
  }
}
