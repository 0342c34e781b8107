import type { SubjectId } from '@catchword/core';
import type { RecordStore } from './record-store.js';

/** The share of the votes that records learnt since training may have for one subject. */
const LEARNT_SHARE = 0.1;
const LEAST = 2;

/**
 * Decides which records may vote after learning. Of those that were learnt since training so many for one subject and no more,
 * however many there are, so that those who teach one subject again and again do not drown the others; training anew lifts the
 * limit. Training records in whose place others were learnt have no subjects and no vote.
 */
export class LearntLimit {
  private readonly records: RecordStore;
  private readonly firstLearnt: number;
  private readonly most: number;
  private readonly voters = new Map<SubjectId, number>();

  /**
   * @param firstLearnt records from this row on were learnt
   * @param k how many records vote
   */
  constructor(records: RecordStore, firstLearnt: number, k: number) {
    this.records = records;
    this.firstLearnt = firstLearnt;
    this.most = Math.max(LEAST, Math.ceil(LEARNT_SHARE * k));
  }

  /** Begins with another document. */
  begin(): void {
    this.voters.clear();
  }

  /** @returns whether the next nearest record votes: one that was learnt only if a subject of it has voters too few */
  take(row: number): boolean {
    if (row < this.firstLearnt) return this.records.hasSubjects(row);
    let hasRoom = false;
    this.records.eachSubject(row, (id) => {
      if ((this.voters.get(id) ?? 0) < this.most) hasRoom = true;
    });
    if (!hasRoom) return false;
    this.records.eachSubject(row, (id) => {
      this.voters.set(id, (this.voters.get(id) ?? 0) + 1);
    });
    return true;
  }
}
