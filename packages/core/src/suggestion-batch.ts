import { Float32List, topK, Uint32List } from '@catchword/math';
import type { SubjectId } from './document.js';

/** One suggestion, for those who want an object. */
export interface Suggestion {
  readonly subjectId: SubjectId;
  /** In (0, 1]. */
  readonly score: number;
}

/**
 * Suggestions for several documents: shape (nDocs, nSubjects) in compressed sparse rows.
 *
 * A row is ordered by score descending, ties by ascending id; scores are in (0, 1] and each subject stands once in a row.
 */
export class SuggestionBatch {
  readonly nSubjects: number;
  readonly indptr: Uint32Array;
  readonly subjectIds: Uint32Array;
  readonly scores: Float32Array;

  constructor(nSubjects: number, indptr: Uint32Array, subjectIds: Uint32Array, scores: Float32Array) {
    this.nSubjects = nSubjects;
    this.indptr = indptr;
    this.subjectIds = subjectIds;
    this.scores = scores;
  }

  get nDocs(): number {
    return this.indptr.length - 1;
  }

  /** @returns the suggestions of document i as objects */
  row(i: number): Suggestion[] {
    const row: Suggestion[] = [];
    for (let k = this.indptr[i] as number; k < (this.indptr[i + 1] as number); k++) {
      row.push({ subjectId: this.subjectIds[k] as number, score: this.scores[k] as number });
    }
    return row;
  }

  /**
   * Keeps of each row the first `limit` entries whose subject is allowed, and of these the ones with score >= threshold.
   *
   * @param allowed tells whether a subject may be suggested; absent: all may
   */
  filter(limit: number, threshold: number, allowed?: (id: SubjectId) => boolean): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(this.nSubjects);
    for (let i = 0; i < this.nDocs; i++) {
      let kept = 0;
      for (let k = this.indptr[i] as number; k < (this.indptr[i + 1] as number) && kept < limit; k++) {
        const id = this.subjectIds[k] as number;
        if (allowed && !allowed(id)) continue;
        kept++;
        if ((this.scores[k] as number) >= threshold) builder.push(id, this.scores[k] as number);
      }
      builder.endRow();
    }
    return builder.build();
  }

  /** Joins batches over the same subjects, rows in order. */
  static concat(nSubjects: number, batches: readonly SuggestionBatch[]): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(nSubjects);
    for (const batch of batches) {
      for (let i = 0; i < batch.nDocs; i++) {
        for (let k = batch.indptr[i] as number; k < (batch.indptr[i + 1] as number); k++) {
          builder.push(batch.subjectIds[k] as number, batch.scores[k] as number);
        }
        builder.endRow();
      }
    }
    return builder.build();
  }
}

/** Builds a SuggestionBatch row by row. */
export class SuggestionBatchBuilder {
  private readonly nSubjects: number;
  private readonly indptr = new Uint32List();
  private readonly ids = new Uint32List();
  private readonly scores = new Float32List();

  constructor(nSubjects: number) {
    this.nSubjects = nSubjects;
    this.indptr.push(0);
  }

  /** Appends to the current row; the caller keeps the batch's order. */
  push(id: SubjectId, score: number): void {
    this.ids.push(id);
    this.scores.push(score);
  }

  endRow(): void {
    this.indptr.push(this.ids.length);
  }

  /**
   * Appends a whole row: the `limit` best of the candidates, scores cut to at most 1, those not above 0 dropped.
   *
   * @param ids shape (n), distinct, any order
   */
  pushTop(ids: ArrayLike<number>, scores: ArrayLike<number>, n: number, limit: number): void {
    for (const k of topK(ids, scores, n, limit)) {
      const score = scores[k] as number;
      if (!(score > 0)) break;
      this.push(ids[k] as number, Math.min(score, 1));
    }
    this.endRow();
  }

  build(): SuggestionBatch {
    return new SuggestionBatch(this.nSubjects, this.indptr.toArray(), this.ids.toArray(), this.scores.toArray());
  }
}
