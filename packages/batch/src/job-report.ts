import type { SubjectIndex } from '@catchword/core';
import { emptyMarcWriteReport, type MarcWriteReport } from '@catchword/marc';
import { HISTOGRAM_BINS, type Job, type JobReport, type Unit } from './job.js';
import type { JobStore } from './job-store.js';
import { writesRecords } from './result-places.js';
import { hasTriage } from './triage.js';

/** Subjects that a report lists. */
const MOST_SUBJECTS = 10;

/** @returns what has come of a job so far */
export function makeReport(
  store: JobStore,
  job: Job,
  options: { readonly subjects: SubjectIndex; readonly language: string },
): JobReport {
  const { seconds } = store.job(job.id);
  const units = store.units(job.id);
  const sum = (count: (unit: (typeof units)[number]) => number) => units.reduce((n, unit) => n + count(unit), 0);
  const documents = sum(({ counts }) => counts.documents);
  const failed = store.countFailures(job.id);
  const nResults = documents - failed;
  const histogram = Array.from({ length: HISTOGRAM_BINS }, (_, bin) => sum(({ counts }) => counts.histogram[bin] ?? 0));
  const group = (i: number) => sum(({ counts }) => counts.outputs[i] ?? 0);
  return {
    documents,
    failed,
    kept: sum(({ counts }) => counts.kept),
    suggestionsPerDocument: nResults > 0 ? sum(({ counts }) => counts.suggestions) / nResults : 0,
    withoutSuggestion: sum(({ counts }) => counts.withoutSuggestion),
    measure: units.some(({ counts }) => counts.hasConfidence) ? 'confidence' : 'best score',
    histogram,
    ...(hasTriage(job.plan) ? { triage: { accept: group(0), review: group(1), leave: group(2) } } : undefined),
    ...(writesRecords(job.plan) ? { records: allRecords(units) } : undefined),
    subjects: mostFrequent(store, job.id, options),
    seconds,
    documentsPerSecond: seconds > 0 ? documents / seconds : 0,
  };
}

function allRecords(units: readonly Unit[]): MarcWriteReport {
  const sum = emptyMarcWriteReport();
  for (const { counts } of units) {
    for (const key of Object.keys(sum) as (keyof MarcWriteReport)[]) sum[key] += counts.records?.[key] ?? 0;
  }
  return sum;
}

function mostFrequent(
  store: JobStore,
  jobId: string,
  { subjects, language }: { readonly subjects: SubjectIndex; readonly language: string },
): JobReport['subjects'] {
  return [...store.subjectCounts(jobId)]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, MOST_SUBJECTS)
    .map(([id, n]) => {
      const uri = subjects.uri(id);
      return { uri, label: subjects.label(id, language) ?? uri, documents: n };
    });
}
