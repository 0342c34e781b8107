import type { SubjectId } from '@catchword/core';
import type { KnownRecords } from './learnt-records.js';

/** Records of each subject, training documents and learnt ones; a text counts as what was learnt of it last. */
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

  /**
   * @param hash of the text as the backend reads it
   * @param trained subjects of training records with that text, which it takes the place of
   */
  add(hash: number, subjects: readonly SubjectId[], trained: readonly SubjectId[]): void {
    // Records that were made up have their place taken too, and were never counted.
    for (const id of this.known.get(hash) ?? trained) {
      this.frequency[id] = Math.max(0, (this.frequency[id] as number) - 1);
    }
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
