import type { FusionRows } from './fusion-table.js';

/** How well scores order the candidates of documents. */
export interface RankingQuality {
  /** Mean over the documents; gold subjects that no source suggests count as missed. */
  readonly ndcgAt10: number;
  /** Share of the gold subjects without a training record that are among the first ten; NaN where there are none. */
  readonly recallAt10Untrained: number;
  /** Gold subjects of the documents, and those of them that have no training record. */
  readonly nGold: number;
  readonly nUntrained: number;
}

/**
 * Measures a ranking on the rows that do not repeat others.
 *
 * @param scores shape (nRows)
 * @param frequency the column that holds ln(1 + training documents)
 * @param arrange changes the order of a document's rows
 */
export function rankingQuality(
  rows: FusionRows,
  scores: Float64Array,
  frequency: number,
  arrange?: (order: Uint32Array) => void,
): RankingQuality {
  const { doc, y, hidden, nGold, nGoldUntrained, X, nFeatures } = rows;
  let ndcg = 0;
  let nDocs = 0;
  let nAll = 0;
  let nUntrained = 0;
  let nFound = 0;
  for (let from = 0; from < doc.length; ) {
    let to = from;
    const judged: number[] = [];
    while (to < doc.length && doc[to] === doc[from]) {
      if (!hidden[to]) judged.push(to);
      to++;
    }
    const own = Uint32Array.from(judged.sort((a, b) => scores[b] - scores[a] || a - b));
    arrange?.(own);
    let dcg = 0;
    let best = 0;
    for (let r = 0; r < 10; r++) {
      const discount = 1 / Math.log2(r + 2);
      if (r < own.length && y[own[r]]) dcg += discount;
      if (r < nGold[doc[from]]) best += discount;
    }
    own.forEach((row, r) => {
      if (r < 10 && y[row] && X[row * nFeatures + frequency] === 0) nFound++;
    });
    nAll += nGold[doc[from]];
    nUntrained += nGoldUntrained[doc[from]];
    if (best > 0) {
      ndcg += dcg / best;
      nDocs++;
    }
    from = to;
  }
  return {
    ndcgAt10: nDocs > 0 ? ndcg / nDocs : 0,
    recallAt10Untrained: nUntrained > 0 ? nFound / nUntrained : Number.NaN,
    nGold: nAll,
    nUntrained,
  };
}
