import type { Source } from '@catchword/core';
import { type CsrPattern, type NumericArray, topK, transposePattern, Uint32List } from '@catchword/math';
import { assignmentsOfSources } from '@catchword/sources';

/** A subject's partners that are kept: those with most records in common. */
const MOST_PARTNERS = 512;
/** Counts are 16 bits. */
const HIGHEST_COUNT = 0xffff;

/** How many records subjects have, and how many two of them have in common. */
export class CoOccurrence {
  readonly nRecords: number;
  /** Shape (nSubjects): records with each subject. */
  readonly frequency: Uint32Array;
  /** Shape (nSubjects + 1): subject s owns the partners `indptr[s]..indptr[s + 1])`. */
  readonly indptr: Uint32Array;
  /** The partners, ascending in each row. */
  readonly partners: Uint32Array;
  /** Parallel to `partners`: records with both; 65,535 stands for that or more. */
  readonly counts: Uint16Array;

  constructor(
    nRecords: number,
    frequency: Uint32Array,
    indptr: Uint32Array,
    partners: Uint32Array,
    counts: Uint16Array,
  ) {
    this.nRecords = nRecords;
    this.frequency = frequency;
    this.indptr = indptr;
    this.partners = partners;
    this.counts = counts;
  }

  get nSubjects(): number {
    return this.frequency.length;
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
    const { nRecords, frequency, indptr, partners, counts } = this;
    return { nRecords: Uint32Array.of(nRecords), frequency, indptr, partners, counts };
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
