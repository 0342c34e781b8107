import { join } from 'node:path';
import { partPath } from './growing-result.js';
import type { InputPosition, Job, JobPlan, UnitPlan } from './job.js';
import type { JobStore } from './job-store.js';

/** Where results of a unit stand, by output. */
export interface ResultPlace {
  /** While they grow. */
  readonly part: string;
  /** When they are whole. */
  readonly whole: string;
  readonly gzip: boolean;
}

/** @returns true where a job writes the records that it reads, with suggestions as headings */
export function writesRecords({ format }: Pick<JobPlan, 'format'>): boolean {
  return format === 'marc' || format === 'marcxml';
}

/**
 * Where records are written, results for them stand in the folder of the job, and the records are made of them at the end: so
 * records of documents that fail are there too, and get their headings when these are tried again.
 *
 * @param n number of the unit
 */
export function resultPlaces(store: JobStore, job: Job, n: number, { outputs }: UnitPlan): ResultPlace[] {
  return outputs.map((output, i) => {
    const isForRecords = i === 0 && writesRecords(job.plan);
    const whole = isForRecords ? join(store.folder(job.id), `${n}.jsonl.gz`) : output;
    return { part: partPath(whole, job.id), whole, gzip: isForRecords || job.plan.gzip };
  });
}

/**
 * Results for records say where their document stands, since results of others are missing and ids may come twice.
 *
 * @param line a JSON object with its line end
 */
export function placedLine(
  line: string | Uint8Array,
  { source, documents }: Pick<InputPosition, 'source' | 'documents'>,
  modelVersion: string,
): string {
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
  return `{"source": ${source}, "document": ${documents}, "model": "${modelVersion}", ${text.slice(1)}`;
}
