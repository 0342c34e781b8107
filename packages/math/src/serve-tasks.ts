import type { TransferListItem } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { holdHeapsSmall } from './small-heaps.js';
import type { FromThread, PackedError } from './thread-messages.js';

const TRANSFER = Symbol('transfer');

/** Marks buffers of a task's result as handed over instead of copied. */
export function transferring<T extends object>(result: T, buffers: readonly TransferListItem[]): T {
  Object.defineProperty(result, TRANSFER, { value: buffers, enumerable: false });
  return result;
}

/**
 * Runs in a worker of a ThreadPool: opens its state once, then answers tasks one after the other.
 *
 * @param open receives the pool's `init` and returns the function that answers a task
 * @throws {Error} if called outside a worker thread
 */
export function serveTasks<I, T, R>(open: (init: I) => Promise<(task: T) => R | Promise<R>>): void {
  if (!parentPort) throw new Error('serveTasks runs in a worker thread only');
  holdHeapsSmall();
  const port = parentPort;
  const opened = open(workerData as I);
  opened.catch(() => undefined); // reported with the first task
  let before: Promise<void> = Promise.resolve();
  port.on('message', (task: T) => {
    before = before.then(() => serve(task));
  });
  const serve = async (task: T): Promise<void> => {
    try {
      const answer = await opened;
      const result = await answer(task);
      const transfer = (result as { [TRANSFER]?: TransferListItem[] } | undefined)?.[TRANSFER] ?? [];
      port.postMessage({ result } satisfies FromThread, transfer);
    } catch (error) {
      port.postMessage({ error: packError(error) } satisfies FromThread);
    }
  };
}

function packError(thrown: unknown): PackedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown), stack: undefined, properties: {} };
  const properties: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(thrown)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) properties[key] = value;
    else if (key === 'context' && value && typeof value === 'object')
      properties[key] = JSON.parse(JSON.stringify(value));
  }
  return { name: thrown.name, message: thrown.message, stack: thrown.stack, properties };
}
