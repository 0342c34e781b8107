import type { Job } from '../job.js';
import { announcementOf, withdraw } from './announcement.js';
import type { QueueServer } from './redis-queue.js';

/** Takes all of a job that was cancelled out of the queue; workers do so by themselves a minute after nobody waits for it any more. */
export function clearQueue(server: QueueServer, job: Job): Promise<void> {
  return withdraw(server, announcementOf(job));
}
