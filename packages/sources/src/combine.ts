import { type SuggestionBatch, SuggestionBatchBuilder, sumUsage } from '@catchword/core';

/** How scores are joined: `mean` as Annif does it, or by ranks alone. */
export type Combination = 'mean' | 'rrf';

export interface CombineParams {
  readonly combine: Combination;
  /** Of reciprocal rank fusion: how much less a rank further down counts. */
  readonly rankConstant: number;
}

/** What a source's scores count. */
export interface SourceWeight {
  readonly weight: number;
  readonly exponent: number;
}

/**
 * Joins the suggestions of several sources.
 *
 * The mean is Σ w · score^e / Σ w over all sources, a missing score being 0, as Annif's ensemble has it (the exponents are
 * those of its experiments). Reciprocal rank fusion is Σ w / (k + rank), scaled so that a subject that all sources have
 * first scores 1. The order of the sources does not matter: sums are taken over sorted terms.
 *
 * @param batches one for each source, rows parallel; absent where a source was left out, whose weight then does not count
 * @see Cormack, Clarke and Büttcher 2009 for reciprocal rank fusion
 */
export class Combiner {
  private readonly nSubjects: number;
  private readonly params: CombineParams;
  /** Per subject its place among the candidates of the document + 1. */
  private readonly place: Uint32Array;

  constructor(nSubjects: number, params: CombineParams) {
    this.nSubjects = nSubjects;
    this.params = params;
    this.place = new Uint32Array(nSubjects);
  }

  combine(
    batches: readonly (SuggestionBatch | undefined)[],
    weights: readonly SourceWeight[],
    limit: number,
    warnings: readonly string[] = [],
  ): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(this.nSubjects);
    builder.warn(warnings);
    builder.charge(sumUsage(batches.map((batch) => batch?.usage)));
    const present = batches.flatMap((batch, s) => (batch ? [{ batch, ...weights[s] }] : []));
    const total = sum(present.map(({ weight }) => weight));
    const nDocs = present[0]?.batch.nDocs ?? 0;
    const { combine, rankConstant } = this.params;
    for (let i = 0; i < nDocs; i++) {
      const ids: number[] = [];
      const parts: number[][] = [];
      for (const { batch, weight, exponent } of present) {
        if (weight === 0) continue;
        const from = batch.indptr[i];
        for (let k = from; k < batch.indptr[i + 1]; k++) {
          const id = batch.subjectIds[k];
          if (this.place[id] === 0) {
            this.place[id] = ids.push(id);
            parts.push([]);
          }
          const part =
            combine === 'rrf'
              ? (weight * (rankConstant + 1)) / (rankConstant + 1 + k - from)
              : weight * (exponent === 1 ? batch.scores[k] : batch.scores[k] ** exponent);
          parts[this.place[id] - 1].push(part);
        }
      }
      const scores = Float32Array.from(parts, (each) => (total > 0 ? sum(each) / total : 0));
      for (const id of ids) this.place[id] = 0;
      builder.pushTop(ids, scores, ids.length, limit);
    }
    return builder.build();
  }
}

/** A sum that does not depend on the order of its terms. */
function sum(terms: number[]): number {
  if (terms.length > 2) terms.sort((a, b) => a - b);
  let total = 0;
  for (const term of terms) total += term;
  return total;
}
