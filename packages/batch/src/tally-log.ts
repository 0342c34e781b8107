import type { SubjectId } from '@catchword/core';
import type { Database } from '@catchword/storage';

/** How many documents have each subject. */
export type SubjectCounts = Map<SubjectId, number>;

/** Rows that are kept apart before they are added up. */
const MOST_ROWS = 64;

/**
 * Counts of subjects, noted as what has come since the last time: pairs of subject and count. Now and then they are added up to one row,
 * so that noting takes time for what is new and not for all that there is.
 */
export class TallyLog {
  private readonly db: Database;
  private readonly nRows = new Map<string, number>();

  constructor(db: Database) {
    this.db = db;
  }

  /** Notes further counts, which may be below zero; within a transaction of the caller. */
  add(jobId: string, counts: SubjectCounts): void {
    if (counts.size === 0) return;
    const nRows = this.nRows.get(jobId) ?? this.countRows(jobId);
    this.insert(jobId, counts);
    if (nRows + 1 < MOST_ROWS) {
      this.nRows.set(jobId, nRows + 1);
      return;
    }
    const all = this.read(jobId);
    this.db.run('DELETE FROM tallies WHERE job = ?', jobId);
    this.insert(jobId, all);
    this.nRows.set(jobId, 1);
  }

  read(jobId: string): SubjectCounts {
    const sums: SubjectCounts = new Map();
    for (const { counts } of this.db.all('SELECT counts FROM tallies WHERE job = ?', jobId)) {
      for (const [id, n] of pairsOf(counts as Uint8Array)) sums.set(id, (sums.get(id) ?? 0) + n);
    }
    return sums;
  }

  private insert(jobId: string, counts: SubjectCounts): void {
    const pairs = new Int32Array(2 * counts.size);
    let at = 0;
    for (const [id, n] of counts) {
      pairs[at++] = id;
      pairs[at++] = n;
    }
    const bytes = new Uint8Array(pairs.buffer);
    const next = Number(this.db.get('SELECT coalesce(max(seq), 0) + 1 AS n FROM tallies WHERE job = ?', jobId)?.n);
    this.db.run('INSERT INTO tallies (job, seq, counts) VALUES (?, ?, ?)', jobId, next, bytes);
  }

  private countRows(jobId: string): number {
    return Number(this.db.get('SELECT count(*) AS n FROM tallies WHERE job = ?', jobId)?.n);
  }
}

function* pairsOf(bytes: Uint8Array): Generator<[SubjectId, number]> {
  const pairs = new Int32Array(bytes.slice().buffer);
  for (let i = 0; i + 1 < pairs.length; i += 2) yield [pairs[i] as number, pairs[i + 1] as number];
}
