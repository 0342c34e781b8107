import { type SuggestionBatch, SuggestionBatchBuilder } from '@catchword/core';
import { Float32List, Uint32List } from '@catchword/math';
import type { SourceWeight } from '@catchword/sources';
import type { EnsembleParams } from '../ensemble/params.js';

/**
 * What the sources of an ensemble suggested for many documents, laid out so that one choice of weights after another can be
 * tried: a trial is one walk over flat arrays.
 */
export class CandidateTable {
  private readonly nSubjects: number;
  private readonly nSources: number;
  private readonly params: EnsembleParams;
  private readonly docPtr = new Uint32List();
  private readonly ids = new Uint32List();
  /** Shape (nCandidates, nSources): what a weight is multiplied with, 0 where the source does not suggest the subject. */
  private readonly values = new Float32List(1 << 12);
  /** Per subject its place among the candidates of the document + 1. */
  private readonly place: Uint32Array;

  constructor(nSubjects: number, nSources: number, params: EnsembleParams) {
    this.nSubjects = nSubjects;
    this.nSources = nSources;
    this.params = params;
    this.place = new Uint32Array(nSubjects);
    this.docPtr.push(0);
  }

  get nDocs(): number {
    return this.docPtr.length - 1;
  }

  /**
   * Adds documents.
   *
   * @param batches one for each source, rows parallel
   * @param allowed shape (nSubjects): 1 where a subject may be suggested
   */
  add(batches: readonly SuggestionBatch[], allowed: Uint8Array): void {
    const { nSources, place, ids, values, params } = this;
    const first = params.rankConstant + 1;
    for (let i = 0; i < (batches[0]?.nDocs ?? 0); i++) {
      const from = ids.length;
      batches.forEach((batch, s) => {
        const start = batch.indptr[i];
        for (let k = start; k < batch.indptr[i + 1]; k++) {
          const id = batch.subjectIds[k];
          if (allowed[id] !== 1) continue;
          if (place[id] === 0) {
            ids.push(id);
            place[id] = ids.length - from;
            for (let c = 0; c < nSources; c++) values.push(0);
          }
          const value = params.combine === 'rrf' ? first / (first + k - start) : batch.scores[k];
          values.data[(from + place[id] - 1) * nSources + s] = value;
        }
      });
      for (let k = from; k < ids.length; k++) place[ids.data[k]] = 0;
      this.docPtr.push(ids.length);
    }
  }

  /**
   * @param weights one for each source
   * @param docs numbers of the documents wanted
   * @returns what an ensemble with these weights suggests, a row for each of the documents
   */
  combine(weights: readonly SourceWeight[], docs: ArrayLike<number>, limit: number): SuggestionBatch {
    const { nSources, nSubjects } = this;
    const [docPtr, ids, values] = [this.docPtr.data, this.ids.data, this.values.data];
    const total = weights.reduce((sum, { weight }) => sum + weight, 0);
    const shares = weights.map(({ weight }) => (total > 0 ? weight / total : 0));
    const exponents = weights.map(({ exponent }) => exponent);
    const builder = new SuggestionBatchBuilder(nSubjects);
    let scores = new Float32Array(256);
    for (let d = 0; d < docs.length; d++) {
      const from = docPtr[docs[d]];
      const n = docPtr[docs[d] + 1] - from;
      if (n > scores.length) scores = new Float32Array(2 * n);
      for (let k = 0; k < n; k++) {
        let sum = 0;
        for (let s = 0, o = (from + k) * nSources; s < nSources; s++, o++) {
          const value = values[o];
          if (value > 0) sum += shares[s] * (exponents[s] === 1 ? value : value ** exponents[s]);
        }
        scores[k] = sum;
      }
      builder.pushTop(ids.subarray(from, from + n), scores, n, limit);
    }
    return builder.build();
  }
}
