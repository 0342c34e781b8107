import { Uint32List } from '@catchword/math';
import type { NgramTable } from './ngram-table.js';

/** The features of one document at a time: counted, weighted, scaled to unit length. */
export class FeatureCounter {
  private readonly ngram: number;
  private readonly nWords: number;
  private readonly ngrams: NgramTable;
  /** Shape (nFeatures): what the features of the current document count; zero for all others. */
  private readonly tf: Float32Array;
  private readonly touched = new Uint32List(1 << 10);
  /** Per length the feature of the n-gram that ends at the latest term, or -1. */
  private readonly ending: Int32Array;
  /** The document's vector once `finish` was called: features ascending. */
  indices = new Uint32Array(1 << 10);
  values = new Float32Array(1 << 10);

  /**
   * @param ngram longest n-gram
   * @param nWords features below this are terms, those from it on the pairs of `ngrams`
   */
  constructor(ngram: number, nWords: number, ngrams: NgramTable) {
    this.ngram = ngram;
    this.nWords = nWords;
    this.ngrams = ngrams;
    this.tf = new Float32Array(nWords + ngrams.nPairs);
    this.ending = new Int32Array(ngram + 1);
  }

  /** Begins a document. */
  begin(): void {
    this.ending.fill(-1);
  }

  /** Counts a term and the n-grams that end with it. @param feature -1 for a term that is none */
  addTerm(feature: number, weight: number): void {
    const { ending, ngrams, nWords } = this;
    if (feature < 0) {
      ending.fill(-1);
      return;
    }
    for (let length = this.ngram; length > 1; length--) {
      const prefix = ending[length - 1];
      const pair = prefix < 0 ? -1 : ngrams.find(prefix, feature);
      ending[length] = pair < 0 ? -1 : nWords + pair;
      if (pair >= 0) this.count(nWords + pair, weight);
    }
    ending[1] = feature;
    this.count(feature, weight);
  }

  /** Counts a feature that belongs to no n-gram. */
  count(feature: number, weight: number): void {
    if (this.tf[feature] === 0) this.touched.push(feature);
    this.tf[feature] = this.tf[feature] + weight;
  }

  /**
   * Ends the document: `indices` and `values` hold its vector.
   *
   * @returns the number of its features
   */
  finish(idf: Float32Array, sublinearTf: boolean): number {
    const { touched, tf } = this;
    const n = touched.length;
    if (this.indices.length < n) {
      this.indices = new Uint32Array(n * 2);
      this.values = new Float32Array(n * 2);
    }
    const { indices, values } = this;
    const features = touched.data.subarray(0, n).sort();
    let squares = 0;
    for (let k = 0; k < n; k++) {
      const feature = features[k];
      const count = tf[feature];
      const value = (sublinearTf ? 1 + Math.log(count) : count) * idf[feature];
      indices[k] = feature;
      values[k] = value;
      squares += value * value;
      tf[feature] = 0;
    }
    touched.clear();
    if (squares > 0) {
      const scale = 1 / Math.sqrt(squares);
      for (let k = 0; k < n; k++) values[k] = values[k] * scale;
    }
    return n;
  }
}
