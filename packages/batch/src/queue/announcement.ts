import type { Redis } from 'ioredis';
import type { Job } from '../job.js';
import { PREFIX } from './redis-queue.js';

/** A job that wants workers. */
export interface Announcement {
  readonly jobId: string;
  readonly projectId: string;
  readonly backendParams: readonly string[];
  readonly modelVersion: string;
  readonly settings: string;
}

const KEY = `${PREFIX}:jobs`;

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

export async function announce(redis: Redis, announcement: Announcement): Promise<void> {
  await redis.hset(KEY, announcement.jobId, JSON.stringify(announcement));
}

export async function withdraw(redis: Redis, { jobId }: Announcement): Promise<void> {
  await redis.hdel(KEY, jobId);
}

function parsed(text: string): Partial<Announcement> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Announcement>;
  } catch {
    return {};
  }
}

/** @returns all jobs that want workers; what is none of ours is passed over */
export async function announcements(redis: Redis): Promise<Announcement[]> {
  const found: Announcement[] = [];
  for (const text of Object.values(await redis.hgetall(KEY))) {
    const value = parsed(text);
    const { jobId, projectId, modelVersion, settings, backendParams } = value;
    const isOurs = [jobId, projectId, modelVersion, settings].every((each) => /^[\w.-]+$/.test(String(each ?? '')));
    if (isOurs && Array.isArray(backendParams)) found.push(value as Announcement);
  }
  return found;
}
