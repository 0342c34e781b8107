import type { MarcWriteReport } from '@catchword/marc';
import { count } from './progress.js';

/** A sentence on what became of records. */
export function recordReportLine(
  { nRecords, nChanged, nHeadingsAdded, nHeadingsRemoved, nPresent }: MarcWriteReport,
  isDry = false,
): string {
  return (
    `${isDry ? 'Would change' : 'Changed'} ${count(nChanged)} of ${count(nRecords)} records: ` +
    `${count(nHeadingsAdded)} ${nHeadingsAdded === 1 ? 'heading' : 'headings'} added, ${count(nHeadingsRemoved)} of an earlier run removed; ` +
    `${count(nPresent)} ${nPresent === 1 ? 'suggestion was' : 'suggestions were'} there already`
  );
}
