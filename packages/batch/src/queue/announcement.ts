import type { Redis } from 'ioredis';
import type { Job } from '../job.js';
import { PREFIX, type QueueServer } from './redis-queue.js';

/** A job that wants workers. */
export interface Announcement {
  readonly jobId: string;
  readonly projectId: string;
  readonly backendParams: readonly string[];
  readonly modelVersion: string;
  readonly settings: string;
}

const KEY = `${PREFIX}:jobs`;
/** Who announces a job says again and again that it still wants workers; after so long without it does not. */
const ALIVE_SECONDS = 60;

/** @returns the queue of a job's chunks; another model has another one */
export function queueName({ jobId, modelVersion, settings }: Announcement): string {
  return `job-${jobId}-${modelVersion}-${settings}`;
}

/** @returns the list that answers to a job's chunks are put in */
export function answersKey(announcement: Announcement): string {
  return `${PREFIX}:answers:${queueName(announcement)}`;
}

export function announcementOf({ id, plan, modelVersion, settings }: Job): Announcement {
  const { projectId, backendParams } = plan;
  return { jobId: id, projectId, backendParams, modelVersion, settings };
}

/** Says that a job wants workers; to be said again within a minute. */
export async function announce(redis: Redis, announcement: Announcement): Promise<void> {
  const { jobId } = announcement;
  await redis
    .multi()
    .hset(KEY, jobId, JSON.stringify(announcement))
    .set(aliveKey(jobId), '1', 'EX', ALIVE_SECONDS)
    .exec();
}

/** Takes all of a job out of the queue. Who still waits for it announces it, and asks, again. */
export async function withdraw({ redis, bullmq, connect }: QueueServer, announcement: Announcement): Promise<void> {
  const { jobId } = announcement;
  await redis.multi().hdel(KEY, jobId).del(aliveKey(jobId)).exec();
  const queue = new bullmq.Queue(queueName(announcement), { connection: connect(), prefix: PREFIX });
  queue.on('error', () => undefined); // the server tells that it is lost
  await queue.obliterate({ force: true });
  await queue.close();
  await redis.del(answersKey(announcement));
}

function aliveKey(jobId: string): string {
  return `${PREFIX}:alive:${jobId}`;
}

function parsed(text: string): Partial<Announcement> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Announcement>;
  } catch {
    return {};
  }
}

/** Jobs that were announced. */
export interface Announced {
  /** Those that want workers. */
  readonly wanted: readonly Announcement[];
  /** Those that nobody waits for any more. */
  readonly left: readonly Announcement[];
}

/** @returns all jobs that were announced and not withdrawn; what is none of ours is passed over */
export async function announcements(redis: Redis): Promise<Announced> {
  const found: Announcement[] = [];
  for (const text of Object.values(await redis.hgetall(KEY))) {
    const value = parsed(text);
    const { jobId, projectId, modelVersion, settings, backendParams } = value;
    const isOurs = [jobId, projectId, modelVersion, settings].every((each) => /^[\w.-]+$/.test(String(each ?? '')));
    if (isOurs && Array.isArray(backendParams)) found.push(value as Announcement);
  }
  const alive = found.length === 0 ? [] : await redis.mget(found.map(({ jobId }) => aliveKey(jobId)));
  return { wanted: found.filter((_, i) => alive[i] !== null), left: found.filter((_, i) => alive[i] === null) };
}
