import { join } from 'node:path';
import type { Document, SubjectId, SubjectIndex, SuggestionBatch } from '@catchword/core';
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
 * Results for records: what headings are made of and no more. They say where their document stands, since results of others are missing
 * and ids may come twice.
 */
export class RecordLines {
  private readonly subjects: SubjectIndex;
  private readonly modelVersion: string;
  /** Of subjects that were suggested, up to their scores: most are suggested again and again. */
  private readonly beginnings = new Map<SubjectId, string>();

  constructor(subjects: SubjectIndex, modelVersion: string) {
    this.subjects = subjects;
    this.modelVersion = modelVersion;
  }

  /** @returns a JSON object with its line end, which `readResults` reads */
  line(
    { documentId }: Document,
    { indptr, subjectIds, scores }: SuggestionBatch,
    row: number,
    { source, documents }: Pick<InputPosition, 'source' | 'documents'>,
  ): string {
    let results = '';
    for (let k = indptr[row] as number; k < (indptr[row + 1] as number); k++) {
      results += `${results === '' ? '' : ','}${this.beginning(subjectIds[k] as SubjectId)}${scores[k]}}`;
    }
    const id = documentId ? `,"document_id":${JSON.stringify(documentId)}` : '';
    return `{"source":${source},"document":${documents},"model":"${this.modelVersion}"${id},"results":[${results}]}\n`;
  }

  private beginning(id: SubjectId): string {
    let beginning = this.beginnings.get(id);
    if (beginning === undefined) {
      if (this.beginnings.size >= MOST_BEGINNINGS) this.beginnings.clear();
      beginning = `{"uri":${JSON.stringify(this.subjects.uri(id))},"score":`;
      this.beginnings.set(id, beginning);
    }
    return beginning;
  }
}

/** About 2 MiB. */
const MOST_BEGINNINGS = 1 << 14;
