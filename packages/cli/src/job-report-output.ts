import type { JobReport } from '@catchword/batch';
import { count, duration } from './progress.js';
import { recordReportLine } from './record-report-output.js';

/** The longest bar of the histogram. */
const BAR_LENGTH = 40;

/** A report for people: a sentence, the histogram, the most frequent subjects. */
export function jobReportLines(report: JobReport): string[] {
  const { documents, suggestionsPerDocument, withoutSuggestion, seconds, documentsPerSecond, triage } = report;
  const figures = [
    `${count(documents)} documents in ${duration(seconds)} (${rate(documentsPerSecond)}/s)`,
    `${suggestionsPerDocument.toFixed(1)} suggestions a document`,
    `${count(withoutSuggestion)} without any`,
  ];
  if (report.failed > 0) figures.push(`${count(report.failed)} set aside`);
  if (report.kept > 0) figures.push(`${count(report.kept)} results kept that were there`);
  const lines = [figures.join(', ')];
  if (report.records) lines.push(recordReportLine(report.records));
  if (triage) {
    lines.push(
      `To take over: ${count(triage.accept)}, to look at: ${count(triage.review)}, to leave: ${count(triage.leave)}`,
    );
  }
  return documents === 0 ? lines : [...lines, ...histogramLines(report), ...subjectLines(report)];
}

function histogramLines({ measure, histogram }: JobReport): string[] {
  const most = Math.max(...histogram);
  if (most === 0) return [];
  const width = count(most).length;
  const bars = histogram.map((n, bin) => {
    const range = `${(bin / histogram.length).toFixed(1)}–${((bin + 1) / histogram.length).toFixed(1)}`;
    return `  ${range}  ${count(n).padStart(width)}  ${'#'.repeat(Math.ceil((BAR_LENGTH * n) / most))}`.trimEnd();
  });
  return [`Documents by ${measure}:`, ...bars];
}

function subjectLines({ subjects }: JobReport): string[] {
  if (subjects.length === 0) return [];
  const width = count((subjects[0] as JobReport['subjects'][number]).documents).length;
  const rows = subjects.map(({ label, uri, documents }) => `  ${count(documents).padStart(width)}  ${label}  <${uri}>`);
  return ['Most frequent subjects:', ...rows];
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? count(Math.round(perSecond)) : perSecond.toFixed(1);
}
