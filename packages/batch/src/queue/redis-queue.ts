import { OperationError } from '@catchword/core';
import type * as BullMq from 'bullmq';
import type { Redis } from 'ioredis';

/** How long the first connection may take; later ones are waited for without end. */
const CONNECT_MS = 5_000;
const MOST_DELAY_MS = 2_000;

/** What begins the names of all that is kept in Redis. */
export const PREFIX = 'catchword';

/** A connection to the queue's server, and the means to make queues and workers over further ones. */
export interface QueueServer {
  readonly bullmq: typeof BullMq;
  /** For short commands. */
  readonly redis: Redis;
  /** A further connection of the same kind, for commands that wait. */
  connect(): Redis;
  /** For messages: the address without a password. */
  readonly shownUrl: string;
  close(): Promise<void>;
}

/**
 * Connects to a queue's server. When the connection is lost later, commands wait until it is there again.
 *
 * @param url `redis://[[user]:password@]host[:port][/database]`, or `rediss:` with TLS
 * @param onWarning told when the connection is lost, and when it is there again
 * @throws {OperationError} `not-installed` where bullmq or ioredis is not; `usage-invalid` for what is no such address; `operation-failed` where
 *   nobody answers
 */
export async function connectQueue(url: string, onWarning: (message: string) => void): Promise<QueueServer> {
  const shownUrl = withoutPassword(url);
  const { bullmq, RedisClient } = await loadQueue();
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const redis = new RedisClient(url, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => Math.min(50 * times, MOST_DELAY_MS),
    });
    redis.on('error', () => undefined); // told by `watch`, once for all connections
    connections.push(redis);
    return redis;
  };
  const redis = connect();
  const close = async (): Promise<void> => {
    // One that has ended would wait two seconds for its end to come.
    for (const each of connections) if (each.status !== 'end') each.disconnect();
  };
  try {
    await withTimeout(redis.connect());
  } catch (cause) {
    await close();
    throw new OperationError('operation-failed', `Cannot reach the queue at ${shownUrl}: ${(cause as Error).message}`, {
      hint: 'Check the address, and that the server runs.',
      cause,
    });
  }
  watch(redis, shownUrl, onWarning);
  return { bullmq, redis, connect, shownUrl, close };
}

async function loadQueue(): Promise<{ readonly bullmq: typeof BullMq; readonly RedisClient: typeof Redis }> {
  try {
    return { bullmq: await import('bullmq'), RedisClient: (await import('ioredis')).Redis };
  } catch (cause) {
    throw new OperationError(
      'not-installed',
      'A queue needs the packages bullmq and ioredis, which are not installed',
      {
        hint: 'Run: npm install bullmq@6.7.0 ioredis@6.0.0',
        cause,
      },
    );
  }
}

function withoutPassword(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol === 'redis:' || protocol === 'rediss:') return `${protocol}//${host}${pathname}`;
  } catch {
    // told below
  }
  throw new OperationError('usage-invalid', 'The address of a queue is not one of Redis', {
    hint: 'It looks like redis://localhost:6379',
  });
}

function watch(redis: Redis, shownUrl: string, onWarning: (message: string) => void): void {
  let isLost = false;
  redis.on('close', () => {
    if (isLost || redis.status === 'end') return;
    isLost = true;
    const since = new Date().toTimeString().slice(0, 8);
    onWarning(`The queue at ${shownUrl} does not answer since ${since}; waiting for it`);
  });
  redis.on('ready', () => {
    if (isLost) onWarning(`The queue at ${shownUrl} answers again since ${new Date().toTimeString().slice(0, 8)}`);
    isLost = false;
  });
}

async function withTimeout(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CONNECT_MS / 1000} s`)), CONNECT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
