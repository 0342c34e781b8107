import type { Source } from '@catchword/core';
import { type CsrPattern, type NumericArray, topK, transposePattern, Uint32List } from '@catchword/math';
import { assignmentsOfSources } from '@catchword/sources';

/** A subject's partners that are kept: those with most records in common. */
const MOST_PARTNERS = 512;
/** Counts are 16 bits. */
const HIGHEST_COUNT = 0xffff;

/** A subject's partners, and the records that they have in common. */
export interface PartnerRow {
  /** Ascending. */
  readonly partners: Uint32Array;
  /** Parallel to `partners`: records with both; 65,535 stands for that or more. */
  readonly counts: Uint16Array;
}

const NO_PARTNERS: PartnerRow = { partners: new Uint32Array(0), counts: new Uint16Array(0) };

/** How many records subjects have, and how many two of them have in common; follows the records as they change. */
export class CoOccurrence {
  private nRecords_: number;
  private frequency_: Uint32Array;
  /** As counted: subject s owns the partners `indptr[s]..indptr[s + 1])`, ascending in each row. Shared between threads. */
  private readonly indptr: Uint32Array;
  private readonly partners: Uint32Array;
  private readonly counts: Uint16Array;
  /** Rows that have changed since. */
  private readonly changed = new Map<number, PartnerRow>();

  constructor(
    nRecords: number,
    frequency: Uint32Array,
    indptr: Uint32Array,
    partners: Uint32Array,
    counts: Uint16Array,
  ) {
    this.nRecords_ = nRecords;
    this.frequency_ = frequency;
    this.indptr = indptr;
    this.partners = partners;
    this.counts = counts;
  }

  get nRecords(): number {
    return this.nRecords_;
  }

  /** Shape (nSubjects): records with each subject; another array after a change. */
  get frequency(): Uint32Array {
    return this.frequency_;
  }

  get nSubjects(): number {
    return this.frequency_.length;
  }

  /** @returns a subject's partners */
  rowOf(subject: number): PartnerRow {
    const { indptr, partners, counts } = this;
    const changed = this.changed.size > 0 ? this.changed.get(subject) : undefined;
    if (changed) return changed;
    if (subject + 1 >= indptr.length) return NO_PARTNERS;
    const [from, to] = [indptr[subject], indptr[subject + 1]];
    return { partners: partners.subarray(from, to), counts: counts.subarray(from, to) };
  }

  /**
   * Counts what has become of the records: O(subjects of all records), and the pairs of those that changed. The counts are those
   * of the new records, but that a pair which was not kept, or is counted to the brim, is not known by its number: the former
   * begins anew, the latter stays.
   *
   * @param before shape (nRecords, nSubjects): what was counted
   * @param after the same records and further ones
   */
  update(before: CsrPattern, after: CsrPattern): void {
    const steps = new Map<number, Map<number, number>>();
    const frequency = new Uint32Array(Math.max(this.nSubjects, after.nCols));
    frequency.set(this.frequency_);
    const count = (subjects: Uint32Array, step: 1 | -1): void => {
      for (const subject of subjects) {
        frequency[subject] = Math.max(0, frequency[subject] + step);
        const own = steps.get(subject) ?? new Map<number, number>();
        steps.set(subject, own);
        for (const partner of subjects) if (partner !== subject) own.set(partner, (own.get(partner) ?? 0) + step);
      }
    };
    for (let row = 0; row < Math.max(before.nRows, after.nRows); row++) {
      if (row < before.nRows && row < after.nRows && isSameRow(before, after, row)) continue;
      count(rowOfPattern(before, row), -1);
      count(rowOfPattern(after, row), 1);
    }
    this.nRecords_ = Math.max(1, this.nRecords_ + after.nRows - before.nRows);
    this.frequency_ = frequency;
    for (const [subject, own] of steps) this.changed.set(subject, changedRow(this.rowOf(subject), own));
  }

  /**
   * Counts pairs; O(records × subjects of each²).
   *
   * @param assignments shape (nRecords, nSubjects)
   * @param mostPartners so many are kept of a subject, ties by ascending id
   */
  static count(assignments: CsrPattern, mostPartners = MOST_PARTNERS): CoOccurrence {
    const { nRows: nRecords, nCols: nSubjects } = assignments;
    const records = transposePattern(assignments);
    const frequency = new Uint32Array(nSubjects);
    const indptr = new Uint32Array(nSubjects + 1);
    const partners = new Uint32List();
    const counts = new Uint32List();
    const common = new Uint32Array(nSubjects);
    const found = new Uint32List();
    for (let s = 0; s < nSubjects; s++) {
      frequency[s] = records.indptr[s + 1] - records.indptr[s];
      found.clear();
      for (let r = records.indptr[s]; r < records.indptr[s + 1]; r++) {
        const record = records.indices[r];
        for (let k = assignments.indptr[record]; k < assignments.indptr[record + 1]; k++) {
          const partner = assignments.indices[k];
          if (partner !== s && common[partner]++ === 0) found.push(partner);
        }
      }
      const all = found.toArray();
      const shared = all.map((partner) => common[partner]);
      const kept = topK(all, shared, all.length, mostPartners).map((i) => all[i]);
      for (const partner of kept.sort()) {
        partners.push(partner);
        counts.push(Math.min(common[partner], HIGHEST_COUNT));
      }
      for (const partner of all) common[partner] = 0;
      indptr[s + 1] = partners.length;
    }
    return new CoOccurrence(nRecords, frequency, indptr, partners.toArray(), Uint16Array.from(counts.toArray()));
  }

  /** @returns the counts of the source that keeps most records; undefined where none keeps any */
  static ofSources(sources: readonly Source[]): CoOccurrence | undefined {
    const assignments = assignmentsOfSources(sources);
    return assignments && assignments.nRows > 0 ? CoOccurrence.count(assignments) : undefined;
  }

  toArrays(): Record<string, NumericArray> {
    const { nRecords, frequency } = this;
    const rows = { nRecords: Uint32Array.of(nRecords), frequency };
    if (this.changed.size === 0) {
      const { indptr, partners, counts } = this;
      return { ...rows, indptr, partners, counts };
    }
    const indptr = new Uint32Array(this.nSubjects + 1);
    for (let s = 0; s < this.nSubjects; s++) indptr[s + 1] = indptr[s] + this.rowOf(s).partners.length;
    const partners = new Uint32Array(indptr[this.nSubjects]);
    const counts = new Uint16Array(partners.length);
    for (let s = 0; s < this.nSubjects; s++) {
      const row = this.rowOf(s);
      partners.set(row.partners, indptr[s]);
      counts.set(row.counts, indptr[s]);
    }
    return { ...rows, indptr, partners, counts };
  }

  /** @throws {RangeError} if an array is missing or they do not fit together */
  static fromArrays(arrays: Readonly<Record<string, NumericArray | undefined>>): CoOccurrence {
    const { nRecords, frequency, indptr, partners, counts } = arrays;
    if (
      !(nRecords instanceof Uint32Array && frequency instanceof Uint32Array && indptr instanceof Uint32Array) ||
      !(partners instanceof Uint32Array && counts instanceof Uint16Array)
    ) {
      throw new RangeError('arrays of subjects that occur together are missing');
    }
    const nSubjects = frequency.length;
    const fits = nRecords[0] > 0 && indptr.length === nSubjects + 1 && indptr[0] === 0;
    if (!fits || indptr[nSubjects] !== partners.length || counts.length !== partners.length) {
      throw new RangeError(`${nSubjects} subjects, but ${indptr.length} rows of ${partners.length} partners`);
    }
    for (let s = 0; s < nSubjects; s++) if (indptr[s + 1] < indptr[s]) throw new RangeError('rows of partners overlap');
    for (let k = 0; k < partners.length; k++) {
      if (partners[k] >= nSubjects) throw new RangeError(`partner ${partners[k]} of ${nSubjects} subjects`);
    }
    return new CoOccurrence(nRecords[0], frequency, indptr, partners, counts);
  }
}

const NO_SUBJECTS = new Uint32Array(0);

/** Nearly all records are the same, so they are compared where they lie. */
function isSameRow(a: CsrPattern, b: CsrPattern, row: number): boolean {
  const from = a.indptr[row];
  const n = a.indptr[row + 1] - from;
  const fromB = b.indptr[row];
  if (b.indptr[row + 1] - fromB !== n) return false;
  for (let k = 0; k < n; k++) if (a.indices[from + k] !== b.indices[fromB + k]) return false;
  return true;
}

function rowOfPattern({ nRows, indptr, indices }: CsrPattern, row: number): Uint32Array {
  return row < nRows ? indices.subarray(indptr[row], indptr[row + 1]) : NO_SUBJECTS;
}

/** @param steps by partner how many more records there are */
function changedRow({ partners, counts }: PartnerRow, steps: ReadonlyMap<number, number>): PartnerRow {
  const row = new Map<number, number>();
  partners.forEach((partner, k) => {
    row.set(partner, counts[k]);
  });
  for (const [partner, step] of steps) {
    const count = row.get(partner) ?? 0;
    if (count < HIGHEST_COUNT) row.set(partner, Math.min(HIGHEST_COUNT, count + step));
  }
  const kept = [...row].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  return {
    partners: Uint32Array.from(kept, ([partner]) => partner),
    counts: Uint16Array.from(kept, ([, count]) => count),
  };
}
