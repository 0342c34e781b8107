import type { SubjectId } from '@catchword/core';
import type { KnownRecords } from './learnt-records.js';

/** Records of each subject, training documents and learnt ones; a text that is learnt again counts once. */
export class LearntFrequency {
  /** Shape (nSubjects). */
  readonly frequency: Uint32Array;
  private readonly known = new Map<number, readonly SubjectId[]>();

  /**
   * @param base shape (nSubjects or fewer), those of `known` included; it is copied
   * @param known what was learnt already
   */
  constructor(nSubjects: number, base: Uint32Array, known: KnownRecords | undefined) {
    this.frequency = new Uint32Array(nSubjects);
    this.frequency.set(base);
    if (!known) return;
    const { hashes, indptr, subjects } = known;
    for (const [i, hash] of hashes.entries()) {
      this.known.set(hash, [...subjects.subarray(indptr[i], indptr[i + 1])]);
    }
  }

  add(hash: number, subjects: readonly SubjectId[]): void {
    for (const id of this.known.get(hash) ?? []) this.frequency[id] = (this.frequency[id] as number) - 1;
    for (const id of subjects) this.frequency[id] = (this.frequency[id] as number) + 1;
    this.known.set(hash, subjects);
  }

  /** What `known` was, and all since. */
  toRecords(): KnownRecords {
    const indptr = new Uint32Array(this.known.size + 1);
    let n = 0;
    for (const subjects of this.known.values()) {
      indptr[n + 1] = (indptr[n] as number) + subjects.length;
      n++;
    }
    return {
      hashes: Float64Array.from(this.known.keys()),
      indptr,
      subjects: Uint32Array.from([...this.known.values()].flat()),
    };
  }
}
