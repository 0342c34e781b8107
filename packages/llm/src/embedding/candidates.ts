import { LABEL_PREF, type Vocabulary } from '@catchword/core';
import { topK } from '@catchword/math';
import { addRow, type CodeRows, joinRows, quantise } from './code-rows.js';
import { CodeScan } from './code-scan.js';
import { COLUMN, N_FEATURES } from './features.js';
import type { LabelTexts } from './label-texts.js';

/** Concepts that each piece of a text brings in, and that the text as a whole does. */
const PER_PIECE = 20;
/** Of all these, the nearest so many are kept. */
export const MOST_CANDIDATES = 100;

/** The subjects near to a document; arrays are overwritten by the next search. */
export interface EmbeddingCandidates {
  readonly n: number;
  /** By falling similarity, ties by ascending id. */
  readonly ids: Uint32Array;
  /** Shape (n, N_FEATURES), row-major; NaN where something is not known. */
  readonly X: Float32Array;
  /** Shape (n): the vocabulary's number of the nearest label. */
  readonly labels: Uint32Array;
  /** Shape (n): the nearest piece. */
  readonly pieces: Uint32Array;
}

/** Labels with vectors. */
export interface EmbeddedLabels {
  readonly texts: LabelTexts;
  /** Shape (nLabels): the row of the label's vector; -1 where there is none. */
  readonly rowOf: Int32Array;
  readonly rows: CodeRows;
}

/**
 * Finds the subjects whose labels are nearest to the pieces of a document, by comparing these with all labels.
 *
 * O(pieces · labels) byte products; memory 4 bytes a piece and label.
 */
export class CandidateFinder {
  private readonly vocabulary: Vocabulary;
  private readonly scan: CodeScan;
  /** Shape (nRows): cosines of the labels with the mean of all texts. */
  private readonly background: Float32Array;
  /** Labels with a vector, subject by subject: what is read of them, side by side. */
  private readonly rowOf: Uint32Array;
  private readonly labels: Uint32Array;
  private readonly isFirst: Uint8Array;
  /** Shape (nReached), ascending, and where each one's labels begin. */
  private readonly subjects: Uint32Array;
  private readonly indptr: Uint32Array;
  /** Shape (nReached), of the query under way. */
  private readonly nearest: Float32Array;
  /** Shape (nReached): working room. */
  private readonly hits: Uint32Array;
  private readonly firstHit: Uint32Array;
  private readonly ids = new Uint32Array(MOST_CANDIDATES);
  private readonly X = new Float32Array(MOST_CANDIDATES * N_FEATURES);
  private readonly nearestLabels = new Uint32Array(MOST_CANDIDATES);
  private readonly nearestPieces = new Uint32Array(MOST_CANDIDATES);

  /** @param background shape (dimensions): the mean vector of the texts that were learnt from; zeros where there was none */
  constructor(vocabulary: Vocabulary, { texts, rowOf, rows }: EmbeddedLabels, background: Float32Array) {
    this.vocabulary = vocabulary;
    this.scan = new CodeScan(rows);
    this.background = this.cosinesWith(background);
    const [usedRows, labels, isFirst, subjects, indptr]: number[][] = [[], [], [], [], []];
    for (let i = 0; i < rowOf.length; i++) {
      const row = rowOf[i] as number;
      if (row < 0) continue;
      const label = texts.labels[i] as number;
      const subject = vocabulary.labels.subject[label] as number;
      if (subjects?.at(-1) !== subject) {
        subjects?.push(subject);
        indptr?.push(usedRows?.length ?? 0);
      }
      usedRows?.push(row);
      labels?.push(label);
      isFirst?.push(texts.isFirstLanguage[i] as number);
    }
    indptr?.push(usedRows?.length ?? 0);
    this.rowOf = Uint32Array.from(usedRows ?? []);
    this.labels = Uint32Array.from(labels ?? []);
    this.isFirst = Uint8Array.from(isFirst ?? []);
    this.subjects = Uint32Array.from(subjects ?? []);
    this.indptr = Uint32Array.from(indptr ?? []);
    this.nearest = new Float32Array(this.subjects.length);
    this.hits = new Uint32Array(this.subjects.length);
    this.firstHit = new Uint32Array(this.subjects.length);
  }

  /** @param pieces rows for the pieces of a document, in order */
  find(pieces: CodeRows): EmbeddingCandidates {
    const { subjects, hits, firstHit, nearest } = this;
    const { ids, X, nearestLabels: labels, nearestPieces } = this;
    const nPieces = pieces.n;
    if (nPieces === 0 || subjects.length === 0) return { n: 0, ids, X, labels, pieces: nearestPieces };
    const queries = nPieces > 1 ? joinRows(pieces.dimensions, [pieces, meanRow(pieces)]) : pieces;
    const dots = this.scan.dots(queries);
    const found: number[] = [];
    for (let q = 0; q < queries.n; q++) {
      this.fillNearest(queries, dots, q);
      const isPiece = q < nPieces;
      for (const s of topK(subjects, nearest, subjects.length, isPiece ? PER_PIECE : MOST_CANDIDATES)) {
        if (!((nearest[s] as number) > 0)) break;
        if (hits[s] === 0) {
          found.push(s);
          firstHit[s] = q;
        }
        // What only the whole text is near to counts as found, with no hit of its own.
        hits[s] = (hits[s] as number) + (isPiece ? 2 : 1);
      }
    }
    const similarities = new Float32Array(found.length);
    const bestLabel = new Uint32Array(found.length);
    const bestPiece = new Uint32Array(found.length);
    for (const [i, s] of found.entries()) {
      similarities[i] = -1;
      for (let l = this.indptr[s] as number; l < (this.indptr[s + 1] as number); l++) {
        for (let q = 0; q < queries.n; q++) {
          const cosine = this.cosine(queries, dots, q, l);
          if (!(cosine > (similarities[i] as number))) continue;
          similarities[i] = cosine;
          bestLabel[i] = l;
          bestPiece[i] = Math.min(q, nPieces - 1);
        }
      }
    }
    const foundIds = Uint32Array.from(found, (s) => subjects[s] as number);
    const order = topK(foundIds, similarities, found.length, MOST_CANDIDATES);
    for (const [k, i] of order.entries()) {
      const s = found[i] as number;
      const l = bestLabel[i] as number;
      ids[k] = foundIds[i] as number;
      labels[k] = this.labels[l] as number;
      nearestPieces[k] = bestPiece[i] as number;
      this.fillFeatures(k, s, l, queries, dots, nPieces);
      const at = k * N_FEATURES;
      X[at + COLUMN.similarity] = similarities[i] as number;
      X[at + COLUMN.place] = (bestPiece[i] as number) / nPieces;
      X[at + COLUMN.specific] = (similarities[i] as number) - (X[at + COLUMN.background] as number);
      X[at + COLUMN.rank] = Math.log2(k + 1);
      const best = similarities[order[0] as number] as number;
      X[at + COLUMN.best] = best;
      X[at + COLUMN.margin] = best - (similarities[i] as number);
      const next = order[k + 1];
      X[at + COLUMN.lead] =
        next === undefined ? Number.NaN : (similarities[i] as number) - (similarities[next] as number);
    }
    for (const s of found) hits[s] = 0;
    return { n: order.length, ids, X, labels, pieces: nearestPieces };
  }

  /** Fills what does not depend on the other candidates. */
  private fillFeatures(k: number, s: number, l: number, queries: CodeRows, dots: Int32Array, nPieces: number): void {
    const { X } = this;
    const at = k * N_FEATURES;
    let sum = 0;
    for (let q = 0; q < nPieces; q++) sum += this.subjectCosine(queries, dots, q, s);
    X[at + COLUMN.whole] = this.subjectCosine(queries, dots, queries.n - 1, s);
    X[at + COLUMN.mean] = sum / nPieces;
    X[at + COLUMN.background] = this.background[this.rowOf[l] as number] as number;
    const nHits = (this.hits[s] as number) >> 1;
    X[at + COLUMN.hits] = nHits / nPieces;
    X[at + COLUMN.firstHit] = nHits === 0 ? Number.NaN : (this.firstHit[s] as number) / nPieces;
    const { kind, texts } = this.vocabulary.labels;
    const label = this.labels[l] as number;
    X[at + COLUMN.isPref] = kind[label] === LABEL_PREF ? 1 : 0;
    X[at + COLUMN.isFirstLanguage] = this.isFirst[l] as number;
    X[at + COLUMN.labelWords] = texts.get(label).split(/\s+/u).length;
    X[at + COLUMN.pieces] = Math.log2(nPieces);
  }

  /** Leaves in `nearest` how near each subject's nearest label is to a query. */
  private fillNearest(queries: CodeRows, dots: Int32Array, q: number): void {
    const { nearest, indptr, rowOf } = this;
    const { scales, n } = this.scan.rows;
    const from = q * n;
    const scale = queries.scales[q] as number;
    for (let s = 0, l = 0; s < nearest.length; s++) {
      const end = indptr[s + 1] as number;
      let best = -1;
      for (; l < end; l++) {
        const row = rowOf[l] as number;
        const cosine = (dots[from + row] as number) * (scales[row] as number);
        if (cosine > best) best = cosine;
      }
      nearest[s] = best * scale;
    }
  }

  private subjectCosine(queries: CodeRows, dots: Int32Array, q: number, s: number): number {
    let best = -1;
    for (let l = this.indptr[s] as number; l < (this.indptr[s + 1] as number); l++) {
      best = Math.max(best, this.cosine(queries, dots, q, l));
    }
    return best;
  }

  private cosine(queries: CodeRows, dots: Int32Array, q: number, l: number): number {
    const row = this.rowOf[l] as number;
    const { scales, n } = this.scan.rows;
    return (dots[q * n + row] as number) * (scales[row] as number) * (queries.scales[q] as number);
  }

  private cosinesWith(vector: Float32Array): Float32Array {
    const { rows } = this.scan;
    if (rows.n === 0) return new Float32Array(0);
    const query = quantise(vector, 1, rows.dimensions);
    const dots = this.scan.dots(query);
    const scale = query.scales[0] as number;
    return Float32Array.from(rows.scales, (own, row) => (dots[row] as number) * own * scale);
  }
}

/** The text as a whole: the mean of its pieces. */
function meanRow(pieces: CodeRows): CodeRows {
  const sum = new Float64Array(pieces.dimensions);
  for (let i = 0; i < pieces.n; i++) addRow(pieces, i, sum);
  return quantise(sum, 1, pieces.dimensions);
}
