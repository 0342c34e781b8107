import type { FusionRows } from './fusion-table.js';

/** How well scores order the candidates of documents. */
export interface RankingQuality {
  /** Mean over the documents; gold subjects that no source suggests count as missed. */
  readonly ndcgAt10: number;
  /** Share of the gold subjects without a training record that are among the first ten; NaN where there are none. */
  readonly recallAt10Untrained: number;
}

/**
 * Measures a ranking on the rows that do not repeat others.
 *
 * @param scores shape (nRows)
 * @param frequency the column that holds ln(1 + training documents)
 */
export function rankingQuality(rows: FusionRows, scores: Float64Array, frequency: number): RankingQuality {
  const { doc, y, hidden, nGold, nGoldUntrained, X, nFeatures } = rows;
  let ndcg = 0;
  let nDocs = 0;
  let nUntrained = 0;
  let nFound = 0;
  for (let from = 0; from < doc.length; ) {
    let to = from;
    const own: number[] = [];
    while (to < doc.length && doc[to] === doc[from]) {
      if (!hidden[to]) own.push(to);
      to++;
    }
    own.sort((a, b) => scores[b] - scores[a] || a - b);
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
  };
}
